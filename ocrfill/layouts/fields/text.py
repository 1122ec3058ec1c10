"""Free text, places and signatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.document.result import Reading, Value
from ocrfill.layouts.fields.join_readings import AsWritten, ditto, joined_text
from ocrfill.layouts.fields.place_check import unit_issues


@dataclass(frozen=True, slots=True)
class Text(AsWritten):
    """Free text, kept as written."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    kind: Literal["text"] = "text"
    ditto: bool = False

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        return (ditto(raw) if self.ditto else None) or Value(raw, None)


@dataclass(frozen=True, slots=True)
class Place(AsWritten):
    """A place: free text with the names of units, kept as written (the register prevails, Luật Hộ tịch Đ60.2).

    Units that are in no list, of today or of the book's time, give an issue.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    kind: Literal["place"] = "place"
    ditto: bool = False

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        return (ditto(raw) if self.ditto else None) or Value(raw, None, unit_issues(raw))


@dataclass(frozen=True, slots=True)
class Signature(AsWritten):
    """A signature or a notes column: found and shown, not read. Only a person gives it a value."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    reader: ClassVar[str] = "none"
    kind: Literal["signature"] = "signature"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        return Value("", None)
