"""Free text, places and signatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.fields.written import AsWritten
from ocrfill.records import Reading, Value


@dataclass(frozen=True, slots=True)
class Text(AsWritten):
    """Free text, kept as written."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Place(AsWritten):
    """A place: free text with the names of units, kept as written (the register prevails, Luật Hộ tịch Đ60.2)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    kind: Literal["place"] = "place"


@dataclass(frozen=True, slots=True)
class Signature(AsWritten):
    """A signature or a notes column: found and shown, not read. Only a person gives it a value."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "none"
    kind: Literal["signature"] = "signature"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        return Value("", None)
