"""Fields whose truth is known as columns of numbers, and what a calibrator says of all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ocrfill.acceptance import Calibrator
from ocrfill.acceptance.features import FEATURE_NAMES, feature_matrix
from ocrfill.acceptance.reviewed_fields import LabelledField


@dataclass(frozen=True, slots=True, eq=False)
class LearningTable:
    """Fields whose truth is known, as columns: signs (in the order of FEATURE_NAMES), sort, group, whether right."""

    signs: NDArray[np.float64]
    sorts: NDArray[np.str_]
    groups: NDArray[np.str_]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, samples: Sequence[LabelledField]) -> Self:
        """The columns of these samples."""
        return cls(
            feature_matrix([s.signs for s in samples]),
            np.array([s.sort for s in samples], dtype=np.str_),
            np.array([s.group.value for s in samples], dtype=np.str_),
            np.array([s.right for s in samples], dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.right)

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> LearningTable:
        return LearningTable(self.signs[chosen], self.sorts[chosen], self.groups[chosen], self.right[chosen])


def log_odds(calibrator: Calibrator, known: LearningTable) -> NDArray[np.float64]:
    """The log odds of each field."""
    weights = np.array([calibrator.weights.get(name, 0.0) for name in FEATURE_NAMES])
    own = np.array([calibrator.sorts.get(str(sort), 0.0) for sort in known.sorts])
    found: NDArray[np.float64] = np.clip(calibrator.base + own + known.signs @ weights, -30.0, 30.0)
    return found


def probabilities(calibrator: Calibrator, known: LearningTable) -> NDArray[np.float64]:
    """Of all these fields what `Calibrator.probability` says of each."""
    found: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds(calibrator, known)))
    return found


def acceptable(calibrator: Calibrator, known: LearningTable) -> NDArray[np.float64]:
    """Of all these fields what `Calibrator.acceptable` says of each."""
    contradicted = known.signs[:, FEATURE_NAMES.index("hard_against")] > 0
    return np.where(contradicted, 0.0, probabilities(calibrator, known))
