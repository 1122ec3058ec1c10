"""The printed form of a layout, before anyone writes on it: once a book."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrfill.document.geometry import Box
from ocrfill.document.page import Image
from ocrfill.document.template import FormLine, FormTemplate, TableTemplate
from ocrfill.layouts.model import Layout
from ocrfill.training.synthetic.field_slots import LABEL_SIZE_POINTS, PageSize, line_height, line_top
from ocrfill.training.synthetic.typesetting import FormTypesetter


@dataclass(frozen=True, slots=True, eq=False)
class PrintedForm:
    """A form's print: its coverage (0 to 255) and the labels with their boxes on the ideal page."""

    cover: Image
    labels: tuple[tuple[str, Box], ...]


def print_form(layout: Layout, size: PageSize, rng: np.random.Generator) -> PrintedForm:
    """The layout's form as it comes from the printer."""
    press = FormTypesetter(size, rng)
    if isinstance(layout.body, FormTemplate):
        _print_lines(press, layout.body)
    else:
        _print_table(press, layout.body)
    return PrintedForm(press.cover, tuple(press.labels))


def _print_lines(press: FormTypesetter, body: FormTemplate) -> None:
    width, height = press.size.width, press.size.height
    if body.frame is not None:
        frame = body.frame
        box = press.size.box(frame.left, frame.top, frame.right, frame.bottom)
        press.box(box, 1.1)
        for x in body.verticals:
            press.rule(x * width, box.top, x * width, box.bottom)
    for line in body.lines:
        for label in line.labels:
            room = (_next_after(line, label.x, body) - label.x) * width - press.size.points(1)
            press.label(label.text, label.x * width, line.y * height, label.size, style=label.style, room=room)
        for gap in line.gaps:
            press.dots(gap.x[0] * width, gap.x[1] * width, line.y * height)
    for tick in body.ticks:
        press.box(press.size.box(*tick.box), 0.9)


def _next_after(line: FormLine, x: float, body: FormTemplate) -> float:
    """Where a label that starts at x must end: at the next label, gap or tick box of its line."""
    starts = [label.x for label in line.labels] + [gap.x[0] for gap in line.gaps]
    starts += [tick.box[0] for tick in body.ticks if tick.box[1] - 0.005 <= line.y <= tick.box[3] + 0.005]
    return min((s for s in starts if s > x + 1e-6), default=1.0)


def _print_table(press: FormTypesetter, body: TableTemplate) -> None:
    width, height = press.size.width, press.size.height
    left, right = body.columns[0] * width, body.columns[-1] * width
    number_top, number_bottom = body.number_row or (body.top, body.top)
    top = body.head_top if body.head_top is not None else min([number_top, *(h.top for h in body.heads)])
    levels = {top, number_top, number_bottom, body.top, body.bottom}
    for y in sorted(levels):
        press.rule(left, y * height, right, y * height)
    for i, x in enumerate(body.columns):
        for y0, y1 in _upright_parts(body, i, top, number_top):
            press.rule(x * width, y0 * height, x * width, y1 * height)
    for head in body.heads:
        box = press.size.box(body.columns[head.first - 1], head.top, body.columns[head.last], head.bottom)
        if head.bottom < number_top - 1e-4:
            press.rule(box.left, box.bottom, box.right, box.bottom)
        press.head(head.text, box)
    if body.number_row is not None:
        for i in range(len(body.columns) - 1):
            press.head(str(i + 1), press.size.box(body.columns[i], number_top, body.columns[i + 1], number_bottom))
    _print_rows(press, body)


def _upright_parts(body: TableTemplate, i: int, top: float, number_top: float) -> list[tuple[float, float]]:
    """The stretches of the vertical rule i: broken where a head spans over it."""
    spans = [(h.top, h.bottom) for h in body.heads if h.first - 1 < i < h.last]
    parts = [(number_top, body.bottom)]
    y = top
    for start, end in sorted(spans):
        if start > y:
            parts.append((y, start))
        y = max(y, end)
    if y < number_top:
        parts.append((y, number_top))
    return parts


def _print_rows(press: FormTypesetter, body: TableTemplate) -> None:
    width, height = press.size.width, press.size.height
    left, right = body.columns[0] * width, body.columns[-1] * width
    for record in range(1, body.records + 1):
        for line in range(1, body.lines_per_record + 1):
            y = line_top(body, record, line + 1) * height
            last = line == body.lines_per_record
            if last or body.record_rules == "line":
                press.rule(left, y, right, y, 0.8 if last else 0.45)
        for label in body.row_labels:
            base = (line_top(body, record, label.line) + line_height(body, record, label.line) * 0.8) * height
            x = body.columns[label.column - 1] * width + press.size.mm(0.6)
            press.label(label.text, x, base, LABEL_SIZE_POINTS)
