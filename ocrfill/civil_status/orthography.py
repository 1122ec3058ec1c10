"""When two spellings are one: composition, letters that look alike, capitals, points and the place of the tone.

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

_LOOKALIKES = str.maketrans("\u00d0\u0189\u00f0\u0256", "ĐĐđđ")
"""Letters of other languages (eth, African d) that look like đ and are typed or read for it."""

_ETH = re.compile("[\u00d0\u0189\u00f0\u0256]")
_STRUCK_D = re.compile("([Dd])[\u0335\u0336]")
_LETTERS = re.compile(r"[^\W\d_]+")
_VIETNAMESE_MARKS = re.compile("[\u0302\u0306\u0309\u031b\u0323]")
"""Decomposed marks, of ê, ă, ơ and the tones hỏi and nặng, of which the languages that write eth have none."""

_NONCHARACTER = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_NO_CHARACTER = re.compile(f"[\\0\ud800-\udfff{_NONCHARACTER}]")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
_VARIATIONS = frozenset(map(chr, (0x034F, *range(0xFE00, 0xFE10))))


def no_character(text: str) -> str | None:
    """The name, like U+FFFE, of the first code that stands for no character, so that no file may hold it; else None.

    They are NUL, half of a surrogate pair, and Unicode's 66 noncharacters.
    """
    found = _NO_CHARACTER.search(text)
    return None if found is None else f"U+{ord(found[0]):04X}"


def without_no_characters(text: str) -> str:
    """The text without the codes that `no_character` names."""
    return _NO_CHARACTER.sub("", text)


def composed(text: str) -> str:
    """The text in NFC, with Đ and đ where a Vietnamese word has a letter that only looks like it.

    An eth at the beginning of a word is none, for no language begins a word with it; within a word it is one, unless
    the word has marks that only Vietnamese has: `Ðặng` and `ÊÐÊ` are mended, `Guðmundur` stays.
    """
    text = unicodedata.normalize("NFC", _STRUCK_D.sub(lambda m: "Đ" if m[1] == "D" else "đ", text))
    return _LETTERS.sub(_with_d, text) if _ETH.search(text) else text


def _with_d(word: re.Match[str]) -> str:
    if _VIETNAMESE_MARKS.search(unicodedata.normalize("NFD", word[0])):
        return word[0].translate(_LOOKALIKES)
    return word[0][0].translate(_LOOKALIKES) + word[0][1:]


def tidy(text: str) -> str:
    """A text as ocrfill keeps it: composed, every run of white space one space, none at the ends, nothing unseen.

    What is not seen (control and format characters, codes that stand for no character) is left out, so that any file
    can hold the text. Every text that comes in, read or typed, goes through here.
    """
    return composed(" ".join(seen for word in text.split() if (seen := _seen(word))))


def _seen(word: str) -> str:
    if word.isprintable() and not _VARIATIONS & set(word):  # nearly every word
        return word
    there = without_no_characters(word)
    return "".join(c for c in there if unicodedata.category(c) not in _UNSEEN_CATEGORIES and c not in _VARIATIONS)


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
    return tuple(_WORD.findall(early_tones(composed(text).casefold())))


def spelt_words(text: str) -> tuple[str, ...]:
    """The same with its capitals."""
    return tuple(_WORD.findall(early_tones(composed(text))))


def compact(text: str) -> str:
    """The words of a text written together: two spellings of one name or entry have the same."""
    return "".join(words(text))


def folded(text: str) -> str:
    """A text for finding what resembles it: small letters, no marks, đ as d, only letters and digits."""
    flat = unicodedata.normalize("NFD", composed(text).casefold().replace("đ", "d"))
    return "".join(c for c in flat if c.isalnum())
