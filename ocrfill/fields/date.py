"""Dates in digits and in words, and the time of an event."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.fields.written import joined
from ocrfill.records import Issue, Reading, Value

UNREADABLE = Issue("date.unreadable", "Không đọc được ngày tháng năm")
IMPOSSIBLE = Issue("date.impossible", "Ngày không có trong lịch")


@dataclass(frozen=True, slots=True)
class Date:
    """A date in digits: whole, month and year, or the year alone (legal for old persons).

    `split` says that day, month and year stand in three gaps of a printed line ("ngày … tháng … năm …"); raw then
    joins them with "/". Normalised as the ministry's import takes it: dd.mm.yyyy, mm.yyyy or yyyy.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value",)
    kind: Literal["date"] = "date"
    split: bool = False

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        raw = joined(readings, "/" if self.split else " ")
        if not raw:
            return Value("", None)
        return _dated(raw)

    def part(self, value: Value, part: str) -> str:
        return value.normalised or value.raw


@dataclass(frozen=True, slots=True)
class DateWords:
    """A date in words ("ghi bằng chữ"), kept as written."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value",)
    kind: Literal["date_words"] = "date_words"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        return Value(joined(readings), None)

    def part(self, value: Value, part: str) -> str:
        return value.raw


@dataclass(frozen=True, slots=True)
class Moment:
    """Hour, minute and date on one line: "20 giờ 15 phút, ngày 3/4/2006"; hours also as "0h 20'".

    Parts: `date` as Date normalises it, `time` as "20:15"; each empty where it is not written.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value", "date", "time")
    kind: Literal["moment"] = "moment"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        raw = joined(readings)
        if not raw:
            return Value("", None)
        dated = _dated(_CLOCK.sub(" ", raw))
        clock = _clock(raw)
        normalised = " ".join(p for p in (dated.normalised or "", clock) if p)
        return Value(raw, normalised or None, dated.issues)

    def part(self, value: Value, part: str) -> str:
        if part == "value":
            return value.raw
        pieces = (value.normalised or "").split()
        return next((p for p in pieces if (":" in p) == (part == "time")), "")


_CLOCK = re.compile(r"(\d{1,2})\s*(?:h|g|giờ)\s*(?:(\d{1,2})\s*(?:'|’|ph|phút|p)?)?", re.IGNORECASE)


def _clock(raw: str) -> str:
    found = _CLOCK.search(raw)
    if found is None or int(found[1]) > 24 or int(found[2] or 0) > 59:
        return ""
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"


def _dated(raw: str) -> Value:
    """The value of a text with one, two or three groups of digits: day, month, year."""
    groups = [int(g) for g in re.findall(r"\d+", raw)]
    if not 1 <= len(groups) <= 3 or not 1800 <= groups[-1] <= 2100:
        return Value(raw, None, (UNREADABLE,))
    year = groups[-1]
    month = groups[-2] if len(groups) > 1 else 1
    day = groups[0] if len(groups) == 3 else 1
    try:
        datetime.date(year, month, day)
    except ValueError:
        return Value(raw, None, (IMPOSSIBLE,))
    shown = [f"{day:02d}", f"{month:02d}", str(year)][3 - len(groups) :]
    return Value(raw, ".".join(shown))
