"""The ink of a straightened page at full size: connected pieces, without rules, dust and what shines through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.records import Image, Page, ink_channel

FAINT, SURE = 36, 80
"""Darkness (255 less grey) from which a pixel may be ink, and which at least one pixel of a piece must have: the
verso's ink has much of the first and none of the second."""

RULE_PIECE = 3.0
"""Least length of an upright rule's piece in line distances: longer than any stroke."""

LEVEL_PIECE = 1.5
"""The same for level rules; dotted lines are no rules."""

LEVEL_LENGTH = 6.0
"""Length of a whole level rule, longer than the stroke of a signature or through a word, in line distances."""

COARSE = 4
"""Rules are looked for in an image reduced by this."""

MARGIN = 14
"""Pixels around a rule in which a stroke that crosses it shows on both sides."""

Whole = NDArray[np.int32]
Bits = NDArray[np.uint8]


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
    dark = (grey < 255 - FAINT).astype(np.uint8)
    _take_rules_away(dark, pitch)
    count, label, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    pieces = cast(Whole, label)
    left, top, width, height, area = (cast(Whole, stats)[:, i].copy() for i in range(5))
    sure = np.zeros(count, bool)
    sure[pieces[grey < 255 - SURE]] = True
    sure[0] = False
    area[~sure] = 0
    x, y = cast(NDArray[np.float64], middle).T
    return Ink(grey, pitch, pieces, left, top, left + width, top + height, area, x, y)


def _take_rules_away(dark: Bits, pitch: float) -> None:
    """Clear upright and level rules; strokes that cross them stay whole."""
    height, width = dark.shape
    flat = cv2.resize(dark * 255, (width // COARSE, height), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(flat, (width // COARSE, height // COARSE), interpolation=cv2.INTER_AREA)
    length = max(3, round(RULE_PIECE * pitch / COARSE))
    upright = _opened(coarse > 60, (length, 1))
    length = max(3, round(LEVEL_PIECE * pitch / COARSE))
    level = _long(_opened(flat > 120, (1, length)), LEVEL_LENGTH * pitch / COARSE, length)
    _clear(dark, upright, (COARSE, COARSE), np.ones((1, 3 * COARSE + 3), np.uint8))
    _clear(dark, level, (COARSE, 1), np.ones((11, 1), np.uint8))


def _opened(dark: NDArray[np.bool_], shape: tuple[int, int]) -> Bits:
    return cast(Bits, cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones(shape, np.uint8)))


def _long(level: Bits, length: float, gap: int) -> Bits:
    """The level pieces that together with others on their height are a line longer than `length`."""
    joined = cv2.morphologyEx(
        cv2.dilate(level, np.ones((3, 1), np.uint8)), cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8)
    )
    _, label, places, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    long = places[:, cv2.CC_STAT_WIDTH] > length
    long[0] = False
    return cast(Bits, level * long[label].astype(np.uint8))


def _clear(dark: Bits, rules: Bits, scale: tuple[int, int], bridge: Bits) -> None:
    """Clear the rules, given reduced by `scale` (x, y), and a pixel of that around them.

    What `bridge` closes over them was a stroke and comes back.
    """
    rules = cast(Bits, cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    _, _, places, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    for left, top, wide, high, _ in places[1:]:
        rule = cv2.resize(
            rules[top : top + high, left : left + wide], None, fx=scale[0], fy=scale[1], interpolation=cv2.INTER_NEAREST
        )
        x, y = left * scale[0], top * scale[1]
        x0, y0 = max(x - MARGIN, 0), max(y - MARGIN, 0)
        part = dark[y0 : y + rule.shape[0] + MARGIN, x0 : x + rule.shape[1] + MARGIN]
        before = part.copy()
        part[y - y0 :, x - x0 :][: rule.shape[0], : rule.shape[1]][rule > 0] = 0
        part |= cast(Bits, cv2.morphologyEx(part, cv2.MORPH_CLOSE, bridge)) & before
