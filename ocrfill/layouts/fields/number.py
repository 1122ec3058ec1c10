"""Whole numbers: number of the entry, of the page, of the volume."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.document.result import Issue, Reading, Value
from ocrfill.layouts.fields.join_readings import joined_text

UNREADABLE_NUMBER = Issue("number.unreadable", "Không đọc được số")


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number; normalised without leading zeros or what stands around it ("Số 05/2006" → "5").

    Parts: `value` as written, `normalised` the number alone.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value", "normalised")
    kind: Literal["number"] = "number"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        digits = re.search(r"[0-9]+", raw)
        if digits is None:
            return Value(raw, None, (UNREADABLE_NUMBER,) if raw else ())
        return Value(raw, digits[0].lstrip("0") or "0")

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        return value.raw if part == "value" else value.normalised or ""
