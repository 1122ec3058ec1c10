"""Type faces: the serif face forms are printed in and the handwriting faces, and text set in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import cv2
import numpy as np
from PIL import ImageFont

from ocrfill.document.page import Image
from ocrfill.document.template import Style
from ocrfill.layouts.typeface import TYPE_FILES
from ocrfill.pipeline.set_type import MIN_EM_PX, draw_words, load_font

PRINT_FONTS: dict[Style, str] = {style: f"print/{name}" for style, name in TYPE_FILES.items()}
"""The face that forms are printed in, `ocrfill.layouts.typeface`."""

HAND_FONTS = (
    "hand/BadScript_400Regular.ttf",
    "hand/Charm_400Regular.ttf",
    "hand/DancingScript_400Regular.ttf",
    "hand/Ephesis_400Regular.ttf",
    "hand/Itim_400Regular.ttf",
    "hand/Mali_400Regular.ttf",
    "hand/PatrickHand_400Regular.ttf",
    "hand/PlaywriteUSTrad_400Regular.ttf",
    "hand/SedgwickAve_400Regular.ttf",
    "hand/Sriracha_400Regular.ttf",
    "hand/Whisper_400Regular.ttf",
)
"""Faces that look like a hand and cover Vietnamese whole; origin and licences in fonts/README.md."""


@dataclass(frozen=True, slots=True, eq=False)
class InkPiece:
    """A piece of ink, mostly a word: its coverage (0 to 255) and how it hangs on the pen's point.

    The pen's point lies on the base line: the mask's left edge is `left` pixels to its right, its top row `rise`
    pixels above it. `advance` is how far the pen moves on, in pixels.
    """

    mask: Image
    left: int
    rise: int
    advance: float

    @property
    def drop(self) -> int:
        """Rows of the mask that lie below the base line."""
        return int(self.mask.shape[0]) - self.rise

    def scaled(self, across: float, down: float) -> InkPiece:
        """This piece with its widths and heights times these factors."""
        height, width = self.mask.shape
        rise, drop = round(self.rise * down), round((height - self.rise) * down)
        size = (max(1, round(width * across)), max(1, rise + drop))
        kind = cv2.INTER_AREA if across < 1 or down < 1 else cv2.INTER_CUBIC
        mask = np.asarray(cv2.resize(self.mask, size, interpolation=kind), dtype=np.uint8)
        return InkPiece(mask, round(self.left * across), rise, self.advance * across)


_FONTS_FOLDER = resources.files("ocrfill.training.synthetic") / "fonts"


@cache
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    folder, _, name = face.partition("/")
    shelf = resources.files("ocrfill.layouts.typeface") if folder == "print" else _FONTS_FOLDER / folder
    return load_font(shelf / name, size)


@cache
def x_height(face: str) -> float:
    """The height of the face's small letters as a share of its size."""
    _, top, _, _ = _font(face, 400).getbbox("x", anchor="ls")
    return -top / 400


@cache
def stroke(face: str) -> float:
    """The width of the face's strokes as a share of its size: twice the ink's area over its outline's length."""
    ink = set_text(face, "nhaotrm", 400).mask
    outlines, _ = cv2.findContours((ink > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(outline, closed=True) for outline in outlines)
    return 2 * float((ink > 127).sum()) / length / 400


def set_text(face: str, text: str, size: float, bolder: float = 0.0) -> InkPiece:
    """The text in a face whose size (em) is given in pixels, its outlines moved out by `bolder` pixels."""
    font = _font(face, max(MIN_EM_PX, round(size)))
    words = draw_words(font, text, bolder=bolder, edge=int(np.ceil(bolder)) + 1)
    return InkPiece(words.mask, words.left, words.rise, words.advance)
