"""When two spellings are one: composition, capitals, points and the place of the tone mark.

Vietnamese writes the tone of oa, oe, uy on the first vowel (hòa, the older way) or on the second (hoà). A clerk
writes either, often both in one book, so every comparison in ocrfill goes through this module.
"""

from __future__ import annotations

import re
import unicodedata

TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
"""The five tone marks, decomposed: huyền, sắc, ngã, hỏi, nặng."""

_LATE = re.compile(rf"(?<![qQ])([oO])([aeAE])([{TONE_MARKS}])(?!\w)|(?<![qQ])([uU])([yY])([{TONE_MARKS}])(?!\w)")
_EARLY = re.compile(rf"(?<!q)(?:(?<=[^\W\d_])|^)([ou])([{TONE_MARKS}])((?<=o.)[ae]|(?<=u.)y)$")
_WORD = re.compile(r"[^\W_]+")


def tidy(text: str) -> str:
    """A text as ocrfill keeps it: NFC, every run of white space one space, none at the ends; nothing else changes."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def early_tones(text: str) -> str:
    """The text, composed, with the tone of open oa, oe, uy on the first vowel: hoà → hòa, thuỷ → thủy, quý stays."""
    spread = unicodedata.normalize("NFD", text)
    moved = _LATE.sub(lambda m: (m[1] + m[3] + m[2]) if m[1] else (m[4] + m[6] + m[5]), spread)
    return unicodedata.normalize("NFC", moved)


def late_tones(word: str) -> str:
    """A word in small letters with the tone of open oa, oe, uy on the second vowel: hòa → hoà; quý stays."""
    spread = unicodedata.normalize("NFD", word)
    open_end = _EARLY.search(spread)
    if open_end is None:
        return unicodedata.normalize("NFC", word)
    first, tone, second = open_end.groups()
    return unicodedata.normalize("NFC", spread[: open_end.start()] + first + second + tone)


def one_spelling(text: str) -> str:
    """The text for comparing letter by letter: tones in one place, single spaces; capitals and points stay."""
    return tidy(early_tones(text))


def without_tones(text: str) -> str:
    """The text without tone marks, those of the vowels kept: `Nguyễn` as `Nguyên`."""
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if c not in TONE_MARKS))


def words(text: str) -> tuple[str, ...]:
    """The words for comparing: small letters, tones in one place, marks kept; points, dashes and spaces part them."""
    return tuple(_WORD.findall(early_tones(unicodedata.normalize("NFC", text).casefold())))


def spelt_words(text: str) -> tuple[str, ...]:
    """The same with its capitals."""
    return tuple(_WORD.findall(early_tones(unicodedata.normalize("NFC", text))))


def compact(text: str) -> str:
    """The words of a text written together: two spellings of one name or entry have the same."""
    return "".join(words(text))


def folded(text: str) -> str:
    """A text for finding what resembles it: small letters, no marks, đ as d, only letters and digits."""
    flat = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in flat if c.isalnum())
