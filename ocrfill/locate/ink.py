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

BROKEN = 3
"""Pieces at most so many pixels apart belong together."""

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


def find_ink(page: Page, pitch: float, dotted: Sequence[Lane], rules: Sequence[Rule]) -> Ink:
    """The pieces of ink of a straightened page, without the rules and the dots of dotted lines; `pitch` is the distance
    between lines of writing in pixels.
    """
    grey = ink_channel(page.image)
    dark = (grey < 255 - FAINT).astype(np.uint8)
    take_rules_away(dark, rules, page.dpi)
    take_dots_away(dark, grey, dotted)
    _, label, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    pieces = cast(Whole, label)
    left, top, width, height, area = (cast(Whole, stats)[:, i].copy() for i in range(5))
    darkest, usual = _darkness(grey, dark, pieces, area)
    area[darkest < LEAST] = 0
    x, y = cast(NDArray[np.float64], middle).T
    return Ink(grey, pitch, pieces, left, top, left + width, top + height, area, darkest, usual, x, y)


def _darkness(grey: Image, dark: Bits, pieces: Whole, area: Whole) -> tuple[Whole, NDArray[np.float64]]:
    """How dark each piece is at its darkest, or a piece beside it (hair lines that broke off are ink as the rest), and
    how dark it is on average.
    """
    at = np.flatnonzero(dark)
    of, darkness = pieces.ravel()[at], 255 - grey.ravel()[at]
    usual = np.bincount(of, darkness, len(area)) / np.maximum(area, 1)
    darkest = np.zeros(len(area), np.uint8)
    np.maximum.at(darkest, of, darkness)
    around = np.zeros_like(dark)
    around.ravel()[at] = darkest[of]
    around = cast(Bits, cv2.dilate(around, np.ones((2 * BROKEN + 1, 2 * BROKEN + 1), np.uint8)))
    np.maximum.at(darkest, of, around.ravel()[at])
    return darkest.astype(np.int32), usual
