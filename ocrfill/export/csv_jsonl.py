"""The plain exports: CSV with a line a field, JSON lines with a line a record."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterator, Sequence

from ocrfill.civil_status.book import Book
from ocrfill.document.result_json import to_document
from ocrfill.export.entries import ExportEntry

CSV_HEADS = (
    "book",
    "scan",
    "page",
    "record",
    "field",
    "label",
    "raw",
    "normalised",
    "probability",
    "decision",
    "issues",
    "reader",
    "polygon",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a text must not start with, or spreadsheet programs take it for a formula when they open
the CSV; such a text gets an apostrophe before it, as one would type it there."""

LINE_BREAK_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}
"""What JSON lets stand but readers of lines may break at, and how JSON writes it instead."""


def csv_lines(book: Book, entries: Sequence[ExportEntry]) -> Iterator[str]:
    """The CSV line by line, heads first; begins with a byte order mark, without which Excel takes it for Latin-1.

    Issues are codes joined by a space; the polygon is "x,y x,y …" in pixels of the scan.
    """
    yield "\ufeff" + _line(CSV_HEADS)
    for entry in entries:
        for field in entry.record.fields:
            yield _line(
                (
                    book.key,
                    _inert(entry.result.source),
                    str(entry.stored.number),
                    str(entry.record.number),
                    field.name,
                    _inert(field.label),
                    _inert(field.raw),
                    _inert(field.normalised or ""),
                    f"{field.probability:.4f}",
                    field.decision.value,
                    " ".join(issue.code for issue in field.issues),
                    field.reader or "",
                    " ".join(f"{x:g},{y:g}" for x, y in field.polygon),
                )
            )


def json_lines(book: Book, entries: Sequence[ExportEntry]) -> Iterator[str]:
    """A line a record: the form of docs/reference/results.md with that one record, and the book, scan and hash."""
    for entry in entries:
        only = dataclasses.replace(entry.result, records=(entry.record,))
        head = {"book": book.key, "scan": entry.result.source, "sha256": entry.stored.sha256}
        line = json.dumps(head | to_document(only), ensure_ascii=False)
        yield line.translate(LINE_BREAK_ESCAPES) + "\n"


def _line(texts: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(texts)
    return buffer.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
