"""Dates in words as knowledge of a text's letters: the grammar of `civil_status.date_grammar`, letter by letter."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from ocrfill.civil_status.date_grammar import START_STATE, State, anywhere, dates, next_words, step
from ocrfill.civil_status.orthography import early_tones, folded
from ocrfill.pipeline.recognition.language.digit_grammars import DATE_RULE_COST_NATS, LETTER_COST_NATS

MARKS_LOST_COST_NATS = 3.0
"""What is added to the cost of a word that only its marks part from one that can stand there: "Nam" for "năm"."""

LETTER_BONUS_NATS = 1.0
"""Added for each letter of a word of the grammar: the network leaves letters out more often than it invents them."""

SIGN_BONUS_NATS = 1.5
"""Added for a comma or point between the parts of a date: the network leaves these out more often still."""

SPLIT_COST_NATS = 3.0
"""What a sign within a part costs, as within a number."""

CAPITAL_COST_NATS = 6.0
"""What a number's capital costs among small ones, and a capital within a word."""

SMALL_LETTER_COST_NATS = 1.0
"""What a number's small first letter costs where the number before it had a capital."""

SLIP_COST_NATS = 5.0
"""What "một" costs where "mốt" can stand: people say and write "mươi mốt"."""

DATE_MARKER_WORDS = frozenset({"ngày", "tháng", "năm"})
"""Words that any hand may begin with a capital."""

MAX_CACHED_STEPS = 100_000
"""Steps kept for the next line, some 30 MB."""

LETTERS_BETWEEN_WORDS, SIGN_LETTERS = frozenset(" .,-/:;"), frozenset(".,")


class GrammarPosition(NamedTuple):
    """Where a text stands in the grammar: the number of its state; the word begun, small, None for one that no word
    there begins with; whether its first letter and its last are capitals; whether the last number had a capital,
    whether a word has been written at all, and whether the last one was "mươi"; and whether a sign came after it.
    """

    number: int
    word: str | None = ""
    first: bool = False
    last: bool = False
    titled: bool = False
    begun: bool = False
    tens: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DateWordsModel:
    """A date in words, or a line of one. A word that cannot stand where it stands costs in the letter that shows it,
    less in each letter after it; after it any part of a date may follow.

    `opens` says that the line begins the date, `closes` that nothing follows on another line.
    """

    opens: bool = True
    closes: bool = True
    cost: float = DATE_RULE_COST_NATS
    bonus: float = LETTER_BONUS_NATS
    sign: float = SIGN_BONUS_NATS
    states: list[State] = field(default_factory=list)
    numbers: dict[State, int] = field(default_factory=dict)
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)
    steps: dict[tuple[int, str], int | None] = field(default_factory=dict)
    known: dict[tuple[GrammarPosition, str], tuple[GrammarPosition, float]] = field(default_factory=dict)

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return GrammarPosition(self._number(START_STATE if self.opens else anywhere()))

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state after one more letter, and what the letter weighs, in nats."""
        assert isinstance(state, GrammarPosition)
        found = self.known.get((state, letter))
        if found is None:
            if len(self.known) > MAX_CACHED_STEPS:
                self.known.clear()
            found = self.known[state, letter] = self._step(state, letter)
        return found

    def _step(self, state: GrammarPosition, letter: str) -> tuple[GrammarPosition, float]:
        if letter in LETTERS_BETWEEN_WORDS:
            after, weight = self._ended(state)
            signed = bool(state.word) and letter in SIGN_LETTERS
            return after._replace(signed=after.signed or signed), weight + (self.sign if signed else 0.0)
        capital = letter != letter.lower()
        if state.word is None:
            return state, -LETTER_COST_NATS
        grown = state.word + letter.lower()
        if not self._begins(state.number, grown):
            lost = MARKS_LOST_COST_NATS if self._begins_bare(state.number, grown) else 0.0
            return state._replace(word=None), -self.cost - lost
        weight = self.bonus
        if state.word and capital and not state.last:
            weight -= CAPITAL_COST_NATS
        first = state.first if state.word else capital
        return state._replace(word=grown, first=first, last=capital), weight

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        assert isinstance(state, GrammarPosition)
        after, weight = self._ended(state)
        return weight - (self.cost if self.closes and not dates(self.states[after.number]) else 0.0)

    def _ended(self, at: GrammarPosition) -> tuple[GrammarPosition, float]:
        """The state after a word, and what it costs if none of the grammar's words is it, or its capital is odd."""
        if at.word == "":
            return at, 0.0
        lost = GrammarPosition(self._number(anywhere()), titled=at.titled, begun=True)
        if at.word is None:
            return lost, 0.0
        key = at.number, at.word
        if key not in self.steps:
            after = step(self.states[at.number], early_tones(at.word))
            self.steps[key] = None if after is None else self._number(after)
        found = self.steps[key]
        if found is None:
            return lost, -self.cost
        if at.word in DATE_MARKER_WORDS or not at.begun:
            return GrammarPosition(found, titled=at.titled, begun=True), 0.0
        odd = self.sign + SPLIT_COST_NATS if at.signed else 0.0
        odd += (
            CAPITAL_COST_NATS
            if at.first and not at.titled
            else SMALL_LETTER_COST_NATS
            if at.titled and not at.first
            else 0.0
        )
        slip = SLIP_COST_NATS if at.tens and at.word == "một" else 0.0
        return GrammarPosition(found, titled=at.first, begun=True, tens=at.word == "mươi"), -odd - slip

    def _begins(self, number: int, start: str) -> bool:
        if number not in self.words:
            self.words[number] = next_words(self.states[number])
        words = self.words[number]
        at = bisect_left(words, start)
        return at < len(words) and words[at].startswith(start)

    def _begins_bare(self, number: int, start: str) -> bool:
        """Whether a word that can stand there begins so but for its marks."""
        plain = folded(start)
        return any(folded(word).startswith(plain) for word in self.words[number])

    def _number(self, state: State) -> int:
        number = self.numbers.get(state)
        if number is None:
            number = self.numbers[state] = len(self.states)
            self.states.append(state)
        return number
