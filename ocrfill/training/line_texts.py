"""What registers hold, as single lines of writing: the fields of composed entries, broken as clerks break them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from ocrfill.civil_status.book import Book
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.training.alphabet import spell
from ocrfill.training.synthetic.facts.composed_entries import compose_book

PHRASE_SHARE = 0.35
"""Share of lines that are phrases of the real lines."""

BOOK_KIND_OF_PREFIX = {"ks": "KS", "kh": "KH", "kt": "KT", "cmc": "CMC", "hn": "HN"}
"""Which kind of book a layout's name begins with."""

MAX_LINE_LETTERS = 55
"""Letters after which a line is broken: a strip of a form seldom holds more."""

SPLIT_SHARE, CAPITALS_SHARE, FIGURES_SHARE = 0.4, 0.06, 0.5
"""Shares of lines broken earlier than they must be, all in capitals, and of figures alone."""


def field_texts(seed: int, entries: int = 60) -> Iterator[str]:
    """Lines without end, in random order, of all shipped layouts; NFC, in letters of the alphabet."""
    rng = random.Random(seed)
    for number in range(1_000_000):
        pool = [text for name in shipped_layouts() for text in _entries(name, entries, seed * 1009 + number, rng)]
        rng.shuffle(pool)
        for text in pool:
            for line in _lines(text, rng):
                spelled = spell(line)
                if spelled:
                    yield spelled.upper() if rng.random() < CAPITALS_SHARE else spelled
            if rng.random() < FIGURES_SHARE:
                yield _figures(rng)


def mixed_texts(seed: int, phrases: Sequence[str]) -> Iterator[str]:
    """Lines without end: of registers, and with PHRASE_SHARE parts of the phrases, that words keep likely company."""
    rng = random.Random(seed)
    texts = field_texts(seed)
    known = [words for words in (phrase.split() for phrase in phrases) if len(words) > 1]
    while True:
        if not known or rng.random() >= PHRASE_SHARE:
            yield next(texts)
            continue
        words = rng.choice(known)
        first = rng.randrange(len(words)) if rng.random() < 0.5 else 0
        yield " ".join(words[first : first + rng.randint(2, 12)])


def _entries(name: str, count: int, seed: int, rng: random.Random) -> Iterator[str]:
    layout = load_layout(name)
    year = rng.randint(1958, 2020)
    book = Book(BOOK_KIND_OF_PREFIX[name.partition("_")[0]], (year, year), rng.randint(1, 3), name, "UBND xã Tân Lập")
    for entry in compose_book(layout, book, count, seed):
        for writing in entry.writings.values():
            if writing.text:
                yield writing.text


def _lines(text: str, rng: random.Random) -> Iterator[str]:
    """The text broken into lines at spaces, the first sometimes early."""
    words: list[str] = text.split()
    limit = rng.randint(8, MAX_LINE_LETTERS) if rng.random() < SPLIT_SHARE else MAX_LINE_LETTERS
    line: list[str] = []
    for word in words:
        if line and len(" ".join([*line, word])) > limit:
            yield " ".join(line)
            line, limit = [], MAX_LINE_LETTERS
        line.append(word)
    if line:
        yield " ".join(line)


def _figures(rng: random.Random) -> str:
    """Figures as registers have them: numbers, dates in many shapes, identity numbers, clock times."""
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1900, 2024)
    return rng.choice(
        (
            str(rng.randint(0, 400)),
            f"{rng.randint(0, 99):02d}",
            str(year),
            f"{day:02d}/{month:02d}/{year}",
            f"{day}-{month}-{year}",
            f"{day:02d}.{month:02d}.{year}",
            f"{day}/{month}/{year % 100:02d}",
            f"{rng.randint(1, 300):02d}/{year}",
            "".join(rng.choices("0123456789", k=9)),
            "".join(rng.choices("0123456789", k=12)),
            f"{rng.randint(0, 23)} giờ {rng.randint(0, 59):02d}",
            "".join(rng.choices("0123456789", k=rng.randint(2, 8))),
        )
    )
