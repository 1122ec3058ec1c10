"""Whether there is anything on a page."""

from __future__ import annotations

import cv2
import numpy as np

from ocrfill.document.page import Page
from ocrfill.pipeline.preprocess.illumination import reduced_page
from ocrfill.pipeline.preprocess.polarity import is_negative, positive

MIN_PRINT_DARKNESS = 0.3
"""Darkness of print and writing; the verso's ink, dust and the paper's grain stay below."""

MIN_INK_SHARE = 0.0006
"""Share of a page that is covered even by a form's labels alone: a title line of print covers more."""

MIN_MARK_AREA_PX, MAX_MARK_LENGTH_PX = 6, 60
"""Pixels of the reduced page: smaller marks are dust, longer ones (15 mm) frames, folds and edges of a leaf that lies
askew; print has letters and words beside its frames."""


def is_blank(page: Page) -> bool:
    """Whether nothing is printed or written on the page; dark edges, dust and ink seen through do not count.

    A negative is blank where its positive is.
    """
    return not _has_print(page) and not (is_negative(page) and _has_print(positive(page)))


def _has_print(page: Page) -> bool:
    dark = (reduced_page(page).darkness > MIN_PRINT_DARKNESS).astype(np.uint8)
    height, width = dark.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    margin = max(2, round(0.01 * min(width, height)))
    inside = (left > margin) & (top > margin) & (right < width - margin) & (bottom < height - margin)
    counts = inside & (stats[:, cv2.CC_STAT_AREA] >= MIN_MARK_AREA_PX)
    counts &= np.maximum(right - left, bottom - top) <= MAX_MARK_LENGTH_PX
    counts[0] = False
    return bool(stats[counts, cv2.CC_STAT_AREA].sum() >= MIN_INK_SHARE * width * height)
