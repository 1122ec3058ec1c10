"""A table template laid on a page whose rules bend: each facing page for itself, each rule as a smooth curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Floats, Reals
from ocrfill.document.template import TableTemplate
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.alignment import (
    CHANCE_SHARE,
    Axis,
    RowMeans,
    cheapest_offsets,
    fit_axis,
    refit_axis,
    zero_ended,
)
from ocrfill.pipeline.locate.registration.flipped_table import looks_flipped
from ocrfill.pipeline.locate.registration.table import (
    HEAD_WEIGHT,
    MAX_RULE_OFFSET_PITCHES,
    MIN_RULE_CLEARNESS,
    follow_rows,
    head_rules,
    line_rules,
    printed_rows,
    table_sides,
)
from ocrfill.pipeline.locate.tables.line_tracing import Ruling, ridges_of
from ocrfill.pipeline.locate.tables.parallel_lines import fit_known_lines

MAX_UPRIGHT_SHIFT_WIDTH_SHARE = 0.012
"""How far an upright rule may lie off the whole's fit, as a share of the page's width, where columns are wide."""

MAX_LEAN_PX, HEIGHT_PART_COUNT = 12, 12
"""The upright rules of a page lean by at most so many pixels of the reduced page over the table's height, which is
looked at in so many parts.
"""


@dataclass(frozen=True, slots=True, eq=False)
class CurvedTableFit:
    """Where a table template lies on the reduced page: its facing pages, or the whole, how well, and whether the page
    shows it as in a mirror.
    """

    sides: tuple[CurvedSide, ...]
    score: float
    flipped: bool


@dataclass(frozen=True, slots=True, eq=False)
class CurvedSide:
    """The rules of one of the facing pages, or of the whole table: `levels` are each line's upper rule and the last
    one's lower rule, printed or not, `head` those over them; `uprights` are those of the template from number `first`
    on, from 0.
    """

    first: int
    head: tuple[Ruling, ...]
    levels: tuple[Ruling, ...]
    uprights: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Printed:
    """What is printed of a side: its rules over the records too, and the template's heights of its level ones."""

    first: int
    levels: tuple[Ruling, ...]
    uprights: tuple[Ruling, ...]
    rows: Reals

    def side(self, rows: Reals, head: int) -> CurvedSide:
        """The side with a rule at each of the template's heights, of which the first ones are the head's; those without
        print between their neighbours.
        """
        curves = np.stack(
            [np.interp(rows, self.rows, factors) for factors in zip(*map(_cubic, self.levels), strict=True)]
        )
        levels = [replace(self.levels[0], curve=curve) for curve in curves.T]
        return CurvedSide(self.first, tuple(levels[:head]), tuple(levels[head:]), self.uprights)


def fit_curved_table(evidence: PageFeatures, template: TableTemplate) -> CurvedTableFit:
    """The best place of the template on the page: as a whole, each facing page for itself, each rule, its bend."""
    level, upright = RowMeans(evidence.level), RowMeans(np.ascontiguousarray(evidence.upright.T))
    columns = np.array(template.columns)
    head, lines = head_rules(template), line_rules(template)
    rows = np.concatenate([head, lines])
    down, across = Axis(evidence.height, evidence.height / 2), Axis(evidence.width, evidence.width / 2)
    printed = printed_rows(template)
    for slack in (0.03, 0.005):
        over = level.mean(float(across(columns[0] + slack)), float(across(columns[-1] - slack)))
        weights = np.where(np.arange(len(rows)) <= len(head), HEAD_WEIGHT, 1.0) * printed
        down = fit_axis(zero_ended(np.repeat(over[None], len(rows), 0)), rows, weights)
        along = zero_ended(upright.mean(float(down(lines[0] + slack)), float(down(lines[-1] - slack)))[None])
        across = fit_axis(
            np.repeat(along, len(columns), 0),
            columns,
            np.ones(len(columns)),
            size_so_far=down.size / evidence.height,
        )
    x, leans = _follow_columns(upright, (float(down(lines[0])), float(down(lines[-1]))), across, template)
    heights = follow_rows(level, template, x, down, rows)
    printed_sides = _bent(evidence, template, (x, leans), heights, rows=rows[printed > 0], printed=printed > 0)
    flipped = looks_flipped(over, along[0], down, across, template=template, rows=rows, head=len(head))
    sides = tuple(side.side(rows, len(head)) for side in printed_sides)
    return CurvedTableFit(sides, _score(evidence, printed_sides), flipped)


def _cubic(rule: Ruling) -> Reals:
    """The factors of a rule's curve, as those of a cubic."""
    return np.pad(rule.curve, (4 - len(rule.curve), 0))


def _follow_columns(
    upright: RowMeans, span: tuple[float, float], across: Axis, template: TableTemplate
) -> tuple[Reals, list[float]]:
    """The x of each upright rule in the middle of the table's height, and how each facing page leans (see `find_lean`);
    each page as a whole first, for they lie nearer or farther from each other.
    """
    columns = np.array(template.columns)
    x, leans = np.zeros(len(columns)), []
    for first, last in table_sides(template):
        own = columns[first : last + 1]
        lean, along = find_lean(upright, span, (float(across(own[0])), float(across(own[-1]))))
        leans.append(lean)
        profiles = np.repeat(zero_ended(along[None]), len(own), 0)
        axis = refit_axis(profiles, own, across, near=2) if template.gutter is not None and len(own) > 1 else across
        pitch = float(np.median(np.diff(own))) * across.size
        reach = max(2, round(min(MAX_RULE_OFFSET_PITCHES * pitch, MAX_UPRIGHT_SHIFT_WIDTH_SHARE * across.size)))
        x[first : last + 1] = axis(own) + cheapest_offsets(profiles, axis(own), reach, pitch)
    return x, leans


def find_lean(upright: RowMeans, span: tuple[float, float], sides: tuple[float, float]) -> tuple[float, Reals]:
    """How far to the right the upright rules between two x go from `span`'s upper end to its lower one, in pixels, and
    the means along rules that lean so: where they are sharpest.
    """
    edges = np.linspace(*span, HEIGHT_PART_COUNT + 1)
    parts = np.array([upright.mean(a, b) for a, b in pairwise(edges)])
    room = slice(max(round(sides[0]) - MAX_LEAN_PX, 0), round(sides[1]) + MAX_LEAN_PX)
    best = (-np.inf, 0.0, parts.mean(axis=0))
    for lean in range(-MAX_LEAN_PX, MAX_LEAN_PX + 1):
        shifts = np.rint(
            lean * (np.arange(HEIGHT_PART_COUNT) + 0.5 - HEIGHT_PART_COUNT / 2) / HEIGHT_PART_COUNT
        ).astype(int)
        along = np.mean([np.roll(part, -shift) for part, shift in zip(parts, shifts, strict=True)], axis=0)
        sharp = float((along[room] ** 2).sum()) - 1e-3 * abs(lean)
        best = max(best, (sharp, float(lean), along), key=lambda found: found[0])
    return best[1], best[2]


def _bent(
    evidence: PageFeatures,
    template: TableTemplate,
    columns: tuple[Reals, Sequence[float]],
    heights: Reals,
    *,
    rows: Reals,
    printed: NDArray[np.bool_],
) -> list[_Printed]:
    """The printed rules of each side as they bend."""
    maps = ridges_of(evidence.ink, evidence.scale)
    x, leans = columns
    found = []
    for (first, last), lean in zip(table_sides(template), leans, strict=True):
        middles = (x[first:last] + x[first + 1 : last + 1]) / 2
        u = middles / evidence.width - 0.5
        straight = 1 if last - first > 1 else 0
        courses = [np.polyfit(u, row[first:last], straight) for row in heights[printed]]
        levels = fit_known_lines(courses, maps.level, (float(x[first]), float(x[last])))
        down = (float(heights[0, first:last].mean()), float(heights[-1, first:last].mean()))
        slope = lean / (down[1] - down[0]) * evidence.height
        middle = (down[0] + down[1]) / 2 / evidence.height - 0.5
        courses = [np.array([slope, place - slope * middle]) for place in x[first : last + 1]]
        uprights = fit_known_lines(courses, maps.upright, down)
        found.append(_Printed(first, levels, uprights, rows))
    return found


def _score(evidence: PageFeatures, both: Sequence[_Printed]) -> float:
    """How much of the table's rules is where the fit puts them, from 0 to 1; what chance finds counts as nothing."""
    level, upright = [], []
    for side in both:
        across = (side.uprights[0].middle, side.uprights[-1].middle)
        down = (side.levels[0].middle, side.levels[-1].middle)
        level += [_found(evidence.level, rule, across, 1) for rule in side.levels]
        upright += [_found(evidence.upright.T, rule, down, 2) for rule in side.uprights]
    found = np.array([np.mean(upright), np.mean(level)])
    return float(np.mean(np.maximum(found - CHANCE_SHARE, 0) / (1 - CHANCE_SHARE)))


def _found(lines: Floats, rule: Ruling, span: tuple[float, float], reach: int) -> float:
    """The share of a rule between two places along it that the map of lines shows, `reach` pixels or less beside it."""
    along = np.arange(max(round(span[0]) + 2, 0), min(round(span[1]) - 2, lines.shape[1]))
    if not len(along):
        return 0.0
    across = np.rint(rule.at(along.astype(np.float64))).astype(int)
    near = np.clip(across + np.arange(-reach, reach + 1)[:, None], 0, lines.shape[0] - 1)
    return float((lines[near, along].max(axis=0) > MIN_RULE_CLEARNESS).mean())
