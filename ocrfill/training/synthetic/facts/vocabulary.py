"""The words a hand can write: where pages are made from images of real words, only words of that stock exist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

DIGITS_PATTERN = re.compile(r"[0-9][0-9./-]*")
"""A token that can be put together from images of digits."""

_GLIDE = re.compile(r"(?<![qQ])([òóỏõọùúủũụÒÓỎÕỌÙÚỦŨỤ])([aeyAEY])(?!\w)")

_PLAIN = {"òóỏõọ": "o", "ùúủũụ": "u", "ÒÓỎÕỌ": "O", "ÙÚỦŨỤ": "U"}
_MARKED = {"a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ", "A": "ÀÁẢÃẠ", "E": "ÈÉẺẼẸ", "Y": "ỲÝỶỸỴ"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that can be written, spelled with their capitals; `digits` adds all tokens of digits and . / -."""

    words: frozenset[str]
    digits: bool = True

    def with_words(self, words: Iterable[str]) -> Vocabulary:
        """With more words, each also with a capital."""
        more = frozenset(words)
        return replace(self, words=self.words | more | {word[:1].upper() + word[1:] for word in more})

    def has(self, token: str) -> bool:
        """Whether one token, as it stands, can be written."""
        return token in self.words or (self.digits and DIGITS_PATTERN.fullmatch(token) is not None)

    def holds(self, text: str) -> bool:
        """Whether every token of a text can be written."""
        return all(self.has(token) for token in text.split())

    def fit(self, text: str) -> str | None:
        """The text in spellings that can be written: a token may lose its comma or change its capitals or the place
        of its tone mark (Hòa, Hoà). None where a token cannot be written at all.
        """
        fitted = []
        for token in text.split():
            if not any(c.isalnum() for c in token) and not self.has(token):
                continue  # a dash between names
            found = next((t for t in _spellings(token) if self.has(t)), None)
            if found is None:
                return None
            fitted.append(found)
        return " ".join(fitted)


def fit(texts: Iterable[str], vocabulary: Vocabulary | None) -> str:
    """The first of the texts that can be written; without a vocabulary the first; "" where there is none."""
    for text in texts:
        fitted = text if vocabulary is None else vocabulary.fit(text)
        if fitted:
            return fitted
    return ""


_OF_DATES = (
    "ngày tháng năm mồng mùng rằm giêng chạp không một hai ba bốn tư lăm nhăm sáu bảy bẩy tám chín mười mươi mốt hăm "
    "linh lẻ trăm nghìn ngàn"
)

_OF_LISTS = (
    "nam nữ Kinh Bru - Vân Kiều Pa Cô Tà Ôi Hoa Việt Nam cha mẹ bản thân tự khai ông bà con vợ chồng chủ tịch phó"
)


def closed_words() -> frozenset[str]:
    """The words of dates in words, and of the lists that registers of the region fill their fields from."""
    return frozenset(f"{_OF_DATES} {_OF_LISTS}".split())


def late_marks(text: str) -> str:
    """Tone marks on the second vowel of oa, oe, uy, as many write by hand: Hòa → Hoà, Thủy → Thuỷ."""

    def moved(found: re.Match[str]) -> str:
        first, second = found[1], found[2]
        marks, plain = next((m, p) for m, p in _PLAIN.items() if first in m)
        return plain + _MARKED[second][marks.index(first)]

    return _GLIDE.sub(moved, text)


def _spellings(token: str) -> Iterable[str]:
    bare = token.strip(".,;:()")
    for cased in (token, bare, bare[:1].upper() + bare[1:].lower(), bare.lower(), bare.upper()):
        if cased:
            yield cased
            yield late_marks(cased)
