"""What is known of a field's words: how likely a word is after the two before it, learnt from a list of phrases.

Each letter is weighed by how many of the words that may stand there begin so. A text may hold several phrases one
after the other. A word the list does not have is spelt letter by letter, and costs what its letters cost; figures cost
the same whatever they say.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from ocrfill.civil_status.orthography import early_tones, late_tones

WORDS_WEIGHT = 0.5
"""How much the words count beside the ink."""

LETTER_BONUS_NATS = 1.0
"""Added for each letter, or else short texts would win: every letter costs something, and the network leaves out ten
letters for one that it invents."""

MAX_LETTER_COST_NATS = 4.0
"""No letter costs more than this, in nats: ink that is surer by e to that power comes out whatever the lists say. Marks
may cost more, where a model says that hardly any stands there."""

BACKOFF_PER_WORD = (0.2, 0.5)
"""How much is left to shorter histories, times the number of different words seen after a word, and after two."""

UNKNOWN_WORD_SHARE = 0.05
"""Share of words that no list has."""

UNSEEN_LETTER_SHARE = 0.01
"""Share of letters, in words that no list has, that are any letter at all; there are some 100 small ones."""

LETTER_BACKOFF_COUNTS = (3.0, 0.3)
"""What is left to shorter histories of letters: so many counts, and so many for each different letter seen."""

FIGURE_LOG_PROB = math.log(0.1)
"""Log chance of a figure among words."""

MARK_LOG_PROB = math.log(0.2)
"""Log chance of a punctuation mark after a word."""

CASE_WEIGHT, CASE_BACKOFF_COUNTS = 0.1, 1.0
"""How much capitals count beside the ink; counts given to how words at large are written before the word's own."""

ODD_CAPITAL_COST_NATS = 2.0
"""What a capital among small letters costs, or a small letter among capitals, once in a word."""

MIXED_SHAPE = "aA"
"""The shape of such a word."""

PHRASE_EDGE, PHRASE_END = "<", ">"
"""Stand for what is before a phrase, and after it."""

NUMBER_SYMBOL = "#"
"""Stands in a history for any token with figures."""

PUNCTUATION_MARKS = frozenset(".,;:()/-\"'+&")

Context = tuple[str, ...]

MAX_CACHED_STATES = 100_000
"""States kept for the next line, some 60 MB; then they are made anew."""


class _State:
    """The two words before, the word begun as written, the log chance of its letters so far, and where letters lead."""

    __slots__ = ("before", "chance", "figure", "last", "next", "word")

    def __init__(self, before: str, last: str, word: str = "", chance: float = 0.0, *, figure: bool = False) -> None:
        self.before, self.last, self.word, self.chance, self.figure = before, last, word, chance, figure
        self.next: dict[str, tuple[_State, float]] = {}


@dataclass(frozen=True, slots=True)
class _Followers:
    """Words that follow somewhere, sorted, and how often: all that begin alike are one run of the list."""

    words: tuple[str, ...]
    sums: tuple[float, ...]
    total: float
    """Of the words and of phrases that end there."""
    different: int

    def beginning(self, start: str) -> float:
        low = bisect_left(self.words, start)
        high = bisect_left(self.words, start + "\U0010ffff", low)
        return self.sums[high] - self.sums[low]

    def of(self, word: str) -> float:
        at = bisect_left(self.words, word)
        return self.sums[at + 1] - self.sums[at] if at < len(self.words) and self.words[at] == word else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class WordTrigramModel:
    """Counts of words alone, after one, and after two others; their capitals; and letters after two letters."""

    counts: dict[Context, dict[str, float]]
    shapes: dict[str, Counter[str]]
    letters: dict[str, Counter[str]]
    weight: float = WORDS_WEIGHT
    bonus: float = LETTER_BONUS_NATS
    case: float = CASE_WEIGHT
    figure: float = FIGURE_LOG_PROB
    mark: float = MARK_LOG_PROB
    followers: dict[Context, _Followers | None] = field(default_factory=dict)
    states: dict[Context, _State] = field(default_factory=dict)
    spelt: dict[str, float] = field(default_factory=dict)

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return self._opened(PHRASE_EDGE, PHRASE_EDGE)

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state after one more letter, and what the letter weighs, in nats."""
        assert isinstance(state, _State)
        found = state.next.get(letter)
        if found is None:
            after, weight = self._step(state, letter)
            found = state.next[letter] = (
                after,
                weight if letter in PUNCTUATION_MARKS else max(weight, -MAX_LETTER_COST_NATS),
            )
        return found

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        assert isinstance(state, _State)
        return self._ended(state) if state.word else 0.0

    def _opened(self, before: str, last: str) -> _State:
        """The state between words."""
        state = self.states.get((before, last))
        if state is None:
            if len(self.states) > MAX_CACHED_STATES // 20:
                self.states.clear()
            state = self.states[before, last] = _State(before, last)
        return state

    def _step(self, state: _State, letter: str) -> tuple[_State, float]:
        word = state.word
        if letter == " " or letter in PUNCTUATION_MARKS:
            weight = 0.0 if letter == " " else self.bonus + self.weight * self.mark
            if not word:
                return state, weight
            if letter == " ":
                weight += self.bonus
            return self._opened(state.last, history_token(word)), weight + self._ended(state)
        grown = word + letter
        if state.figure or letter.isdigit():
            return _State(state.before, state.last, grown, figure=True), self.bonus + self.weight * self.figure
        chance = math.log(self._mixed(state.before, state.last, grown.lower(), whole=False))
        weight = self.bonus + self.weight * (chance - state.chance)
        if shape_of(grown) == MIXED_SHAPE and shape_of(word) != MIXED_SHAPE:
            weight -= ODD_CAPITAL_COST_NATS
        return _State(state.before, state.last, grown, chance), weight

    def _ended(self, state: _State) -> float:
        """What is added when a word ends: what it is beyond its beginning, and how its capitals stand."""
        if state.figure:
            return 0.0
        small = state.word.lower()
        ended = math.log(self._mixed(state.before, state.last, small, whole=True)) - state.chance
        return self.weight * ended + self.case * self._capitals(small, state.word)

    def _capitals(self, small: str, word: str) -> float:
        at_large = self.shapes[""]
        shape = shape_of(word)
        usual = (at_large[shape] + 0.01) / (at_large.total() + 0.04)
        own = self.shapes.get(early_tones(small))
        if own is None:
            return math.log(usual)
        return math.log((own[shape] + CASE_BACKOFF_COUNTS * usual) / (own.total() + CASE_BACKOFF_COUNTS))

    def _mixed(self, before: str, last: str, start: str, *, whole: bool) -> float:
        spelt = self._spelt(start) * (self._letter(start[-2:], "") if whole else 1.0)
        chance = (1 - UNKNOWN_WORD_SHARE) * self._share((), start, whole=whole) + UNKNOWN_WORD_SHARE * spelt
        opened = self._after((PHRASE_EDGE, PHRASE_EDGE), start, chance, 1, whole=whole)
        if last == PHRASE_EDGE:
            return opened
        chance = self._after((last,), start, chance, 0, opened, whole=whole)
        return self._after((before, last), start, chance, 1, opened, whole=whole)

    def _after(
        self, history: Context, start: str, shorter: float, order: int, opened: float = 0.0, *, whole: bool
    ) -> float:
        """The chance after a history, with what shorter ones say, and the chance where a phrase ends and one begins."""
        seen = self._followers(history)
        if seen is None:
            return shorter
        count = seen.of(start) if whole else seen.beginning(start)
        if opened:
            count += seen.of(PHRASE_END) * opened
        doubt = BACKOFF_PER_WORD[order] * seen.different
        return (count + doubt * shorter) / (seen.total + doubt)

    def _share(self, history: Context, start: str, *, whole: bool) -> float:
        seen = self._followers(history)
        if seen is None:
            return 0.0
        return (seen.of(start) if whole else seen.beginning(start)) / seen.total

    def _followers(self, history: Context) -> _Followers | None:
        if history in self.followers:
            return self.followers[history]
        counts = self.counts.get(history)
        found = None
        if counts:
            spelt = sorted(_spellings(counts))
            sums = (0.0, *accumulate(count for _, count in spelt))
            found = _Followers(tuple(word for word, _ in spelt), sums, sum(counts.values()), len(counts))
        self.followers[history] = found
        return found

    def _spelt(self, start: str) -> float:
        """The chance of a beginning by its letters alone."""
        found = self.spelt.get(start)
        if found is None:
            found = 1.0
            for i, letter in enumerate(start):
                found *= self._letter(start[max(i - 2, 0) : i], letter)
            self.spelt[start] = found
        return found

    def _letter(self, before: str, letter: str) -> float:
        """The chance of a letter, or "" for the word's end, after the two letters before it."""
        chance = UNSEEN_LETTER_SHARE
        for history in ("*" + before[-1:], before) if before else ("",):
            seen = self.letters.get(history)
            if seen:
                doubt = LETTER_BACKOFF_COUNTS[0] + LETTER_BACKOFF_COUNTS[1] * len(seen)
                chance = (seen[letter] + doubt * chance) / (seen.total() + doubt)
        return chance


def _spellings(counts: dict[str, float]) -> Iterator[tuple[str, float]]:
    """The words, those whose tone may stand in two places under both spellings (hòa, hoà)."""
    for word, count in counts.items():
        yield word, count
        late = late_tones(word)
        if late != word:
            yield late, count


def history_token(word: str) -> str:
    """A word as it stands in a history."""
    return NUMBER_SYMBOL if any(letter.isdigit() for letter in word) else early_tones(word.lower())


def shape_of(word: str) -> str:
    """How a word's capitals stand: none, the first, all, or otherwise."""
    if word == word.lower():
        return "a"
    if word[0] == word[0].upper() and word[1:] == word[1:].lower():
        return "Aa"
    return "AA" if word == word.upper() else MIXED_SHAPE
