"""Dates in words as knowledge of a text's letters: the grammar of `ocrfill.fields.day_grammar`, letter by letter."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass, field

from ocrfill.fields.day_grammar import START, State, anywhere, dates, next_words, step
from ocrfill.read.grammar import COST
from ocrfill.spelling import early_tones

BONUS = 0.5
"""Added for each letter of a word of the grammar: the network leaves letters out more often than it invents them."""

BETWEEN = frozenset(" .,-/:;")

At = tuple[int, str | None]
"""Number of the grammar's state, and the word begun; None for a word that no word there begins with."""


@dataclass(frozen=True, slots=True, eq=False)
class SpokenDate:
    """A date in words, or a line of one. A word that cannot stand where it stands costs once, in the letter that shows
    it; after it any part of a date may follow.

    `opens` says that the line begins the date, `closes` that nothing follows on another line.
    """

    opens: bool = True
    closes: bool = True
    cost: float = COST
    bonus: float = BONUS
    states: list[State] = field(default_factory=list)
    numbers: dict[State, int] = field(default_factory=dict)
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)
    steps: dict[tuple[int, str], int | None] = field(default_factory=dict)

    @property
    def start(self) -> Hashable:
        return self._number(START if self.opens else anywhere()), ""

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        number, word = _at(state)
        if letter in BETWEEN:
            after, weight = self._ended(number, word)
            return (after, ""), weight
        if word is None:
            return state, 0.0
        grown = word + letter.lower()
        if self._begins(number, grown):
            return (number, grown), self.bonus
        return (number, None), -self.cost

    def end(self, state: Hashable) -> float:
        number, weight = self._ended(*_at(state))
        return weight - (self.cost if self.closes and not dates(self._state(number)) else 0.0)

    def _ended(self, number: int, word: str | None) -> tuple[int, float]:
        """The state after a word, and what it costs if none of the grammar's words is it."""
        if word == "":
            return number, 0.0
        lost = self._number(anywhere())
        if word is None:
            return lost, 0.0
        key = number, word
        if key not in self.steps:
            after = step(self._state(number), early_tones(word))
            self.steps[key] = None if after is None else self._number(after)
        found = self.steps[key]
        return (lost, -self.cost) if found is None else (found, 0.0)

    def _begins(self, number: int, start: str) -> bool:
        if number not in self.words:
            self.words[number] = next_words(self._state(number))
        words = self.words[number]
        at = bisect_left(words, start)
        return at < len(words) and words[at].startswith(start)

    def _number(self, state: State) -> int:
        number = self.numbers.get(state)
        if number is None:
            number = self.numbers[state] = len(self.states)
            self.states.append(state)
        return number

    def _state(self, number: int) -> State:
        return self.states[number]


def _at(state: Hashable) -> At:
    assert isinstance(state, tuple)
    number, word = state
    return number, word
