"""All export files of one book, and the summary of what is in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ocrfill.civil_status.book import Book
from ocrfill.civil_status.export_columns import column_sets
from ocrfill.document.geometry import Polygon
from ocrfill.document.result import Decision
from ocrfill.document.warp import hull
from ocrfill.export.csv_jsonl import csv_lines, json_lines
from ocrfill.export.entries import ExportEntry, entries
from ocrfill.export.file_names import doubles, record_names, with_doubles_told
from ocrfill.export.originals import Original
from ocrfill.export.record_pdf import PageJpeg, page_jpeg_for_pdf, page_jpeg_pdf
from ocrfill.export.views import as_it_reads, flipped_places
from ocrfill.export.workbook import import_workbook
from ocrfill.export.zip_archive import write_zip
from ocrfill.layouts import Layout
from ocrfill.store import FailedPage, State, StoredPage
from ocrfill.store.atomic_file import sweep_parts, whole

Format = Literal["xlsx", "zip", "csv", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)

MINISTRY_SHEET = "DL Import"
"""Name of the sheet in the ministry's birth template (Hộ tịch 158)."""

CONTRACTOR_SHEET = "Dữ liệu"

Opener = Callable[[StoredPage], Original]
"""Opens the scan of a stored page."""

Step = Callable[[str], None]
"""Told each file or page as it is finished, for a progress bar."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What the exports of a book hold.

    `blank` counts entries left out because nothing is written in them, `to_check` fields with decision review. Files of
    `undated` records have 0000-00-00 in their name, of `unnumbered` ones, for lack of a number read, the number of the
    page or of the place in the book, and `renamed` ones a suffix. `doubles` are numbers borne by several records.
    Pages and files that `failed` have no record here, nor have the `pending` pages, which were not read yet.
    """

    book: str
    files: tuple[str, ...]
    records: int
    blank: int
    to_check: int
    undated: int
    unnumbered: int
    renamed: tuple[str, ...]
    doubles: tuple[tuple[str, int], ...]
    failed: tuple[FailedPage, ...]
    pending: int

    @property
    def complete(self) -> bool:
        """Whether every page of the book was read."""
        return not self.pending and not self.failed


def files_of_book(book: Book, out: Path, formats: Collection[Format] = FORMATS) -> Iterator[Path]:
    """The files that an export of these formats writes where the book has records."""
    for kind in FORMATS:
        if kind in formats:
            yield out / f"{book.key}.{kind}"
            if kind == "xlsx":
                yield out / f"{book.key}.contractor.xlsx"


def _in_silence(done: str) -> None:
    """Nobody watches."""


def export_book(
    book: Book,
    layout: Layout,
    pages: Sequence[StoredPage],
    *,
    failures: Sequence[FailedPage] = (),
    opened: Opener,
    out: Path,
    formats: Collection[Format] = FORMATS,
    step: Step = _in_silence,
) -> Exported:
    """Writes the files of one book into the folder `out`; the same results give the same bytes.

    `pages` and `failures` are the store's, of this book, in its order. A book without a record writes nothing.
    Raises OutputError; for the format "zip" BadInput or PageError where a scan cannot be opened any more.
    """
    found = tuple(with_doubles_told(tuple(entries(book, layout, pages))))
    names, renamed = record_names(book, found)
    files: list[str] = []
    sweep_parts(out, f"{book.key}.")
    if found:
        if "xlsx" in formats:
            files += _write_workbooks(book, found, out, step)
        for kind, lines in (("csv", csv_lines), ("jsonl", json_lines)):
            if kind in formats:
                files.append(_write_lines(out / f"{book.key}.{kind}", lines(book, found)))
                step(kind)
        if "zip" in formats:  # last: it alone needs the scans, which may be gone
            path = out / f"{book.key}.zip"
            write_zip(path, _record_files(found, names, opened, step))
            files.append(str(path))
    return Exported(
        book=book.key,
        files=tuple(files),
        records=len(found),
        blank=sum(len(p.result.records) for p in pages if p.result) - len(found),
        to_check=sum(f.decision is Decision.REVIEW for e in found for f in e.record.fields),
        undated=sum(e.registered is None for e in found),
        unnumbered=sum(e.number is None for e in found),
        renamed=renamed,
        doubles=doubles(found),
        failed=tuple(failures),
        pending=sum(p.state is State.PENDING for p in pages),
    )


def _write_workbooks(book: Book, found: Sequence[ExportEntry], out: Path, step: Step) -> Iterator[str]:
    sets = (
        (f"{book.key}.xlsx", MINISTRY_SHEET, column_sets()["hotich158"].get(book.kind)),
        (f"{book.key}.contractor.xlsx", CONTRACTOR_SHEET, column_sets()["contractor"].get(book.kind)),
    )
    for name, title, heads in sets:
        if heads is not None:
            write_zip(out / name, import_workbook(title, heads, found))
            step(name)
            yield str(out / name)


def _record_files(
    found: Sequence[ExportEntry], names: Sequence[str], opened: Opener, step: Step
) -> Iterator[tuple[str, bytes]]:
    """One PDF a record; the records of one page share its picture, each with its own outlined."""
    shown: StoredPage | None = None
    picture: PageJpeg | None = None
    for entry, name in zip(found, names, strict=True):
        if picture is None or entry.stored is not shown:
            original, shown = opened(entry.stored), entry.stored
            page = as_it_reads(original.page, entry.result)
            picture = page_jpeg_for_pdf(page, jpeg=original.jpeg if page is original.page else None)
        outline = _outline(entry) if len(entry.result.records) > 1 else None
        yield f"{name}.pdf", page_jpeg_pdf(picture, turned=entry.result.turned, mark=outline)
        step(name)


def _outline(entry: ExportEntry) -> Polygon:
    """The outline of a record on the page as it reads, not turned."""
    outline = hull(tuple(f.polygon for f in entry.record.fields))
    if not entry.result.flipped or not outline:
        return outline
    return tuple((float(x), float(y)) for x, y in flipped_places(np.array(outline), entry.result.width))


def _write_lines(path: Path, lines: Iterator[str]) -> str:
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
    return str(path)
