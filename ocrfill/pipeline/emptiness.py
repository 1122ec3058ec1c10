"""How surely nothing is written on a strip."""

from __future__ import annotations

import cv2
import numpy as np

from ocrfill.document.page import Crop

MIN_BLANK_EMPTINESS = 0.5
"""A strip at least this surely empty counts as blank and is not shown to the reader."""

FAINT_INK_SQUARES = 0.004
"""Ink that is as likely a remainder of print as writing, in squares of the strip's height. A printed "1", the least
that is written, has about .012 in a form's strip; at .012 such fields were called empty, a loss nobody looks at."""

MAX_SPECK_HEIGHT_SHARE = 0.12
"""Patches of ink lower and narrower than this share of the strip's height are specks and dots, not writing."""

MAX_DOT_ROW_DISTANCE_SHARE = 0.12
"""So near to the base line, in strip heights, whatever is as low as a dot is a row of dots that blur joined."""


def emptiness(crop: Crop) -> float:
    """From 1 (no ink but specks) down to 0, ½ where the ink is `FAINT_INK_SQUARES`; monotone in the ink, not
    calibrated.
    """
    height = crop.strip.box.height
    if not crop.ink.any() or height <= 0:
        return 1.0
    _, _, stats, middles = cv2.connectedComponentsWithStats(crop.ink.astype(np.uint8), connectivity=8)
    wide, high = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    on_line = np.abs(middles[1:, 1] + crop.strip.box.top - crop.strip.baseline) < MAX_DOT_ROW_DISTANCE_SHARE * height
    writing = (np.maximum(wide, high) >= MAX_SPECK_HEIGHT_SHARE * height) & ~(
        on_line & (high < MAX_SPECK_HEIGHT_SHARE * height)
    )
    ink = float(stats[1:, cv2.CC_STAT_AREA][writing].sum()) / height**2
    return FAINT_INK_SQUARES / (FAINT_INK_SQUARES + ink)
