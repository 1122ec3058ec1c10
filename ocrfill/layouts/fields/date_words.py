"""A date in words ("ghi bằng chữ"): from writing to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.civil_status.date_grammar import LUNAR_WORDS, START_STATE, dates, step
from ocrfill.civil_status.orthography import tidy, words
from ocrfill.document.result import Issue, Reading, Value
from ocrfill.layouts.fields.join_readings import joined_text

UNREADABLE_WORDS = Issue("date_words.unreadable", "Không hiểu được ngày viết bằng chữ")
AMBIGUOUS_WORDS = Issue("date_words.ambiguous", "Ngày bằng chữ có thể hiểu hơn một cách")
IMPOSSIBLE_WORDS = Issue("date_words.impossible", "Ngày bằng chữ không có trong lịch")
NO_MONTH = Issue("date_words.no_month", "Ngày bằng chữ thiếu tháng")
MAYBE_LUNAR = Issue("date_words.lunar", "Có thể là ngày âm lịch")


@dataclass(frozen=True, slots=True)
class DateWords:
    """A date in words. Raw stays as written; normalised is dd.mm.yyyy, mm.yyyy or yyyy where the words say one date."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value", "normalised")
    kind: Literal["date_words"] = "date_words"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        return parse_words(joined_text(readings))

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        return value.raw if part == "value" else value.normalised or ""


def parse_words(text: str) -> Value:
    """What a date in words says. Capitals, points, commas, composition and the place of tones do not matter.

    Words that are no date of the grammar, a date no calendar has and words that say several dates have no
    normalised form and an issue; nothing is guessed.
    """
    raw = tidy(text)
    said = words(raw)
    if not raw:
        return Value("", None)
    state = START_STATE
    for word in said:
        after = step(state, word)
        if after is None:
            return Value(raw, None, (UNREADABLE_WORDS,))
        state = after
    found = dates(state)
    lunar = (MAYBE_LUNAR,) if found and LUNAR_WORDS & set(said) else ()
    match found:
        case [date] if date.exists:
            return Value(raw, date.coded, lunar)
        case [date]:
            return Value(raw, None, (IMPOSSIBLE_WORDS if date.month else NO_MONTH, *lunar))
        case []:
            return Value(raw, None, (UNREADABLE_WORDS,))
        case _:
            return Value(raw, None, (AMBIGUOUS_WORDS, *lunar))
