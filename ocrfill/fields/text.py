"""Free text, places and signatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.fields.written import joined
from ocrfill.records import Reading, Value


@dataclass(frozen=True, slots=True)
class Text:
    """Free text, kept as written."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value",)
    kind: Literal["text"] = "text"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        return Value(joined(readings), None)

    def part(self, value: Value, part: str) -> str:
        return value.raw


@dataclass(frozen=True, slots=True)
class Place:
    """A place: free text with the names of units, kept as written (the register prevails, Luật Hộ tịch Đ60.2)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value",)
    kind: Literal["place"] = "place"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        return Value(joined(readings), None)

    def part(self, value: Value, part: str) -> str:
        return value.raw


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature or a notes column: found and shown, not read."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "none"
    parts: ClassVar[tuple[str, ...]] = ("value",)
    kind: Literal["signature"] = "signature"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        return Value("", None)

    def part(self, value: Value, part: str) -> str:
        return ""
