"""How far review is and how fast it goes: seconds from Label Studio's own times, keys counted from the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import fmean, median

from ocrfill.document.correction import Answer, Correction
from ocrfill.document.settlement import corrections_by_field, settled_correction
from ocrfill.store import BatchState, Ledger, Store

CHORD_KEYS = 1
"""Ctrl+Enter counts as one: the two keys go down together."""

MAX_FIELD_SECONDS = 120.0
"""A field before a person for longer was left lying: its time says nothing of reading ink."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast fields were answered; `timed` are those whose time was taken and is no pause."""

    what: str
    fields: int
    timed: int
    median_seconds: float
    mean_seconds: float
    keys: float


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """A batch and how many of its fields have an answer that was pulled."""

    number: int
    book: str
    person: str
    server: str
    state: BatchState
    project: int | None
    tasks: int
    answered: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Review in figures. `open` are the fields on which two persons disagree."""

    batches: tuple[BatchProgress, ...]
    answers: Mapping[Answer, int]
    open: int
    speeds: tuple[Speed, ...]

    def document(self) -> dict[str, object]:
        """As JSON data."""
        return {
            "batches": [asdict(batch) for batch in self.batches],
            "answers": {answer.value: count for answer, count in self.answers.items()},
            "open": self.open,
            "speeds": [asdict(speed) for speed in self.speeds],
        }


def progress_of(store: Store, book: str | None = None) -> Progress:
    """The progress of a book, or of all."""
    ledger = Ledger(store)
    last = last_of_each(store.corrections(book))
    answered = Counter(c.source.rpartition(" ")[2] for c in last)
    batches = tuple(
        BatchProgress(
            batch.id,
            batch.book,
            batch.person,
            batch.server,
            batch.state,
            batch.project,
            batch.size,
            answered[batch.token[:12]],
        )
        for batch in ledger.batches(book=book)
    )
    answers = Counter(c.answer for c in last)
    waiting = sum(
        settled_correction(said) is None and any(c.answer is not Answer.SKIPPED for c in said)
        for said in corrections_by_field(last).values()
    )
    people = {c.who for c in last}
    by_person = [speed_of(who, [c for c in last if c.who == who]) for who in sorted(people)] if len(people) > 1 else []
    speeds = [speed_of("all", last), *by_person] if last else []
    return Progress(batches, {a: answers[a] for a in Answer if answers[a]}, waiting, tuple(speeds))


def last_of_each(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """Each answered task once, as it was left."""
    last = {(c.source, c.task, c.who): c for c in sorted(corrections, key=lambda c: (c.when, c.annotation))}
    return tuple(last.values())


def speed_of(what: str, corrections: Iterable[Correction]) -> Speed:
    """Seconds and keys a field of these answers."""
    every = list(corrections)
    seconds = [c.seconds for c in every if c.seconds is not None and c.seconds <= MAX_FIELD_SECONDS]
    return Speed(
        what=what,
        fields=len(every),
        timed=len(seconds),
        median_seconds=median(seconds) if seconds else 0.0,
        mean_seconds=fmean(seconds) if seconds else 0.0,
        keys=fmean(map(keys_of, every)) if every else 0.0,
    )


def keys_of(correction: Correction) -> int:
    """The least keys that such an answer takes: the chord; one more for a pick or a state; for typing see below.

    A correction counts the key that reaches the box and the letters to be taken away and typed at the end of what was
    shown, back to where the two begin to differ; what an input method adds for marks is not counted.
    """
    if correction.answer in (Answer.CONFIRMED, Answer.SKIPPED):
        return CHORD_KEYS
    if correction.answer is not Answer.CORRECTED:
        return CHORD_KEYS + 1
    before, after = correction.prefilled, correction.entered or ""
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    return CHORD_KEYS + 1 + len(before) - same + len(after) - same
