"""Learning calibrators from fields whose truth is known: logistic regression, by scikit-learn (extra `trust`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ocrfill.confidence import Calibrator, Group
from ocrfill.confidence.bounds import needed
from ocrfill.confidence.signs import NAMES, table
from ocrfill.trust.samples import Sample

ENOUGH = 400
"""Fields from which a group learns a calibrator of its own; below, all groups learn one together."""

ENOUGH_OF_EACH = 30
"""Right ones, and wrong ones, that must be among them: a calibrator learns from the rarer."""

ALIKE = 1e-9
"""Spread below which a sign is the same for all: the rest is rounding, and nothing can be learnt from it."""

STRENGTH = 0.3
"""How far the weights may go for what they explain (scikit-learn's C). On drawn books .1 to 1 were alike."""


def learn(samples: Sequence[Sample]) -> Mapping[Group, tuple[Calibrator, bool]]:
    """For each group its calibrator, and whether it is its own. Empty where there is nothing right, or nothing wrong.

    Raises MissingProgram where scikit-learn is not installed.
    """
    if not any(s.right for s in samples) or all(s.right for s in samples):
        return {}
    pooled = fit(samples)
    found: dict[Group, tuple[Calibrator, bool]] = {}
    for group in Group:
        own = [s for s in samples if s.group is group]
        right = sum(s.right for s in own)
        enough = len(own) >= ENOUGH and min(right, len(own) - right) >= ENOUGH_OF_EACH
        found[group] = (fit(own), True) if enough else (pooled, False)
    return found


def fit(samples: Sequence[Sample]) -> Calibrator:
    """A calibrator for these fields; signs count by how far they vary, which goes into their weights."""
    linear = needed("sklearn.linear_model")
    sorts = sorted({s.sort for s in samples})
    signs = table([s.signs for s in samples])
    of_sort = np.array([[s.sort == sort for sort in sorts] for s in samples], float)
    columns = np.hstack([signs, of_sort])
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    varies = spread > ALIKE
    spread[~varies] = 1
    right = np.array([s.right for s in samples])
    model = linear.LogisticRegression(C=STRENGTH, max_iter=5000)
    model.fit((columns - mean) / spread, right)
    weights: NDArray[np.float64] = np.where(varies, model.coef_[0] / spread, 0.0)
    base = float(model.intercept_[0] - weights @ mean)
    return Calibrator(
        base=base,
        weights={name: float(w) for name, w in zip(NAMES, weights, strict=False)},
        sorts={sort: float(w) for sort, w in zip(sorts, weights[len(NAMES) :], strict=True)},
        fields=len(samples),
        wrong=int(np.count_nonzero(~right)),
    )
