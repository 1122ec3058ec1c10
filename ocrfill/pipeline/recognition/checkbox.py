"""The reader of printed boxes to tick: is there enough ink inside?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ocrfill.document.page import Crop
from ocrfill.document.result import Reading
from ocrfill.pipeline.recognition.language.language_model import LanguageModel

EDGE_SHARE = 1 / 3
"""Share of a strip, from each side, that does not count: the room around the printed square and what remains of its
edges. Of 432 drawn squares the ticked ones have ink on .22 of the rest and more, and so has one in 336 of the others;
nothing parts them by ink on the whole strip, of which ticked ones have .044 and more, others up to .056."""


@dataclass(frozen=True, slots=True)
class CheckboxReader:
    """Reads "x" where the share of ink in the middle of a box reaches `threshold`, else "".

    The score is ½ at the threshold and grows with the distance from it; it is not calibrated.
    """

    name: ClassVar[str] = "tick"
    version: ClassVar[str] = "2"
    threshold: float = 0.2

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        """A reading for each crop, in order; `knowledge`, if given, is what is known of each."""
        return tuple(self._reading(_in_the_middle(crop)) for crop in crops)

    def _reading(self, share: float) -> Reading:
        ticked = share >= self.threshold
        more, less = (share, self.threshold) if ticked else (self.threshold, share)
        return Reading("x" if ticked else "", more / (more + less), self.name)


def _in_the_middle(crop: Crop) -> float:
    high, wide = crop.ink.shape
    top, left = round(EDGE_SHARE * high), round(EDGE_SHARE * wide)
    middle = crop.ink[top : high - top, left : wide - left]
    return float(middle.mean()) if middle.size else 0.0
