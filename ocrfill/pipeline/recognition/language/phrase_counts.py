"""From lists of phrases to what is known of words: counting, and lexicon files."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from ocrfill.civil_status.administrative_units import CLEAR_INITIALS, UNIT_KINDS
from ocrfill.errors import BadInput
from ocrfill.pipeline.recognition.language.word_trigrams import (
    FIGURE_LOG_PROB,
    NUMBER_SYMBOL,
    PHRASE_EDGE,
    PHRASE_END,
    PUNCTUATION_MARKS,
    Context,
    WordTrigramModel,
    history_token,
    shape_of,
)

SHORT_FORMS = (
    {kind.word: kind.initials for kind in UNIT_KINDS} | {"đường": "đ", "phố": ""} | dict.fromkeys(CLEAR_INITIALS, "")
)
"""Kinds of units and streets, and how they are shortened: addresses are written with them, shortened, and without."""


def learn_word_model(
    phrases: Iterable[str],
    beside: Iterable[str] = (),
    *,
    share: float = 1.0,
    figures: float = FIGURE_LOG_PROB,
) -> WordTrigramModel:
    """A model of the words of phrases, those of `beside` counted only by a share.

    Parts between commas are phrases of their own; and a phrase counts also with its kinds of units shortened, and
    without them. `figures` is the log chance of a figure among the words.
    """
    lines: dict[Context, float] = defaultdict(float)
    shapes: dict[str, Counter[str]] = defaultdict(Counter)
    for group, times in ((phrases, 1.0), (beside, share)):
        for phrase in group:
            parts = [words for part in unicodedata.normalize("NFC", phrase).split(",") if (words := _words(part))]
            for word in (word for words in parts for word in words):
                shapes[""][shape_of(word)] += 1
                shapes[history_token(word)][shape_of(word)] += 1
            # sorted: added up in another order, counts would differ in their last digit from process to process
            for line in sorted(_variants([[history_token(word) for word in words] for words in parts])):
                lines[line] += times
    counts: dict[Context, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line, times in lines.items():
        _count(counts, line, times)
    letters: dict[str, Counter[str]] = defaultdict(Counter)
    for word in counts[()]:
        if word != NUMBER_SYMBOL:
            _spell(letters, word)
    return WordTrigramModel({k: dict(v) for k, v in counts.items()}, dict(shapes), dict(letters), figure=figures)


def _variants(parts: list[list[str]]) -> set[Context]:
    """The words of a phrase as they may be written."""
    whole = [word for part in parts for word in part]
    lines = {tuple(whole), *map(tuple, parts)}
    if any(
        word in SHORT_FORMS or " ".join(pair) in SHORT_FORMS
        for word, pair in zip(whole, pairwise([*whole, ""]), strict=True)
    ):
        lines.add(tuple(word for part in parts for word in _shortened(part, keep=True)))
        lines.add(tuple(word for part in parts for word in _shortened(part, keep=False)))
    lines.discard(())
    return lines


def _count(counts: dict[Context, dict[str, float]], line: Context, times: float) -> None:
    whole = (PHRASE_EDGE, PHRASE_EDGE, *line, PHRASE_END)
    for i in range(2, len(whole)):
        if whole[i] != PHRASE_END:
            counts[()][whole[i]] += times
        if whole[i - 1] != PHRASE_EDGE:
            counts[whole[i - 1 : i]][whole[i]] += times
        counts[whole[i - 2 : i]][whole[i]] += times


def _spell(letters: dict[str, Counter[str]], word: str) -> None:
    for i in range(len(word) + 1):
        before, letter = word[max(i - 2, 0) : i], word[i : i + 1]
        letters[before][letter] += 1
        if before:
            letters["*" + before[-1]][letter] += 1


def _shortened(words: list[str], *, keep: bool) -> Iterator[str]:
    """The words with kinds of units, of one word or two, shortened or left out; a kind alone stays."""
    i = 0
    while i < len(words):
        length = 2 if " ".join(words[i : i + 2]) in SHORT_FORMS else 1
        kind = " ".join(words[i : i + length])
        if kind not in SHORT_FORMS or i + length >= len(words):
            yield words[i]
            i += 1
            continue
        if keep and SHORT_FORMS[kind]:
            yield SHORT_FORMS[kind]
        i += length


def _words(text: str) -> list[str]:
    for mark in PUNCTUATION_MARKS:
        if mark in text:
            text = text.replace(mark, " ")
    return text.split()


def read_phrases(path: Path) -> tuple[str, ...]:
    """The phrases of a UTF-8 text file with one a line. Raises BadInput where it cannot be read or is empty."""
    try:
        phrases = tuple(line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip())
    except OSError as error:
        raise BadInput(f"cannot read the lexicon {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the lexicon {path}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    if not phrases:
        raise BadInput(f"the lexicon {path} is empty; write a phrase a line")
    return phrases
