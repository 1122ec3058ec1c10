"""The Excel files: the import sheet with the template's heads, and a sheet of what a person must still see."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from ocrfill.civil_status.export_columns import column_name
from ocrfill.civil_status.orthography import without_no_characters
from ocrfill.export.entries import ExportCell, ExportEntry

CHECK_SHEET = "Cần kiểm tra"
CHECK_HEADS = ("STT", "Số", "Trang", "Nhãn", "Giá trị", "Xác suất", "Vấn đề", "Tệp quét")
CHECK_WIDTHS = (6, 10, 8, 38, 44, 10, 44, 40)

CHECK_FILL = PatternFill("solid", fgColor="FFF2CC")
HEAD_FILL = PatternFill("solid", fgColor="E7ECF2")
TEXT_FORMAT = "@"
"""Excel's number format for text: what is typed later stays as typed too ("01/2006" is no date)."""

MIN_COLUMN_WIDTH_CHARACTERS, MAX_COLUMN_WIDTH_CHARACTERS = 6, 40
"""Bounds for a column's width, in characters."""

CREATION_DATE = datetime.datetime(2000, 1, 1)
"""Date inside every workbook: the same records give the same bytes."""


def import_workbook(title: str, heads: Sequence[str], entries: Sequence[ExportEntry]) -> tuple[tuple[str, bytes], ...]:
    """The members of an .xlsx file, by name and in order: a sheet `title` with `heads`, and the sheet of checks."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    rows = [[_cell(head, entry) for head in heads] for entry in entries]
    _fill(sheet, heads, rows, [_width(head, (row[i] for row in rows)) for i, head in enumerate(heads)])
    checks = book.create_sheet(CHECK_SHEET)
    _fill(checks, CHECK_HEADS, [[ExportCell(t) for t in row] for row in _check_rows(entries)], CHECK_WIDTHS)
    checks.auto_filter.ref = f"A1:{get_column_letter(len(CHECK_HEADS))}{checks.max_row}"
    checks.page_setup.orientation = "landscape"  # this sheet gets printed: all columns on one page's width
    checks.page_setup.fitToHeight = 0
    checks.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    checks.print_title_rows = "1:1"
    _link(checks, title, [column_name(h) for h in heads], entries)
    return _members(book)


def _cell(head: str, entry: ExportEntry) -> ExportCell:
    column = column_name(head)
    return ExportCell(str(entry.order)) if column == "STT" else entry.cells.get(column, ExportCell(""))


def _check_rows(entries: Sequence[ExportEntry]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        for check in entry.checks:
            yield (
                str(entry.order),
                "" if entry.number is None else str(entry.number),
                "" if entry.leaf is None else str(entry.leaf),
                check.label or "Cả bản ghi",
                check.text,
                "" if check.probability is None else f"{check.probability:.0%}",
                "; ".join(issue.text for issue in check.issues),
                entry.place,
            )


def _fill(sheet: Worksheet, heads: Sequence[str], rows: Sequence[Sequence[ExportCell]], widths: Sequence[int]) -> None:
    for i, (head, width) in enumerate(zip(heads, widths, strict=True), 1):
        column = sheet.column_dimensions[get_column_letter(i)]
        column.width = width
        column.number_format = TEXT_FORMAT
        cell = sheet.cell(1, i)
        _write(cell, head)
        cell.font = Font(bold=True)
        cell.fill = HEAD_FILL
        cell.alignment = Alignment(vertical="center")
    for y, row in enumerate(rows, 2):
        for x, value in enumerate(row, 1):
            if value.text or value.check:
                cell = sheet.cell(y, x)
                _write(cell, value.text)
                if value.check:
                    cell.fill = CHECK_FILL
    sheet.freeze_panes = "A2"


def _write(cell: SheetCell, text: str) -> None:
    """Text and nothing else: openpyxl would make a formula of what starts with "="."""
    cell.number_format = TEXT_FORMAT
    if text:
        cell.value = without_no_characters(ILLEGAL_CHARACTERS_RE.sub("", text))
        cell.data_type = "s"


def _width(head: str, cells: Iterator[ExportCell]) -> int:
    longest = max((len(c.text) for c in cells), default=0)
    return max(MIN_COLUMN_WIDTH_CHARACTERS, min(MAX_COLUMN_WIDTH_CHARACTERS, max(len(column_name(head)), longest) + 3))


def _link(checks: Worksheet, title: str, columns: Sequence[str], entries: Sequence[ExportEntry]) -> None:
    """Makes the label of each check a link to its cell in the import sheet."""
    places = [(entry.order, check.column) for entry in entries for check in entry.checks]
    for row, (order, column) in enumerate(places, 2):
        if column in columns:
            target = f"'{title}'!{get_column_letter(columns.index(column) + 1)}{order + 1}"
            cell = checks.cell(row, CHECK_HEADS.index("Nhãn") + 1)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target)
            cell.font = Font(color="1F4E79", underline="single")


class _Parts:
    """Stands for the zip that openpyxl writes its parts into, but needs no clock: a zip knows no time before 1980."""

    def __init__(self) -> None:
        self.members: dict[str, bytes] = {}

    def writestr(self, name: str, content: str | bytes) -> None:
        """Keep a part."""
        self.members[name] = content.encode() if isinstance(content, str) else content

    def namelist(self) -> list[str]:
        """The names of the parts so far."""
        return list(self.members)

    def close(self) -> None:
        """Called when all parts are there."""


class _PartsWriter(ExcelWriter):  # type: ignore[misc]  # openpyxl has no types
    """Writes a workbook's sheets without a temporary file, where their values would stay after a kill."""

    def write_worksheet(self, ws: Worksheet) -> None:
        """As openpyxl does; our sheets hold no charts and no pictures."""
        ws._drawing = None
        writer = WorksheetWriter(ws, BytesIO())
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], writer.read())
        self.manifest.append(ws)


def _members(book: Workbook) -> tuple[tuple[str, bytes], ...]:
    """The workbook's parts with fixed dates."""
    book.properties.created = book.properties.modified = CREATION_DATE
    book.properties.creator = "ocrfill"
    parts = _Parts()
    _PartsWriter(book, parts).save()
    return tuple(parts.members.items())
