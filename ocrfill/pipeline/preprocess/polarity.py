"""Whether a page is a negative: light writing on dark, as from film or from a scanner set so; and its positive."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ocrfill.document.page import Page
from ocrfill.pipeline.reduced_page import reduced

BACKGROUND_WINDOW_PX = 15
"""Pixels of the reduced page (4 mm): the median of so wide a square is what lies under the strokes of writing."""

MIN_STROKE_CONTRAST_GREY_LEVELS = 24
"""Grey levels by which a stroke differs from what lies under it; grain, dust and the verso's ink stay below."""

MIN_LIGHT_TO_DARK = 2.5
"""How many times as much light writing as dark a negative has: on drawn pages 6 and more, on positives .4 and less."""

MIN_LIGHT_SHARE = 0.003
"""Share of a negative's pixels that light strokes cover at least: less is dust on a scanner's black bed."""


def is_negative(page: Page) -> bool:
    """Whether most strokes on the page are lighter than what they stand on; a dark photograph of a page is not."""
    image, _ = reduced(page.image, page.dpi)
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    under = cv2.medianBlur(grey, BACKGROUND_WINDOW_PX)
    least = np.array([MIN_STROKE_CONTRAST_GREY_LEVELS], np.float64)
    lighter = cv2.subtract(cv2.subtract(grey, under), least, dtype=cv2.CV_8U)
    darker = cv2.subtract(cv2.subtract(under, grey), least, dtype=cv2.CV_8U)
    light = float(lighter.sum(dtype=np.int64))
    if np.count_nonzero(lighter) < MIN_LIGHT_SHARE * grey.size:
        return False
    return light > MIN_LIGHT_TO_DARK * float(darker.sum(dtype=np.int64))


def positive(page: Page) -> Page:
    """A negative's positive: every brightness from the other end."""
    return replace(page, image=np.asarray(cv2.bitwise_not(page.image), np.uint8), negative=not page.negative)
