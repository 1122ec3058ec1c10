"""Numbers of identity papers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.fields.written import joined
from ocrfill.records import Issue, Reading, Value

PAPERS = {"cmnd": "1", "passport": "2", "cccd": "4"}
"""Code `loaiGiayToTuyThan` of the ministry's software for each paper its number tells."""


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
        raw = joined(readings)
        number = _number(raw)
        if raw and not number:
            return Value(raw, None, (Issue("identity.unreadable", "Không thấy số giấy tờ 9 hoặc 12 chữ số"),))
        return Value(raw, number or None)

    def part(self, value: Value, part: str) -> str:
        number = value.normalised or ""
        match part:
            case "number":
                return number
            case "paper":
                return PAPERS[_paper(number)] if number else ""
            case "date":
                found = re.search(r"\b(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})\b", value.raw)
                return f"{int(found[1]):02d}.{int(found[2]):02d}.{found[3]}" if found else ""
            case "place":
                found = re.search(r"(?:\bCA\b|\bCông an\b|\bnơi cấp\b)[^\d]*$", value.raw, re.IGNORECASE)
                return found[0].strip(" .,;:-") if found else ""
            case _:
                return value.raw


def _number(raw: str) -> str:
    """The first 12 or 9 digits in a row (spaces and dots between groups allowed) or a passport number; "" if none."""
    date = re.compile(r"\b\d{1,2}\s*[./-]\s*\d{1,2}\s*[./-]\s*\d{4}\b")
    text = date.sub(" | ", raw)
    for run in re.findall(r"\d(?:[ .]?\d)+", text):
        digits = re.sub(r"\D", "", run)
        if len(digits) in (9, 12):
            return digits
    passport = re.search(r"\b[A-Z]\s?\d{7,8}\b", text)
    return passport[0].replace(" ", "") if passport else ""


def _paper(number: str) -> str:
    return {9: "cmnd", 12: "cccd"}.get(len(number), "passport") if number.isdigit() else "passport"
