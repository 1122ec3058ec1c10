"""From the readings of a field's strips to its text as written."""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar

from ocrfill.document.result import Issue, Reading, Value


def tidy(text: str) -> str:
    """A text as ocrfill keeps it: NFC, every run of white space one space, none at the ends; nothing else changes."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def joined(readings: tuple[Reading, ...], between: str = " ") -> str:
    """The texts of all strips in reading order; empty strips are left out."""
    return between.join(text for text in (tidy(r.text) for r in readings) if text)


SAME = Issue("value.ditto", "Ghi như dòng trên")

_DITTO = re.compile(
    r"[\s\-–—_.,:;]*(?:nt|n/t|n\.t|như trên|như dòng trên|\"( *\")?|”|“|″|''|〃|,,|//)[\s\-–—_.,:;]*", re.IGNORECASE
)


def ditto(raw: str) -> Value | None:
    """The value of a mark for "the same as above" (nt, như trên, -nt-, \"); None for any other text.

    Raw is the mark: what it stands for is another entry's value, which a person or an export copies.
    """
    return Value(raw, None, (SAME,)) if raw and _DITTO.fullmatch(raw) else None


class AsWritten:
    """What all types share whose value is the writing itself, with no coded form."""

    __slots__ = ()
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value",)

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        return Value(joined(readings), None)

    def part(self, value: Value, part: str) -> str:
        return value.raw
