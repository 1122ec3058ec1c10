"""The letters the handwriting reader knows: class 0 is CTC's blank, class n the n-th letter here."""

from __future__ import annotations

import unicodedata

_VOWELS = ("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y")
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")  # their order is the alphabet's of the models
_CONSONANTS = "bcdđfghjklmnpqrstvwxz"
_DIGITS = "0123456789"
_PUNCTUATION = ".,/-:;()'\"&+%*!?#°=@_[]"

_LOWER = "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES) + _CONSONANTS

ALPHABET = " " + _DIGITS + _LOWER + _LOWER.upper() + _PUNCTUATION
"""Every Vietnamese letter with every tone in both cases (NFC), digits, and the punctuation of registers."""


def spell(text: str, alphabet: str = ALPHABET) -> str | None:
    """The text in NFC and in letters of the alphabet, None where a character is missing from it."""
    text = " ".join(unicodedata.normalize("NFC", text).translate(_SAME).split())
    return text if all(letter in alphabet for letter in text) else None


def plainer(letter: str) -> tuple[str, ...]:
    """The letters a letter grows out of, nearest first: `ấ` out of `â`, then `a`; `đ` out of `d`."""
    parts = unicodedata.normalize("NFD", letter)
    steps = [unicodedata.normalize("NFC", parts[:1] + mark) for mark in parts[1:]] if len(parts) > 2 else []
    return (*steps, {"đ": "d", "Đ": "D"}.get(letter, parts[0]))


_SAME = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "º": "°", "…": "."})
