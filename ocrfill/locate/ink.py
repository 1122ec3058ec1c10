"""The ink of a straightened page at full size: connected pieces, without rules, dots, dust and what shines through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.locate.dots import Lane, take_dots_away
from ocrfill.locate.rules import take_rules_away
from ocrfill.records import Bits, Image, Page, Rule, ink_channel

FAINT, LEAST, SURE = 36, 41, 58
"""Darkness (255 less grey) from which a pixel may be ink; which at least one pixel of a piece must have beside writing
as faint; and which it must have elsewhere: the verso's ink has much of the first and none of the last."""

BROKEN = 1
"""Pieces at most twice so many pixels apart, and one more, belong together."""

Whole = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The pieces of ink of a page: `label` tells each pixel's piece (0: none), the others hold one value a piece.

    `left`, `top`, `right`, `bottom` bound a piece, half open; `x` and `y` are its middle of mass; `area` in pixels (0
    for what is no ink); `darkest` is 255 less its darkest pixel's grey, `usual` the mean of that over
    its pixels.
    """

    grey: Image
    pitch: float
    label: Whole
    left: Whole
    top: Whole
    right: Whole
    bottom: Whole
    area: Whole
    darkest: Whole
    usual: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def find_ink(page: Page, pitch: float, lanes: Sequence[Lane], rules: Sequence[Rule]) -> Ink:
    """The pieces of ink of a straightened page, without the rules and the dots of the lanes; `pitch` is the distance
    between lines of writing in pixels.
    """
    grey = ink_channel(page.image)
    dark = (grey < 255 - FAINT).astype(np.uint8)
    take_rules_away(dark, rules, page.dpi)
    take_dots_away(dark, lanes)
    count, label, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    pieces = cast(Whole, label)
    left, top, width, height, area = (cast(Whole, stats)[:, i].copy() for i in range(5))
    darkest = _darkest(grey, dark, pieces, count)
    total = np.bincount(pieces.ravel(), (255 - grey).ravel(), count)
    usual = total / np.maximum(area, 1)
    area[darkest < LEAST] = 0
    x, y = cast(NDArray[np.float64], middle).T
    return Ink(grey, pitch, pieces, left, top, left + width, top + height, area, darkest, usual, x, y)


def _darkest(grey: Image, dark: Bits, pieces: Whole, count: int) -> Whole:
    """How dark each piece is at its darkest, or a piece beside it: hair lines that broke off are ink as the rest."""
    joined = cv2.dilate(dark, np.ones((2 * BROKEN + 1, 2 * BROKEN + 1), np.uint8))
    groups, group = cv2.connectedComponents(joined, connectivity=8, ltype=cv2.CV_32S)
    at = np.flatnonzero(dark)
    belongs = cast(Whole, group).ravel()[at]
    best = np.zeros(groups, np.int32)
    np.maximum.at(best, belongs, 255 - grey.ravel()[at].astype(np.int32))
    darkest = np.zeros(count, np.int32)
    darkest[pieces.ravel()[at]] = best[belongs]
    return darkest
