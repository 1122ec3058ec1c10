"""What the types of a layout cannot say: names that must meet, places that must not cross."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ocrfill.civil_status.export_columns import known_columns
from ocrfill.document.template import Area, Checkbox, FormLine, FormTemplate, TableTemplate, Template
from ocrfill.errors import place_in_file
from ocrfill.layouts.faults import Fault, Path, nearest, shown
from ocrfill.layouts.fields import Signature
from ocrfill.layouts.fields import Tick as TickType
from ocrfill.layouts.model import FieldSpec, Kind, Layout

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]*")

TYPE_SIZE_RANGE_POINTS = (4.0, 72.0)
"""Least and greatest height of a label's type, in points."""


MAX_TOLD_OPTIONS = 30
"""Values of a tick's boxes that a fault lists; a form has two to five."""

MAX_LINES_OR_RECORDS = 100
"""Records of a page, and lines of a record."""


@dataclass(frozen=True, slots=True)
class LayoutParts:
    """The parts of a layout file that are each right by themselves; None and left out what is not.

    `names` are the names of all fields in the file, `fields` those that are right.
    """

    names: frozenset[str]
    fields: Mapping[str, FieldSpec]
    body: Template | None
    kind: Kind | None
    years: tuple[int, int] | None

    @classmethod
    def of(cls, layout: Layout) -> Self:
        """All parts of a whole layout."""
        return cls(frozenset(layout.fields), layout.fields, layout.body, layout.kind, layout.years)


def find_faults(parts: LayoutParts) -> Iterator[Fault]:
    """What does not go together in a layout."""
    if parts.years is not None and parts.years[0] > parts.years[1]:
        yield Fault(("years",), "the first year comes after the last")
    yield from _field_faults(parts)
    yield from _column_faults(parts)
    if isinstance(parts.body, FormTemplate):
        yield from _form_faults(parts.body)
        yield from _tick_faults(parts, parts.body)
    elif parts.body is not None:
        yield from _table_faults(parts, parts.body)


def _field_faults(parts: LayoutParts) -> Iterator[Fault]:
    if parts.body is not None:
        for name, path in _named_places(parts.body):
            if name not in parts.names:
                yield Fault(path, f"names field {shown(name)}, which is not under fields")
        for name in sorted(parts.names - set(parts.body.field_names())):
            yield Fault(("fields", name), "has no place in the body: give it a gap, a tick, an area or a cell")
    for name, spec in parts.fields.items():
        if not NAME_PATTERN.fullmatch(name):
            yield Fault(("fields", name), "a name is of small letters, digits and _, and begins with a letter")
        if not spec.label.strip():
            yield Fault(("fields", name, "label"), "is empty; write what the form prints beside the field")
        if isinstance(spec.type, Signature) and spec.read:
            yield Fault(("fields", name), "a signature is never read: add read: false")


def _named_places(body: Template) -> Iterator[tuple[str, Path]]:
    """Every field name in the body with its path."""
    if isinstance(body, TableTemplate):
        yield from ((c.field, ("body", "cells", i, "field")) for i, c in enumerate(body.cells))
        return
    for i, line in enumerate(body.lines):
        yield from ((g.field, ("body", "lines", i, "gaps", j, "field")) for j, g in enumerate(line.gaps))
    yield from ((t.field, ("body", "ticks", i, "field")) for i, t in enumerate(body.ticks))
    yield from ((a.field, ("body", "areas", i, "field")) for i, a in enumerate(body.areas))


def _column_faults(parts: LayoutParts) -> Iterator[Fault]:
    filled: dict[str, str] = {}
    for name, spec in parts.fields.items():
        for column, part in spec.columns.items():
            path = ("fields", name, "columns", column)
            if parts.kind is not None and column not in known_columns(parts.kind):
                hint = nearest(column, sorted(known_columns(parts.kind)))
                yield Fault(
                    path, f"no such column in the exports of {parts.kind}; {hint}see docs/reference/export-columns.md"
                )
            if part not in spec.type.parts:
                known = ", ".join(spec.type.parts)
                yield Fault(path, f"type {spec.type.kind} has no part {shown(part)}; it has: {known}")
            if column in filled:
                yield Fault(path, f"the column is filled by field {place_in_file([filled[column]])} already")
            filled.setdefault(column, name)


def _form_faults(body: FormTemplate) -> Iterator[Fault]:
    frame = body.frame
    if frame is not None and not _is_box((frame.left, frame.top, frame.right, frame.bottom)):
        yield Fault(("body", "frame"), "left must be before right, top above bottom")
    for i, x in enumerate(body.verticals):
        if frame is not None and not frame.left < x < frame.right:
            yield Fault(("body", "verticals", i), "is not within the frame")
    for i, line in enumerate(body.lines):
        if i and line.y < body.lines[i - 1].y:
            yield Fault(("body", "lines", i, "y"), "above the line before it: lines stand in order from top to bottom")
        yield from _line_faults(line, ("body", "lines", i))
    boxes: list[tuple[str, tuple[Checkbox | Area, ...]]] = [("ticks", body.ticks), ("areas", body.areas)]
    for key, places in boxes:
        for i, place in enumerate(places):
            if not _is_box(place.box):
                yield Fault(("body", key, i, "box"), "the order is left, top, right, bottom")
    gaps = {g.field for line in body.lines for g in line.gaps}
    for i, area in enumerate(body.areas):
        if area.field in gaps or any(a.field == area.field for a in body.areas[:i]):
            yield Fault(("body", "areas", i, "field"), f"field {shown(area.field)} has another place already")


def _line_faults(line: FormLine, path: Path) -> Iterator[Fault]:
    for i, label in enumerate(line.labels):
        if not label.text.strip():
            yield Fault((*path, "labels", i, "text"), "is empty")
        if not TYPE_SIZE_RANGE_POINTS[0] <= label.size <= TYPE_SIZE_RANGE_POINTS[1]:
            least, most = TYPE_SIZE_RANGE_POINTS
            yield Fault((*path, "labels", i, "size"), f"must be from {least:g} to {most:g} points")
    for i, gap in enumerate(line.gaps):
        if gap.x[0] >= gap.x[1]:
            yield Fault((*path, "gaps", i, "x"), "left must be before right")
        elif i and gap.x[0] < line.gaps[i - 1].x[1]:
            yield Fault((*path, "gaps", i, "x"), "begins before the gap to its left ends")


def _tick_faults(parts: LayoutParts, body: FormTemplate) -> Iterator[Fault]:
    """Boxes and options of a tick field must be the same, in the same order: its readings come in that order."""
    boxed = {t.field for t in body.ticks}
    for i, tick in enumerate(body.ticks):
        spec = parts.fields.get(tick.field)
        if spec is not None and not isinstance(spec.type, TickType):
            yield Fault(
                ("body", "ticks", i, "field"), f"field {shown(tick.field)} is of type {spec.type.kind}, not tick"
            )
    for name, spec in parts.fields.items():
        if not isinstance(spec.type, TickType) or name not in body.field_names():
            continue
        values = [t.value for t in body.ticks if t.field == name]
        told = ", ".join(place_in_file([value]) for value in values[:MAX_TOLD_OPTIONS])
        if name not in boxed or any(p == name and "ticks" not in path for p, path in _named_places(body)):
            yield Fault(("fields", name), "a field of type tick has its places under body.ticks only")
        elif values != list(spec.type.options):
            yield Fault(
                ("fields", name, "type", "options"),
                f"must be the values of the field's ticks in their order: {told}",
            )


def _is_box(box: Sequence[float]) -> bool:
    return box[0] < box[2] and box[1] < box[3]


def _table_faults(parts: LayoutParts, body: TableTemplate) -> Iterator[Fault]:
    if list(body.columns) != sorted(set(body.columns)):
        yield Fault(("body", "columns"), "must be in order from left to right")
    if body.top >= body.bottom:
        yield Fault(("body", "top"), "must be above body.bottom")
    if body.head_top is not None and body.head_top > body.top:
        yield Fault(("body", "head_top"), "must not be below body.top")
    if body.number_row is not None and body.number_row[0] >= body.number_row[1]:
        yield Fault(("body", "number_row"), "the order is top, bottom")
    for key, count in (("records", body.records), ("lines_per_record", body.lines_per_record)):
        if not 1 <= count <= MAX_LINES_OR_RECORDS:
            yield Fault(("body", key), f"must be from 1 to {MAX_LINES_OR_RECORDS}")
    yield from _level_faults(body)
    yield from _head_faults(body)
    taken: dict[tuple[int, int], str] = {}
    for i, cell in enumerate(body.cells):
        path = ("body", "cells", i)
        yield from _place_faults(body, path, cell.column, *cell.lines)
        spec = parts.fields.get(cell.field)
        if spec is not None and isinstance(spec.type, TickType):
            yield Fault((*path, "field"), "a field of type tick needs boxes, which only a form has")
        lines = min(body.lines_per_record, MAX_LINES_OR_RECORDS)
        for line in range(max(cell.lines[0], 1), min(cell.lines[1], lines) + 1):
            other = taken.setdefault((cell.column, line), cell.field)
            if other != cell.field:
                yield Fault(
                    (*path, "lines"), f"line {line} of column {cell.column} belongs to field {place_in_file([other])}"
                )


def _level_faults(body: TableTemplate) -> Iterator[Fault]:
    lines = body.records * body.lines_per_record
    if body.levels and (len(body.levels) != lines + 1 or list(body.levels) != sorted(set(body.levels))):
        yield Fault(("body", "levels"), f"must be {lines + 1} heights from top to bottom: the edges of {lines} lines")
    elif body.levels and (body.levels[0], body.levels[-1]) != (body.top, body.bottom):
        yield Fault(("body", "levels"), "must begin with body.top and end with body.bottom")


def _head_faults(body: TableTemplate) -> Iterator[Fault]:
    columns = len(body.columns) - 1
    for i, head in enumerate(body.heads):
        path = ("body", "heads", i)
        if not 1 <= head.first <= head.last <= columns:
            yield Fault(path, f"first and last are columns in order; the table has columns 1 to {columns}")
        if head.top >= head.bottom:
            yield Fault((*path, "top"), "must be above bottom")
    for i, label in enumerate(body.row_labels):
        yield from _place_faults(body, ("body", "row_labels", i), label.column, label.line, label.line)


def _place_faults(body: TableTemplate, path: Path, column: int, first: int, last: int) -> Iterator[Fault]:
    columns = len(body.columns) - 1
    if not 1 <= column <= columns:
        yield Fault((*path, "column"), f"{column} is not possible: the table has columns 1 to {columns}")
    if not 1 <= first <= last <= body.lines_per_record:
        key = "lines" if path[1] == "cells" else "line"
        yield Fault((*path, key), f"a record has lines 1 to {body.lines_per_record}, the first before the last")
