"""What is known of fields that hold figures, and of dates in words: each pulls a reading, none forbids anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ocrfill.read.words import WordModel, learn

COST = 4.0
"""Log odds by which what breaks a rule must be clearer than what keeps it."""

DIGIT = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
AFTER_TEN = {"một": ("mốt",), "bốn": ("tư", "bốn"), "năm": ("lăm", "nhăm")}
"""How a unit is said after hai mươi, ba mươi …"""

ONLY_MONTHS = {1: ("giêng", "một"), 4: ("tư",), 12: ("mười hai", "chạp")}


@dataclass(frozen=True, slots=True)
class Figures:
    """A number, an identity number: digits, and signs that may stand between them."""

    between: str = " ./-"
    cost: float = COST

    def letter(self, text: str, letter: str) -> float:
        return 0.0 if letter.isdigit() or letter in self.between else -self.cost

    def end(self, text: str) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class DateFigures:
    """A date in digits: day, month, year; month and year; or the year; between them one of . / -"""

    cost: float = COST

    def letter(self, text: str, letter: str) -> float:
        return -self.cost if not may_begin_a_date(text + letter) and may_begin_a_date(text) else 0.0

    def end(self, text: str) -> float:
        return 0.0 if is_a_date(text.strip()) or not may_begin_a_date(text) else -self.cost


def may_begin_a_date(text: str) -> bool:
    """Whether some date begins so; spaces beside the signs are allowed."""
    return _BEGUN.fullmatch(text.strip()) is not None


def is_a_date(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None


_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:1[89]\d\d|20\d\d|\d\d)"
_SIGN = r"\s?[./-]\s?"
_WHOLE = re.compile(rf"(?:{_DAY}{_SIGN})?{_MONTH}{_SIGN}{_YEAR}|(?:1[89]|20)\d\d")
_YEAR_BEGUN = r"(?:1[89]?|1[89]\d\d?|20?|20\d\d?|\d\d?)"
_BEGUN = re.compile(
    rf"|0|1[89]\d\d?|20\d\d?|{_DAY}\s?[./-]?|(?:{_DAY}{_SIGN})?{_MONTH}{_SIGN}{_YEAR_BEGUN}"
    rf"|{_DAY}{_SIGN}(?:0|{_MONTH}\s?[./-]?)"
)


@cache
def date_words() -> WordModel:
    """Dates in words: `ngày mười bảy tháng ba năm một nghìn chín trăm tám mươi hai`, with what clerks vary."""
    return learn(_phrases())


def _phrases() -> Iterator[str]:
    years = [words for number in range(1900, 2026) for words in year_in_words(number)]
    days = [(day, words) for day in range(1, 32) for words in number_in_words(day)]
    months = [words for month in range(1, 13) for words in (*number_in_words(month), *ONLY_MONTHS.get(month, ()))]
    for i, year in enumerate(years):
        day, words = days[i % len(days)]
        month = months[i % len(months)]
        start = ("ngày mồng " if i % 2 else "ngày mùng ") if day <= 10 and i % 3 else "ngày "
        yield f"{start}{words} tháng {month} năm {year}"
    for _, words in days:
        yield f"ngày {words} tháng"
    for month in months:
        yield f"tháng {month} năm"


def number_in_words(number: int) -> tuple[str, ...]:
    """1 to 99 as it is said, all ways."""
    tens, unit = divmod(number, 10)
    if not tens:
        return (DIGIT[unit],)
    if tens == 1:
        return ("mười" if not unit else "mười lăm" if unit == 5 else f"mười {DIGIT[unit]}",)
    said = f"{DIGIT[tens]} mươi"
    if not unit:
        return (said,)
    units = AFTER_TEN.get(DIGIT[unit], (DIGIT[unit],))
    return (*(f"{said} {word}" for word in units), *(f"{DIGIT[tens]} {word}" for word in units if word != "mốt"))


def year_in_words(year: int) -> tuple[str, ...]:
    """1900 to 2099 as it is said: nghìn or ngàn, linh or lẻ."""
    hundreds, rest = divmod(year % 1000, 100)
    found = []
    for thousand in ("nghìn", "ngàn"):
        start = f"{DIGIT[year // 1000]} {thousand}"
        if hundreds or rest:
            start += f" {DIGIT[hundreds]} trăm"
        if not rest:
            found.append(start)
        elif rest < 10:
            found += [f"{start} {word} {DIGIT[rest]}" for word in ("linh", "lẻ")]
        else:
            found.append(f"{start} {number_in_words(rest)[0]}")
    return tuple(found)
