"""A clerk writes: words laid line after line into a field's room, on to the next line, and over its end if need be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ocrfill.document.page import Strip
from ocrfill.training.synthetic.field_slots import FieldSlot
from ocrfill.training.synthetic.fonts import InkPiece
from ocrfill.training.synthetic.handwriting import Pen
from ocrfill.training.synthetic.ink_layers import Colour, PageCanvas
from ocrfill.training.synthetic.marks import strike, tick

WIDTH_FACTORS = (1.0, 0.93, 0.87)
"""How much narrower a clerk writes to keep a value within its dotted lines; what still does not fit runs over."""

SIZE_FACTORS = (1.0, 0.92, 0.85, 0.78, 0.71, 0.64, 0.57, 0.5)
"""How much smaller a clerk writes to keep a value within a table's cell."""

MAX_CELL_LETTER_SHARE = 0.36
"""Height of small letters, at most, as a share of the line's height."""

MIN_WIDTH_SHARE = 0.35
"""However little room is left in the margin, words are squeezed no further than to this share of their width."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes with what: the pen, its ink's colour on this page, and how many pixels a millimetre has."""

    pen: Pen
    colour: Colour
    pixels: float

    @property
    def thick(self) -> float:
        """The width of a pen stroke in pixels."""
        return max(1.0, (self.pen.hand.width or 0.35) * self.pixels)


@dataclass(frozen=True, slots=True, eq=False)
class WordToWrite:
    """A word ready to lay: its ink, its text, and whether it is struck through (then it is not part of the value)."""

    piece: InkPiece
    text: str
    struck: bool


@dataclass(frozen=True, slots=True)
class WrittenStrips:
    """What came to stand on each strip, and whether it ran over a strip's end."""

    texts: tuple[str, ...]
    overflow: bool


class PageWriter:
    """A clerk at a sheet. Whatever is written for a slot, the ink on its strip i belongs to `owner` + i."""

    def __init__(self, sheet: PageCanvas, clerk: Writer, rng: np.random.Generator) -> None:
        self.sheet = sheet
        self.clerk = clerk
        self.rng = rng

    def on(self, sheet: PageCanvas) -> PageWriter:
        """The same clerk at another sheet."""
        return PageWriter(sheet, self.clerk, self.rng)

    def value(self, slot: FieldSlot, text: str, struck: str, owner: int) -> WrittenStrips:
        """Write a value line after line. `struck` is what was first written and struck through; "" for nothing."""
        words = self._words(struck, slot, struck=True) + self._words(text, slot, struck=False)
        space = self._space(slot)
        rows: list[list[WordToWrite]] | None = None
        scale = 1.0
        for scale in SIZE_FACTORS if slot.cell else WIDTH_FACTORS:
            smaller = [replace(w, piece=w.piece.scaled(scale, scale if slot.cell else scale**0.5)) for w in words]
            rows = words_over_strips(smaller, slot.strips, space * scale)
            if rows is not None:
                break
        else:
            rows = words_over_strips(smaller, slot.strips, space * scale, forced=True)
        overflow = False
        for i, (strip, row) in enumerate(zip(slot.strips, rows or (), strict=True)):
            limit = slot.limit if i == len(slot.strips) - 1 else strip.box.right + self.clerk.pixels
            start = strip.box.left + self._indent(strip, row, space * scale)
            room = replace(strip, box=replace(strip.box, left=start))
            overflow |= self._row(room, row, space * scale, limit, owner + i)
        texts = tuple(" ".join(w.text for w in row if not w.struck) for row in rows or ())
        return WrittenStrips(texts, overflow)

    def parts(self, slot: FieldSlot, parts: tuple[str, ...], owner: int) -> WrittenStrips:
        """Write one part into each strip (day, month and year into the gaps of a printed line), about the middle."""
        overflow = False
        space = self._space(slot)
        for i, (strip, part) in enumerate(zip(slot.strips, parts, strict=True)):
            row = self._words(part, slot, struck=False)
            slack = max(0.0, strip.box.width - _length(row, space))
            start = round(strip.box.left + slack * self.rng.uniform(0.15, 0.5))
            room = replace(strip, box=replace(strip.box, left=start))
            overflow |= self._row(room, row, space, strip.box.right + self.clerk.pixels, owner + i)
        return WrittenStrips(parts, overflow)

    def tick(self, slot: FieldSlot, value: str, owner: int) -> WrittenStrips:
        """Tick the box that stands for a value; no box for ""."""
        for i, (strip, option) in enumerate(zip(slot.strips, slot.options, strict=True)):
            if option != value:
                continue
            box = strip.box
            mask = tick(box.width, box.height, self.clerk.thick, self.rng)
            left = (box.left + box.right - mask.shape[1]) / 2 + self.rng.normal(0, 0.06) * box.width
            top = (box.top + box.bottom - mask.shape[0]) / 2 + self.rng.normal(0, 0.06) * box.height
            self.sheet.lay(mask, round(left), round(top), self.clerk.colour, owner + i)
        return WrittenStrips(tuple("x" if option == value else "" for option in slot.options), overflow=False)

    def _words(self, text: str, slot: FieldSlot, *, struck: bool) -> list[WordToWrite]:
        height = self._height(slot)
        return [WordToWrite(self.clerk.pen.word(word, height, self.rng), word, struck) for word in text.split()]

    def _height(self, slot: FieldSlot) -> float:
        """Height of small letters in pixels: the hand's own, less where lines are narrow."""
        return min(self.clerk.pen.hand.height * self.clerk.pixels, slot.line * MAX_CELL_LETTER_SHARE)

    def _space(self, slot: FieldSlot) -> float:
        return self.clerk.pen.hand.space * self._height(slot)

    def _indent(self, strip: Strip, row: list[WordToWrite], space: float) -> int:
        """How far into the strip the clerk begins."""
        slack = strip.box.width - _length(row, space)
        return round(min(slack, 30 * self.clerk.pixels) * self.rng.uniform(0.02, 0.3)) if slack > 0 else 0

    def _row(self, strip: Strip, row: list[WordToWrite], space: float, limit: float, owner: int) -> bool:
        """Lay words on a strip's base line from its left end on. True where they run over its right end."""
        if not row:
            return False
        x = float(strip.box.left)
        length = _length(row, space)
        if x + length > limit:
            squeeze = max(MIN_WIDTH_SHARE, (limit - x) / length)
            row = [replace(w, piece=w.piece.scaled(squeeze, 1.0)) for w in row]
            space *= squeeze
        hand = self.clerk.pen.hand
        height = hand.height * self.clerk.pixels
        base = strip.baseline - hand.lift * self.clerk.pixels + height * self.rng.normal(0, 0.05)
        slope = self.rng.normal(0, 0.004)
        for word in row:
            y = base + slope * (x - strip.box.left) + self.rng.normal(0, hand.wander * 0.5) * height
            self.sheet.write(word.piece, x, y, self.clerk.colour, owner)
            if word.struck:
                line = strike(word.piece.advance, word.piece.rise * 0.55, self.clerk.thick, self.rng)
                self.sheet.write(line, x, y, self.clerk.colour, owner)
            x += word.piece.advance + space * self.rng.uniform(0.85, 1.1)
        return x - space > strip.box.right + self.clerk.pixels * 1.5


def words_over_strips(
    words: list[WordToWrite], strips: tuple[Strip, ...], space: float, *, forced: bool = False
) -> list[list[WordToWrite]] | None:
    """The words shared out over the strips; None where they do not fit.

    `forced` finds a place for each: one wider than any strip left stands alone, the rest goes on the last strip.
    """
    rows: list[list[WordToWrite]] = [[] for _ in strips]
    i, used = 0, 0.0
    for word in words:
        while used + word.piece.advance + (space if rows[i] else 0) > strips[i].box.width:
            roomier = any(strip.box.width >= word.piece.advance for strip in strips[i + 1 :])
            if not roomier and not forced:
                return None
            if not roomier and (not rows[i] or i == len(strips) - 1):
                break
            i, used = i + 1, 0.0
        used += word.piece.advance + (space if rows[i] else 0)
        rows[i].append(word)
    return rows


def _length(row: list[WordToWrite], space: float) -> float:
    return sum(w.piece.advance for w in row) + space * max(0, len(row) - 1)
