"""From a field's type to what is known of the text on one of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ocrfill.civil_status.administrative_units import BEFORE_A_NAME
from ocrfill.civil_status.oldest_person import OLDEST_LIKELY_YEARS
from ocrfill.civil_status.person_names import composed_names
from ocrfill.civil_status.place_names import country, own_places
from ocrfill.civil_status.reference_data import stored
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
from ocrfill.pipeline.recognition.language.date_words import SpokenDate
from ocrfill.pipeline.recognition.language.digit_grammars import (
    DateFigures,
    DatePart,
    Figures,
    PaperNumber,
    WithLetters,
)
from ocrfill.pipeline.recognition.language.language_model import Either, Knowledge
from ocrfill.pipeline.recognition.language.person_names import names, signatories
from ocrfill.pipeline.recognition.language.phrase_counts import learn
from ocrfill.pipeline.recognition.language.word_trigrams import BONUS, WEIGHT

GAPS: tuple[DatePart, ...] = ("day", "month", "year")

LATER = 1
"""Years after its form's last one that a book may still be kept."""

FREQUENT = {"Kinh": 60, "Việt Nam": 60, "Nam": 20, "Nữ": 20, "Bru - Vân Kiều": 10}
"""How often entries of closed lists count that most registers are full of."""

ELSEWHERE = 0.1
"""What a place elsewhere, or a name, counts against a phrase of registers or a place of the own province."""

FREE_FIGURE = -BONUS / WEIGHT
"""Log chance of a figure with which it weighs nothing: what a date in digits alone weighs, its rules kept."""

DITTO = ("nt", "như trên", "-nt-")


@dataclass(frozen=True, slots=True)
class Line:
    """Which of a field's strips it is, from 0, of how many; whether the field's writing begins and ends there."""

    number: int = 0
    count: int = 1
    opens: bool = True
    closes: bool = True


def knowledge_of(kind: FieldType, years: tuple[int, int], line: Line) -> Knowledge | None:
    """What is known of a line of a field of this type on a form used in these years; None where nothing is.

    The same for equal arguments, so that what it has learnt of one line serves the next.
    """
    found: Knowledge | None = None
    match kind:
        case Date(split=True):
            found = _date(GAPS[line.number] if line.count == len(GAPS) else "date", years)
        case Date():
            found = _date("date", years)
        case DateWords():
            found = _spoken(opens=line.opens, closes=line.closes)
        case Number():
            found = Figures()
        case Identity():
            found = PaperNumber()
        case Moment():
            found = _moments(years)
        case Choice():
            found = _choices(kind.list, ditto=kind.ditto)
        case Name():
            found = names()
        case Signatory():
            found = signatories()
        case Place() | Text():
            found = texts(years)
    return found


@cache
def _date(part: DatePart, years: tuple[int, int]) -> Knowledge:
    return DateFigures(part, years[1] + LATER, years[0] - OLDEST_LIKELY_YEARS)


@cache
def _spoken(*, opens: bool, closes: bool) -> Knowledge:
    return SpokenDate(opens, closes)


@cache
def _choices(name: ListName, *, ditto: bool) -> Knowledge:
    """The entries of a closed list in all their spellings."""
    entries = [spelt for spelt, entry in spellings(name) for _ in range(FREQUENT.get(entry, 1))]
    return learn([*entries, *(DITTO if ditto else ())])


@cache
def _moments(years: tuple[int, int]) -> Knowledge:
    """A date in digits alone, or with a time of day, which has letters."""
    return Either(_date("date", years), WithLetters(learn(_clock_phrases(), figures=FREE_FIGURE)))


def _clock_phrases() -> Iterator[str]:
    for part in ("", "sáng", "trưa", "chiều", "tối", "đêm"):
        yield f"1 giờ 1 phút {part} ngày 1 tháng 1 năm 1"
        yield f"1 giờ 1 {part}, ngày 1/1/1"
        yield f"1 giờ {part} ngày 1/1/1"
        yield f"1 h 1 {part} ngày 1"


@cache
def texts(years: tuple[int, int]) -> Knowledge:
    """Free text and places: those of the own province, what registers often hold; names and the country beside them."""
    return learn(
        [*own_places(years), *BEFORE_A_NAME, *stored("phrases")], [*composed_names(), *country()], share=ELSEWHERE
    )
