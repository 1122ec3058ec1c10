"""Dates said in words and as hands write them: the inverse of reading them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import product

from ocrfill.civil_status.date_grammar import (
    START_STATE,
    DateInWords,
    Phrase,
    State,
    dates,
    day_phrases,
    month_phrases,
    step,
    year_phrases,
)


def write_words(year: int, month: int = 0, day: int = 0) -> Iterator[str]:
    """Every way of writing a date that cannot be taken for another, word by word, in small letters; 0 stands for what
    is not said.
    """
    date = DateInWords(year, month, day)
    for front in fronts(date.day, date.month):
        for words in year_phrases(date.year):
            for whole in ((*front, "năm", *words), (*front, *words)):
                if _said_by(whole) == (date,):
                    yield " ".join(whole)


def fronts(day: int, month: int) -> Iterator[Phrase]:
    """Day and month with and without their markers; 0 for what is not said."""
    if not month:
        yield ()
        return
    for said_month in month_phrases(month):
        if not day:
            yield ("tháng", *said_month)
            if said_month != ("năm",):
                yield said_month
            continue
        for said_day in day_phrases(day):
            for marker in ((), ("ngày",)):
                yield (*marker, *said_day, "tháng", *said_month)
                if said_month != ("năm",):
                    yield (*marker, *said_day, *said_month)


def _said_by(said: Phrase) -> tuple[DateInWords, ...]:
    state: State | None = START_STATE
    for word in said:
        if state is None:
            return ()
        state = step(state, word)
    return dates(state) if state is not None else ()


def dressed(said: str) -> Iterator[str]:
    """A date in words as hands write it: with capitals here and there, commas, points, composed or not."""
    parts = said.replace(" tháng ", "|tháng ").replace(" năm ", "|năm ").split("|")
    for between, end, form in product((" ", ", "), ("", ".", "./."), ("NFC", "NFD")):
        for cased in (
            between.join(parts),
            between.join(p[:1].upper() + p[1:] for p in parts),
            between.join(parts).capitalize(),
            between.join(parts).title(),
            between.join(parts).upper(),
        ):
            yield unicodedata.normalize(form, cased + end)  # type: ignore[arg-type]
