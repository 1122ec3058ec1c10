"""Distances between texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein

from ocrfill.civil_status.orthography import tidy


def edit_distance(true: Sequence[str], read: Sequence[str]) -> int:
    """Fewest insertions, deletions and replacements between two texts, or two lists of words."""
    return Levenshtein.distance(true, read)


def character_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Edits over all pairs (true, read), by all true characters; spaces folded, NFC. 0 where there is nothing true."""
    edits = characters = 0
    for true, read in pairs:
        edits += edit_distance(tidy(true), tidy(read))
        characters += len(tidy(true))
    return edits / characters if characters else 0.0
