"""Whether a difference over pages is more than chance, and how sure a share is. Pages are drawn, not fields: what is
hard on a page is hard for all its fields.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LIMIT = 0.05
"""A gain that comes about by chance as often as this, or oftener, is not kept."""

EXACT_UP_TO = 14
"""Up to so many pages all ways of turning signs are counted; beyond, so many are drawn: """
DRAWN = 20_000

RESAMPLES = 2_000
CONFIDENCE = 0.95


def by_chance(gains: Sequence[float], seed: int = 0) -> float:
    """How often a gain at least as great comes about where better and worse are even odds on every page (one-sided)."""
    values = np.array([gain for gain in gains if gain], dtype=np.float64)
    if not len(values) or values.sum() <= 0:
        return 1.0
    if len(values) <= EXACT_UP_TO:
        bits = (np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1
        signs = 2.0 * bits - 1
        return float((signs @ values >= values.sum() - 1e-9).mean())
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(DRAWN, len(values)))
    return float((1 + (signs @ values >= values.sum() - 1e-9).sum()) / (1 + DRAWN))


def interval(right: Sequence[float], of: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Between which bounds the share of all pages lies, by drawing pages again; `right` may be differences."""
    counts, totals = np.array(right, dtype=np.float64), np.array(of, dtype=np.float64)
    if not totals.sum():
        return 0.0, 0.0
    drawn = np.random.default_rng(seed).integers(0, len(counts), size=(RESAMPLES, len(counts)))
    sums = totals[drawn].sum(axis=1)
    shares = counts[drawn].sum(axis=1) / np.maximum(sums, 1)
    low, high = np.percentile(shares[sums > 0], (50 * (1 - CONFIDENCE), 100 - 50 * (1 - CONFIDENCE)))
    return float(low), float(high)


def holm(chances: Sequence[float], limit: float = LIMIT) -> list[bool]:
    """Which of several gains are more than chance when all of them were looked at (Holm's step-down)."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    kept = [False] * len(chances)
    for rank, i in enumerate(order):
        if chances[i] > limit / (len(chances) - rank):
            break
        kept[i] = True
    return kept
