"""The reader of printed boxes to tick: is there enough ink inside?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ocrfill.read.knowledge import Knowledge
from ocrfill.records import Crop, Reading


@dataclass(frozen=True, slots=True)
class TickReader:
    """Reads "x" where the share of ink in a box reaches `threshold`, else "".

    The score is ½ at the threshold and grows with the distance from it; it is not calibrated.
    """

    name: ClassVar[str] = "tick"
    version: ClassVar[str] = "1"
    threshold: float = 0.02

    def read(self, crops: Sequence[Crop], knowledge: Sequence[Knowledge | None] = ()) -> tuple[Reading, ...]:
        return tuple(self._reading(crop.ink_share) for crop in crops)

    def _reading(self, share: float) -> Reading:
        ticked = share >= self.threshold
        more, less = (share, self.threshold) if ticked else (self.threshold, share)
        return Reading("x" if ticked else "", more / (more + less), self.name)
