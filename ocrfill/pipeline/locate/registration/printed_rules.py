"""Where the printed rules of a form or table lie on the page, by its fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ocrfill.document.page import RuleLine
from ocrfill.document.template import FormTemplate, TableTemplate
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.form import FormFit
from ocrfill.pipeline.locate.registration.table import TableFit, printed_rows, table_sides

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
    rules += [[fit.place(template, x, y) for y in np.linspace(top, bottom, NODES_PER_RULE)] for x in upright]
    return tuple(_on_page(points, evidence.scale) for points in rules)


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
