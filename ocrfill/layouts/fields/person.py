"""Names of persons, and who signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.civil_status.offices import name_and_office
from ocrfill.civil_status.syllables import is_syllable
from ocrfill.document.result import Issue, Reading, Value
from ocrfill.layouts.fields.join_readings import AsWritten, ditto, joined_text


def name_issues(name: str) -> tuple[Issue, ...]:
    """Soft evidence of a misreading: words no Vietnamese spelling allows (names of other peoples have such too)."""
    odd = [word for word in name.split() if not is_syllable(word.strip(".,-–()"))]
    if not odd:
        return ()
    return (Issue("name.odd_word", f"Chữ lạ trong tên: {', '.join(odd)}"),)


@dataclass(frozen=True, slots=True)
class Name(AsWritten):
    """A person's name, kept as written. Exports bear it in capitals, as the law wants it (TT 04/2020/TT-BTP Đ31): a
    name in mixed case would be typed again. `capitals`: the form says so itself.

    `ditto`: the entries of the form may say "the same as above" in its place.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    kind: Literal["name"] = "name"
    capitals: bool = False
    ditto: bool = False

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        if self.ditto and (same := ditto(raw)):
            return same
        return Value(raw, None, name_issues(raw))

    def part(self, value: Value, part: str) -> str:
        """The name in capitals; "the same as above" as it is written."""
        return value.raw if self.ditto and ditto(value.raw) else value.raw.upper()


@dataclass(frozen=True, slots=True)
class Signatory(AsWritten):
    """Name and office of the official who signed, in one text: "Nguyễn Văn A - Chủ tịch".

    Parts: `name` and `office`, parted where a title of an office stands, before the name or behind it, or at the first
    dash, comma or slash; without any of them all is name.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    parts: ClassVar[tuple[str, ...]] = ("value", "name", "office")
    kind: Literal["signatory"] = "signatory"
    ditto: bool = False

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        return (ditto(raw) if self.ditto else None) or Value(raw, None)

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        if part == "value":
            return value.raw
        name, office = name_and_office(value.raw)
        return name if part == "name" else office
