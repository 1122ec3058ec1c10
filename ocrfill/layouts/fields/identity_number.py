"""Numbers of identity papers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

from ocrfill.civil_status.personal_number import read_personal_number
from ocrfill.civil_status.reference_data import stored_codes
from ocrfill.document.result import Issue, Reading, Value
from ocrfill.layouts.fields.date import Date
from ocrfill.layouts.fields.join_readings import joined_text

CODE_OF_PAPER = {"cmnd": "1", "passport": "2", "cccd": "4"}
"""Code `loaiGiayToTuyThan` of the ministry's software for each paper its number tells."""

NO_PROVINCE = Issue("identity.province", "Ba số đầu không phải mã tỉnh nào")
NO_CENTURY = Issue("identity.century", "Số thứ tư phải từ 0 đến 5 (thế kỷ và giới tính)")
UNREADABLE_IDENTITY = Issue("identity.unreadable", "Không thấy số giấy tờ 9 hoặc 12 chữ số")


@dataclass(frozen=True, slots=True)
class Identity:
    """The number of an identity paper, often with date and place of issue on the same line.

    CMND has 9 digits, CCCD and the personal number 12 (TT 07/2016/TT-BCA), a passport a letter and 7 or 8 digits.
    Parts: `value` as written, `number`, `paper` (code loaiGiayToTuyThan), `date` and `place` of issue.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value", "number", "paper", "date", "place")
    kind: Literal["identity"] = "identity"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        found = _number(raw)
        if raw and found is None:
            return Value(raw, None, (UNREADABLE_IDENTITY,))
        number = re.sub(r"[ .]", "", found).upper() if found else None
        return Value(raw, number, _doubts(number or ""))

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        number = value.normalised or ""
        match part:
            case "number":
                return number
            case "paper":
                return CODE_OF_PAPER[_paper(number)] if number else ""
            case "date":
                return _issued(value.raw)
            case "place":
                return _issuer(value.raw)
            case _:
                return value.raw


_DATE = re.compile(r"(?<![0-9])[0-9]{1,2}\s*[./-]\s*[0-9]{1,2}\s*[./-]\s*[0-9]{4}(?![0-9])")

_NUMBER = (
    re.compile(r"(?<![0-9])(?:[0-9]{12}|[0-9]{9})(?![0-9])"),
    re.compile(r"(?<![0-9])(?:(?:[0-9][ .]?){11}[0-9]|(?:[0-9][ .]?){8}[0-9])(?![ .]?[0-9])"),
    re.compile(r"\b[A-Za-z] ?[0-9]{7,8}\b"),
)
"""9 or 12 digits in a row; the same with spaces or points between groups; a passport's number."""

_FILLER = re.compile(
    r"\b(?:giấy|số|cmnd|cmtnd|cmt|cccd|căn cước công dân|căn cước|chứng minh nhân dân|hộ chiếu|ngày cấp|cấp ngày|"
    r"nơi cấp|ngày|cấp|tại|do)\b",
    re.IGNORECASE,
)
"""What is written around number, date and place and belongs to none of them."""


def _number(raw: str) -> str | None:
    """The paper's number as written, dates left aside; None where there is none."""
    text = _DATE.sub(" | ", raw)
    return next((found[0] for pattern in _NUMBER if (found := pattern.search(text))), None)


def _issued(raw: str) -> str:
    """Date of issue, dd.mm.yyyy; empty where none is written or none such exists."""
    found = _DATE.search(raw)
    if found is None:
        return ""
    return Date().parse((Reading(found[0], 1.0, ""),)).normalised or ""


def _issuer(raw: str) -> str:
    """Who issued the paper: what remains when number, date and the words around them are taken away."""
    number = _number(raw)
    if number is None:
        return ""
    rest = _FILLER.sub(" ", _DATE.sub(" ", raw).replace(number, " ", 1))
    place = re.sub(r"\s+", " ", rest).strip(" .,;:()/–-")
    return place if re.search(r"[^\W\d_]{2}", place) else ""


def _doubts(number: str) -> tuple[Issue, ...]:
    """What in a number of 12 digits cannot be (TT 07/2016/TT-BCA, annex I)."""
    if not re.fullmatch("[0-9]{12}", number):
        return ()
    parts = read_personal_number(number)
    if parts is None:
        return (NO_CENTURY,)
    return () if parts.province in provinces() else (NO_PROVINCE,)


@cache
def provinces() -> dict[str, str]:
    """Code of a province in personal numbers → its name (TT 07/2016/TT-BCA, annex I)."""
    by_code: dict[str, str] = stored_codes("ma_tinh")
    return by_code


def _paper(number: str) -> str:
    return {9: "cmnd", 12: "cccd"}.get(len(number), "passport") if number.isdigit() else "passport"
