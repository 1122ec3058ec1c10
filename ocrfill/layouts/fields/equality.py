"""Whether a value is what a careful person would type: what every promise counts."""

from __future__ import annotations

from ocrfill.civil_status.orthography import compact, early_tones, spelt_words, words
from ocrfill.document.result import Value

CODED = ("choice", "tick", "date", "moment", "number")
"""Kinds that go out in their coded form: 05.01.2006 is right for 5/1/2006, Kinh for kinh."""


UNITS = frozenset(
    "thôn xóm làng ấp bản khóm tổ khu phố đường xã phường thị trấn huyện quận thành tỉnh tp tx tt".split()  # noqa: SIM905
)
"""Words for kinds of units, which hands write with a capital or without: Thị trấn, thị trấn, Thị Trấn."""


def is_right(kind: str, read: Value, true: Value) -> bool:
    """Whether what was read is what is written.

    Coded kinds by their coded form, dates in words by their words, identity numbers by letters and figures, places by
    their words with the capitals of their names, everything else letter by letter, capitals included; nowhere does it
    matter which of two vowels bears a tone mark (hòa, hoà).
    """
    if kind in CODED and true.normalised is not None:
        return read.normalised == true.normalised
    if kind == "date_words":
        return words(read.raw) == words(true.raw)
    if kind == "identity":
        return compact(read.raw) == compact(true.raw)
    if kind == "place":
        return _units(read.raw) == _units(true.raw)
    return _plain(read.raw) == _plain(true.raw)


def _units(text: str) -> tuple[str, ...]:
    """The words of a place: what parts units (a comma, a dash, a space) is one, and so is the capital of a kind."""
    found = spelt_words(text)
    return tuple(small if (small := word.lower()) in UNITS else word for word in found)


def _plain(text: str) -> str:
    return " ".join(early_tones(text).split())
