"""From a field's type to what is known of the text on one of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ocrfill.civil_status.administrative_units import WORDS_BEFORE_PLACE_NAMES
from ocrfill.civil_status.oldest_person import OLDEST_LIKELY_YEARS
from ocrfill.civil_status.person_names import composed_names
from ocrfill.civil_status.place_names import all_places, own_places
from ocrfill.civil_status.reference_data import stored_list
from ocrfill.layouts.fields import (
    Choice,
    Date,
    DateWords,
    FieldType,
    Identity,
    Moment,
    Name,
    Number,
    Place,
    Signatory,
    Text,
)
from ocrfill.layouts.fields.choice import ListName, spellings
from ocrfill.pipeline.recognition.language.date_words import DateWordsModel
from ocrfill.pipeline.recognition.language.digit_grammars import (
    DateGrammar,
    DatePart,
    IdentityNumberGrammar,
    NumberGrammar,
    WithLetters,
)
from ocrfill.pipeline.recognition.language.language_model import EitherModel, LanguageModel
from ocrfill.pipeline.recognition.language.person_names import person_name_model, signatory_model
from ocrfill.pipeline.recognition.language.phrase_counts import learn_word_model
from ocrfill.pipeline.recognition.language.word_trigrams import LETTER_BONUS_NATS, WORDS_WEIGHT

DATE_GAPS: tuple[DatePart, ...] = ("day", "month", "year")

MAX_YEARS_AFTER_FORM = 1
"""Years after its form's last one that a book may still be kept."""

ENTRY_COUNTS = {"Kinh": 60, "Việt Nam": 60, "Nam": 20, "Nữ": 20, "Bru - Vân Kiều": 10}
"""How often entries of closed lists count that most registers are full of."""

ELSEWHERE_WEIGHT = 0.1
"""What a place elsewhere, or a name, counts against a phrase of registers or a place of the own province."""

FREE_FIGURE_LOG_PROB = -LETTER_BONUS_NATS / WORDS_WEIGHT
"""Log chance of a figure with which it weighs nothing: what a date in digits alone weighs, its rules kept."""

DITTO_MARKS = ("nt", "như trên", "-nt-")


@dataclass(frozen=True, slots=True)
class StripPosition:
    """Which of a field's strips it is, from 0, of how many; whether the field's writing begins and ends there."""

    number: int = 0
    count: int = 1
    opens: bool = True
    closes: bool = True


def field_language_model(kind: FieldType, years: tuple[int, int], line: StripPosition) -> LanguageModel | None:
    """What is known of a line of a field of this type on a form used in these years; None where nothing is.

    The same for equal arguments, so that what it has learnt of one line serves the next.
    """
    found: LanguageModel | None = None
    match kind:
        case Date(split=True):
            found = _date(DATE_GAPS[line.number] if line.count == len(DATE_GAPS) else "date", years)
        case Date():
            found = _date("date", years)
        case DateWords():
            found = _spoken(opens=line.opens, closes=line.closes)
        case Number():
            found = NumberGrammar()
        case Identity():
            found = IdentityNumberGrammar()
        case Moment():
            found = _moments(years)
        case Choice():
            found = _choices(kind.list, ditto=kind.ditto)
        case Name():
            found = person_name_model()
        case Signatory():
            found = signatory_model()
        case Place() | Text():
            found = free_text_model(years)
    return found


@cache
def _date(part: DatePart, years: tuple[int, int]) -> LanguageModel:
    return DateGrammar(part, years[1] + MAX_YEARS_AFTER_FORM, years[0] - OLDEST_LIKELY_YEARS)


@cache
def _spoken(*, opens: bool, closes: bool) -> LanguageModel:
    return DateWordsModel(opens, closes)


@cache
def _choices(name: ListName, *, ditto: bool) -> LanguageModel:
    """The entries of a closed list in all their spellings."""
    entries = [spelt for spelt, entry in spellings(name) for _ in range(ENTRY_COUNTS.get(entry, 1))]
    return learn_word_model([*entries, *(DITTO_MARKS if ditto else ())])


@cache
def _moments(years: tuple[int, int]) -> LanguageModel:
    """A date in digits alone, or with a time of day, which has letters."""
    return EitherModel(
        _date("date", years), WithLetters(learn_word_model(_clock_phrases(), figures=FREE_FIGURE_LOG_PROB))
    )


def _clock_phrases() -> Iterator[str]:
    for part in ("", "sáng", "trưa", "chiều", "tối", "đêm"):
        yield f"1 giờ 1 phút {part} ngày 1 tháng 1 năm 1"
        yield f"1 giờ 1 {part}, ngày 1/1/1"
        yield f"1 giờ {part} ngày 1/1/1"
        yield f"1 h 1 {part} ngày 1"


@cache
def free_text_model(years: tuple[int, int]) -> LanguageModel:
    """Free text and places: those of the own province, what registers often hold; names and the country beside them."""
    return learn_word_model(
        [*own_places(years), *WORDS_BEFORE_PLACE_NAMES, *stored_list("phrases")],
        [*composed_names(), *all_places()],
        share=ELSEWHERE_WEIGHT,
    )
