"""What a person made of a field that was shown to him: the truth for it, and how dear it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ocrfill.document.geometry import Polygon


class Answer(StrEnum):
    """What a person answered when shown a field."""

    CONFIRMED = "confirmed"
    """The pre-filled value stands."""
    PICKED = "picked"
    """Another value, taken from those offered."""
    CORRECTED = "corrected"
    """Another value, typed."""
    UNREADABLE = "unreadable"
    WRONGLY_CUT = "wrongly_cut"
    """The picture does not show this field's writing, or not all of it."""
    SKIPPED = "skipped"


ANSWERS_WITH_VALUE = frozenset({Answer.CONFIRMED, Answer.PICKED, Answer.CORRECTED})
"""The answers that say what is written; the others have no value."""


class Purpose(StrEnum):
    """Why a field was shown to a person."""

    REVIEW = "review"
    """It was doubted."""
    AUDIT = "audit"
    """It was accepted, and drawn by lot to see whether rightly."""
    PROOF = "proof"
    """It was drawn by lot among all filled fields, to prove what can be promised of them."""
    SECOND = "second"
    """Another person had answered before; this one did not see how."""
    CHECK = "check"
    """Two persons had answered differently."""


@dataclass(frozen=True, slots=True, order=True)
class FieldPlace:
    """Which field of which record of which page; `scan` is the SHA-256 of the scan file's content."""

    scan: str
    page: int
    record: int
    field: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person made of a field: the truth for it, and how dear it was.

    `prefilled` is the value that was shown, `entered` what the person left there (equal to it when confirmed), None
    for an answer without a value. `when` is the moment of the answer, in UTC; `seconds` how long the person had the
    field before them, None where nobody measured. `source` names the server and project, `task` and `annotation` the
    rows there: an answer edited later comes again with the same annotation and a later `when`. `outline` is where the
    field lay on the scan when it was shown.
    """

    place: FieldPlace
    prefilled: str
    entered: str | None
    answer: Answer
    purpose: Purpose
    who: str
    when: datetime
    seconds: float | None
    source: str
    task: int
    annotation: int
    outline: Polygon = ()

    def __post_init__(self) -> None:
        if self.when.utcoffset() != timedelta(0):
            raise ValueError("the moment of a correction is not in UTC")
        if (self.entered is not None) != (self.answer in ANSWERS_WITH_VALUE):
            raise ValueError(f"an answer {self.answer} with{'out' if self.entered is None else ''} a value")
        if self.answer is Answer.CONFIRMED and self.entered != self.prefilled:
            raise ValueError("a confirmed value is not the one shown")
