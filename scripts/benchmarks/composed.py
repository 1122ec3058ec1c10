"""Lines composed as fields of registers hold them, in hands no network has learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ocrfill.civil_status.book import Book
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.training.alphabet import spell
from ocrfill.training.line_texts import BOOK_KIND_OF_PREFIX
from ocrfill.training.synthetic.facts.composed_entries import compose_book
from ocrfill.training.synthetic.facts.vocabulary import Vocabulary
from ocrfill.training.synthetic.real_ink.pen import InkPen, InkStock, joined_pieces
from ocrfill.training.synthetic_lines import SMALL_LETTER_RANGE_PX, DrawnLine

MAX_STRIP_CHARACTERS = 70
"""Characters that a strip holds."""

BOOK_COUNT, ENTRIES_PER_BOOK = 200, 20


def composed(kind: str, seed: int, count: int, vocabulary: Vocabulary | None = None) -> list[str]:
    """Texts of all fields of a kind in composed entries of all layouts, none longer than a strip, each once."""
    seen: dict[str, None] = {}
    for text in _texts(kind, seed, vocabulary):
        seen[text] = None
        if len(seen) == count:
            break
    return list(seen)


def _texts(kind: str, seed: int, vocabulary: Vocabulary | None) -> Iterator[str]:
    for number in range(BOOK_COUNT):
        for name in shipped_layouts():
            layout = load_layout(name)
            columns = [column for column, spec in layout.fields.items() if spec.type.kind == kind]
            book = Book(
                BOOK_KIND_OF_PREFIX[name.partition("_")[0]], (1990 + number % 30,) * 2, 1, name, "UBND xã Tân Lập"
            )
            entries = compose_book(layout, book, ENTRIES_PER_BOOK, seed * 1000 + number, vocabulary) if columns else ()
            for entry in entries:
                for column in columns:
                    text = spell(entry.writings[column].text) if column in entry.writings else None
                    if text and len(text) <= MAX_STRIP_CHARACTERS:
                        yield text


def in_ink(texts: list[str], stock: InkStock, seed: int) -> Iterator[DrawnLine]:
    """The texts in cut-out real words and digits, each by another hand of the stock."""
    rng = np.random.default_rng(seed)
    for text in texts:
        pen = InkPen(stock, None, rng)
        height = rng.uniform(*SMALL_LETTER_RANGE_PX)
        line = joined_pieces([pen.word(word, height, rng) for word in text.split()], height * rng.uniform(0.6, 1.1))
        ink = np.pad(line.mask.astype(np.float32), round(height / 2))
        dark, paper = rng.uniform(20, 130), rng.uniform(190, 255)
        image = paper - (paper - dark) * ink / 255 + rng.normal(0, rng.uniform(0.5, 4), ink.shape)
        yield DrawnLine(np.clip(image, 0, 255).astype(np.uint8), text, "ink")


Writing = Callable[[list[str], int], Iterator[DrawnLine]]
