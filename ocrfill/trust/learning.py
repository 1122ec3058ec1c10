"""Learning calibrators from fields whose truth is known: logistic regression, by scikit-learn (extra `trust`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

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

STRENGTH = 1.0
"""How far the weights may go for what they explain (scikit-learn's C). On drawn books less made probabilities too timid
(calibration error of names .08 at .05, .044 at 1), more let fewer values be accepted."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Fields whose truth is known, as columns: signs (in the order of NAMES), sort, group, whether right."""

    signs: NDArray[np.float64]
    sorts: NDArray[np.str_]
    groups: NDArray[np.str_]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Self:
        return cls(
            table([s.signs for s in samples]),
            np.array([s.sort for s in samples], dtype=np.str_),
            np.array([s.group.value for s in samples], dtype=np.str_),
            np.array([s.right for s in samples], dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.right)

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Known:
        return Known(self.signs[chosen], self.sorts[chosen], self.groups[chosen], self.right[chosen])


def learn(known: Known) -> Mapping[Group, tuple[Calibrator, bool]]:
    """For each group its calibrator, and whether it is its own. Empty where there is nothing right, or nothing wrong.

    Raises MissingProgram where scikit-learn is not installed.
    """
    if known.right.all() or not known.right.any():
        return {}
    pooled = fit(known)
    found: dict[Group, tuple[Calibrator, bool]] = {}
    for group in Group:
        own = known[known.groups == group.value]
        rarer = min(int(own.right.sum()), int((~own.right).sum()))
        enough = len(own) >= ENOUGH and rarer >= ENOUGH_OF_EACH
        found[group] = (fit(own), True) if enough else (pooled, False)
    return found


def fit(known: Known) -> Calibrator:
    """A calibrator for these fields; signs count by how far they vary, which goes into their weights."""
    linear = needed("sklearn.linear_model")
    sorts = np.unique(known.sorts)
    columns = np.hstack([known.signs, known.sorts[:, None] == sorts])
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    varies = spread > ALIKE
    spread[~varies] = 1
    model = linear.LogisticRegression(C=STRENGTH, max_iter=5000)
    model.fit((columns - mean) / spread, known.right)
    weights: NDArray[np.float64] = np.where(varies, model.coef_[0] / spread, 0.0)
    base = float(model.intercept_[0] - weights @ mean)
    return Calibrator(
        base=base,
        weights={name: float(w) for name, w in zip(NAMES, weights, strict=False)},
        sorts={str(sort): float(w) for sort, w in zip(sorts, weights[len(NAMES) :], strict=True)},
        fields=len(known),
        wrong=int(np.count_nonzero(~known.right)),
    )


def probabilities(calibrator: Calibrator, known: Known) -> NDArray[np.float64]:
    """Of all these fields what `Calibrator.probability` says of each."""
    weights = np.array([calibrator.weights.get(name, 0.0) for name in NAMES])
    own = np.array([calibrator.sorts.get(str(sort), 0.0) for sort in known.sorts])
    odds = np.clip(calibrator.base + own + known.signs @ weights, -30.0, 30.0)
    found: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
    return found


def acceptable(calibrator: Calibrator, known: Known) -> NDArray[np.float64]:
    """Of all these fields what `Calibrator.acceptable` says of each."""
    contradicted = known.signs[:, NAMES.index("hard_against")] > 0
    return np.where(contradicted, 0.0, probabilities(calibrator, known))
