"""Who keeps the book: the pen and the ink of each page."""

from __future__ import annotations

import numpy as np

from ocrfill.civil_status.book import Book
from ocrfill.training.synthetic.facts.vocabulary import Vocabulary, closed_words
from ocrfill.training.synthetic.fonts import HAND_FONTS
from ocrfill.training.synthetic.handwriting import TYPEWRITER_HAND, FacePen, Pen, draw_hand
from ocrfill.training.synthetic.handwriting_layout import Writer
from ocrfill.training.synthetic.ink_layers import Colour
from ocrfill.training.synthetic.options import DrawingOptions, random_for
from ocrfill.training.synthetic.real_ink.pen import InkPen, load_stock

PAGES_PER_WRITER = 25
"""A clerk keeps the book for about so many pages before another hand takes over."""


class BookWriters:
    """The clerks of one book, in the order they kept it."""

    def __init__(self, book: Book, seed: int, drawing: DrawingOptions) -> None:
        self._book, self._seed, self._drawing = book, seed, drawing
        self._pens: dict[int, Pen] = {}
        self._stock = load_stock(drawing.ink) if drawing.hand == "ink" else None
        self.vocabulary: Vocabulary | None = self._stock.vocabulary if self._stock else None
        if self.vocabulary is not None and drawing.faces:
            self.vocabulary = self.vocabulary.with_words(closed_words())

    def at(self, page: int) -> Writer:
        """Who wrote a page (from 1); the ink is fresher on some pages than on others."""
        turn = (
            page - 1 + int(random_for(self._book, self._seed, "turn").integers(PAGES_PER_WRITER))
        ) // PAGES_PER_WRITER
        if turn not in self._pens:
            self._pens[turn] = self._pen(turn)
        pen = self._pens[turn]
        lost = self._drawing.damage.fade * random_for(self._book, self._seed, "fade", page).uniform(0, 1)
        return Writer(pen, faded(pen.hand.colour, lost), self._drawing.dpi / 25.4)

    def _pen(self, turn: int) -> Pen:
        pixels = self._drawing.dpi / 25.4
        if self._drawing.hand == "print":
            return FacePen(TYPEWRITER_HAND, pixels)
        faces = self._drawing.faces
        if self._stock is not None:
            rng = random_for(self._book, self._seed, "hand", turn)
            other = (
                FacePen(draw_hand(random_for(self._book, self._seed, "face", turn), faces), pixels) if faces else None
            )
            return InkPen(self._stock, self._drawing.writer, rng, other)
        return FacePen(draw_hand(random_for(self._book, self._seed, "hand", turn), faces or HAND_FONTS), pixels)


def faded(colour: Colour, lost: float) -> Colour:
    """An ink of which a share has gone: nearer to the paper, blue and violet paler still in red."""
    blue, green, red = (round(v + (255 - v) * lost * k) for v, k in zip(colour, (0.75, 0.85, 0.9), strict=True))
    return blue, green, red


def signing_ink(rng: np.random.Generator, clerk: Writer) -> Colour:
    """The ink of somebody else's signature: mostly the clerk's pen, else another blue or black."""
    if rng.random() < 0.5:
        return clerk.colour
    return draw_hand(rng).colour
