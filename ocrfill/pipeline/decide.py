"""From the readings of a field to its probability and what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocrfill.document.result import Decision, Reading
from ocrfill.pipeline.emptiness import MIN_BLANK_EMPTINESS


@dataclass(frozen=True, slots=True)
class Judgement:
    """`probability` that the field's raw text is what a careful person would type, and the decision."""

    probability: float
    decision: Decision


NOT_READ_JUDGEMENT = Judgement(0.0, Decision.NOT_READ)
"""Of a field that its layout says not to read."""


def read_score(kind: str, readings: Sequence[Reading]) -> float:
    """What stands for a probability where nothing is calibrated: the least score of the strips that gave text.

    Of boxes to tick the least of all: each must be right. 0 where there is no text.
    """
    return min((r.score for r in readings if r.text or kind == "tick"), default=0.0)


def decide_writing(empty: Sequence[float], readings: Sequence[Reading]) -> Judgement:
    """`empty` holds how surely each strip is empty. All strips blank: empty, as surely as the least sure one.

    Else to review with the readers' score.
    """
    least = min(empty, default=0.0)
    if least >= MIN_BLANK_EMPTINESS and not any(reading.text for reading in readings):
        return Judgement(least, Decision.EMPTY)
    return Judgement(read_score("", readings), Decision.REVIEW)


def decide_checkboxes(readings: Sequence[Reading]) -> Judgement:
    """No box ticked: empty."""
    ticked = any(reading.text for reading in readings)
    return Judgement(read_score("tick", readings), Decision.REVIEW if ticked or not readings else Decision.EMPTY)
