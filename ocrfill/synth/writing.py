"""A clerk writes: words laid line after line into a field's room, on to the next line, and over its end if need be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ocrfill.records import Strip
from ocrfill.synth.faces import Piece
from ocrfill.synth.hands import Pen
from ocrfill.synth.marks import strike, tick
from ocrfill.synth.sheet import Colour, Sheet
from ocrfill.synth.slots import Slot

TIGHTER = (1.0, 0.93, 0.87)
"""How much narrower a clerk writes to keep a value within its dotted lines; what still does not fit runs over."""

SMALLER = (1.0, 0.92, 0.85, 0.78, 0.71, 0.64, 0.57, 0.5)
"""How much smaller a clerk writes to keep a value within a table's cell."""

CELL_HEIGHT = 0.36
"""Height of small letters in a table, at most, as a share of the line's height."""


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word ready to lay: its ink, its text, and whether it is struck through (then it is not part of the value)."""

    piece: Piece
    text: str
    struck: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What came to stand on each strip, and whether it ran over the last strip's end."""

    texts: tuple[str, ...]
    overflow: bool


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who writes with what: the pen, the ink's colour, its strength (1 is fresh, less is faded), pixels a millimetre."""

    pen: Pen
    colour: Colour
    pixels: float

    @property
    def thick(self) -> float:
        """The width of a stroke in pixels."""
        return max(1.0, (self.pen.hand.width or 0.35) * self.pixels)


def write_value(
    sheet: Sheet, slot: Slot, text: str, struck: str, clerk: Clerk, owner: int, rng: np.random.Generator
) -> Written:
    """Write a value into its slot; the first strip's ink belongs to `owner`, the next one's to `owner` + 1, and on.

    `struck` is what the clerk first wrote and struck through; "" for nothing.
    """
    height = letter_height(slot, clerk)
    wanted = [(word, wrong) for part, wrong in ((struck, True), (text, False)) for word in part.split()]
    words = [Word(clerk.pen.word(word, height, rng), word, struck=wrong) for word, wrong in wanted]
    space = clerk.pen.hand.space * height
    for scale in SMALLER if slot.cell else TIGHTER:
        smaller = [replace(w, piece=w.piece.scaled(scale, scale if slot.cell else scale**0.5)) for w in words]
        rows = _rows(smaller, slot.strips, space * scale, forced=False)
        if rows is not None:
            break
    else:
        rows = _rows(smaller, slot.strips, space * scale, forced=True) or []
        space *= scale
    overflow = False
    for i, (strip, row) in enumerate(zip(slot.strips, rows, strict=True)):
        end = slot.limit if i == len(slot.strips) - 1 else strip.box.right + clerk.pixels
        overflow |= _write_row(sheet, strip, row, space, end, height, clerk, owner + i, rng)
    texts = tuple(" ".join(w.text for w in row if not w.struck) for row in rows)
    return Written(texts, overflow)


def letter_height(slot: Slot, clerk: Clerk) -> float:
    """Height of small letters in pixels: the hand's own, less where lines are narrow."""
    return min(clerk.pen.hand.height * clerk.pixels, slot.line * CELL_HEIGHT)


def _rows(words: list[Word], strips: tuple[Strip, ...], space: float, *, forced: bool) -> list[list[Word]] | None:
    """The words shared out over the strips; None where they do not fit. `forced` puts the rest on the last strip."""
    rows: list[list[Word]] = [[] for _ in strips]
    i, used = 0, 0.0
    for word in words:
        step = word.piece.advance + (space if rows[i] else 0)
        while used + step > strips[i].box.width:
            if i == len(strips) - 1:
                if not forced:
                    return None
                break
            i, used, step = i + 1, 0.0, word.piece.advance
        rows[i].append(word)
        used += step
    return rows


def _write_row(
    sheet: Sheet,
    strip: Strip,
    row: list[Word],
    space: float,
    limit: float,
    height: float,
    clerk: Clerk,
    owner: int,
    rng: np.random.Generator,
) -> bool:
    """Lay a strip's words on its base line. True where they run over its end."""
    if not row:
        return False
    length = sum(w.piece.advance for w in row) + space * (len(row) - 1)
    slack = strip.box.width - length
    x = strip.box.left + (min(slack, 30 * clerk.pixels) * rng.uniform(0.02, 0.3) if slack > 0 else 0)
    if x + length > limit:
        squeeze = max(0.35, (limit - x) / length)
        row = [replace(w, piece=w.piece.scaled(squeeze, 1.0)) for w in row]
        space *= squeeze
    hand = clerk.pen.hand
    base = strip.baseline + height * rng.normal(0, 0.05)
    slope = rng.normal(0, 0.004)
    start = x
    for word in row:
        y = base + slope * (x - start) + rng.normal(0, hand.wander * 0.5) * height
        sheet.write(word.piece, x, y, clerk.colour, owner)
        if word.struck:
            line = strike(word.piece.advance, height, clerk.thick, rng)
            sheet.write(line, x, y, clerk.colour, owner)
        x += word.piece.advance + space * rng.uniform(0.85, 1.2)
    return x - space > strip.box.right + clerk.pixels * 1.5


def write_parts(
    sheet: Sheet, slot: Slot, parts: tuple[str, ...], clerk: Clerk, owner: int, rng: np.random.Generator
) -> Written:
    """Write one part into each strip (day, month and year into the gaps of a printed line), about the middle."""
    overflow = False
    height = letter_height(slot, clerk)
    for i, (strip, part) in enumerate(zip(slot.strips, parts, strict=True)):
        if not part:
            continue
        row = [Word(clerk.pen.word(word, height, rng), word, struck=False) for word in part.split()]
        length = sum(w.piece.advance for w in row)
        indent = max(0.0, strip.box.width - length) * rng.uniform(0.15, 0.5)
        room = replace(strip, box=replace(strip.box, left=round(strip.box.left + indent)))
        end = strip.box.right + clerk.pixels
        overflow |= _write_row(sheet, room, row, clerk.pen.hand.space * height, end, height, clerk, owner + i, rng)
    return Written(parts, overflow)


def write_tick(sheet: Sheet, slot: Slot, value: str, clerk: Clerk, owner: int, rng: np.random.Generator) -> Written:
    """Tick the box that stands for a value; no box for ""."""
    for i, (strip, option) in enumerate(zip(slot.strips, slot.options, strict=True)):
        if option != value:
            continue
        box = strip.box
        mask = tick(box.width, box.height, clerk.thick, rng)
        left = (box.left + box.right - mask.shape[1]) / 2 + rng.normal(0, 0.06) * box.width
        top = (box.top + box.bottom - mask.shape[0]) / 2 + rng.normal(0, 0.06) * box.height
        sheet.lay(mask, round(left), round(top), clerk.colour, owner + i)
    return Written(tuple("x" if option == value else "" for option in slot.options), overflow=False)
