"""A table template laid on a page: the columns' and the rows' rules as wholes, then each rule, then each cell.

On an opening the two pages lie a little apart in height: rows are followed on each side of the gutter by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocrfill.document.geometry import Box
from ocrfill.document.page import FieldBox, Page, Reals, Strip
from ocrfill.document.template import TableTemplate
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.alignment import (
    CHANCE_SHARE,
    Axis,
    RowMeans,
    cheapest_offsets,
    fit_axis,
    row_band,
    zero_ended,
)
from ocrfill.pipeline.locate.registration.field_strips import (
    ABOVE_BASE_PITCHES,
    BELOW_BASE_PITCHES,
    RIGHT_ROOM_WIDTH_SHARE,
)
from ocrfill.pipeline.locate.registration.flipped_table import looks_flipped
from ocrfill.pipeline.locate.registration.form import SLACK_WIDTH_SHARES

MAX_RULE_OFFSET_PITCHES = 0.35
"""How far a rule may lie off the whole's fit, as a share of the usual distance between rules."""

MAX_CELL_OFFSET_PX = 3
"""How far, in pixels of the reduced page, a rule may lie off in one cell."""

LETTER_WIDTH_MM = 1.8
"""Width of a printed letter on average, in millimetres."""

MAX_FOLD_DISTANCE_WIDTH_SHARE = 0.004
"""A rule this near to the fold, as a share of the page's width, is ruled along it."""

MIN_SIDE_SEEN_SHARE = 0.5
"""A rule seen on at least this share of a cell's side is there."""

BASE_LINE_HEIGHT_SHARE = 0.2
"""Writing stands this share of a row's height above the rule below it."""

OVER_RULE_WIDTH_SHARE = 0.002
"""How far a strip reaches over the rule left of its cell, as a share of the page's width: writing touches them."""

HEAD_WEIGHT = 2.0
"""The head's rules weigh more: they alone tell one row from the next."""


MIN_RULE_CLEARNESS = 0.4
"""A rule is seen where its map is at least this."""


@dataclass(frozen=True, slots=True, eq=False)
class TableFit:
    """Where a table template lies on the reduced page: `x` of each upright rule at each line's upper rule and the last
    one's lower rule, shape (lines + 1, columns + 1), and `y` of these in each column, shape (lines + 1, columns);
    `head` of the rules over them. `flipped` says that the page shows the table as in a mirror.
    """

    x: Reals
    y: Reals
    head: Reals
    score: float
    flipped: bool = False


def fit_table(
    evidence: PageFeatures, template: TableTemplate, slacks: tuple[float, ...] = SLACK_WIDTH_SHARES
) -> TableFit:
    """The best place of the template on the page; `slacks` as in `SLACK_WIDTH_SHARES`."""
    level, upright = RowMeans(evidence.level), RowMeans(np.ascontiguousarray(evidence.upright.T))
    columns = np.array(template.columns)
    head, lines = head_rules(template), line_rules(template)
    rows = np.concatenate([head, lines])
    printed = printed_rows(template)
    down, across = Axis(evidence.height, evidence.height / 2), Axis(evidence.width, evidence.width / 2)
    for slack in slacks:
        over = level.mean(float(across(columns[0] + slack)), float(across(columns[-1] - slack)))
        weights = np.where(np.arange(len(rows)) <= len(head), HEAD_WEIGHT, 1.0) * printed
        down = fit_axis(zero_ended(np.repeat(over[None], len(rows), 0)), rows, weights)
        along = upright.mean(float(down(lines[0] + slack)), float(down(lines[-1] - slack)))
        across = fit_axis(zero_ended(np.repeat(along[None], len(columns), 0)), columns, np.ones(len(columns)))
    pitch = float(np.median(np.diff(columns))) * across.size
    profiles = np.repeat(upright.mean(float(down(lines[0])), float(down(lines[-1])))[None], len(columns), 0)
    x = across(columns) + cheapest_offsets(
        profiles, across(columns), max(2, round(MAX_RULE_OFFSET_PITCHES * pitch)), pitch
    )
    heights = follow_rows(level, template, x, down, rows)
    score = _score(evidence, x, heights, printed, len(head))
    flipped = looks_flipped(over, along, down, across, template=template, rows=rows, head=len(head))
    return TableFit(np.repeat(x[None], len(lines), 0), heights[len(head) :], heights[: len(head)], score, flipped)


def head_rules(template: TableTemplate) -> Reals:
    """The heights of the rules above the first record that run over the whole table."""
    over = [template.head_top, *(template.number_row or ())]
    return np.array(sorted({y for y in over if y is not None and y < template.top - 0.004}))


def line_rules(template: TableTemplate) -> Reals:
    """The heights of every line's upper edge and the last one's lower edge, ruled or not."""
    return np.array(template.line_edges())


def printed_rows(template: TableTemplate) -> Reals:
    """Of the head's and the lines' rules together: 1 for those printed, 0 for those that only writing keeps to."""
    first = len(head_rules(template))
    rows = np.arange(first + template.records * template.lines_per_record + 1)
    if template.record_rules == "line":
        return np.ones(len(rows))
    inside = (rows - first) % template.lines_per_record
    return np.where((rows < first) | (inside == 0), 1.0, 0.0)


def follow_rows(level: RowMeans, template: TableTemplate, x: Reals, down: Axis, rows: Reals) -> Reals:
    """The height of each rule in each column."""
    pitch = float(np.median(np.diff(rows))) * down.size
    printed = printed_rows(template)
    expected = down(rows)
    heights = np.zeros((len(rows), len(x) - 1))
    for first, last in table_sides(template):
        profiles = level.mean(float(x[first]), float(x[last]))[None] * printed[:, None]
        offsets = cheapest_offsets(profiles, expected, max(2, round(MAX_RULE_OFFSET_PITCHES * pitch)), pitch)
        heights[:, first:last] = (expected + offsets)[:, None]
        heights[:, first:last] += _snap(level, x[first : last + 1], expected + offsets, printed)
    return heights


def _score(evidence: PageFeatures, x: Reals, heights: Reals, printed: Reals, first: int) -> float:
    """How much of the table's rules is where the fit puts them, from 0 to 1; what chance finds counts as nothing."""
    upright = []
    for column, place in enumerate(x):
        side = min(column, heights.shape[1] - 1)
        rows = slice(max(round(heights[first, side]), 0), max(round(heights[-1, side]), 1))
        columns = evidence.upright[rows, max(round(place) - 2, 0) : max(round(place) + 3, 1)]
        upright.append(float((columns.max(axis=1) > MIN_RULE_CLEARNESS).mean()) if columns.size else 0.0)
    level = []
    for column, (left, right) in enumerate(pairwise(x)):
        for height in heights[printed > 0, column]:
            row = row_band(evidence.level, height - 1, height + 2)[
                :, max(round(left) + 2, 0) : max(round(right) - 2, 1)
            ]
            level.append(float((row.max(axis=0) > MIN_RULE_CLEARNESS).mean()) if row.size else 0.0)
    found = np.array([np.mean(upright), np.mean(level)])
    return float(np.mean(np.maximum(found - CHANCE_SHARE, 0) / (1 - CHANCE_SHARE)))


def table_sides(template: TableTemplate) -> list[tuple[int, int]]:
    """First and last upright rule of each of the facing pages. A fold beside no rule has a border on either side."""
    count = len(template.columns)
    if template.gutter is None:
        return [(0, count - 1)]
    columns = np.array(template.columns)
    split = int(np.argmin(np.abs(columns - template.gutter)))
    if abs(columns[split] - template.gutter) > MAX_FOLD_DISTANCE_WIDTH_SHARE:
        after = int(np.searchsorted(columns, template.gutter))
        return [(0, after - 1), (after, count - 1)] if 2 <= after <= count - 2 else [(0, count - 1)]
    return [(0, split), (split, count - 1)] if 0 < split < count - 1 else [(0, count - 1)]


def _snap(level: RowMeans, x: Reals, heights: Reals, printed: Reals) -> Reals:
    """How far each rule lies off in each column; smooth along the rule, 0 where it is not seen."""
    steps = np.arange(-MAX_CELL_OFFSET_PX, MAX_CELL_OFFSET_PX + 1)
    offsets = np.full((len(heights), len(x) - 1), np.nan)
    for column, (left, right) in enumerate(pairwise(x)):
        profile = level.mean(left + 2, right - 2)
        at = np.clip(np.rint(heights).astype(int)[:, None] + steps, 0, len(profile) - 1)
        near = profile[at]
        best = near.argmax(axis=1)
        seen = (near.max(axis=1) >= MIN_SIDE_SEEN_SHARE) & (printed > 0)
        offsets[seen, column] = steps[best[seen]] + np.rint(heights[seen]) - heights[seen]
    smooth = np.zeros_like(offsets)
    for column in range(offsets.shape[1]):
        window = offsets[:, max(column - 1, 0) : column + 2]
        known = ~np.isnan(window).all(axis=1)
        smooth[known, column] = np.nanmedian(window[known], axis=1)
    return smooth


def table_boxes(evidence: PageFeatures, template: TableTemplate, fit: TableFit, page: Page) -> tuple[FieldBox, ...]:
    """The strips of every field of every record, one a line of its cell."""
    scale, width, height, dpi = evidence.scale, page.width, page.height, page.dpi
    boxes = []
    sides_of = (fit.x[:-1] + fit.x[1:]) / 2
    for record in range(template.records):
        strips: dict[str, list[Strip]] = {name: [] for name in template.field_names()}
        for cell in template.cells:
            for line in range(cell.lines[0] - 1, cell.lines[1]):
                row = record * template.lines_per_record + line
                left, right = (float(v) * scale for v in sides_of[row, cell.column - 1 : cell.column + 1])
                left += _label_width(template, cell.column, line + 1, dpi)
                upper, lower = (float(v) * scale for v in fit.y[row : row + 2, cell.column - 1])
                base = lower - BASE_LINE_HEIGHT_SHARE * (lower - upper)
                box = Box(
                    round(left - OVER_RULE_WIDTH_SHARE * width),
                    round(base - ABOVE_BASE_PITCHES * (lower - upper)),
                    round(right + RIGHT_ROOM_WIDTH_SHARE * width),
                    round(base + BELOW_BASE_PITCHES * (lower - upper)),
                )
                strips[cell.field].append(Strip(box.clipped(width, height), base))
        boxes += [FieldBox(record + 1, name, tuple(found)) for name, found in strips.items()]
    return tuple(boxes)


def _label_width(template: TableTemplate, column: int, line: int, dpi: float) -> float:
    """How far the words printed at the start of a cell's line reach into it, in pixels; 0 where there are none."""
    letters = max(
        (len(label.text) for label in template.row_labels if (label.column, label.line) == (column, line)), default=0
    )
    return letters * LETTER_WIDTH_MM * dpi / 25.4
