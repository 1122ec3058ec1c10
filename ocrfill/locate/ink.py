"""The ink of a straightened page at full size: connected pieces, without rules, dust and what shines through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.locate.evidence import ink_channel
from ocrfill.records import Image, Page

FAINT, SURE = 36, 80
"""Darkness (255 less grey) from which a pixel may be ink, and which at least one pixel of a piece must have: the
verso's ink has much of the first and none of the second."""

RULE_PIECE = 3.0
"""Least length of an upright rule's piece in line distances: longer than any stroke."""

BRIDGE = 12
"""Pixels beside a rule in which a stroke that crosses it shows on both sides."""

Whole = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The pieces of ink of a page: `label` tells each pixel's piece (0: none), the others hold one value a piece.

    `left`, `top`, `right`, `bottom` bound a piece, half open; `x` and `y` are its middle of mass; `area` in pixels.
    """

    grey: Image
    pitch: float
    label: Whole
    left: Whole
    top: Whole
    right: Whole
    bottom: Whole
    area: Whole
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def find_ink(page: Page, pitch: float) -> Ink:
    """The pieces of ink of a straightened page; `pitch` is the distance between lines of writing in pixels."""
    grey = ink_channel(page.image)
    dark = cv2.threshold(grey, 255 - FAINT, 1, cv2.THRESH_BINARY_INV)[1]
    _take_rules_away(dark, pitch)
    count, label, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    sure = np.zeros(count, bool)
    sure[label[grey < 255 - SURE]] = True
    sure[0] = False
    left, top, width, height, area = (stats[:, i].copy() for i in range(5))
    area[~sure] = 0
    return Ink(
        cast(Image, grey), pitch, cast(Whole, label), left, top, left + width, top + height, area, middle[:, 0], middle[:, 1]
    )


def _take_rules_away(dark: NDArray[np.uint8], pitch: float) -> None:
    """Clear upright rules; strokes that cross them stay whole."""
    scale = 4
    height, width = (side // scale * scale for side in dark.shape)
    small = cv2.resize(dark[:height, :width] * 255, (width // scale, height // scale), interpolation=cv2.INTER_AREA)
    length = max(3, round(RULE_PIECE * pitch / scale))
    some = (small > 60).astype(np.uint8)
    upright = cv2.morphologyEx(some, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    if not upright.any():
        return
    columns = cv2.dilate(upright, np.ones((3, 3), np.uint8))
    _, _, places, _ = cv2.connectedComponentsWithStats(columns, connectivity=8)
    for left, top, wide, high, _ in places[1:]:
        area = (slice(top * scale, (top + high) * scale), slice(max(left * scale - BRIDGE, 0), (left + wide) * scale + BRIDGE))
        rule = cv2.resize(columns[top : top + high, left : left + wide], None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
        part = dark[area]
        before = part.copy()
        inner = part[:, left * scale - area[1].start :][:, : wide * scale]
        inner[rule > 0] = 0
        closed = cv2.morphologyEx(part, cv2.MORPH_CLOSE, np.ones((1, wide * scale + 3), np.uint8))
        part |= closed & before
