"""What speaks for and against a field's value, in numbers: what a calibrator learns from and judges by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ocrfill.civil_status.orthography import compact, words
from ocrfill.document.result import Field, Reading, Value

MAX_LOG_ODDS = 12.0
"""Log odds are cut at so much: beyond one in 160,000 a reader's score says nothing more."""

Parse = Callable[[tuple[Reading, ...]], Value]
"""What the field's type makes of readings."""


@dataclass(frozen=True, slots=True)
class Backing:
    """What others say of a value: rules that support or contradict it, and entries of the book that repeat it.

    `seen` counts the other entries in which the same field holds the same, of `entries` that fill it; `rival` how many
    hold the other value that is most frequent there.
    """

    hard_for: int = 0
    soft_for: int = 0
    hard_against: int = 0
    soft_against: int = 0
    seen: int = 0
    entries: int = 0
    rival: int = 0


NO_BACKING = Backing()
"""Nobody says anything: what a field is judged by where only its own strips count."""


@dataclass(frozen=True, slots=True)
class Features:
    """The signs of one field, each a number; the attributes' names go into calibration files.

    `score` is the least log odds of its strips' readings, `same` that of the share of all readers' texts that mean this
    value, `margin` how far (log) the best text that means another lies behind, `weakest` and `second` the log odds of
    the least sure characters, `usual` of the mean one. `agreed` and `denied` add up, over the strips, the
    surest score of another reader, where one was asked, that gave it the same or another meaning; `silent` counts the
    strips with ink of which the reader made no letter.
    `own` counts the type's own issues, `coded` says that there is a coded form, `exact` that writing and form are the
    same word. The rest are lengths, the page's fit, and the backing.
    """

    score: float
    same: float
    margin: float
    weakest: float
    second: float
    usual: float
    agreed: float
    denied: float
    silent: float
    own: float
    coded: float
    exact: float
    letters: float
    digits: float
    strips: float
    crowded: float
    fit: float
    hard_for: float
    soft_for: float
    hard_against: float
    soft_against: float
    seen: float
    repeated: float
    outnumbered: float

    def vector(self) -> NDArray[np.float64]:
        """The signs in the order of their names, shape (number of signs,)."""
        return np.array(astuple(self))


FEATURE_NAMES = tuple(one.name for one in fields(Features))

FEATURES_FROM_OTHERS = ("hard_for", "soft_for", "hard_against", "soft_against", "seen", "repeated", "outnumbered")
"""The signs that come from the form's own redundancy, and from the rest of the book."""

FEATURES_SPEAKING_FOR = frozenset(
    {
        "score",
        "same",
        "margin",
        "weakest",
        "second",
        "usual",
        "agreed",
        "coded",
        "fit",
        "hard_for",
        "soft_for",
        "seen",
        "repeated",
    }
)
"""Signs of which more can only speak for a value."""

FEATURES_SPEAKING_AGAINST = frozenset({"denied", "silent", "own", "hard_against", "soft_against", "outnumbered"})
"""Signs of which more can only speak against a value."""


def features_of(
    field: Field, parse: Parse, backing: Backing = NO_BACKING, *, fit: float = 1.0, ruled: int = 0
) -> Features:
    """The signs of a field that was read. `fit` is the page's, `ruled` how many of the field's issues rules gave it."""
    letters = sorted(
        _odds(c.score)
        for reading in field.readings
        for c in reading.characters
        if reading.text and not c.text.isspace()
    )
    stand = [one for at, reading in enumerate(field.readings) if reading.text and (one := _stand(field, at, parse))]
    written = "".join(field.raw.split())
    return Features(
        score=min((one.best for one in stand), default=-MAX_LOG_ODDS),
        same=min((one.share for one in stand), default=0.0),
        margin=min((one.lead for one in stand), default=0.0),
        weakest=letters[0] if letters else 0.0,
        second=letters[1] if len(letters) > 1 else letters[0] if letters else 0.0,
        usual=float(np.mean(letters)) if letters else 0.0,
        agreed=sum(one.agreed for one in stand),
        denied=sum(one.denied for one in stand),
        silent=float(sum(not reading.text and bool(reading.alternatives) for reading in field.readings)),
        own=float(max(len(field.issues) - ruled, 0)),
        coded=float(field.normalised is not None),
        exact=float(field.normalised is not None and compact(field.normalised) == compact(field.raw)),
        letters=math.log1p(len(written)),
        digits=sum(c.isdigit() for c in written) / max(len(written), 1),
        strips=float(len(stand)),
        crowded=_crowded(field),
        fit=fit,
        hard_for=float(min(backing.hard_for, 2)),
        soft_for=float(min(backing.soft_for, 2)),
        hard_against=float(min(backing.hard_against, 2)),
        soft_against=float(min(backing.soft_against, 2)),
        seen=math.log1p(backing.seen),
        repeated=backing.seen / backing.entries if backing.entries else 0.0,
        outnumbered=max(backing.rival - backing.seen, 0) / backing.entries if backing.entries else 0.0,
    )


def _odds(score: float) -> float:
    near = math.exp(-MAX_LOG_ODDS)
    score = min(max(score, near), 1 - near)
    return math.log(score / (1 - score))


@dataclass(frozen=True, slots=True)
class _Stand:
    """How a strip's reader stands to the field's value, all as log odds or log ratios.

    `best` is of its best text that means the value, `share` of all such texts among those offered, `lead` how far
    that best text is before the best that means another. `agreed` and `denied` are the surest scores of other readers
    of the strip whose text means the value, and of those whose text means another.
    """

    best: float
    share: float
    lead: float
    agreed: float
    denied: float


def _stand(field: Field, at: int, parse: Parse) -> _Stand:
    """The stand of strip `at`; each of its texts is judged with the other strips as they were read.

    What another reader makes of it is a rival too, unless it is no value of the field's type and the reader's is one.
    """
    reading = field.readings[at]

    def meant(text: str, score: float) -> Value:
        changed = Reading(text, score, reading.reader)
        return parse((*field.readings[:at], changed, *field.readings[at + 1 :]))

    ours, theirs = [0.0], [0.0]
    for text, score in ((reading.text, reading.score), *((o.text, o.score) for o in reading.alternatives)):
        (ours if means_same(meant(text, score), field) else theirs).append(score)
    agreed, denied, rivals = 0.0, 0.0, list(theirs)
    for other in reading.others:
        value = meant(other.text, other.score)
        if means_same(value, field):
            agreed = max(agreed, other.score)
            continue
        denied = max(denied, other.score)
        if value.normalised is not None or field.normalised is None:
            rivals.append(other.score)
    best, rival, all_ours = max(ours), max(rivals), sum(ours)
    near = math.exp(-MAX_LOG_ODDS)
    share = all_ours / (all_ours + sum(rivals)) if all_ours else 0.0
    return _Stand(_odds(best), _odds(share), math.log(max(best, near) / max(rival, near)), agreed, denied)


def means_same(value: Value, field: Field) -> bool:
    """Whether a value is the field's: by its coded form where both have one, else by its words.

    A date in words is always meant by its words, as it is judged: "mồng tám" is not what "mùng tám" says.
    """
    if field.kind == "date_words":
        return words(value.raw) == words(field.raw)
    if value.normalised is not None and field.normalised is not None:
        return value.normalised == field.normalised
    return (value.normalised is None) == (field.normalised is None) and compact(value.raw) == compact(field.raw)


def _crowded(field: Field) -> float:
    """Characters for each strip height of width, log: far too many or few mean that writing was cut or added."""
    squares = 0.0
    for strip, reading in zip(field.strips, field.readings, strict=False):
        if reading.text and len(strip) >= 4:
            points = np.array(strip)
            wide, high = points.max(axis=0) - points.min(axis=0)
            squares += float(wide) / max(float(high), 1.0)
    count = sum(len(reading.text) for reading in field.readings)
    return math.log((count + 1) / (squares + 1))


def feature_matrix(signs: Sequence[Features]) -> NDArray[np.float64]:
    """One row a field, one column a sign, in the order of FEATURE_NAMES."""
    return np.array([astuple(one) for one in signs]) if signs else np.empty((0, len(FEATURE_NAMES)))
