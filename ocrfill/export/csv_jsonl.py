"""The plain exports: CSV with a line a field, JSON lines with a line a record."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import unicodedata
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

FORMULA_STARTS = "=+-@"
"""With what a formula begins, for spreadsheet programs that open the CSV; their full-width forms too."""

CELL_SEPARATORS = ";\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""Where a spreadsheet program may begin a new cell within a text: it parts cells by semicolons where commas are
decimal, as in Vietnam, and then does not see that a text with a line break stands in quotes."""

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
                    text_for_csv(entry.result.source),
                    str(entry.stored.number),
                    str(entry.record.number),
                    field.name,
                    text_for_csv(field.label),
                    text_for_csv(field.raw),
                    text_for_csv(field.normalised or ""),
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


def text_for_csv(text: str) -> str:
    """The text with an apostrophe before each formula that it might begin, as one would type it in a spreadsheet."""
    places = set()
    begins, cell, only_blanks = True, 0, True
    for i, character in enumerate(text):
        if character in CELL_SEPARATORS:
            begins, cell = True, i + 1
        elif begins and not _is_passed_over(character):
            begins = False
            if unicodedata.normalize("NFKC", character)[0] in FORMULA_STARTS:
                places |= {cell, 0} if only_blanks else {cell}
            only_blanks = False
    for place in sorted(places, reverse=True):
        text = f"{text[:place]}'{text[place:]}"
    return text


def _is_passed_over(character: str) -> bool:
    """Whether a spreadsheet program may drop this before what a cell begins with: space, invisible, quotation mark."""
    return character == '"' or unicodedata.category(character)[0] in "ZC"
