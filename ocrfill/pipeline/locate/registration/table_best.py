"""The fit of a table that its fields are read by: straight rules, and rules that bend where those do not fit well.

Drawn and freshly printed forms lie straight, and the fit of straight rules takes a third of the time. Rules of old
registers lean and bend by more than its reach: real pages of one form score .28 to .60 there and .65 to .89 bent.
"""

from __future__ import annotations

import numpy as np

from ocrfill.document.page import Reals
from ocrfill.document.template import TableTemplate
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.table import TableFit, fit_table, head_rules, line_rules
from ocrfill.pipeline.locate.registration.table_curved import CurvedTableFit, fit_curved_table
from ocrfill.pipeline.locate.tables.grid import meeting_points

MIN_STRAIGHT_SCORE = 0.66
"""A fit of straight rules this good is kept."""

MIN_BENDABLE_SCORE = 0.15
"""On pages of other forms the fit of straight rules is worse than this, and bending them is not tried."""


def fit_best_table(evidence: PageFeatures, template: TableTemplate) -> TableFit:
    """The better one of both fits."""
    straight = fit_table(evidence, template)
    if not MIN_BENDABLE_SCORE <= straight.score < MIN_STRAIGHT_SCORE:
        return straight
    bent = fit_curved_table(evidence, template)
    return _in_columns(bent, template) if bent.score > straight.score else straight


def _in_columns(fit: CurvedTableFit, template: TableTemplate) -> TableFit:
    """The bent rules' places in each column."""
    columns, first_line = len(template.columns), len(head_rules(template))
    rows = first_line + len(line_rules(template))
    x, y = np.full((rows, columns), np.nan), np.full((rows, columns - 1), np.nan)
    for side in fit.sides:
        levels = (*side.head, *side.levels)
        last = side.first + len(side.uprights)
        x[:, side.first : last] = meeting_points(levels, side.uprights)[1]
        middles = (x[:, side.first : last - 1] + x[:, side.first + 1 : last]) / 2
        y[:, side.first : last - 1] = [rule.at(at) for rule, at in zip(levels, middles, strict=True)]
    filled = _filled(y)
    return TableFit(x[first_line:], filled[first_line:], filled[:first_line], fit.score, fit.flipped)


def _filled(y: Reals) -> Reals:
    """The strip between facing pages, which is on neither, as high as the columns beside it."""
    known = np.flatnonzero(~np.isnan(y[0]))
    return np.stack([np.interp(np.arange(y.shape[1]), known, row[known]) for row in y])
