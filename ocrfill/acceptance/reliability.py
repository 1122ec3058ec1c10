"""How well probabilities fit what is right, and what is wrong among the surest values: the figures behind the plots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.calibration import calibration_curve

BIN_COUNT = 10
"""Bins of a reliability diagram, each as wide."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Values whose probability lies in one bin: their mean probability, the share that is right, how many."""

    probability: float
    right: float
    values: int


def reliability(probabilities: ArrayLike, right: ArrayLike, bins: int = BIN_COUNT) -> tuple[ReliabilityBin, ...]:
    """The bins that hold values, from the least probability up. What lies on an edge belongs to the bin below it."""
    sure, is_right = np.asarray(probabilities, float), np.asarray(right, bool)
    if not len(sure):
        return ()
    shares, means = calibration_curve(is_right, sure, n_bins=bins)
    inner_edges = np.linspace(0, 1, bins + 1)[1:-1]
    counts = np.bincount(np.searchsorted(inner_edges, sure))  # as calibration_curve counts, which does not tell
    return tuple(
        ReliabilityBin(float(mean), float(share), int(count))
        for mean, share, count in zip(means, shares, counts[counts > 0], strict=True)
    )


def calibration_error(probabilities: ArrayLike, right: ArrayLike, bins: int = 15) -> float:
    """The expected calibration error: how far probability and share right lie apart in a bin, on average by values."""
    found = reliability(probabilities, right, bins)
    values = sum(b.values for b in found)
    return sum(b.values * abs(b.probability - b.right) for b in found) / values if values else 0.0


def error_against_accepted(
    probabilities: ArrayLike, right: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each number of the surest values taken: their share of all, and the share of them that is wrong.

    Values of equal probability are taken together.
    """
    sure, is_right = np.asarray(probabilities, float), np.asarray(right, bool)
    order = np.argsort(-sure, kind="stable")
    last = np.flatnonzero(np.diff(sure[order], append=-1.0) < 0)
    wrong = np.cumsum(~is_right[order])
    return (last + 1) / max(len(sure), 1), wrong[last] / (last + 1)


def max_accepted_share(probabilities: ArrayLike, right: ArrayLike, target: float) -> float:
    """The largest share of the surest values of which at most `target` is wrong: what no promise can surpass."""
    shares, errors = error_against_accepted(probabilities, right)
    good = np.flatnonzero(errors <= target)
    return float(shares[good[-1]]) if len(good) else 0.0
