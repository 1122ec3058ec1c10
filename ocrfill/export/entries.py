"""The entries of a book in the order of its pages, each with the text of every column it can fill."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ocrfill.civil_status.book import Book
from ocrfill.document.result import Decision, Field, Issue, PageResult, Record, Value
from ocrfill.export.originals import short_names
from ocrfill.layouts import FieldSpec, Layout
from ocrfill.store import StoredPage

PLACE_COLUMNS = ("noiDangKy", "noiCap")
"""Columns for the office that keeps the book: `noiCap` in the book of marital-status certificates, else `noiDangKy`."""

REQUIRED_COLUMNS = {"so": "Số", "trangSo": "Trang", "ngayDangKy": "Ngày đăng ký"}
"""Columns of a record without which contractors' checks before the upload refuse it, with their names for a clerk."""

FULL_DATE_PATTERN = re.compile(r"\d\d\.\d\d\.\d{4}", re.ASCII)

NEEDED_EMPTY = Issue("export.needed", "Cột bắt buộc còn trống")
DATE_PARTIAL = Issue("export.date", "Ngày đăng ký phải đủ ngày, tháng, năm")
YEAR_OUTSIDE = Issue("export.year", "Năm đăng ký không thuộc năm của sổ; cột so lấy năm của sổ")


@dataclass(frozen=True, slots=True)
class ExportCell:
    """What stands in a column: its text, and whether a person must still see it."""

    text: str
    check: bool = False


@dataclass(frozen=True, slots=True)
class PendingCheck:
    """Something in an entry a person must see. `column` is where it stands in the sheet, None for no column.

    `probability` is None where no value was read.
    """

    column: str | None
    label: str
    text: str
    probability: float | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """One record of a book: `order` counts from 1 along the book, `number` and `leaf` are Số and Trang if read.

    `registered` is the date of registration as dd.mm.yyyy if read; `place` names the scan and, of several, the page.
    """

    order: int
    stored: StoredPage
    result: PageResult
    record: Record
    place: str
    number: int | None
    leaf: int | None
    registered: str | None
    cells: Mapping[str, ExportCell]
    checks: tuple[PendingCheck, ...]

    @property
    def file_number(self) -> int:
        """Stands in the name of the record's file: Số, else Trang (equal in books of a record a page), else order."""
        return next(n for n in (self.number, self.leaf, self.order) if n is not None)


def entries(book: Book, layout: Layout, pages: Sequence[StoredPage]) -> Iterator[ExportEntry]:
    """The entries of all pages that were read, in the order given; those without any writing are left out."""
    several = {p.scan for p in pages if p.number > 1}
    names = short_names(p.scan for p in pages)
    order = 0
    for stored in pages:
        result = stored.result
        if result is None or result.failure is not None:
            continue
        for record in result.records:
            if record.is_blank:
                continue
            order += 1
            cells, checks = _as_written(layout, record)
            number, leaf = _whole_number(cells.get("so")), _whole_number(cells.get("trangSo"))
            registered = cells["ngayDangKy"].text if "ngayDangKy" in cells else ""
            cells |= {column: ExportCell(book.place) for column in PLACE_COLUMNS} | {
                "quyenSo": ExportCell(book.volume_code)
            }
            if number is not None:
                cells["so"] = ExportCell(f"{number:02d}/{_year(book, registered)}", cells["so"].check)
            checks += _record_checks(book, cells, registered)
            checks += [PendingCheck(None, "", "", None, (issue,)) for issue in (*result.issues, *record.issues)]
            cells |= {
                column: ExportCell("", check=True)
                for column in REQUIRED_COLUMNS
                if not cells.get(column, ExportCell("")).text
            }
            yield ExportEntry(
                order=order,
                stored=stored,
                result=result,
                record=record,
                place=names[stored.scan] + (f":{stored.number}" if stored.scan in several else ""),
                number=number,
                leaf=leaf,
                registered=registered if FULL_DATE_PATTERN.fullmatch(registered) else None,
                cells=MappingProxyType(cells),
                checks=tuple(checks),
            )


def _as_written(layout: Layout, record: Record) -> tuple[dict[str, ExportCell], list[PendingCheck]]:
    """The columns that fields of the record fill, and the fields a person must see."""
    cells: dict[str, ExportCell] = {}
    checks: list[PendingCheck] = []
    for field in record.fields:
        spec = layout.fields.get(field.name)
        if spec is None:  # read with an older version of the layout
            continue
        check = field.decision is Decision.REVIEW or bool(field.issues)
        for column, part in spec.columns.items():
            cells[column] = ExportCell(spec.type.part(Value(field.raw, field.normalised, field.issues), part), check)
        if check:
            checks.append(_field_check(field, spec, layout.full_label(field.name)))
    return cells, checks


def _year(book: Book, registered: str) -> int:
    """The year that goes with a number: that of its registration if it is one of the book's, else the book's first."""
    year = int(registered[-4:]) if FULL_DATE_PATTERN.fullmatch(registered) else book.years[0]
    return year if book.years[0] <= year <= book.years[1] else book.years[0]


def _record_checks(book: Book, cells: Mapping[str, ExportCell], registered: str) -> Iterator[PendingCheck]:
    """What contractors' checks before the upload would refuse."""
    if registered and not FULL_DATE_PATTERN.fullmatch(registered):
        yield PendingCheck("ngayDangKy", REQUIRED_COLUMNS["ngayDangKy"], registered, None, (DATE_PARTIAL,))
    elif registered and int(registered[-4:]) != _year(book, registered):
        yield PendingCheck("ngayDangKy", REQUIRED_COLUMNS["ngayDangKy"], registered, None, (YEAR_OUTSIDE,))
    for column, label in REQUIRED_COLUMNS.items():
        if not cells.get(column, ExportCell("")).text:
            yield PendingCheck(column, label, "", None, (NEEDED_EMPTY,))


def _field_check(field: Field, spec: FieldSpec, label: str) -> PendingCheck:
    column = next(iter(spec.columns), None)
    probability = field.probability if field.raw else None
    return PendingCheck(column, label, field.raw, probability, field.issues)


def _whole_number(cell: ExportCell | None) -> int | None:
    digits = re.fullmatch(r"\d{1,6}", cell.text, re.ASCII) if cell else None
    return int(digits[0]) if digits else None
