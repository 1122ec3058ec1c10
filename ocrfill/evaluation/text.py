"""Distances between texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein


def folded_spaces(text: str) -> str:
    """NFC, each run of white space as one space, none at the ends: what texts are compared in."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def edit_distance(true: Sequence[str], read: Sequence[str]) -> int:
    """Fewest insertions, deletions and replacements between two texts, or two lists of words."""
    return Levenshtein.distance(true, read)


def character_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Edits over all pairs (true, read), by all true characters; spaces folded, NFC. 0 where there is nothing true."""
    edits = characters = 0
    for true, read in pairs:
        edits += edit_distance(folded_spaces(true), folded_spaces(read))
        characters += len(folded_spaces(true))
    return edits / characters if characters else 0.0
