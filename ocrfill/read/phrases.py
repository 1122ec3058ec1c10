"""From lists of phrases to what is known of words: counting, and lexicon files."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ocrfill.errors import BadInput
from ocrfill.read.words import BONUS, CASE, EDGE, ENDED, MARKS, NUMBER, WEIGHT, Context, WordModel, shape_of, told

UNITS = frozenset(
    ("xã", "phường", "thị trấn", "huyện", "quận", "thị xã", "thành phố", "tỉnh", "tp", "tx", "tt", "đường", "phố")
)
"""Kinds of units and streets: addresses are written with them and without."""


def learn(phrases: Iterable[str], weight: float = WEIGHT, bonus: float = BONUS, case: float = CASE) -> WordModel:
    """A model of the words of phrases. Their parts between commas are phrases of their own, and so is a part without
    the kinds of units in it.
    """
    counts: dict[Context, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    shapes: dict[str, Counter[str]] = defaultdict(Counter)
    letters: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase in phrases:
        text = unicodedata.normalize("NFC", phrase)
        parts = [words for part in text.split(",") if (words := list(_words(part)))]
        for words in parts:
            for word in words:
                shapes[""][shape_of(word)] += 1
                shapes[told(word)][shape_of(word)] += 1
        told_parts = [[told(word) for word in words] for words in parts]
        variants = {tuple(word for part in told_parts for word in part)}
        variants |= {tuple(part) for part in told_parts}
        variants.add(tuple(word for part in told_parts for word in _without_units(part)))
        for line in filter(None, variants):
            _count(counts, line)
    for word in counts[()]:
        if word not in (ENDED, NUMBER):
            _spell(letters, word)
    return WordModel({k: dict(v) for k, v in counts.items()}, dict(shapes), dict(letters), weight, bonus, case)


def _count(counts: dict[Context, dict[str, float]], line: tuple[str, ...]) -> None:
    whole = (EDGE, EDGE, *line, ENDED)
    for i in range(2, len(whole)):
        if whole[i] != ENDED:
            counts[()][whole[i]] += 1
        if whole[i - 1] != EDGE:
            counts[whole[i - 1 : i]][whole[i]] += 1
        counts[whole[i - 2 : i]][whole[i]] += 1


def _spell(letters: dict[str, Counter[str]], word: str) -> None:
    for i in range(len(word) + 1):
        before, letter = word[max(i - 2, 0) : i], word[i : i + 1]
        letters[before][letter] += 1
        if before:
            letters["*" + before[-1]][letter] += 1


def _without_units(words: list[str]) -> Iterator[str]:
    """The words without kinds of units, of one word or two."""
    i = 0
    while i < len(words):
        if " ".join(words[i : i + 2]) in UNITS and i + 2 < len(words):
            i += 2
        elif words[i] in UNITS and i + 1 < len(words):
            i += 1
        else:
            yield words[i]
            i += 1


def _words(text: str) -> Iterator[str]:
    for mark in MARKS:
        if mark in text:
            text = text.replace(mark, " ")
    yield from text.split()


def read_lexicon(path: Path) -> WordModel:
    """A model of a UTF-8 text file with a phrase a line. Raises BadInput where it cannot be read or is empty."""
    try:
        phrases = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read the lexicon {path}: {error}") from error
    if not phrases:
        raise BadInput(f"the lexicon {path} is empty; write a phrase a line")
    return learn(phrases)
