"""Which way writing leans: to the right nearly everywhere, so that leaning to the left tells of a mirrored page."""

from __future__ import annotations

import cv2
import numpy as np

from ocrfill.document.page import Page
from ocrfill.pipeline.ink_channel import ink_channel
from ocrfill.pipeline.preprocess.polarity import BACKGROUND_WINDOW_PX, MIN_STROKE_CONTRAST_GREY_LEVELS
from ocrfill.pipeline.reduced_page import reduced

LETTER_HEIGHTS_PX, MAX_LETTER_WIDTH_PX, MIN_LETTER_AREA_PX = (7, 40), 40, 12
"""Pixels of the reduced page: what is looked at, letters and words of them; rules and seals are larger."""

MIN_LETTERS = 60
"""Of fewer nothing is said."""

MIN_LEAN = 0.03
"""How far a letter leans on average, in its height, to be leaning at all."""

MIN_STANDARD_ERRORS = 4.0
"""By how many standard errors the average must differ from upright; right-leaning pages have -4 to -20."""


def leans_left(page: Page) -> bool:
    """Whether the letters on a straightened page lean to the left on average: by a backhand, or as in a mirror."""
    image, _ = reduced(page.image, page.dpi)
    grey = ink_channel(image)
    darker = cv2.subtract(cv2.medianBlur(grey, BACKGROUND_WINDOW_PX), grey)
    marks = (darker > MIN_STROKE_CONTRAST_GREY_LEVELS).astype(np.uint8)
    _, labels, stats, middles = cv2.connectedComponentsWithStats(marks, connectivity=8)
    height, width = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    kept = (height >= LETTER_HEIGHTS_PX[0]) & (height <= LETTER_HEIGHTS_PX[1]) & (width <= MAX_LETTER_WIDTH_PX)
    kept &= stats[:, cv2.CC_STAT_AREA] >= MIN_LETTER_AREA_PX
    kept[0] = False
    if kept.sum() < MIN_LETTERS:
        return False
    rows, columns = np.nonzero(marks)
    which = labels[rows, columns]
    x, y = columns - middles[which, 0], rows - middles[which, 1]
    lean = np.bincount(which, x * y, len(stats))[kept] / np.maximum(np.bincount(which, y * y, len(stats))[kept], 1e-9)
    mean = float(lean.mean())
    return mean > MIN_LEAN and mean > MIN_STANDARD_ERRORS * float(lean.std()) / np.sqrt(len(lean))
