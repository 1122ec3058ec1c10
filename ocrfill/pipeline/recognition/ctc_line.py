"""From a line of writing to what the handwriting network sees: grey, 48 px high, paper 1, ink -1."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Crop, Image

LINE_HEIGHT_PX = 48
"""Height of a line for the network in pixels."""

WIDTH_MULTIPLE_PX = 32
"""Widths are rounded up to a multiple of this with paper, so that lines can be read many at a time."""

MIN_LINE_WIDTH_PX, MAX_LINE_WIDTH_PX = 32, 2400
"""Least and greatest width in pixels; 2,400 px are a line of some 250 characters."""

MIN_CONTRAST_GREY_LEVELS = 30.0
"""Least distance of ink and paper, in grey levels, that is stretched to the whole range: empty paper stays pale."""

LINE_HEIGHT_FACTOR = 1.35
"""Height given to a line against its ink's height: the real lines trained on have that much room and more."""

MIN_LINE_HEIGHT_SHARE = 0.6
"""Least share of a strip's height that is taken as the line's height, that a row of small letters is not blown up."""

SPECK_INK_SHARE = 0.004
"""Share of the ink that may lie above, and below, what counts as the writing's height."""

SIDE_MARGIN_PX = 6
"""Pixels of paper before and after the writing, at 48 px height."""

Line = NDArray[np.float32]


def network_line(image: Image, stretch: float = 1.0) -> Line:
    """A grey line image, dark ink on light paper, scaled to 48 px height and stretched in contrast; (48, width).

    `stretch` makes it so many times wider than it is: narrow letters then have more of the network's steps.
    """
    height, width = image.shape
    size = min(max(round(width * LINE_HEIGHT_PX / height * stretch), MIN_LINE_WIDTH_PX), MAX_LINE_WIDTH_PX)
    if height != LINE_HEIGHT_PX or size != width:
        shrinks = height > LINE_HEIGHT_PX
        image = cv2.resize(  # type: ignore[assignment]
            image, (size, LINE_HEIGHT_PX), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        )
    ink, paper = np.percentile(image, (1, 80))
    scale = 2.0 / max(float(paper - ink), MIN_CONTRAST_GREY_LEVELS)
    return np.asarray(np.clip((image.astype(np.float32) - paper) * scale + 1.0, -1.0, 1.0), np.float32)


def framed(crop: Crop) -> Image:
    """The crop's writing with a margin, at a height that fits its ink; one white square where there is no ink."""
    columns, rows = np.flatnonzero(crop.ink.any(axis=0)), np.cumsum(crop.ink.sum(axis=1))
    if not len(columns):
        return np.full((LINE_HEIGHT_PX, LINE_HEIGHT_PX), 255, np.uint8)
    if crop.ink.all():
        return crop.image
    top, bottom = np.searchsorted(rows, [SPECK_INK_SHARE * rows[-1], (1 - SPECK_INK_SHARE) * rows[-1]])
    ink = float(bottom - top + 1)
    height = max(ink * LINE_HEIGHT_FACTOR, min(MIN_LINE_HEIGHT_SHARE * crop.image.shape[0], ink * 3))
    above = round((height - ink) / 2)
    margin = round(SIDE_MARGIN_PX * height / LINE_HEIGHT_PX)
    upper, lower = int(top) - above, int(bottom) + 1 + above
    left, right = int(columns[0]) - margin, int(columns[-1]) + 1 + margin
    canvas = np.full((lower - upper, right - left), np.median(crop.image), np.uint8)
    y0, y1, x0, x1 = max(upper, 0), min(lower, crop.image.shape[0]), max(left, 0), min(right, crop.image.shape[1])
    canvas[y0 - upper : y1 - upper, x0 - left : x1 - left] = crop.image[y0:y1, x0:x1]
    return canvas


def padded(line: Line) -> Line:
    """The line with paper added on the right up to the next multiple of WIDTH_MULTIPLE_PX."""
    missing = -line.shape[1] % WIDTH_MULTIPLE_PX
    return np.pad(line, ((0, 0), (0, missing)), constant_values=1.0) if missing else line
