"""From the readings of a field's strips to its text as written."""

from __future__ import annotations

import re
from typing import ClassVar

from ocrfill.civil_status.orthography import tidy
from ocrfill.document.result import Issue, Reading, Value


def joined_text(readings: tuple[Reading, ...], between: str = " ") -> str:
    """The texts of all strips in reading order; empty strips are left out."""
    return between.join(text for text in (tidy(r.text) for r in readings) if text)


DITTO_ISSUE = Issue("value.ditto", "Ghi như dòng trên")

_DITTO = re.compile(
    r"[\s\-–—_.,:;]*(?:nt|n/t|n\.t|như trên|như dòng trên|\"( *\")?|”|“|″|''|〃|,,|//)[\s\-–—_.,:;]*", re.IGNORECASE
)


def ditto(raw: str) -> Value | None:
    """The value of a mark for "the same as above" (nt, như trên, -nt-, \"); None for any other text.

    Raw is the mark: what it stands for is another entry's value, which a person or an export copies.
    """
    return Value(raw, None, (DITTO_ISSUE,)) if raw and _DITTO.fullmatch(raw) else None


class AsWritten:
    """What all types share whose value is the writing itself, with no coded form."""

    __slots__ = ()
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value",)

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        return Value(joined_text(readings), None)

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        return value.raw
