"""Fields whose truth is known as columns of numbers, and what a calibrator says of all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ocrfill.acceptance import Calibrator
from ocrfill.acceptance.features import NAMES, table
from ocrfill.acceptance.reviewed_fields import Sample


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Fields whose truth is known, as columns: signs (in the order of NAMES), sort, group, whether right."""

    signs: NDArray[np.float64]
    sorts: NDArray[np.str_]
    groups: NDArray[np.str_]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Self:
        """The columns of these samples."""
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


def odds(calibrator: Calibrator, known: Known) -> NDArray[np.float64]:
    """The log odds of each field."""
    weights = np.array([calibrator.weights.get(name, 0.0) for name in NAMES])
    own = np.array([calibrator.sorts.get(str(sort), 0.0) for sort in known.sorts])
    found: NDArray[np.float64] = np.clip(calibrator.base + own + known.signs @ weights, -30.0, 30.0)
    return found


def probabilities(calibrator: Calibrator, known: Known) -> NDArray[np.float64]:
    """Of all these fields what `Calibrator.probability` says of each."""
    found: NDArray[np.float64] = 1 / (1 + np.exp(-odds(calibrator, known)))
    return found


def acceptable(calibrator: Calibrator, known: Known) -> NDArray[np.float64]:
    """Of all these fields what `Calibrator.acceptable` says of each."""
    contradicted = known.signs[:, NAMES.index("hard_against")] > 0
    return np.where(contradicted, 0.0, probabilities(calibrator, known))
