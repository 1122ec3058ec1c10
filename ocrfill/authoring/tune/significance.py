"""Whether a difference over pages is more than chance, and how sure a share is. Pages are drawn, not fields: what is
hard on a page is hard for all its fields.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrfill.acceptance.thresholds import CONFIDENCE_LEVEL

SIGNIFICANCE_LEVEL = 0.05
"""A gain that comes about by chance as often as this, or oftener, is not kept."""

RESAMPLE_COUNT = 20_000
"""So many ways of turning signs are drawn; where there are no more than so many (14 pages), all are counted."""

INTERVAL_RESAMPLES = 2_000


def permutation_p_value(gains: Sequence[float], seed: int = 0) -> float:
    """How often a gain at least as great comes about where better and worse are even odds on every page (one-sided)."""
    from scipy.stats import permutation_test  # noqa: PLC0415 - slow to load

    values = np.array([gain for gain in gains if gain], dtype=np.float64)
    if values.sum() <= 0:
        return 1.0
    if len(values) == 1:  # SciPy wants two: a page without a gain changes no sum
        values = np.append(values, 0.0)
    found = permutation_test(
        (values,),
        np.sum,
        permutation_type="samples",
        alternative="greater",
        n_resamples=RESAMPLE_COUNT,
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)


def bootstrap_interval(right: Sequence[float], of: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Between which bounds the share of all pages lies, by drawing pages again; `right` may be differences."""
    from scipy.stats import DegenerateDataWarning, bootstrap  # noqa: PLC0415 - slow to load

    counts, totals = np.array(right, dtype=np.float64), np.array(of, dtype=np.float64)
    if not totals.sum():
        return 0.0, 0.0
    if len(counts) == 1:
        return float(counts[0] / totals[0]), float(counts[0] / totals[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)  # of draws in which nothing is known
        drawn = bootstrap(
            (counts, totals),
            _share,
            paired=True,
            n_resamples=INTERVAL_RESAMPLES,
            method="percentile",
            rng=np.random.default_rng(seed),
        ).bootstrap_distribution
    low, high = np.nanpercentile(drawn, (50 * (1 - CONFIDENCE_LEVEL), 100 - 50 * (1 - CONFIDENCE_LEVEL)))
    return float(low), float(high)


def _share(counts: NDArray[np.float64], totals: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """The share over the pages along that axis, not a number where nothing is known on them."""
    known = totals.sum(axis=axis)
    share: NDArray[np.float64] = np.where(known > 0, counts.sum(axis=axis) / np.maximum(known, 1), np.nan)
    return share


def holm_significant(chances: Sequence[float], limit: float = SIGNIFICANCE_LEVEL) -> list[bool]:
    """Which of several gains are more than chance when all of them were looked at (Holm's step-down)."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    kept = [False] * len(chances)
    for rank, i in enumerate(order):
        if chances[i] > limit / (len(chances) - rank):
            break
        kept[i] = True
    return kept
