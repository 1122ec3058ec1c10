"""Dates and hours as clerks write them: in digits, in words, whole or in part."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from typing import Literal

DIGIT_WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")

PUBLIC_HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 2)}
"""Public holidays of the Gregorian calendar (month, day)."""

DATE_MARKS: tuple[Literal["/", ".", "-"], ...] = ("/", ".", "-")

LAPSE_SHARE = 0.05
"""Share of dates in which a clerk leaves his habit."""


@dataclass(frozen=True, slots=True, order=True)
class KnownDay:
    """A date as it is known: whole, month and year, or the year alone (0 stands for what is not known)."""

    year: int
    month: int = 0
    day: int = 0

    @classmethod
    def of(cls, date: datetime.date) -> KnownDay:
        """The day of a date."""
        return cls(date.year, date.month, date.day)

    @property
    def date(self) -> datetime.date:
        """The calendar's date; the first day of what is known."""
        return datetime.date(self.year, self.month or 1, self.day or 1)

    @property
    def coded(self) -> str:
        """dd.mm.yyyy, mm.yyyy or yyyy."""
        known = [f"{n:02d}" for n in (self.day, self.month) if n]
        return ".".join([*known, str(self.year)])


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """An hour of the day, with or without the day it belongs to."""

    hour: int
    minute: int
    day: KnownDay | None = None


@dataclass(frozen=True, slots=True)
class DateHabit:
    """How one clerk writes dates.

    `zeros`: none before single figures, always, or by the rule for papers (before days under 10 and months 1 and 2).
    """

    mark: Literal["/", ".", "-"]
    zeros: Literal["none", "all", "rule"]
    comma: bool
    capitals: Literal["first", "each", "parts"]
    thousand: Literal["nghìn", "ngàn"]
    empty_hundred: bool
    """2008 is "hai nghìn không trăm linh tám", not "hai nghìn linh tám"."""
    linh: Literal["linh", "lẻ"]
    early: Literal["", "mồng", "mùng"]
    four: Literal["tư", "bốn"]
    """Word for 4 in April and, after mươi, in 24."""
    clock: Literal["words", "h", "g"]

    @classmethod
    def draw(cls, rng: random.Random) -> DateHabit:
        """The habits of one clerk, drawn by chance."""
        return cls(
            mark=rng.choices(DATE_MARKS, (6, 3, 2))[0],
            zeros=rng.choices(("none", "all", "rule"), (4, 3, 4))[0],
            comma=rng.random() < 0.45,
            capitals=rng.choices(("first", "each", "parts"), (6, 2, 2))[0],
            thousand=rng.choice(("nghìn", "ngàn")),
            empty_hundred=rng.random() < 0.7,
            linh=rng.choices(("linh", "lẻ"), (6, 4))[0],
            early=rng.choices(("", "mồng", "mùng"), (6, 2, 2))[0],
            four=rng.choices(("tư", "bốn"), (7, 3))[0],
            clock=rng.choices(("words", "h", "g"), (6, 3, 1))[0],
        )

    def digits(self, day: KnownDay, rng: random.Random) -> str:
        """The date in figures, mostly by habit."""
        mark, zeros = self.mark, self.zeros
        if rng.random() < LAPSE_SHARE:
            mark = rng.choice(DATE_MARKS)
        if rng.random() < LAPSE_SHARE:
            zeros = rng.choice(("none", "all"))
        parts = [_figure(n, limit, zeros) for n, limit in ((day.day, 10), (day.month, 3)) if n]
        return mark.join([*parts, str(day.year)])

    def gaps(self, day: KnownDay, rng: random.Random) -> str:
        """The date for the three gaps of a printed line, joined with "/"."""
        zeros = (
            "none" if self.zeros == "none" and rng.random() > LAPSE_SHARE else "rule" if self.zeros == "rule" else "all"
        )
        parts = [_figure(n, limit, zeros) for n, limit in ((day.day, 10), (day.month, 3)) if n]
        return "/".join([*parts, str(day.year)])

    def words(self, day: KnownDay) -> str:
        """The date in words: "Ngày hai mươi sáu, tháng sáu, năm một ngàn chín trăm bốn mươi tám"."""
        parts = [f"năm {self.year_words(day.year)}"]
        if day.month:
            parts.insert(0, f"tháng {self._month(day.month)}")
        if day.day:
            parts.insert(0, f"ngày {self._day(day.day)}")
        if self.capitals == "parts":
            parts = [p[0].upper() + p[1:] for p in parts]
        text = (", " if self.comma else " ").join(parts)
        if self.capitals == "each":
            return " ".join(w[0].upper() + w[1:] for w in text.split())
        return text[0].upper() + text[1:]

    def year_words(self, year: int) -> str:
        """A year in words, without "năm"."""
        thousands, hundreds, rest = year // 1000, year // 100 % 10, year % 100
        text = f"{DIGIT_WORDS[thousands]} {self.thousand}"
        if hundreds or (rest and self.empty_hundred):
            text += f" {DIGIT_WORDS[hundreds]} trăm"
        if not rest:
            return text
        return f"{text} {self.linh} {DIGIT_WORDS[rest]}" if rest < 10 else f"{text} {self._tens(rest)}"

    def _tens(self, number: int) -> str:
        """A number from 1 to 99 in words."""
        tens, ones = divmod(number, 10)
        if not tens:
            return DIGIT_WORDS[ones]
        head = "mười" if tens == 1 else f"{DIGIT_WORDS[tens]} mươi"
        last = {0: "", 1: "một" if tens == 1 else "mốt", 4: self.four if tens > 1 else "bốn", 5: "lăm"}
        return f"{head} {last.get(ones, DIGIT_WORDS[ones])}".strip()

    def _day(self, day: int) -> str:
        return f"{self.early} {self._tens(day)}" if self.early and day <= 10 else self._tens(day)

    def _month(self, month: int) -> str:
        return self.four if month == 4 else self._tens(month)

    def time(self, clock: TimeOfDay, rng: random.Random) -> str:
        """The hour, and the date after it where the clock has one."""
        h, m = clock.hour, clock.minute
        two = f"{m:02d}"
        shown = {
            "words": f"{h} giờ {two} phút" if m or rng.random() < 0.6 else f"{h} giờ",
            "h": f"{h}h {two}'" if rng.random() < 0.6 else f"{h}h{two}",
            "g": f"{h}g{two}" if m else f"{h}g",
        }[self.clock]
        if clock.day is None:
            return shown
        between = rng.choice((", ngày ", " ngày ", ", "))
        return f"{shown}{between}{self.digits(clock.day, rng)}"


def _figure(number: int, limit: int, zeros: str) -> str:
    """Day (limit 10) or month (limit 3, by the rule for papers) in figures."""
    padded = zeros == "all" or (zeros == "rule" and number < limit)
    return f"{number:02d}" if padded else str(number)


def office_day(date: datetime.date, last: datetime.date) -> datetime.date:
    """The day itself or the next on which the office is open; not after `last`, going back from there if need be."""
    step = datetime.timedelta(days=1)
    while date <= last and not _open(date):
        date += step
    if date > last:
        date = last
        while not _open(date):
            date -= step
    return date


def _open(date: datetime.date) -> bool:
    return date.weekday() < 5 and (date.month, date.day) not in PUBLIC_HOLIDAYS


def registration_days(years: tuple[int, int], count: int, volume: int, rng: random.Random) -> list[datetime.date]:
    """Days of registration in order, at the pace of a commune's office, from the first volume's start on."""
    first = datetime.date(years[0], 1, 2)
    last = datetime.date(years[1], 12, 31)
    span = (last - first).days
    start = min(0.7, 0.3 * (volume - 1)) * span
    usual = rng.uniform(110, 260) * (years[1] - years[0] + 1)
    gap = min((span - start) / (count + 1), span / usual)
    days, at = [], start + rng.uniform(0, 6)
    for _ in range(count):
        days.append(office_day(first + datetime.timedelta(days=min(int(at), span)), last))
        at += rng.choice((0.1, 0.5, 1.0, 1.4, 2.0)) * gap
    return days
