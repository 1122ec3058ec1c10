"""Where the printed rules of a form or table lie on the page, by its fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ocrfill.document.page import Floats, RuleLine
from ocrfill.document.template import FormTemplate, TableTemplate
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.form import FormFit
from ocrfill.pipeline.locate.registration.table import TableFit, printed_rows, table_sides

MAX_RULE_SHIFT_SHARE = 0.025
"""How far from its place by the fit a rule is looked for, as a share of the page's side."""

RULE_STEP_PX = 3
"""A rule is looked at in every so many rows of the reduced page."""

SEEN_STRENGTH = 0.4
"""A line this strong, 1 being one for sure, is a rule's."""

SHIFT_COST_PER_PX = 0.01
"""What a shift by a pixel costs; a rule seen in its whole length is worth 1."""

MIN_RULE_SEEN_SHARE = 0.4
"""A rule seen in less of its length stays where the fit has it."""

NODES_PER_RULE = 9
"""So many points of an upright rule of a form are placed by the lines beside them."""


def form_rules(evidence: PageFeatures, template: FormTemplate, fit: FormFit) -> tuple[RuleLine, ...]:
    """The frame and the inner verticals."""
    frame = template.frame
    top, bottom = (0.0, 1.0) if frame is None else (frame.top, frame.bottom)
    upright = list(template.verticals)
    rules = []
    if frame is not None:
        upright += [frame.left, frame.right]
        rules = [[fit.place(template, x, y) for x in (frame.left, frame.right)] for y in (frame.top, frame.bottom)]
        rules = [_seen(evidence.level.T, points, (1, 0)) for points in rules]
    for x in upright:
        points = [fit.place(template, x, y) for y in np.linspace(top, bottom, NODES_PER_RULE)]
        rules.append(_seen(evidence.upright, points, (0, 1)))
    return tuple(_on_page(points, evidence.scale) for points in rules)


def _seen(lines: Floats, points: list[tuple[float, float]], order: tuple[int, int]) -> list[tuple[float, float]]:
    """A rule moved as a whole to where it is seen best: another printing has it a little off.

    `lines` is the map of such rules, (along, across); `order` says which of a point's numbers is across, which along.
    """
    across, along = (np.array([point[i] for point in points]) for i in order)
    steps = np.arange(round(along[0]), round(along[-1]) + 1, RULE_STEP_PX)
    steps = steps[(steps >= 0) & (steps < len(lines))]
    reach = round(MAX_RULE_SHIFT_SHARE * lines.shape[1])
    shifts = np.arange(-reach, reach + 1)
    if not len(steps):
        return points
    at = np.rint(np.interp(steps, along, across)).astype(int)[:, None] + shifts
    on_page = (at >= 0) & (at < lines.shape[1])
    seen = (lines[steps[:, None], np.clip(at, 0, lines.shape[1] - 1)] * on_page > SEEN_STRENGTH).astype(np.float64)
    near = np.maximum(np.maximum(seen[:, :-2], seen[:, 1:-1]), seen[:, 2:]).mean(axis=0)
    worth = near - SHIFT_COST_PER_PX * np.abs(shifts[1:-1])
    best = int(worth.argmax())
    if near[best] < MIN_RULE_SEEN_SHARE:
        return points
    moved = across + shifts[1:-1][best]
    pairs = (moved, along) if order == (0, 1) else (along, moved)
    return [(float(x), float(y)) for x, y in zip(*pairs, strict=True)]


def table_rules(evidence: PageFeatures, template: TableTemplate, fit: TableFit) -> tuple[RuleLine, ...]:
    """Every upright rule, and the level rules of each of the facing pages."""
    rows = np.concatenate([fit.head, fit.y])
    last = rows.shape[1] - 1
    uprights = np.concatenate([np.repeat(fit.x[:1], len(fit.head), 0), fit.x])
    rules = [list(zip(x, rows[:, min(i, last)], strict=True)) for i, x in enumerate(uprights.T)]
    printed = printed_rows(template)
    for first, end in table_sides(template):
        for x, heights in zip(uprights[printed > 0, first : end + 1], rows[printed > 0, first:end], strict=True):
            middles = (x[:-1] + x[1:]) / 2
            rules.append([(x[0], heights[0]), *zip(middles, heights, strict=True), (x[-1], heights[-1])])
    return tuple(_on_page(points, evidence.scale) for points in rules)


def _on_page(points: Iterable[Sequence[float]], scale: float) -> RuleLine:
    """A rule of the reduced page on the page itself."""
    return RuleLine(tuple(((float(x) + 0.5) * scale - 0.5, (float(y) + 0.5) * scale - 0.5) for x, y in points))
