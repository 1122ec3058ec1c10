"""Whether a value is what a careful person would type: what every promise counts."""

from __future__ import annotations

from ocrfill.civil_status.administrative_units import LOOSE_CAPITALS
from ocrfill.civil_status.orthography import compact, one_spelling, spelt_words, words
from ocrfill.document.result import Value

CODED_KINDS = ("choice", "tick", "date", "moment", "number")
"""Kinds that go out in their coded form: 05.01.2006 is right for 5/1/2006, Kinh for kinh."""


def is_right(kind: str, read: Value, true: Value) -> bool:
    """Whether what was read is what is written.

    Coded kinds by their coded form, names in capitals, as they go out, dates in words by their words, identity numbers
    by letters and figures, places by their words with the capitals of their names, everything else letter by letter,
    capitals included; nowhere does it matter which of two vowels bears a tone mark (hòa, hoà).
    """
    if kind in CODED_KINDS and true.normalised is not None:
        return read.normalised == true.normalised
    if kind == "name":
        return one_spelling(read.raw.upper()) == one_spelling(true.raw.upper())
    if kind == "date_words":
        return words(read.raw) == words(true.raw)
    if kind == "identity":
        return compact(read.raw) == compact(true.raw)
    if kind == "place":
        return _units(read.raw) == _units(true.raw)
    return one_spelling(read.raw) == one_spelling(true.raw)


def _units(text: str) -> tuple[str, ...]:
    """The words of a place: what parts units (a comma, a dash, a space) is one, and so is the capital of a kind."""
    found = spelt_words(text)
    return tuple(small if (small := word.lower()) in LOOSE_CAPITALS else word for word in found)
