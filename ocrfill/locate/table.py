"""A table template laid on a page: the columns' and the rows' rules as wholes, then each rule, then each cell.

On an opening the two pages lie a little apart in height: rows are followed on each side of the gutter by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrfill.geometry import Box
from ocrfill.locate.evidence import Evidence, Floats
from ocrfill.locate.family import lay_on
from ocrfill.locate.lattice import meeting_points
from ocrfill.locate.ruling import Ruling, ridges_of
from ocrfill.locate.search import Axis, Reals, Rows, closed_off, follow, lay, relay
from ocrfill.locate.strips import ABOVE, BELOW, RIGHT_ROOM
from ocrfill.locate.template import TableTemplate
from ocrfill.records import FieldBox, Page, Strip

WANDER = 0.35
"""How far a rule may lie off the whole's fit, as a share of the usual distance between rules."""

SNAP = 3
"""How far, in pixels of the reduced page, a rule may lie off in one cell."""

LETTER = 1.8
"""Width of a printed letter on average, in millimetres."""

STRAY = 0.012
"""How far an upright rule may lie off the whole's fit, as a share of the page's width, where columns are wide."""

AT_FOLD = 0.004
"""A rule this near to the fold, as a share of the page's width, is ruled along it."""

SEEN = 0.5
"""A rule seen on at least this share of a cell's side is there."""

STAND = 0.2
"""Writing stands this share of a row's height above the rule below it."""

OVER_RULE = 0.002
"""How far a strip reaches over the rule left of its cell, as a share of the page's width: writing touches them."""

HEAD_WEIGHT = 2.0
"""The head's rules weigh more: they alone tell one row from the next."""


CLEAR = 0.4
"""A rule is seen where its map is at least this."""

CHANCE = 0.35
"""Share of the rules that is also found on a page of another form."""


@dataclass(frozen=True, slots=True, eq=False)
class TableFit:
    """Where a table template lies on the reduced page.

    `x` and `y` are where each line's upper rule and the last one's lower rule meets each upright rule, shape
    (lines + 1, upright rules); `sides` are the facing pages, or the whole table.
    """

    x: Reals
    y: Reals
    sides: tuple[Side, ...]
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The rules of one of the facing pages, or of the whole table: `levels` are each line's upper rule and the last
    one's lower rule, printed or not; `uprights` are those of the template from number `first` on, from 0.
    """

    first: int
    levels: tuple[Ruling, ...]
    uprights: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Printed:
    """What is printed of a side: its rules over the records too, and the template's heights of its level ones."""

    first: int
    levels: tuple[Ruling, ...]
    uprights: tuple[Ruling, ...]
    rows: Reals

    def side(self, rows: Reals) -> Side:
        """The side with a rule at each of the template's heights, those without print between their neighbours."""
        curves = np.stack(
            [np.interp(rows, self.rows, factors) for factors in zip(*map(_cubic, self.levels), strict=True)]
        )
        levels = [replace(self.levels[0], curve=curve) for curve in curves.T]
        return Side(self.first, tuple(levels), self.uprights)


def fit_table(evidence: Evidence, template: TableTemplate) -> TableFit:
    """The best place of the template on the page: as a whole, each facing page for itself, each rule, its bend."""
    level, upright = Rows(evidence.level), Rows(np.ascontiguousarray(evidence.upright.T))
    columns = np.array(template.columns)
    head, lines = head_rules(template), line_rules(template)
    rows = np.concatenate([head, lines])
    down, across = Axis(evidence.height, evidence.height / 2), Axis(evidence.width, evidence.width / 2)
    printed = _printed(template, rows)
    for slack in (0.03, 0.005):
        over = level.mean(float(across(columns[0] + slack)), float(across(columns[-1] - slack)))
        weights = np.where(np.arange(len(rows)) <= len(head), HEAD_WEIGHT, 1.0) * printed
        down = lay(closed_off(np.repeat(over[None], len(rows), 0)), rows, weights)
        along = closed_off(upright.mean(float(down(lines[0] + slack)), float(down(lines[-1] - slack)))[None])
        across = lay(
            np.repeat(along, len(columns), 0),
            columns,
            np.ones(len(columns)),
            size_so_far=down.size / evidence.height,
        )
    x = _follow_columns(along, across, template)
    heights = _follow_rows(level, template, x, down, rows)
    printed_sides = _bent(evidence, template, x, heights, rows=rows[printed > 0], printed=printed > 0)
    whole = tuple(side.side(lines) for side in printed_sides)
    meetings = np.zeros((2, len(lines), len(columns)))
    for side in whole:
        meetings[:, :, side.first : side.first + len(side.uprights)] = meeting_points(side.levels, side.uprights)
    return TableFit(meetings[1], meetings[0], whole, _score(evidence, printed_sides))


def _cubic(rule: Ruling) -> Reals:
    """The factors of a rule's curve, as those of a cubic."""
    return np.pad(rule.curve, (4 - len(rule.curve), 0))


def head_rules(template: TableTemplate) -> Reals:
    """The heights of the rules above the first record that run over the whole table."""
    over = [template.head_top, *(template.number_row or ())]
    return np.array(sorted({y for y in over if y is not None and y < template.top - 0.004}))


def line_rules(template: TableTemplate) -> Reals:
    """The heights of every line's upper edge and the last one's lower edge, ruled or not."""
    return np.array(template.line_edges())


def _printed(template: TableTemplate, rows: Reals) -> Reals:
    """1 for rows with a printed rule, 0 for those that only the lines of writing have."""
    if template.record_rules == "line":
        return np.ones(len(rows))
    first = len(rows) - template.records * template.lines_per_record - 1
    inside = (np.arange(len(rows)) - first) % template.lines_per_record
    return np.where((np.arange(len(rows)) < first) | (inside == 0), 1.0, 0.0)


def _follow_rows(level: Rows, template: TableTemplate, x: Reals, down: Axis, rows: Reals) -> Reals:
    """The height of each rule in each column."""
    pitch = float(np.median(np.diff(rows))) * down.size
    printed = _printed(template, rows)
    expected = down(rows)
    heights = np.zeros((len(rows), len(x) - 1))
    for first, last in _sides(template):
        profiles = level.mean(float(x[first]), float(x[last]))[None] * printed[:, None]
        offsets = follow(profiles, expected, max(2, round(WANDER * pitch)), pitch)
        heights[:, first:last] = (expected + offsets)[:, None]
        heights[:, first:last] += _snap(level, x[first : last + 1], expected + offsets, printed)
    return heights


def _follow_columns(along: Reals, across: Axis, template: TableTemplate) -> Reals:
    """The x of each upright rule; each facing page as a whole first, for they lie nearer or farther from each other."""
    columns = np.array(template.columns)
    x = np.zeros(len(columns))
    for first, last in _sides(template):
        own = columns[first : last + 1]
        profiles = np.repeat(along, len(own), 0)
        axis = relay(profiles, own, across, near=2) if template.gutter is not None and len(own) > 1 else across
        pitch = float(np.median(np.diff(own))) * across.size
        reach = max(2, round(min(WANDER * pitch, STRAY * across.size)))
        x[first : last + 1] = axis(own) + follow(profiles, axis(own), reach, pitch)
    return x


def _bent(
    evidence: Evidence,
    template: TableTemplate,
    x: Reals,
    heights: Reals,
    *,
    rows: Reals,
    printed: NDArray[np.bool_],
) -> list[_Printed]:
    """The printed rules of each side as they bend."""
    maps = ridges_of(evidence.ink, evidence.scale)
    sides = []
    for first, last in _sides(template):
        middles = (x[first:last] + x[first + 1 : last + 1]) / 2
        u = middles / evidence.width - 0.5
        straight = 1 if last - first > 1 else 0
        courses = [np.polyfit(u, row[first:last], straight) for row in heights[printed]]
        levels = lay_on(courses, maps.level, (float(x[first]), float(x[last])))
        down = (float(heights[0, first:last].mean()), float(heights[-1, first:last].mean()))
        uprights = lay_on([np.array([place]) for place in x[first : last + 1]], maps.upright, down)
        sides.append(_Printed(first, levels, uprights, rows))
    return sides


def _score(evidence: Evidence, sides: Sequence[_Printed]) -> float:
    """How much of the table's rules is where the fit puts them, from 0 to 1; what chance finds counts as nothing."""
    level, upright = [], []
    for side in sides:
        across = (side.uprights[0].middle, side.uprights[-1].middle)
        down = (side.levels[0].middle, side.levels[-1].middle)
        level += [_found(evidence.level, rule, across, 1) for rule in side.levels]
        upright += [_found(evidence.upright.T, rule, down, 2) for rule in side.uprights]
    found = np.array([np.mean(upright), np.mean(level)])
    return float(np.mean(np.maximum(found - CHANCE, 0) / (1 - CHANCE)))


def _found(lines: Floats, rule: Ruling, span: tuple[float, float], reach: int) -> float:
    """The share of a rule between two places along it that the map of lines shows, `reach` pixels or less beside it."""
    along = np.arange(max(round(span[0]) + 2, 0), min(round(span[1]) - 2, lines.shape[1]))
    if not len(along):
        return 0.0
    across = np.rint(rule.at(along.astype(np.float64))).astype(int)
    near = np.clip(across + np.arange(-reach, reach + 1)[:, None], 0, lines.shape[0] - 1)
    return float((lines[near, along].max(axis=0) > CLEAR).mean())


def _sides(template: TableTemplate) -> list[tuple[int, int]]:
    """First and last upright rule of each of the facing pages. A fold beside no rule has a border on either side."""
    count = len(template.columns)
    if template.gutter is None:
        return [(0, count - 1)]
    columns = np.array(template.columns)
    split = int(np.argmin(np.abs(columns - template.gutter)))
    if abs(columns[split] - template.gutter) > AT_FOLD:
        after = int(np.searchsorted(columns, template.gutter))
        return [(0, after - 1), (after, count - 1)] if 2 <= after <= count - 2 else [(0, count - 1)]
    return [(0, split), (split, count - 1)] if 0 < split < count - 1 else [(0, count - 1)]


def _snap(level: Rows, x: Reals, heights: Reals, printed: Reals) -> Reals:
    """How far each rule lies off in each column; smooth along the rule, 0 where it is not seen."""
    steps = np.arange(-SNAP, SNAP + 1)
    offsets = np.full((len(heights), len(x) - 1), np.nan)
    for column, (left, right) in enumerate(pairwise(x)):
        profile = level.mean(left + 2, right - 2)
        at = np.clip(np.rint(heights).astype(int)[:, None] + steps, 0, len(profile) - 1)
        near = profile[at]
        best = near.argmax(axis=1)
        seen = (near.max(axis=1) >= SEEN) & (printed > 0)
        offsets[seen, column] = steps[best[seen]] + np.rint(heights[seen]) - heights[seen]
    smooth = np.zeros_like(offsets)
    for column in range(offsets.shape[1]):
        window = offsets[:, max(column - 1, 0) : column + 2]
        known = ~np.isnan(window).all(axis=1)
        smooth[known, column] = np.nanmedian(window[known], axis=1)
    return smooth


def table_boxes(evidence: Evidence, template: TableTemplate, fit: TableFit, page: Page) -> tuple[FieldBox, ...]:
    """The strips of every field of every record, one a line of its cell."""
    scale, width, height, dpi = evidence.scale, page.width, page.height, page.dpi
    boxes = []
    for record in range(template.records):
        strips: dict[str, list[Strip]] = {name: [] for name in template.field_names()}
        for cell in template.cells:
            for line in range(cell.lines[0] - 1, cell.lines[1]):
                row = record * template.lines_per_record + line
                corners = slice(row, row + 2), slice(cell.column - 1, cell.column + 1)
                left, right = (float(v) * scale for v in fit.x[corners].mean(axis=0))
                left += _label_width(template, cell.column, line + 1, dpi)
                upper, lower = (float(v) * scale for v in fit.y[corners].mean(axis=1))
                base = lower - STAND * (lower - upper)
                box = Box(
                    round(left - OVER_RULE * width),
                    round(base - ABOVE * (lower - upper)),
                    round(right + RIGHT_ROOM * width),
                    round(base + BELOW * (lower - upper)),
                )
                strips[cell.field].append(Strip(box.clipped(width, height), base))
        boxes += [FieldBox(record + 1, name, tuple(found)) for name, found in strips.items()]
    return tuple(boxes)


def _label_width(template: TableTemplate, column: int, line: int, dpi: float) -> float:
    """How far the words printed at the start of a cell's line reach into it, in pixels; 0 where there are none."""
    letters = max(
        (len(label.text) for label in template.row_labels if (label.column, label.line) == (column, line)), default=0
    )
    return letters * LETTER * dpi / 25.4
