"""From the readings of a field's strips to its text as written."""

from __future__ import annotations

import unicodedata

from ocrfill.records import Reading


def joined(readings: tuple[Reading, ...], between: str = " ") -> str:
    """The texts of all strips in reading order, NFC, runs of space made one; empty strips are left out."""
    texts = (" ".join(unicodedata.normalize("NFC", r.text).split()) for r in readings)
    return between.join(t for t in texts if t)


def folded(text: str) -> str:
    """A text for comparing: lower case, no marks, đ as d, only letters and digits."""
    flat = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in flat if c.isalnum())
