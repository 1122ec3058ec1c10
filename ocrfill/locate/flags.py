"""What a person should know of a strip's writing: words struck through, a seal over them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.locate.dots import Lane
from ocrfill.records import Image, stamping_ink

STRIKE_HEIGHTS = (-0.6, -0.14)
"""Where a stroke through small letters runs, in line distances from the base line."""

STRIKE_LENGTH = 1.2
"""A level stroke longer than this, in line distances, strikes something out: no letter's bar is so long."""

CROSSED = 0.3
"""Above or below a strike there is ink over so much of its length, else it is a dash or a line of its own."""

STAMPED = 0.06
"""A seal lies over the writing if stamping ink covers this share of the box around the writing."""


def is_struck(ink: NDArray[np.bool_], top: int, lane: Lane) -> bool:
    """Whether a word of a line is struck through; `ink` is the line's own, its first row at height `top`."""
    upper, lower = (max(round(lane.baseline + v * lane.pitch) - top, 0) for v in STRIKE_HEIGHTS)
    band = cv2.dilate(ink[upper:lower].astype(np.uint8), np.ones((3, 1), np.uint8))
    if band.shape[0] < 3 or not band.any():
        return False
    length = max(round(STRIKE_LENGTH * lane.pitch), 3)
    bars = cv2.morphologyEx(band, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(bars, connectivity=8)
    for left, first, wide, high, _ in boxes[1:count]:
        columns = slice(left, left + wide)
        above = ink[: upper + first, columns].any(axis=0).mean()
        below = ink[upper + first + high :, columns].any(axis=0).mean()
        if min(above, below) >= CROSSED:
            return True
    return False


def is_stamped(page: Image, ink: NDArray[np.bool_], left: int, top: int) -> bool:
    """Whether a red seal lies over a strip's writing; the strip's upper left corner is at `left`, `top`."""
    if page.ndim == 2 or not ink.any():
        return False
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = page[top + rows[0] : top + rows[-1] + 1, left + columns[0] : left + columns[-1] + 1]
    return bool((stamping_ink(box) > 0).mean() >= STAMPED)
