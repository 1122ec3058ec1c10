"""Words set in the face that forms are printed in, as they come from the press."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

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


@cache
def type_font(style: Style, em_px: int) -> ImageFont.FreeTypeFont:
    """The face of that style at a size (em) in whole pixels."""
    with io.BytesIO(type_file(style).read_bytes()) as stream:
        return ImageFont.truetype(stream, em_px, layout_engine=ImageFont.Layout.BASIC)


def set_type(text: str, style: Style, em_px: float) -> SetWords:
    """The words in the face, whose size (em) is given in pixels."""
    font = type_font(style, max(MIN_EM_PX, round(em_px)))
    left, top, right, bottom = (round(v) for v in font.getbbox(text, anchor="ls"))
    canvas = Pictures.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(canvas).text((-left, -top), text, fill=255, font=font, anchor="ls")
    return SetWords(np.asarray(canvas, dtype=np.uint8), left, -top, font.getlength(text))
