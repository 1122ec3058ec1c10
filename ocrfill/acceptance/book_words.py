"""What recurs in a book says of its doubtful fields: the values of a pool, how often each stands there, and what it
costs to be none of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ocrfill.acceptance.likely_texts import OfferedText, log_likeness, shares
from ocrfill.civil_status.syllables import is_syllable

NONE_SHARE = 0.02
"""Share of values that are none of those which recur: about one in fifty."""

MIN_RECURRING_COUNT = 2.0
"""Times that others of the book must hold a value, by their probabilities, for it to say anything."""

MIN_LISTED_COUNT = 0.5
"""The same of an entry of a closed list, which can be there without them."""

ODD_WORD_COST_NATS, MIXED_WORD_COST_NATS = 3.0, 6.0
"""What a word costs that no Vietnamese spelling allows (names of other peoples have such), or that mixes letters and
figures, where it is none of the values that recur.
"""

TEACHING_PASSES = 5
"""Times that all fields are judged by what the others hold, before the last."""

MAX_VARIANT_EDITS = 3
"""Letters by which readings of one value may differ that a hand makes look alike."""

MAX_SAID_PROBABILITY = 0.95
"""The most that the book's word alone makes a value: it cannot tell a rare value from a misread frequent one."""


@dataclass(frozen=True, slots=True)
class PoolMember:
    """A field of a pool: what its readings offer, and what a person says it holds, which teaches the others alone."""

    offered: tuple[OfferedText, ...]
    entered: str | None = None


@dataclass(frozen=True, slots=True)
class BelievedText:
    """The likeliest text of a field in its book and how likely it is."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class PoolSort:
    """What is known of the values of a pool before any book.

    `listed` are the values of a closed list, with counts; None for an open pool. `recurs` says whether a text can be a
    value that others hold too, `strange` what a text costs, in nats, that is none of those which recur. `extend` gives
    further values of a member, with counts, from the counts of those that the others hold.
    """

    listed: Mapping[str, float] | None
    recurs: Callable[[str], bool]
    strange: Callable[[str], float]
    extend: Callable[[PoolMember, Mapping[str, float]], Mapping[str, float]] | None = None


def believed_texts(members: Sequence[PoolMember], sort: PoolSort) -> list[BelievedText | None]:
    """For each member the text that it most likely holds, given all the others; None where nothing was read.

    A member never speaks for itself.
    """
    read = [_as_read(member) for member in members]
    likeness = [_Likeness(member, sort) for member in members]
    held = read
    for _ in range(TEACHING_PASSES):
        judged = _judged(likeness, held, sort)
        held = [was if m.entered is not None else now for m, was, now in zip(members, read, judged, strict=True)]
    counts: Counter[str] = Counter()
    for chances in read:
        counts.update(chances)
    spelt = _Spelling(counts, sort.listed or {})
    found: list[BelievedText | None] = []
    for member, chances in zip(members, _judged(likeness, held, sort), strict=True):
        if not member.offered:
            found.append(None)
            continue
        text, chance = max(chances.items(), key=lambda one: (one[1], one[0]))
        found.append(BelievedText(text, min(chance * spelt.share(text), MAX_SAID_PROBABILITY)))
    return found


class _Spelling:
    """How far a value's own spelling can be trusted: where a hand is always misread in one way, the most frequent
    reading may be the misread one, and the true one stands near it.
    """

    def __init__(self, counts: Mapping[str, float], listed: Mapping[str, float]) -> None:
        self._counts, self._listed = counts, listed
        self._known: dict[str, float] = {}

    def share(self, text: str) -> float:
        """The share of a value's readings among those of all that differ from it by few letters; 1 for a list's."""
        if text in self._listed or not self._counts.get(text):
            return 1.0
        if text not in self._known:
            near = (n for other, n in self._counts.items() if other == text or _near(text, other))
            self._known[text] = self._counts[text] / sum(near)
        return self._known[text]


def _near(text: str, other: str) -> bool:
    return Levenshtein.distance(text, other, score_cutoff=MAX_VARIANT_EDITS) <= MAX_VARIANT_EDITS


def _as_read(member: PoolMember) -> dict[str, float]:
    if member.entered is not None:
        return {member.entered: 1.0}
    return {member.offered[0].text: math.exp(member.offered[0].log_score)} if member.offered else {}


class _Likeness:
    """How well texts explain what was read of a member; what was found of a text is kept."""

    def __init__(self, member: PoolMember, sort: PoolSort) -> None:
        self.member = member
        self._far = sort.listed is not None and bool(member.offered) and sort.strange(member.offered[0].text) > 0
        self._found: dict[str, float] = {}

    def of(self, text: str) -> float:
        if text not in self._found:
            self._found[text] = log_likeness(self.member.offered, text, closed=self._far)
        return self._found[text]


def _judged(
    members: Sequence[_Likeness], held: Sequence[Mapping[str, float]], sort: PoolSort
) -> list[dict[str, float]]:
    listed = sort.listed or {}
    counts: Counter[str] = Counter()
    for chances in held:
        counts.update(chances)
    least = MIN_RECURRING_COUNT if sort.listed is None else MIN_LISTED_COUNT
    able = {text for text, count in counts.items() if count >= least and sort.recurs(text)}
    found = []
    for one, own in zip(members, held, strict=True):
        if not one.member.offered:
            found.append(dict(own))
            continue
        others = {t: n for t in sorted(able) if (n := counts[t] - own.get(t, 0.0)) >= least}
        if sort.extend is not None:
            others |= {t: n for t, n in sort.extend(one.member, others).items() if t not in others}
        for text, count in listed.items():
            others[text] = others.get(text, 0.0) + count
        total = sum(counts.values()) - sum(own.values()) + sum(listed.values())
        found.append(_chances(one, others, total, sort))
    return found


def _chances(one: _Likeness, others: Mapping[str, float], total: float, sort: PoolSort) -> dict[str, float]:
    """The probability of each text: those that recur by their share, those offered by what it costs to be none."""
    weights: dict[str, float] = {}
    for offered in one.member.offered:
        weights[offered.text] = math.log(NONE_SHARE) + offered.log_score - sort.strange(offered.text)
    for text, count in others.items():
        likeness = one.of(text)
        if likeness > -math.inf:
            weight = math.log((1 - NONE_SHARE) * count / max(total, count)) + likeness
            weights[text] = max(weights.get(text, -math.inf), weight)
    return shares(weights)


def odd_words_cost(text: str) -> float:
    """What the words of a text cost that are hardly written so, in nats."""
    cost = 0.0
    for word in (word.strip(".,-–()/") for word in text.split()):
        if any(c.isalpha() for c in word) and not is_syllable(word):
            cost += MIXED_WORD_COST_NATS if any(c.isdigit() for c in word) else ODD_WORD_COST_NATS
    return cost
