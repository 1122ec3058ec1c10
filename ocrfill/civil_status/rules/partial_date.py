"""A date of which perhaps only the month or the year is known, as a span of days."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The first and the last day that a coded date (dd.mm.yyyy, mm.yyyy, yyyy) can mean."""

    first: datetime.date
    last: datetime.date
    coded: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for anything that is no coded date, or none in the calendar. A time after the date is left aside."""
        found = re.fullmatch(r"(?:(?:([0-9]{2})\.)?([0-9]{2})\.)?([0-9]{4})(?: [0-9]{2}:[0-9]{2})?", text)
        if found is None:
            return None
        day, month, year = (int(n) if n else 0 for n in found.groups())
        try:
            first = datetime.date(year, month or 1, day or 1)
        except ValueError:
            return None
        last_month = month or 12
        last = datetime.date(year, last_month, day or calendar.monthrange(year, last_month)[1])
        return cls(first, last, text.partition(" ")[0])

    @property
    def whole(self) -> bool:
        """Whether the day is known."""
        return self.first == self.last

    @property
    def shown(self) -> str:
        """As clerks write it: 26/6/1948."""
        return "/".join(part.lstrip("0") for part in self.coded.split("."))

    def agrees(self, other: PartialDate) -> bool:
        """Whether both can mean the same day."""
        return self.first <= other.last and other.first <= self.last
