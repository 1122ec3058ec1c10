"""What a person should know of a strip's writing: words struck through, a seal over them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image
from ocrfill.pipeline.ink_channel import stamping_ink
from ocrfill.pipeline.locate.segmentation.leader_dots import WritingLine

STRIKE_BAND_PITCHES, MAX_STRIKE_MIDDLE_PITCHES = (-0.7, -0.05), -0.065
"""Where a stroke through letters runs, in line distances from the base line; its middle lies above the last, or it is a
row of feet and dots."""

MIN_STRIKE_LENGTH_PITCHES, MIN_LEVEL_LENGTH_PITCHES = 0.75, 0.6
"""A stroke so long in all, and level over the last, may strike something out; in line distances."""

MIN_STRIKE_DARKNESS_FACTOR, MIN_INK_DARKNESS_FACTOR = 1.38, 0.8
"""A stroke that strikes words out is so much darker on average than half of its line's ink, for it is drawn with force,
over letters and often twice; it is looked for in the ink that is at least as dark as the last says."""

MIN_STAMPED_SHARE = 0.06
"""A seal lies over the writing if stamping ink covers this share of the box around the writing."""


def is_struck(grey: Image, ink: NDArray[np.bool_], top: int, lane: WritingLine) -> bool:
    """Whether a word of a line is struck through; `ink` is the line's own in `grey`, the first row at height `top`."""
    upper, lower = (max(round(lane.baseline + v * lane.pitch) - top, 0) for v in STRIKE_BAND_PITCHES)
    if not ink[upper:lower].any():
        return False
    darkness = 255 - grey
    usual = float(np.median(darkness[ink]))
    part = darkness[upper:lower]
    dark = (ink[upper:lower] & (part >= MIN_INK_DARKNESS_FACTOR * usual)).astype(np.uint8)
    band = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    length = max(round(MIN_LEVEL_LENGTH_PITCHES * lane.pitch), 3)
    bars = cv2.morphologyEx(band, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, label, stats, middle = cv2.connectedComponentsWithStats(bars, connectivity=8)
    long = stats[:, cv2.CC_STAT_WIDTH] >= MIN_STRIKE_LENGTH_PITCHES * lane.pitch
    high = middle[:, 1] + upper + top <= lane.baseline + MAX_STRIKE_MIDDLE_PITCHES * lane.pitch
    for bar in np.flatnonzero(long & high & (np.arange(len(stats)) > 0)):  # the first is what is no bar
        stroke = part[(label == bar) & (dark > 0)]
        if stroke.size and float(stroke.mean()) >= MIN_STRIKE_DARKNESS_FACTOR * usual:
            return True
    return False


def is_stamped(page: Image, ink: NDArray[np.bool_], left: int, top: int) -> bool:
    """Whether a red seal lies over a strip's writing; the strip's upper left corner is at `left`, `top`."""
    if page.ndim == 2 or not ink.any():
        return False
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = page[top + rows[0] : top + rows[-1] + 1, left + columns[0] : left + columns[-1] + 1]
    return bool((stamping_ink(box) > 0).mean() >= MIN_STAMPED_SHARE)
