"""The sheet of paper a page is drawn on: what its inks let through, and whose ink lies where."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image
from ocrfill.training.synthetic.fonts import InkPiece

Colour = tuple[int, int, int]
"""Blue, green, red: what an ink lets through where it covers all."""

MIN_INK_COVERAGE = 72
"""Least coverage (of 255) that counts as a field's ink in the truth; the soft rim of a stroke lies below."""


class PageCanvas:
    """A white page in the making.

    `light` is what the page sends back (height, width, 3); every ink laid on it takes some away, so that crossing
    inks darken each other as they do on paper. `owner` holds at each pixel the number of the strip whose ink is
    there, 0 for none.
    """

    def __init__(self, printed: Image, black: int) -> None:
        """From the coverage of a form's print and how dark its black is (0 is the darkest)."""
        levels = 255 - np.arange(256) * (255 - black) / 255
        grey = cv2.LUT(printed, np.round(levels).astype(np.uint8))
        self.light: Image = np.asarray(cv2.merge([grey, grey, grey]), dtype=np.uint8)
        self.owner: NDArray[np.uint16] = np.zeros(printed.shape, np.uint16)

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.light.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.light.shape[0])

    def lay(self, mask: Image, left: int, top: int, colour: Colour, owner: int = 0) -> None:
        """Lay ink of a coverage with its upper left corner at a place; what falls beside the page is lost."""
        height, width = mask.shape
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + width, self.width), min(top + height, self.height)
        if x0 >= x1 or y0 >= y1:
            return
        cover = mask[y0 - top : y1 - top, x0 - left : x1 - left]
        taken = cover[..., None].astype(np.float32) * ((255 - np.array(colour, np.float32)) / 255)
        spot = self.light[y0:y1, x0:x1]
        spot[:] = np.round(spot * (1 - taken / 255)).astype(np.uint8)
        if owner:
            self.owner[y0:y1, x0:x1][cover >= MIN_INK_COVERAGE] = owner

    def write(self, piece: InkPiece, x: float, baseline: float, colour: Colour, owner: int = 0) -> None:
        """Lay a piece with the pen's point at x on the base line."""
        self.lay(piece.mask, round(x) + piece.left, round(baseline) - piece.rise, colour, owner)
