"""Whether a rule is printed between two places along it, or the paper there is bare."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Reals
from ocrfill.pipeline.locate.tables.line_tracing import RidgeMap, Ruling

END_MARGIN_PX = 5
"""So much of a cell's side, in pixels of the reduced page, is left out at each end: the rule it meets is dark."""

MAX_ASIDE_PX = 2
"""A rule may lie so far, in pixels, beside its course in one cell."""

MIN_RULE_DARKNESS = 0.3
"""Ridges this dark count as the rule."""

MAX_BARE_DEPTH_SHARE, BARE_SEARCH_PX = 0.3, 6
"""Paper is bare where no ridge has this share of the rule's depth within so many pixels of its course."""

MIN_ABSENT_SHARE = 0.5
"""A cell's side may be missing if its course is bare over this share of its length: writing over it tells nothing."""


def missing(ridge: RidgeMap, rule: Ruling, places: Reals) -> NDArray[np.bool_]:
    """Between each two places along a rule: is it not printed there?"""
    height, width = ridge.sure.shape
    along = np.arange(width)
    across = (
        np.rint(rule.at(along.astype(np.float64))).astype(int) + np.arange(-BARE_SEARCH_PX, BARE_SEARCH_PX + 1)[:, None]
    )
    across = np.clip(across, 0, height - 1)
    seen = (
        ridge.sure[across[BARE_SEARCH_PX - MAX_ASIDE_PX : BARE_SEARCH_PX + MAX_ASIDE_PX + 1], along].max(axis=0)
        > MIN_RULE_DARKNESS
    )
    bare = ridge.depth[across, along].max(axis=0) < MAX_BARE_DEPTH_SHARE * rule.depth
    ends = np.clip(np.rint(places).astype(int), 0, width)
    parts = [slice(a + END_MARGIN_PX, max(b - END_MARGIN_PX, a + END_MARGIN_PX)) for a, b in pairwise(ends)]
    return np.array([bool(bare[p].sum() > max(MIN_ABSENT_SHARE * (p.stop - p.start), seen[p].sum())) for p in parts])
