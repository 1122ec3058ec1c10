"""Day, month and year in three gaps of a printed line, read together: the calendar, the book's years, and the entries
before and after, since a book's entries are in the order of their days.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ocrfill.acceptance.book_words import MAX_SAID_PROBABILITY, BelievedText
from ocrfill.acceptance.likely_texts import OfferedText, log_likeness, offered_texts, shares
from ocrfill.civil_status.rules.sequence import longest_rise
from ocrfill.document.result import Reading

GAP_COUNT = 3

BETWEEN_NEAREST_SHARE, BETWEEN_NEXT_SHARE, IN_BOOK_SHARE = 0.75, 0.2, 0.05
"""Share of entries whose day lies between the nearest entries in order, between those next to them, in the book's
years: the nearest may be misread, and an entry out of order.
"""

NO_DATE_COST_NATS = 5.0
"""What it costs a line to hold no day of the calendar."""


@dataclass(frozen=True, slots=True)
class DatedEntry:
    """The readings of an entry's three gaps, the coded date they were read as, and what a person entered."""

    readings: tuple[Reading, ...]
    normalised: str | None
    entered: str | None = None


def believed_dates(entries: Sequence[DatedEntry], years: tuple[int, int]) -> list[BelievedText | None]:
    """For each entry, in the book's order, the likeliest day as it is written, its parts joined by "/".

    None where the three gaps were not all read. What a person entered counts for the others.
    """
    days = [_day(entry) for entry in entries]
    rise = [at for at in longest_rise(days) if days[at] is not None]
    first, last = datetime.date(years[0], 1, 1).toordinal(), datetime.date(years[1], 12, 31).toordinal()
    found: list[BelievedText | None] = []
    for at, entry in enumerate(entries):
        if len(entry.readings) != GAP_COUNT or not all(r.text for r in entry.readings):
            found.append(None)
            continue
        before = [first, first, *(days[i] or first for i in rise if i < at)]
        after = [*(days[i] or last for i in rise if i > at), last, last]
        found.append(_likeliest(entry, ((before[-1], after[0]), (before[-2], after[1]), (first, last))))
    return found


def _likeliest(entry: DatedEntry, spans: Sequence[tuple[int, int]]) -> BelievedText:
    gaps = [offered_texts((reading,), " ".join) for reading in entry.readings]
    likeness = _Gaps(gaps)
    weights: dict[str, float] = {}
    for day in range(spans[-1][0], spans[-1][1] + 1):
        text, said = likeness.of(datetime.date.fromordinal(day))
        nearness = (BETWEEN_NEAREST_SHARE, BETWEEN_NEXT_SHARE, IN_BOOK_SHARE)
        expected = sum(
            share / (end - start + 1)
            for share, (start, end) in zip(nearness, spans, strict=True)
            if start <= day <= end
        )
        if said > -math.inf:
            weights[text] = math.log(expected) + said
    read = "/".join(texts[0].text for texts in gaps)
    if read not in weights:
        span = spans[-1][1] - spans[-1][0] + 1
        whole = sum(texts[0].log_score for texts in gaps)
        weights[read] = math.log(IN_BOOK_SHARE / span) + whole - (0.0 if entry.normalised else NO_DATE_COST_NATS)
    text, chance = max(shares(weights).items(), key=lambda one: (one[1], one[0]))
    return BelievedText(text, min(chance, MAX_SAID_PROBABILITY))


class _Gaps:
    """How well days explain the readings of the three gaps; what was found of a number is kept."""

    def __init__(self, gaps: Sequence[tuple[OfferedText, ...]]) -> None:
        self._best = cache(lambda gap, number: self._number(gaps[gap], number))

    def of(self, day: datetime.date) -> tuple[str, float]:
        """The day as it is most likely written, and its log likeness."""
        parts = [self._best(gap, number) for gap, number in enumerate((day.day, day.month, day.year))]
        return "/".join(text for text, _ in parts), sum(said for _, said in parts)

    @staticmethod
    def _number(offered: tuple[OfferedText, ...], number: int) -> tuple[str, float]:
        ways = dict.fromkeys((str(number), f"{number:02d}"))
        return max(((way, log_likeness(offered, way)) for way in ways), key=lambda one: one[1])


def _day(entry: DatedEntry) -> int | None:
    """The day as a number; a person's date may be parted by any mark."""
    parts = [int(part) for part in re.findall(r"[0-9]+", entry.entered or entry.normalised or "")]
    try:
        return datetime.date(*parts[::-1]).toordinal() if len(parts) == GAP_COUNT else None
    except ValueError:
        return None
