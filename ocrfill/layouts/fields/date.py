"""Dates in digits, and the time of an event."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.civil_status.date_grammar import YEAR_RANGE
from ocrfill.civil_status.orthography import tidy
from ocrfill.document.result import Issue, Reading, Value
from ocrfill.layouts.fields.join_readings import joined_text

UNREADABLE_DATE = Issue("date.unreadable", "Không đọc được ngày tháng năm")
IMPOSSIBLE_DATE = Issue("date.impossible", "Ngày không có trong lịch")
NO_SUCH_TIME = Issue("time.impossible", "Giờ, phút không có trong ngày")
MIDNIGHT_AMBIGUOUS = Issue("time.midnight", "Nửa đêm: không rõ là đầu ngày hay cuối ngày")


@dataclass(frozen=True, slots=True)
class Date:
    """A date in digits: whole, month and year, or the year alone (legal for old persons).

    `split` says that day, month and year stand in three gaps of a printed line ("ngày … tháng … năm …"); raw then
    joins them with "/". Normalised as the ministry's import takes it: dd.mm.yyyy, mm.yyyy or yyyy. An age ("72 tuổi"),
    which death books have in its place, has no normalised form and no fault.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value",)
    kind: Literal["date"] = "date"
    split: bool = False

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = _in_gaps(readings) if self.split else joined_text(readings)
        if not raw:
            return Value("", None)
        if _AGE.fullmatch(raw):
            return Value(raw, None)
        return _dated(raw)

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        return value.normalised or value.raw


@dataclass(frozen=True, slots=True)
class Moment:
    """Hour, minute and date on one line: "20 giờ 15 phút, ngày 3/4/2006"; hours also as "0h 20'".

    Where the form prints "giờ" and "phút" itself, two bare numbers are hour and minute. Normalised is the date, then
    the time of 24 hours: "03.04.2006 20:15". Parts: `value` as written, `date` as Date normalises it, `time` as
    "20:15"; each empty where it is not written.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value", "date", "time")
    kind: Literal["moment"] = "moment"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        if not raw:
            return Value("", None)
        found = _CLOCK.search(raw) or _BARE_CLOCK.fullmatch(raw)
        clock = _clock(found) if found else ""
        rest = tidy(raw[: found.start()] + " " + raw[found.end() :]) if found else raw
        issues = (MIDNIGHT_AMBIGUOUS if _is_midnight(found) else NO_SUCH_TIME,) if found and not clock else ()
        if found and not re.search("[0-9]", rest):
            return Value(raw, clock or None, issues)
        dated = _dated(rest)
        normalised = " ".join(p for p in (dated.normalised or "", clock) if p)
        return Value(raw, normalised or None, dated.issues + issues)

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        if part == "value":
            return value.raw
        pieces = (value.normalised or "").split()
        return next((p for p in pieces if (":" in p) == (part == "time")), "")


_AGE = re.compile(
    r"[^0-9]*[0-9]{1,3}\s*(?:t|(?:ngày|tháng)?\s*tuổi)\s*\.?|[^0-9]*tuổi\s*:?\s*[0-9]{1,3}\s*\.?|"
    r"[^\W\d]+(?: [^\W\d]+)* tuổi\.?",
    re.IGNORECASE,
)
"""An age in place of a date: "72 tuổi", "tuổi: 72", "3 tháng tuổi", "bảy mươi hai tuổi"."""

_AGE_BESIDE = re.compile(r"\(\s*[0-9]{1,3}\s*(?:t|tuổi)\s*\)", re.IGNORECASE)

_LOST = re.compile(r"[0-9]\s*(?:(?:[./,–-]\s*){3,}|/\s*/\s*)[0-9]")
"""Three marks in a row between figures, or two slashes: a number stood there and was not read ("8-/-1987")."""

_CLOCK = re.compile(
    r"(?<![0-9])([0-9]{1,2})\s*(?:h|g|giờ|:)(?![^\W\d_])\s*"
    r"(?:(kém\s+)?([0-9]{1,2})(?!\s*[./-]\s*[0-9]|[0-9])\s*(?:['’′]|phút\b|ph\b|p\b)?)?"
    r"(?:\s*(sáng|trưa|chiều|tối|đêm)\b)?",
    re.IGNORECASE,
)
"""Hour, "less", minute, part of the day; a number that begins a date is no minute ("20h 3/4/2006")."""

_BARE_CLOCK = re.compile(r"([0-9]{1,2})(?:()[\s.,]+([0-9]{1,2}))?()")


_MARKED = re.compile(r"(?<![0-9])[0-9](?: ?[0-9]){0,7}(?: ?[./,–-]{1,2} ?[0-9](?: ?[0-9]){0,7})+")
"""Numbers with points, commas, slashes or dashes between them; each may have spaces between its digits."""


_WORDS_BETWEEN = re.compile(r"(?<![^\W_])(?:ngày|tháng|năm|sinh)(?![^\W_])", re.IGNORECASE)

_MIXED = re.compile(r"[0-9][^\W\d_]|[^\W\d_][0-9]|[0-9][^0-9]*[^\W\d_][^0-9]*[0-9]")
"""A letter beside a digit, or between two."""


def _clock(found: re.Match[str]) -> str:
    """Time of 24 hours; empty for what no clock shows, and for midnight, which ends one day and begins the next."""
    hour, minute = int(found[1]), int(found[3] or 0)
    if _is_midnight(found):
        return ""
    match (found[4] or "").casefold():
        case "chiều" | "tối" if 1 <= hour < 12:
            hour += 12
        case "đêm" if 6 <= hour < 12:
            hour += 12
        case "trưa" if 1 <= hour < 4:
            hour += 12
    if found[2]:  # "7 giờ kém 15" is a quarter to seven
        hour, minute = (hour - 1) % 24, 60 - minute
    return f"{hour:02d}:{minute:02d}" if hour < 24 and 0 <= minute < 60 else ""


def _is_midnight(found: re.Match[str]) -> bool:
    """24 hours, or in the hour after twelve at night."""
    hour, minute = int(found[1]), int(found[3] or 0)
    at_night = (found[4] or "").casefold() == "đêm"
    return not found[2] and ((hour == 24 and not minute) or (hour == 12 and at_night))


def _in_gaps(readings: tuple[Reading, ...]) -> str:
    """Day, month and year joined by "/"; a gap left empty between two filled ones keeps its place."""
    texts = [tidy(r.text) for r in readings]
    filled = [i for i, text in enumerate(texts) if text]
    return "/".join(texts[filled[0] : filled[-1] + 1]) if filled else ""


def _dated(raw: str) -> Value:
    """The value of a text that holds one date in digits; words may stand around them, "ngày", "tháng", "năm" between.

    A letter that touches a digit or stands alone between the numbers may be a misread digit ("6/í/2006"): no date then.
    """
    text = _AGE_BESIDE.sub(" ", raw)
    if _MIXED.search(_WORDS_BETWEEN.sub(" ", text)) or _LOST.search(text):
        return Value(raw, None, (UNREADABLE_DATE,))
    groups = _groups(text.strip())
    if not 1 <= len(groups) <= 3 or len(groups[-1]) != 4 or any(not 1 <= len(g) <= 2 for g in groups[:-1]):
        return Value(raw, None, (UNREADABLE_DATE,))
    numbers = [int(g) for g in groups]
    if numbers[-1] not in YEAR_RANGE:
        return Value(raw, None, (UNREADABLE_DATE,))
    day, month, year = (1, 1, *numbers)[-3:]
    try:
        datetime.date(year, month, day)
    except ValueError:
        return Value(raw, None, (IMPOSSIBLE_DATE,))
    return Value(raw, ".".join([*(f"{n:02d}" for n in numbers[:-1]), str(year)]))


def _groups(raw: str) -> list[str]:
    """The digits of day, month and year. Between points, slashes or dashes a space parts no number ("2 7.10.2008")."""
    marked = _MARKED.search(raw)
    if marked is None:
        digits = re.findall("[0-9]+", raw)
        whole = digits[0] if len(digits) == 1 else ""
        return [whole[:2], whole[2:4], whole[4:]] if len(whole) == 8 else digits
    if re.search("[0-9]", raw[: marked.start()] + raw[marked.end() :]):
        return re.findall("[0-9]+", raw)
    return [re.sub(r"[^0-9]", "", g) for g in re.split(r"[./,–-]", marked[0].strip())]
