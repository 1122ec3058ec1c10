"""The page at reading scale for measuring, and its paper's brightness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.records import Image, Page

WORKING_DPI = 100.0
"""Fine enough to see dotted lines and rules, a ninth of the pixels of a scan at 300 dpi."""

LONGEST_SIDE = (900, 1800)
"""Bounds for the reduced page's longer side in pixels, for files whose dpi cannot be right."""

NEARLY_WHOLE = 0.1
"""How far off a whole number the reduction may be made to be one."""

RED = 2
"""The channel in which red seals fade and blue and black ink stay dark (OpenCV's order is blue, green, red)."""

DARKEST_PAPER = 0.45
"""Paper darker than this share of the page's own paper is no paper but a book edge or the scanner's lid."""


SURFACE, SURFACE_DARK, SHADOW = 8, 0.25, 21
"""A surface at least so many pixels of the reduced page wide and so dark is no writing; its shadow reaches half of
the last beyond it."""


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A page made small. `image` has the page's channels, `paper` the brightness of the paper at each of its pixels;
    pixel u of it lies at (u + .5) * scale - .5 on the page."""

    image: Image
    paper: Image
    scale: float

    @property
    def darkness(self) -> NDArray[np.float32]:
        """How dark print and writing are, 0 for paper to 1 for black; red seals are hardly seen, and large dark
        surfaces (book edges, the scanner's lid) count as paper, with a margin for the shadow beside them."""
        even = cv2.divide(one_channel(self.image), one_channel(self.paper), scale=255.0)
        dark = np.clip((255 - even.astype(np.float32)) / 255, 0, 1)
        wider = cv2.copyMakeBorder((dark > SURFACE_DARK).astype(np.uint8), *[SURFACE] * 4, cv2.BORDER_REPLICATE)
        surface = cv2.morphologyEx(wider, cv2.MORPH_OPEN, np.ones((SURFACE, SURFACE), np.uint8))
        shadow = cv2.dilate(surface, np.ones((SHADOW, SHADOW), np.uint8))
        dark[shadow[SURFACE:-SURFACE, SURFACE:-SURFACE] > 0] = 0
        return cast(NDArray[np.float32], dark)


def one_channel(image: Image) -> Image:
    """Grey as it is; of a colour image the channel in which red seals fade."""
    return image if image.ndim == 2 else cast(Image, cv2.extractChannel(image, RED))


def reduce(page: Page) -> Reduced:
    """The page at about `WORKING_DPI` with its paper's brightness."""
    width, height = reduced_size(page.width, page.height, page.dpi)
    image = cast(Image, cv2.resize(page.image, (width, height), interpolation=cv2.INTER_AREA))
    return Reduced(image, paper_of(image), page.width / width)


def reduced_size(width: int, height: int, dpi: float) -> tuple[int, int]:
    """Width and height of a page reduced to `WORKING_DPI`, by a whole number where one is near (that is faster)."""
    low, high = LONGEST_SIDE
    scale = min(max(dpi / WORKING_DPI, max(width, height) / high), max(width, height) / low)
    scale = max(scale, 1.0)
    if abs(scale - round(scale)) < NEARLY_WHOLE * scale:
        scale = round(scale)
    return max(round(width / scale), 1), max(round(height / scale), 1)


def paper_of(image: Image) -> Image:
    """The paper's brightness under the writing of a reduced page: bright neighbours win, then smoothed.

    Nowhere darker than `DARKEST_PAPER` of the whole page's paper, so that dark edges stay dark.
    """
    height, width = image.shape[:2]
    half = cv2.resize(image, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    smooth = cv2.blur(cv2.medianBlur(closed, 5), (7, 7))
    floor = np.percentile(smooth.reshape(-1, 1 if image.ndim == 2 else 3), 75, axis=0) * DARKEST_PAPER
    smooth = np.maximum(smooth, np.maximum(floor, 1)).astype(np.uint8)
    return cast(Image, cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR))
