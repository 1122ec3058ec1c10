"""What is known of fields that hold figures: each rule pulls a reading, none forbids anything."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from ocrfill.pipeline.recognition.language.language_model import LanguageModel

RULE_COST_NATS = 4.0
"""Log odds by which what breaks a rule must be clearer than what keeps it."""

DATE_RULE_COST_NATS = 6.0
"""The same for dates, whose rules leave hardly a date out."""

LETTER_COST_NATS = 2.0
"""What a letter costs among figures that have broken a rule already."""

MAX_CACHED_BEGINNINGS = 50_000
"""Beginnings of dates kept for the next line, some 10 MB."""


MAX_NUMBER_DIGITS = 4
"""Digits of the longest number that registers count with, and of a year: "42018" is 1/2018 with its stroke misread."""


@dataclass(frozen=True, slots=True)
class NumberGrammar:
    """A number: runs of at most four digits, and signs that may stand between them. Letters cost, a longer run once."""

    between: str = " ./-"
    cost: float = RULE_COST_NATS

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return 0

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state is how many digits the run has, no more than one too many."""
        if not letter.isdigit():
            return 0, 0.0 if letter in self.between else -self.cost
        run = min(cast(int, state) + 1, MAX_NUMBER_DIGITS + 2)
        return run, -self.cost if run == MAX_NUMBER_DIGITS + 1 else 0.0

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        return 0.0


@dataclass(frozen=True, slots=True)
class WithLetters:
    """What is known of a text that has letters; one without any costs, at its end."""

    knowledge: LanguageModel
    cost: float = DATE_RULE_COST_NATS

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return self.knowledge.start, False

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state after one more letter, and what the letter weighs, in nats."""
        inner, lettered = cast(tuple[Hashable, bool], state)
        after, weight = self.knowledge.step(inner, letter)
        return (after, lettered or letter.isalpha()), weight

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        inner, lettered = cast(tuple[Hashable, bool], state)
        return self.knowledge.end(inner) - (0.0 if lettered else self.cost)


IDENTITY_DIGIT_COUNTS, PASSPORT_DIGIT_COUNTS = frozenset({9, 12}), frozenset({7, 8})
"""Digits of numbers of identity papers: of CMND and CCCD; of a passport, which has a letter before them."""

CCCD_DIGITS = 12
"""Digits of a personal number, by its province's code in front."""


class _Run(NamedTuple):
    """Digits of the run so far, whether a sign has just grouped it, whether it begins with 0, and whether a letter
    stands before it; whether a whole number was found before.
    """

    digits: int = 0
    gap: bool = False
    nought: bool = False
    lettered: bool = False
    found: bool = False

    @property
    def is_number(self) -> bool:
        if self.lettered and self.digits in PASSPORT_DIGIT_COUNTS:
            return True
        return self.digits in IDENTITY_DIGIT_COUNTS and (self.nought or self.digits != CCCD_DIGITS)


@dataclass(frozen=True, slots=True)
class IdentityNumberGrammar:
    """The number of an identity paper with what may stand beside it.

    A run of more than four digits is 9 or 12 long, or 7 or 8 after a letter; one of 12 begins with 0, as all codes of
    provinces do (TT 07/2016/TT-BCA, annex I). Single spaces and points may group it. A line without any such number
    costs once.
    """

    cost: float = RULE_COST_NATS
    letters: float = 0.3
    """What a letter costs: date and place of issue often stand on the same line."""

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return _Run()

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state after one more letter, and what the letter weighs, in nats."""
        run = cast(_Run, state)
        if letter.isdigit():
            nought = run.nought if run.digits else letter == "0"
            return run._replace(digits=run.digits + 1, gap=False, nought=nought), 0.0
        if letter in " ." and run.digits and not run.gap:
            return run._replace(gap=True), 0.0
        weight = self._ended(run) - (self.letters if letter.isalpha() else 0.0)
        lettered = letter.isalpha() or (letter == " " and run.lettered)
        return _Run(lettered=lettered, found=run.found or run.is_number), weight

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        run = cast(_Run, state)
        return self._ended(run) - (0.0 if run.found or run.is_number else self.cost)

    def _ended(self, run: _Run) -> float:
        return 0.0 if run.digits <= 4 or run.is_number else -self.cost


DatePart = Literal["date", "day", "month", "year"]
"""A whole date on one line, or one of its gaps in a printed line "ngày … tháng … năm …"."""


@dataclass(frozen=True, slots=True)
class DateGrammar:
    """A date in digits: day, month, year; month and year; or the year; between them one of . / -

    `earliest` and `latest` are the first and the last year that can stand there. What cannot become a date costs once,
    and so does each letter after it.
    """

    part: DatePart = "date"
    latest: int = 2099
    earliest: int = 1800
    cost: float = DATE_RULE_COST_NATS

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return ""

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state is the text so far; None after what no date begins with."""
        if state is None:
            return None, -LETTER_COST_NATS if letter.isalpha() else 0.0
        text = f"{state}{letter}"
        if _may_begin(self.part, text) and self._in_time(text):
            return text, 0.0
        return None, -self.cost

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        return 0.0 if state is None or _is_whole(self.part, str(state)) else -self.cost

    def _in_time(self, text: str) -> bool:
        """Whether the year at the text's end, as far as it is written, can still be one of these years."""
        found = _LAST_YEAR.search(text)
        if found is None:
            return True
        return int(found[1].ljust(4, "0")) <= self.latest and int(found[1].ljust(4, "9")) >= self.earliest


@lru_cache(MAX_CACHED_BEGINNINGS)
def _may_begin(part: DatePart, text: str) -> bool:
    """Whether some date begins so; spaces beside the signs are allowed."""
    return _BEGUN[part].fullmatch(text.strip()) is not None


@lru_cache(MAX_CACHED_BEGINNINGS)
def _is_whole(part: DatePart, text: str) -> bool:
    return _WHOLE[part].fullmatch(text.strip()) is not None


_LAST_YEAR = re.compile(r"(?<!\d)((?:1[89]|20)\d{1,2})\s*$")
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:1[89]\d\d|20\d\d|\d\d)"
_SIGN = r"\s?[./-]\s?"
_YEAR_BEGUN = r"(?:1[89]?|1[89]\d\d?|20?|20\d\d?|\d\d?)"
_WHOLE = {
    "date": re.compile(rf"(?:{_DAY}{_SIGN})?{_MONTH}{_SIGN}{_YEAR}|(?:1[89]|20)\d\d"),
    "day": re.compile(_DAY),
    "month": re.compile(_MONTH),
    "year": re.compile(_YEAR),
}
_BEGUN = {
    "date": re.compile(
        rf"|0|1[89]\d\d?|20\d\d?|{_DAY}\s?[./-]?|(?:{_DAY}{_SIGN})?{_MONTH}{_SIGN}{_YEAR_BEGUN}"
        rf"|{_DAY}{_SIGN}(?:0|{_MONTH}\s?[./-]?)"
    ),
    "day": re.compile(rf"|0|{_DAY}"),
    "month": re.compile(rf"|0|{_MONTH}"),
    "year": re.compile(rf"|{_YEAR_BEGUN}"),
}
