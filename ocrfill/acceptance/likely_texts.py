"""How well a text explains what a reader said of a field: its other readings, and letters it may have misread.

The reader's images are gone when a book is judged; what is left of them are its texts with their probabilities and, of
the best one, the probability of every letter.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from ocrfill.civil_status.orthography import tidy
from ocrfill.document.result import Reading

Key = TypeVar("Key")

MAX_TEXTS = 12
"""Texts of a field, of all ways to put its strips' texts together, that are looked at."""

MAX_LETTER_SCORE = 0.98
"""A reader is wrong of so many of its surest letters: beyond that its score says nothing."""

OTHER_TEXT_LETTER_SCORE = 0.9
"""Stands for the letters of a text that was not the best, of which none has a score."""

SAME_LETTER_SHARE, OTHER_LETTER_SHARE, LOST_LETTER_SHARE = 0.2, 0.04, 0.05
"""Of misread letters, the share that is the same letter with a given other mark or capital, a given other one, none."""

WRONG_BESIDE_WRONG_SHARE = 0.5
"""Share of letters beside a misread one that are misread too, however sure the reader is of them."""

MAX_EDIT_SHARE, MIN_EDITS_ALLOWED = 0.34, 2
"""Share of a text's letters that may have been misread for it to be thought of, and so many in any case."""

MIN_SCORE = 1e-4
"""Least score of a text: what a reader leaves below that is noise."""


@dataclass(frozen=True, slots=True)
class OfferedText:
    """A text that a field's readings offer, its log probability under the reader, and the scores of its letters."""

    text: str
    log_score: float
    letters: tuple[float, ...]


def offered_texts(readings: Sequence[Reading], join: Callable[[Sequence[str]], str]) -> tuple[OfferedText, ...]:
    """The texts that the readings of a field's strips offer together, the one that was read first, then the likeliest.

    `join` puts the strips' texts together as the field's type does.
    """
    strips = [_strip_texts(reading) for reading in readings]
    if not strips or not any(reading.text for reading in readings):
        return ()
    found: dict[str, OfferedText] = {}
    ways = product(*strips) if len(strips) <= 3 else [tuple(texts[0] for texts in strips)]
    for way in ways:
        text = tidy(join([one.text for one in way]))
        score = sum(one.log_score for one in way)
        if text and (text not in found or found[text].log_score < score):
            letters = tuple(letter for one in way for letter in (*one.letters, 1.0))[:-1]
            fit = len(letters) == len(text)
            found[text] = OfferedText(text, score, letters if fit else (OTHER_TEXT_LETTER_SCORE,) * len(text))
    first = tidy(join([reading.text for reading in readings]))
    return tuple(sorted(found.values(), key=lambda one: (one.text != first, -one.log_score)))[:MAX_TEXTS]


def _strip_texts(reading: Reading) -> list[OfferedText]:
    letters = tuple(c.score for c in reading.characters)
    own = letters if len(letters) == len(reading.text) else (OTHER_TEXT_LETTER_SCORE,) * len(reading.text)
    best = OfferedText(reading.text, math.log(max(reading.score, MIN_SCORE)) if reading.text else 0.0, own)
    others = [
        OfferedText(o.text, math.log(max(o.score, MIN_SCORE)), (OTHER_TEXT_LETTER_SCORE,) * len(o.text))
        for o in reading.alternatives
        if o.text != reading.text
    ]
    return [best, *others]


def log_likeness(offered: Sequence[OfferedText], text: str, *, closed: bool = False) -> float:
    """How well a text explains what was read, as a log probability like the reader's own; -inf where it is too far.

    `closed` says that there are few other texts, so that none is too far.
    """
    costs = (one.log_score - _misread_cost(one, text, closed=closed) for one in offered)
    return max(costs, default=-math.inf)


def shares(log_weights: Mapping[Key, float]) -> dict[Key, float]:
    """Log weights in nats as shares of their whole, from 0 to 1."""
    top = max(log_weights.values())
    masses = {key: math.exp(weight - top) for key, weight in log_weights.items()}
    whole = sum(masses.values())
    return {key: mass / whole for key, mass in masses.items()}


def _misread_cost(offered: OfferedText, text: str, *, closed: bool) -> float:
    """Nats that it costs a reader to offer this text where the other is written."""
    if offered.text == text:
        return 0.0
    allowed = max(MIN_EDITS_ALLOWED, round(MAX_EDIT_SHARE * len(text)))
    if not closed and Levenshtein.distance(offered.text, text, score_cutoff=allowed) > allowed:
        return math.inf
    cost, last = 0.0, -MIN_EDITS_ALLOWED
    for edit in Levenshtein.editops(offered.text, text):
        at = min(edit.src_pos, len(offered.letters) - 1)
        wrong = 1 - min(offered.letters[at], MAX_LETTER_SCORE)
        if at - last <= 1:
            wrong = max(wrong, WRONG_BESIDE_WRONG_SHARE)
        last = at
        if edit.tag == "replace":
            same = _base(offered.text[edit.src_pos]) == _base(text[edit.dest_pos])
            share = SAME_LETTER_SHARE if same else OTHER_LETTER_SHARE
        else:
            share = LOST_LETTER_SHARE
        cost -= math.log(wrong * share)
    return cost


def _base(letter: str) -> str:
    return unicodedata.normalize("NFD", letter.casefold().replace("đ", "d"))[:1]
