"""A clerk's hand, and the pens that write in it: a type face as from a typewriter, or a handwriting face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import cv2
import numpy as np

from ocrfill.document.page import Image
from ocrfill.training.synthetic.fonts import HAND_FONTS, PRINT_FONTS, InkPiece, set_text, stroke, x_height
from ocrfill.training.synthetic.ink_layers import Colour

BLUE_INKS: tuple[Colour, ...] = ((150, 58, 34), (168, 74, 40), (120, 42, 30))
BLACK_INKS: tuple[Colour, ...] = ((48, 42, 40), (38, 32, 34))
VIOLET_INKS: tuple[Colour, ...] = ((140, 40, 84),)


@dataclass(frozen=True, slots=True)
class Hand:
    """How one clerk writes in one book.

    `height` is that of small letters and `width` that of the pen's stroke, both in millimetres (0 leaves a face's own
    strokes as they are); `slant` is the tangent of the lean to the right; `wander`,
    `tilt` and `waver` are how far words leave the base line (share of `height`),
    turn (degrees) and how far their strokes waver (share of `height`); `space` is the gap between words (share of
    `height`), `pressure` how uneven strokes are (0 to 1).
    """

    face: str
    colour: Colour
    height: float = 2.6
    slant: float = 0.0
    width: float = 0.4
    wander: float = 0.06
    tilt: float = 0.8
    waver: float = 0.05
    space: float = 0.9
    pressure: float = 0.35
    lift: float = 0.0


TYPEWRITER_HAND = Hand(
    face=PRINT_FONTS["plain"],
    colour=(40, 36, 36),
    height=1.9,
    width=0.0,
    wander=0.0,
    tilt=0.0,
    waver=0.0,
    space=0.6,
    pressure=0.1,
    lift=1.2,
)
"""Values set in the form's own face: for reading print, and as some later entries are.

Typed lines stand clear of the dots, marks below the letters too.
"""


def draw_hand(rng: np.random.Generator, faces: Sequence[str] = HAND_FONTS) -> Hand:
    """A clerk's hand by chance, in one of the faces: blue ink mostly, as in the scans seen."""
    inks = (BLUE_INKS, BLACK_INKS, VIOLET_INKS)[int(rng.choice(3, p=[0.62, 0.28, 0.1]))]
    return Hand(
        face=str(rng.choice(list(faces))),
        colour=inks[int(rng.integers(len(inks)))],
        height=float(rng.uniform(2.2, 2.8)),
        slant=float(rng.normal(0.06, 0.08)),
        width=float(rng.uniform(0.33, 0.5)),
        wander=float(rng.uniform(0.03, 0.1)),
        tilt=float(rng.uniform(0.4, 1.2)),
        waver=float(rng.uniform(0.03, 0.07)),
        space=float(rng.uniform(0.7, 1.2)),
        pressure=float(rng.uniform(0.2, 0.5)),
    )


class Pen(Protocol):
    """What writes words: a whole word at a time, at a height of small letters given in pixels.

    `limited` says that only words of some vocabulary can be written.
    """

    limited: ClassVar[bool]

    @property
    def hand(self) -> Hand:
        """How this pen writes."""

    def word(self, text: str, height: float, rng: np.random.Generator) -> InkPiece:
        """The word in ink, its small letters so many pixels high."""


@dataclass(frozen=True, slots=True)
class FacePen:
    """Writes with a type face; a hand's unevenness makes no two words alike. `pixels` a millimetre."""

    limited: ClassVar[bool] = False
    hand: Hand
    pixels: float

    def word(self, text: str, height: float, rng: np.random.Generator) -> InkPiece:
        """The word in ink, its small letters so many pixels high."""
        hand = self.hand
        size = height / x_height(hand.face)
        bolder = (hand.width * self.pixels - stroke(hand.face) * size) / 2 if hand.width else 0.0
        piece = set_text(hand.face, text, size, max(0.0, bolder))
        if hand.waver or hand.slant or hand.tilt:
            piece = trembling(piece, hand, height, min(0.0, bolder), rng)
        return InkPiece(pressed(piece.mask, self.hand.pressure, rng), piece.left, piece.rise, piece.advance)


def trembling(piece: InkPiece, hand: Hand, height: float, bolder: float, rng: np.random.Generator) -> InkPiece:
    """A piece leaned, turned a little about the pen's point, its strokes wavering, their edges moved by `bolder`."""
    high, wide = piece.mask.shape
    room = round(0.35 * height + abs(hand.slant) * high) + 2
    angle = np.radians(rng.normal(0, hand.tilt))
    lift = int(np.ceil(abs(np.sin(angle)) * wide)) + round(0.3 * height) + 1
    x, y = np.meshgrid(np.arange(wide + 2 * room, dtype=np.float32), np.arange(high + 2 * lift, dtype=np.float32))
    x -= room
    y -= lift + piece.rise  # from here on y counts from the base line
    turned_x = np.cos(angle) * x + np.sin(angle) * y
    turned_y = -np.sin(angle) * x + np.cos(angle) * y
    source_x = turned_x + hand.slant * turned_y + _waves(x.shape, height * 0.9, hand.waver * height, rng)
    source_y = turned_y + piece.rise + _waves(x.shape, height * 1.1, hand.waver * height, rng)
    source_x, source_y = source_x.astype(np.float32), source_y.astype(np.float32)
    mask = cv2.remap(piece.mask, source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return InkPiece(_edged(np.asarray(mask, np.uint8), bolder), piece.left - room, piece.rise + lift, piece.advance)


def _waves(shape: tuple[int, ...], length: float, size: float, rng: np.random.Generator) -> Image:
    """A smooth field of displacements in pixels whose waves are about `length` pixels long."""
    rows, columns = (max(2, int(n / length) + 2) for n in shape)
    coarse = rng.normal(0, size, (rows, columns)).astype(np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)  # type: ignore[return-value]


def _edged(mask: Image, bolder: float) -> Image:
    """Strokes with their edges moved out by so many pixels (in, if less than 0), at most about one: along the slope
    that a blur gives them.
    """
    spread = 1.0
    soft = cv2.GaussianBlur(mask, (0, 0), spread).astype(np.float32)
    edge = 255 * (0.5 + 0.5 * math.erf(-max(-1.2, bolder) / spread / math.sqrt(2)))
    return np.asarray(np.clip((soft - edge) * 2.0 + 128, 0, 255), np.uint8)


def pressed(mask: Image, pressure: float, rng: np.random.Generator) -> Image:
    """Strokes lighter and darker along the word, as a ball pen leaves them."""
    if pressure <= 0:
        return mask
    high, wide = mask.shape
    coarse = 1 - pressure * rng.uniform(0, 1, (3, max(3, wide // 14))).astype(np.float32)
    even = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(mask * even, 0, 255), np.uint8)
