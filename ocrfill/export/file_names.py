"""File names of a book's records, and the doubles a contractor's check would refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from ocrfill.civil_status.book import Book
from ocrfill.document.result import Issue
from ocrfill.export.entries import REQUIRED_COLUMNS, ExportCell, ExportEntry, PendingCheck


def record_names(book: Book, entries: Sequence[ExportEntry]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The stem of each entry's file, and those of them that had to differ from the convention.

    Two records with one date and number would have one name, which the import refuses: the second gets "-2" after it.
    """
    taken: set[str] = set()
    names, changed = [], []
    for entry in entries:
        plain = book.record_name(entry.registered, entry.file_number)
        name, count = plain, 1
        while name in taken:
            count += 1
            name = f"{plain}-{count}"
        if count > 1:
            changed.append(name)
        taken.add(name)
        names.append(name)
    return tuple(names), tuple(changed)


def doubles(entries: Sequence[ExportEntry]) -> tuple[tuple[str, int], ...]:
    """Each `so` that more than one record of the book bears, and how many: contractors' check before the upload."""
    counts = Counter(e.cells["so"].text for e in entries if e.number is not None)
    return tuple((so, count) for so, count in counts.items() if count > 1)


def with_doubles_told(entries: Sequence[ExportEntry]) -> Iterator[ExportEntry]:
    """The entries; those whose number others bear too have it among their checks."""
    counts = dict(doubles(entries))
    for entry in entries:
        so = entry.cells["so"].text
        if so not in counts:
            yield entry
            continue
        issue = Issue("export.double", f"Số {so} có ở {counts[so]} bản ghi của sổ")
        check = PendingCheck("so", REQUIRED_COLUMNS["so"], so, None, (issue,))
        cells = MappingProxyType({**entry.cells, "so": ExportCell(so, check=True)})
        yield replace(entry, cells=cells, checks=(*entry.checks, check))
