"""A layout as a picture: its rules, print and places to write, on a blank sheet or laid over a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from ocrfill.document.page import Image
from ocrfill.document.template import FormLine, FormTemplate, Label, TableTemplate
from ocrfill.export.views.font import lettering, wrapped
from ocrfill.layouts import Layout
from ocrfill.pipeline.set_type import set_type

BLANK_SHEET_DPI = 150
"""Resolution of the blank sheet, dots an inch."""

GAP_RISE_MM, GAP_DROP_MM = 4.9, 1.6
"""How far a gap is drawn above and below its base line, in millimetres: about the room a hand takes."""

Colour = tuple[int, int, int]
PRINT_COLOUR: Colour = (150, 30, 110)
"""Print of the form: a colour no clerk writes in, so that it stands out against the page underneath."""

READ_FIELD_COLOUR: Colour = (0, 98, 170)
UNREAD_FIELD_COLOUR: Colour = (110, 110, 110)
CHECKBOX_COLOUR: Colour = (190, 90, 0)
FOLD_COLOUR: Colour = (0, 140, 70)

TINT_OPACITY = 36
"""How strongly a place to write is tinted, of 255: what lies underneath stays legible."""

XY = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The picture being drawn and the layout's measures in its pixels."""

    picture: Pictures.Image
    layout: Layout

    def x(self, fraction: float) -> float:
        return fraction * self.picture.width

    def y(self, fraction: float) -> float:
        return fraction * self.picture.height

    def mm(self, length: float) -> float:
        """A height in millimetres as pixels."""
        return length / self.layout.paper.height * self.picture.height

    def points(self, size: float) -> float:
        """A height in printer's points as pixels."""
        return self.mm(size * 25.4 / 72)

    def box(self, left: float, top: float, right: float, bottom: float) -> XY:
        """A box given in fractions of the page."""
        return self.x(left), self.y(top), self.x(right), self.y(bottom)


def draw_layout(layout: Layout, page: Image | None = None) -> Image:
    """The layout on a blank sheet, or stretched over a page; blue-green-red.

    Shows rules and print, and each field's places with its name; a field of several places has them numbered in the
    order in which its text runs through them. Fields that are not read are grey, boxes to tick orange, the fold green.
    """
    sheet = _Sheet(_ground(layout, page), layout)
    if isinstance(layout.body, FormTemplate):
        _draw_form(sheet, layout.body)
    else:
        _draw_table(sheet, layout.body)
    return np.asarray(sheet.picture.convert("RGB"), dtype=np.uint8)[:, :, ::-1].copy()


def _ground(layout: Layout, page: Image | None) -> Pictures.Image:
    if page is None:
        size = (round(layout.paper.width / 25.4 * BLANK_SHEET_DPI), round(layout.paper.height / 25.4 * BLANK_SHEET_DPI))
        return Pictures.new("RGBA", size, (255, 255, 255, 255))
    colour = cv2.cvtColor(page, cv2.COLOR_GRAY2RGB if page.ndim == 2 else cv2.COLOR_BGR2RGB)
    return Pictures.fromarray(np.asarray(colour, dtype=np.uint8)).convert("RGBA")


def _draw_form(sheet: _Sheet, body: FormTemplate) -> None:
    places = list(_form_places(sheet, body))
    _draw_places(sheet, places)
    draw = ImageDraw.Draw(sheet.picture)
    width = max(1, round(sheet.mm(0.3)))
    if body.frame is not None:
        frame = body.frame
        draw.rectangle(sheet.box(frame.left, frame.top, frame.right, frame.bottom), outline=PRINT_COLOUR, width=width)
    top, bottom = (body.frame.top, body.frame.bottom) if body.frame is not None else (0.0, 1.0)
    for x in body.verticals:
        draw.line((sheet.x(x), sheet.y(top), sheet.x(x), sheet.y(bottom)), fill=PRINT_COLOUR, width=width)
    for line in body.lines:
        for label in line.labels:
            _print_label(sheet, body, label, sheet.y(line.y))
        _dot(draw, sheet, line)
    for tick in body.ticks:
        draw.rectangle(sheet.box(*tick.box), outline=PRINT_COLOUR, width=width)


def _print_label(sheet: _Sheet, body: FormTemplate, label: Label, baseline: float) -> None:
    """A label's words on their base line, as wide as this printing sets them where that is known."""
    point = sheet.points(1) if body.type_point is None else sheet.x(body.type_point)
    words = set_type(label.text, label.style, label.size * point)
    mask = Pictures.fromarray(words.mask)
    mask = mask.resize((max(1, round(mask.width * label.width)), mask.height))
    place = (round(sheet.x(label.x) + words.left * label.width), round(baseline - words.rise))
    sheet.picture.paste(PRINT_COLOUR, place, mask)


def _dot(draw: ImageDraw.ImageDraw, sheet: _Sheet, line: FormLine) -> None:
    """Dots along the gaps of a line, just above its base line as type sets them."""
    half, step = sheet.mm(0.14), sheet.mm(0.9)
    y = sheet.y(line.y) - half
    for gap in line.gaps:
        for x in np.arange(sheet.x(gap.x[0]) + half, sheet.x(gap.x[1]), step).tolist():
            draw.ellipse((x - half, y - half, x + half, y + half), fill=PRINT_COLOUR)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one strip of a field lies, what is written on it in the picture and in which colour.

    The lowest `below` pixels hold the dots and stay free of it.
    """

    box: XY
    text: str
    colour: Colour
    below: float = 0.0


def _form_places(sheet: _Sheet, body: FormTemplate) -> Iterator[_Place]:
    for name in body.field_names():
        colour = READ_FIELD_COLOUR if sheet.layout.fields[name].read else UNREAD_FIELD_COLOUR
        gaps = [(line.y, gap.x) for line in body.lines for gap in line.gaps if gap.field == name]
        for i, (y, (left, right)) in enumerate(gaps, 1):
            box = (
                sheet.x(left),
                sheet.y(y) - sheet.mm(GAP_RISE_MM),
                sheet.x(right),
                sheet.y(y) + sheet.mm(GAP_DROP_MM),
            )
            yield _Place(box, _numbered(name, i, len(gaps)), colour, sheet.mm(GAP_DROP_MM))
        for tick in body.ticks:
            if tick.field == name:
                yield _Place(sheet.box(*tick.box), "", CHECKBOX_COLOUR)
        for area in body.areas:
            if area.field == name:
                yield _Place(sheet.box(*area.box), name, colour)


def _draw_table(sheet: _Sheet, body: TableTemplate) -> None:
    _draw_places(sheet, list(_table_places(sheet, body)))
    draw = ImageDraw.Draw(sheet.picture)
    width = max(1, round(sheet.mm(0.3)))
    left, right = body.columns[0], body.columns[-1]
    head_top = body.top if body.head_top is None else body.head_top
    for head in body.heads:
        box = sheet.box(body.columns[head.first - 1], head.top, body.columns[head.last], head.bottom)
        draw.rectangle(box, outline=PRINT_COLOUR, width=width)
        _fit(draw, box, head.text, sheet.points(10), PRINT_COLOUR)
    for x in body.columns:
        draw.line((sheet.x(x), sheet.y(body.top), sheet.x(x), sheet.y(body.bottom)), fill=PRINT_COLOUR, width=width)
    if body.number_row is not None:
        for i, (a, b) in enumerate(zip(body.columns, body.columns[1:], strict=False), 1):
            box = sheet.box(a, body.number_row[0], b, body.number_row[1])
            draw.rectangle(box, outline=PRINT_COLOUR, width=width)
            _fit(draw, box, str(i), sheet.points(9), PRINT_COLOUR)
    for i, edge in enumerate(body.line_edges()):
        y = sheet.y(edge)
        whole = i % body.lines_per_record == 0
        if whole or body.record_rules == "line":
            draw.line((sheet.x(left), y, sheet.x(right), y), fill=PRINT_COLOUR, width=width * (2 if whole else 1))
    if body.gutter is not None:
        draw.line((sheet.x(body.gutter), 0, sheet.x(body.gutter), sheet.y(1)), fill=FOLD_COLOUR, width=width)
    draw.rectangle(sheet.box(left, head_top, right, body.bottom), outline=PRINT_COLOUR, width=width)
    for record in range(1, body.records + 1):
        for label in body.row_labels:
            _, _, _, bottom = _line_box(sheet, body, record, label.column, label.line)
            place = (sheet.x(body.columns[label.column - 1]) + sheet.mm(0.6), bottom - sheet.mm(1.5))
            draw.text(place, label.text, PRINT_COLOUR, lettering(round(sheet.points(10))), anchor="ls")


def _table_places(sheet: _Sheet, body: TableTemplate) -> Iterator[_Place]:
    for record in range(1, body.records + 1):
        for cell in body.cells:
            colour = READ_FIELD_COLOUR if sheet.layout.fields[cell.field].read else UNREAD_FIELD_COLOUR
            first, last = cell.lines
            for i, line in enumerate(range(first, last + 1), 1):
                box = _line_box(sheet, body, record, cell.column, line)
                label = next((r for r in body.row_labels if (r.column, r.line) == (cell.column, line)), None)
                if label is not None:
                    taken = lettering(round(sheet.points(10))).getlength(label.text) + sheet.mm(1)
                    box = (box[0] + taken, *box[1:])
                yield _Place(box, _numbered(cell.field, i, last - first + 1), colour)


def _line_box(sheet: _Sheet, body: TableTemplate, record: int, column: int, line: int) -> XY:
    """One line of a record in a column; record, column and line from 1."""
    row = (record - 1) * body.lines_per_record + line - 1
    top, bottom = body.line_edges()[row : row + 2]
    left, upper, right, lower = sheet.box(body.columns[column - 1], top, body.columns[column], bottom)
    inset = sheet.mm(0.4)
    return left + inset, upper + inset, right - inset, lower - inset


def _numbered(name: str, place: int, places: int) -> str:
    return name if places == 1 else f"{name} {place}/{places}"


def _draw_places(sheet: _Sheet, places: list[_Place]) -> None:
    veil = Pictures.new("RGBA", sheet.picture.size, (0, 0, 0, 0))
    tint = ImageDraw.Draw(veil)
    for place in places:
        tint.rectangle(place.box, fill=(*place.colour, TINT_OPACITY), outline=(*place.colour, 150))
    sheet.picture.alpha_composite(veil)
    draw = ImageDraw.Draw(sheet.picture)
    for place in places:
        left, top, right, bottom = place.box
        _fit(draw, (left, top, right, bottom - place.below), place.text, sheet.points(7.5), place.colour)


def _fit(draw: ImageDraw.ImageDraw, box: XY, text: str, size: float, colour: Colour) -> None:
    """The text in the middle of the box, wrapped, in the largest type up to `size` pixels that fits."""
    if not text:
        return
    left, top, right, bottom = box
    for pixels in range(max(8, round(size)), 6, -1):
        lines = wrapped(text, lettering(pixels), right - left - 4)
        uncut = text.split() == [word for line in lines for word in line.split()]
        if uncut and len(lines) * pixels * 1.1 <= bottom - top:
            break
    pitch = pixels * 1.1
    y = (top + bottom) / 2 - pitch * (len(lines) - 1) / 2
    for i, line in enumerate(lines):
        draw.text(((left + right) / 2, y + i * pitch), line, colour, lettering(pixels), anchor="mm")
