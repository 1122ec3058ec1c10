"""Words set in the face that forms are printed in, as they come from the press."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from ocrfill.document.template import Style
from ocrfill.layouts.typeface import type_file

MIN_EM_PX = 4
"""Words are set no smaller, in pixels of the face's size."""


@dataclass(frozen=True, slots=True, eq=False)
class SetWords:
    """Words as they come from the press: their coverage (0 to 255) and how they hang on the point where they begin.

    That point lies on the base line: the mask's left edge is `left` pixels to its right, its top row `rise` pixels
    above it. `advance` is the words' width in pixels, the spaces at both sides of their letters included.
    """

    mask: NDArray[np.uint8]
    left: int
    rise: int
    advance: float


def load_font(file: Traversable, em_px: int) -> ImageFont.FreeTypeFont:
    """A font file at a size (em) in whole pixels, its letters placed alike on every computer."""
    with io.BytesIO(file.read_bytes()) as stream:
        return ImageFont.truetype(stream, em_px, layout_engine=ImageFont.Layout.BASIC)


@cache
def type_font(style: Style, em_px: int) -> ImageFont.FreeTypeFont:
    """The face that forms are printed in, of that style, at a size (em) in whole pixels."""
    return load_font(type_file(style), em_px)


def draw_words(font: ImageFont.FreeTypeFont, text: str, *, bolder: float = 0.0, edge: int = 0) -> SetWords:
    """The words in a font, their outlines moved out by `bolder` pixels, with `edge` pixels of nothing around them."""
    left, top, right, bottom = (round(v) for v in font.getbbox(text, anchor="ls"))
    canvas = Pictures.new("L", (max(1, right - left + 2 * edge), max(1, bottom - top + 2 * edge)), 0)
    at = (edge - left, edge - top)
    ImageDraw.Draw(canvas).text(at, text, fill=255, font=font, anchor="ls", stroke_width=bolder)
    return SetWords(np.asarray(canvas, dtype=np.uint8), left - edge, edge - top, font.getlength(text))


def set_type(text: str, style: Style, em_px: float) -> SetWords:
    """The words in the face, whose size (em) is given in pixels."""
    return draw_words(type_font(style, max(MIN_EM_PX, round(em_px))), text)
