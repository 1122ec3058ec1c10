"""The page at reading scale for measuring, and its paper's brightness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image, Page
from ocrfill.pipeline.ink_channel import ink_channel
from ocrfill.pipeline.reduced_page import reduced

MIN_PAPER_BRIGHTNESS_SHARE = 0.45
"""Paper darker than this share of the page's own paper is no paper but a book edge or the scanner's lid."""


MAX_RULE_WIDTH_PX, MAX_STROKE_HEIGHT_PX, MAX_FOLD_WIDTH_PX = 7, 48, 121
"""Pixels of the reduced page: an upright rule is narrower and a stroke of writing shorter than these; what is wider and
taller, with paper on both sides no farther apart than the last, is the shadow of a fold."""

MIN_FOLD_BRIGHTNESS_SHARE = 0.12
"""Paper in the depth of a fold may be as dark as this share of the paper beside it."""


MIN_SURFACE_WIDTH_PX, MIN_SURFACE_DARKNESS, SHADOW_WIDTH_PX = 8, 0.25, 21
"""A surface at least so many pixels of the reduced page wide and so dark is no writing; its shadow reaches half of
the last beyond it."""


@dataclass(frozen=True, slots=True, eq=False)
class ReducedPage:
    """A page made small. `image` has the page's channels, `paper` the brightness of the paper at each of its pixels;
    pixel u of it lies at (u + .5) * scale - .5 on the page.
    """

    image: Image
    paper: Image
    scale: float

    @property
    def darkness(self) -> NDArray[np.float32]:
        """How dark print and writing are, 0 for paper to 1 for black; red seals are hardly seen, and large dark
        surfaces (book edges, the scanner's lid) count as paper, with a margin for the shadow beside them.
        """
        even = cv2.divide(ink_channel(self.image), ink_channel(self.paper), scale=255.0)
        dark = np.clip((255 - even.astype(np.float32)) / 255, 0, 1)
        wider = cv2.copyMakeBorder(
            (dark > MIN_SURFACE_DARKNESS).astype(np.uint8),
            MIN_SURFACE_WIDTH_PX,
            MIN_SURFACE_WIDTH_PX,
            MIN_SURFACE_WIDTH_PX,
            MIN_SURFACE_WIDTH_PX,
            cv2.BORDER_REPLICATE,
        )
        surface = cv2.morphologyEx(
            wider, cv2.MORPH_OPEN, np.ones((MIN_SURFACE_WIDTH_PX, MIN_SURFACE_WIDTH_PX), np.uint8)
        )
        shadow = cv2.dilate(surface, np.ones((SHADOW_WIDTH_PX, SHADOW_WIDTH_PX), np.uint8))
        dark[shadow[MIN_SURFACE_WIDTH_PX:-MIN_SURFACE_WIDTH_PX, MIN_SURFACE_WIDTH_PX:-MIN_SURFACE_WIDTH_PX] > 0] = 0
        return cast(NDArray[np.float32], dark)


def reduced_page(page: Page) -> ReducedPage:
    """The page at about 100 pixels an inch with its paper's brightness."""
    image, scale = reduced(page.image, page.dpi)
    return ReducedPage(image, paper_brightness(image), scale)


def paper_brightness(image: Image) -> Image:
    """The paper's brightness under the writing of a reduced page: bright neighbours win, then smoothed.

    Nowhere darker than `MIN_PAPER_BRIGHTNESS_SHARE` of the whole page's paper, so that dark edges stay dark.
    """
    even, floor = _even_paper(image)
    return cast(Image, np.maximum(even, floor))


def folded_paper_brightness(image: Image) -> Image:
    """The same of a straightened page, which may have folds: in their shadow the brightest of each column wins."""
    height, width = image.shape[:2]
    even, floor = _even_paper(image)
    low = cv2.resize(image, (width, max(1, height // 4)), interpolation=cv2.INTER_AREA)
    without_rules = cv2.morphologyEx(low, cv2.MORPH_CLOSE, np.ones((1, MAX_RULE_WIDTH_PX), np.uint8))
    closed = cv2.morphologyEx(without_rules, cv2.MORPH_CLOSE, np.ones((MAX_STROKE_HEIGHT_PX // 4, 1), np.uint8))
    along = cv2.blur(closed, (1, 7))
    filled = cv2.morphologyEx(along, cv2.MORPH_CLOSE, np.ones((1, MAX_FOLD_WIDTH_PX), np.uint8))
    least = np.where(filled > floor, (filled * MIN_FOLD_BRIGHTNESS_SHARE).astype(np.uint8), floor)
    folded = cv2.resize(np.maximum(along, least), (width, height), interpolation=cv2.INTER_LINEAR)
    return cast(Image, np.maximum(np.minimum(np.maximum(even, floor), folded), 1))


def _even_paper(image: Image) -> tuple[Image, Image]:
    """The paper where no fold is, and the least that counts as paper, for each channel."""
    height, width = image.shape[:2]
    half = cv2.resize(image, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    smooth = cast(Image, cv2.blur(cv2.medianBlur(closed, 5), (7, 7)))
    floor = np.percentile(smooth.reshape(-1, 1 if image.ndim == 2 else 3), 75, axis=0) * MIN_PAPER_BRIGHTNESS_SHARE
    even = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return cast(Image, even), np.maximum(floor, 1).astype(np.uint8)
