"""Where a layout has room for writing: each field's strips on the ideal page, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocrfill.document.geometry import Box
from ocrfill.document.page import Strip
from ocrfill.document.template import FormTemplate, TableTemplate
from ocrfill.layouts.model import Layout
from ocrfill.training.synthetic.fonts import PRINT_FONTS, set_text

GAP_RISE_MM, GAP_DROP_MM = 4.9, 1.9
"""How far a gap's strip reaches above and below its base line, in millimetres; together the pitch of the lines."""

CELL_BASE_SHARE = 0.2
"""How high above a table line's lower edge its base line lies, as a share of the line's height."""

LABEL_SIZE_POINTS = 10.0
"""Size of a row label's type in points."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """The ideal page in pixels and its resolution."""

    width: int
    height: int
    dpi: float

    @classmethod
    def of(cls, layout: Layout, dpi: float) -> PageSize:
        """The size of a page of that layout."""
        return cls(round(layout.paper.width / 25.4 * dpi), round(layout.paper.height / 25.4 * dpi), dpi)

    def mm(self, length: float) -> float:
        """A length in millimetres as pixels."""
        return length / 25.4 * self.dpi

    def points(self, length: float) -> float:
        """A length in printer's points as pixels."""
        return length / 72 * self.dpi

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A box given in fractions of the page."""
        w, h = self.width, self.height
        return Box(round(left * w), round(top * h), round(right * w), round(bottom * h))


@dataclass(frozen=True, slots=True)
class FieldSlot:
    """All room a record has for one field.

    `kind` says how it is filled: line after line, one strip a tick box (`options` are the boxes' values), or freely in
    a box without lines. `limit` is the x where writing that overflows must end. `line` is the height of a line.
    """

    record: int
    field: str
    kind: Literal["lines", "ticks", "area"]
    strips: tuple[Strip, ...]
    limit: int
    line: float
    options: tuple[str, ...] = ()
    cell: bool = False
    """True in a table, where writing must keep to its cell."""


def slots_of(layout: Layout, size: PageSize) -> tuple[FieldSlot, ...]:
    """Every field's room in every record of a page, record by record in the layout's order of fields."""
    body = layout.body
    found = _form_slots(body, size) if isinstance(body, FormTemplate) else _table_slots(body, size)
    order = {name: i for i, name in enumerate(layout.fields)}
    return tuple(sorted(found, key=lambda s: (s.record, order[s.field])))


def _form_slots(body: FormTemplate, size: PageSize) -> list[FieldSlot]:
    gaps: dict[str, list[Strip]] = {}
    for line in body.lines:
        base = line.y * size.height
        for gap in line.gaps:
            left, right = (round(x * size.width) for x in gap.x)
            box = Box(left, round(base - size.mm(GAP_RISE_MM)), right, round(base + size.mm(GAP_DROP_MM)))
            gaps.setdefault(gap.field, []).append(Strip(box, base))
    pitch = size.mm(GAP_RISE_MM + GAP_DROP_MM)
    slots = [
        FieldSlot(1, name, "lines", tuple(strips), _limit(body, strips[-1], size), pitch)
        for name, strips in gaps.items()
    ]
    ticks: dict[str, list[tuple[str, Strip]]] = {}
    for tick in body.ticks:
        box = size.box(*tick.box)
        ticks.setdefault(tick.field, []).append((tick.value, Strip(box, float(box.bottom))))
    for name, boxes in ticks.items():
        strips = [strip for _, strip in boxes]
        values = tuple(value for value, _ in boxes)
        slots.append(FieldSlot(1, name, "ticks", tuple(strips), strips[-1].box.right, pitch, values))
    for area in body.areas:
        box = size.box(*area.box)
        slots.append(FieldSlot(1, area.field, "area", (Strip(box, float(box.bottom)),), box.right, pitch))
    return slots


def _limit(body: FormTemplate, last: Strip, size: PageSize) -> int:
    """How far to the right of its last gap a clerk writes on: to the next print, a little past a vertical rule."""
    y = last.baseline / size.height
    after = [
        x
        for line in body.lines
        if abs(line.y - y) < 0.004
        for x in (*(label.x for label in line.labels), *(gap.x[0] for gap in line.gaps))
        if x * size.width >= last.box.right - 1
    ]
    if after:
        return round(min(after) * size.width)
    return min(last.box.right + round(size.mm(14)), round((body.frame.right if body.frame else 0.97) * size.width))


def _table_slots(body: TableTemplate, size: PageSize) -> list[FieldSlot]:
    slots = []
    pad = size.mm(0.6)
    for record in range(1, body.records + 1):
        for cell in body.cells:
            left, right = (round(x * size.width) for x in body.columns[cell.column - 1 : cell.column + 1])
            strips = []
            for line in range(cell.lines[0], cell.lines[1] + 1):
                top = line_top(body, record, line) * size.height
                height = line_height(body, record, line) * size.height
                label = next((r for r in body.row_labels if (r.column, r.line) == (cell.column, line)), None)
                start = left + pad + (label_width(label.text, size) if label else 0)
                box = Box(round(start), round(top), round(right - pad), round(top + height))
                strips.append(Strip(box, top + height * (1 - CELL_BASE_SHARE)))
            limit = round(right + size.mm(1))
            slots.append(FieldSlot(record, cell.field, "lines", tuple(strips), limit, height, cell=True))
    return slots


def line_height(body: TableTemplate, record: int, line: int) -> float:
    """The height of a record's line of writing (both from 1) as a fraction of the page."""
    return line_top(body, record, line + 1) - line_top(body, record, line)


def line_top(body: TableTemplate, record: int, line: int) -> float:
    """The upper edge of a record's line (both from 1) as a fraction of the page."""
    return body.line_edges()[(record - 1) * body.lines_per_record + line - 1]


def label_width(text: str, size: PageSize) -> float:
    """How wide a row label is printed, with the space after it."""
    return set_text(PRINT_FONTS["plain"], text, size.points(LABEL_SIZE_POINTS)).advance + size.points(4)
