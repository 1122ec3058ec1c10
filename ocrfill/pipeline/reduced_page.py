"""Pages reduced to the scale at which they are measured."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Floats

WORKING_DPI = 100.0
"""Pages are measured at so many pixels an inch: dotted lines and rules still show, in a ninth of a scan's pixels."""

RULE_SIDE_PX = 4
"""The sides of a rule or dotted line are looked at so far from its middle: 1 mm."""

LONGEST_SIDE_RANGE_PX = (900, 1800)
"""Bounds for a measured page's longer side in pixels, for files whose dpi cannot be right."""

MAX_ROUNDING_SHARE = 0.1
"""How far off a whole number a reduction may be made to be one: that is faster."""


def reduced_size(width: int, height: int, dpi: float) -> tuple[int, int]:
    """Width and height of a page reduced to `WORKING_DPI` for measuring; never larger than the page."""
    scale = _reduction(width, height, dpi)
    return max(round(width / scale), 1), max(round(height / scale), 1)


def reduced(image: NDArray[np.uint8], dpi: float) -> tuple[NDArray[np.uint8], float]:
    """A page's image reduced so, and by how much: pixel u of it lies at (u + .5) * scale - .5 on the page.

    By a whole number the page's last odd rows and columns are left out, which takes a third of the time.
    """
    height, width = image.shape[:2]
    scale = _reduction(width, height, dpi)
    if scale == int(scale):
        size = (max(int(width // scale), 1), max(int(height // scale), 1))
        image = image[: size[1] * int(scale), : size[0] * int(scale)]
    else:
        size = reduced_size(width, height, dpi)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cast(NDArray[np.uint8], small), image.shape[1] / size[0]


def darker_than_sides(ink: Floats, *, axis: int) -> Floats:
    """How much darker a pixel of a reduced page is than both its sides; lines run across `axis` (0: along x)."""
    side = RULE_SIDE_PX
    wide = cv2.copyMakeBorder(ink, *((side, side, 0, 0) if axis == 0 else (0, 0, side, side)), cv2.BORDER_REPLICATE)
    before, after = (wide[: -2 * side], wide[2 * side :]) if axis == 0 else (wide[:, : -2 * side], wide[:, 2 * side :])
    return cast(Floats, np.maximum(ink - np.maximum(before, after), 0))


def _reduction(width: int, height: int, dpi: float) -> float:
    low, high = LONGEST_SIDE_RANGE_PX
    longest = max(width, height)
    scale = max(min(max(dpi / WORKING_DPI, longest / high), longest / low), 1.0)
    return round(scale) if abs(scale - round(scale)) < MAX_ROUNDING_SHARE * scale else scale
