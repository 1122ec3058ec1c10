"""The ink of a straightened page at full size: connected pieces, without rules, dots, dust and what shines through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Bits, Image, Page, Rule
from ocrfill.document.template import INK
from ocrfill.pipeline.ink_channel import INK_ROWS, ink_channel
from ocrfill.pipeline.locate.segmentation.leader_dots import Lane, take_dots_away
from ocrfill.pipeline.locate.segmentation.rule_removal import take_rules_away

FAINT, LEAST, SURE = INK, 41, 58
"""Darkness (255 less grey) from which a pixel may be ink; which at least one pixel of a piece must have beside writing
as faint; and which it must have elsewhere: the verso's ink has much of the first and none of the last. On a page
whose writing has faded all three are lower, and a book's tuning may change all three alike."""

HAIR_LINE = 0.25
"""Hair lines are at least so dark, measured by the darker strokes of the page's writing."""

DARKER = 90
"""The percentile of a line's ink that stands for its darker strokes."""

FADED = 0.4
"""The limits are never lower than this share of what they are: the paper's grain would be ink."""

ZONE = (-0.40, -0.05)
"""The heights of a line, in line distances from its base line, that hold much writing and no rule or dot."""

UPRIGHT = 0.95
"""An upright rule is dark over so much of these heights."""

SEEN = 40
"""A line with so many dark pixels there tells how dark its writing is."""

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
    sure: float
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


def find_ink(
    page: Page,
    pitch: float,
    lines: Sequence[Lane],
    rules: Sequence[Rule],
    *,
    dotted: bool = True,
    faint: float = FAINT,
) -> Ink:
    """The pieces of ink of a straightened page, without the rules and the dots of `dotted` lines; `pitch` is the
    distance between lines of writing in pixels, `faint` the darkness from which a pixel may be ink where the writing
    has not faded.
    """
    grey = ink_channel(page.image)
    # dots that blur joins, and pale rims of seals and labels, would be ink on a form of dotted lines
    share = faint / FAINT * (1.0 if dotted else _strength(grey, lines))
    dark = _dark(grey, share * FAINT, rules, page.dpi)
    if dotted:
        take_dots_away(dark, grey, lines)
    _, label, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    pieces = cast(Whole, label)
    left, top, width, height, area = (cast(Whole, stats)[:, i].copy() for i in range(5))
    darkest, usual = _darkness(grey, dark, pieces, area)
    area[darkest < share * LEAST] = 0
    x, y = cast(NDArray[np.float64], middle).T
    return Ink(grey, pitch, share * SURE, pieces, left, top, left + width, top + height, area, darkest, usual, x, y)


def _dark(grey: Image, limit: float, rules: Sequence[Rule], dpi: float) -> Bits:
    """The pixels of a page at least so dark, without the rules."""
    dark = (grey < 255 - limit).view(np.uint8)
    take_rules_away(dark, rules, dpi)
    return dark


def _strength(grey: Image, lines: Sequence[Lane]) -> float:
    """How strong a page's writing is, from `FADED` to 1: the share of the usual limits that its hair lines reach."""
    darker = []
    for lane in lines:
        top, bottom = (max(round(lane.baseline + v * lane.pitch), 0) for v in ZONE)
        part = grey[top:bottom, lane.box.left : lane.box.right]
        columns = (part < 255 - FAINT).mean(axis=0) < UPRIGHT
        ink = part[:, columns & np.roll(columns, 2) & np.roll(columns, -2)]
        ink = ink[ink < 255 - FAINT]
        if ink.size >= SEEN:
            darker.append(255 - float(np.percentile(ink, 100 - DARKER)))
    usual = float(np.median(darker)) if darker else 255.0
    return float(np.clip(HAIR_LINE * usual / FAINT, FADED, 1))


def _darkness(grey: Image, dark: Bits, pieces: Whole, area: Whole) -> tuple[Whole, NDArray[np.float64]]:
    """How dark each piece is at its darkest, or a piece beside it (hair lines that broke off are ink as the rest), and
    how dark it is on average.
    """
    total, first = np.zeros(len(area)), np.zeros(len(area), np.uint8)
    for top in range(0, len(dark), INK_ROWS):
        _, of, darkness = _pixels(grey, dark, pieces, slice(top, top + INK_ROWS))
        total += np.bincount(of, darkness, len(area))
        np.maximum.at(first, of, darkness)
    darkest = first.copy()
    for top in range(0, len(dark), INK_ROWS):
        rows = slice(max(top - BROKEN, 0), top + INK_ROWS + BROKEN)
        at, of, _ = _pixels(grey, dark, pieces, rows)
        around = np.zeros_like(dark[rows])
        around.ravel()[at] = first[of]
        around = cast(Bits, cv2.dilate(around, np.ones((2 * BROKEN + 1, 2 * BROKEN + 1), np.uint8)))
        np.maximum.at(darkest, of, around.ravel()[at])
    return darkest.astype(np.int32), total / np.maximum(area, 1)


def _pixels(grey: Image, dark: Bits, pieces: Whole, rows: slice) -> tuple[NDArray[np.intp], Whole, Image]:
    """Of the ink in these rows each pixel's place among all of theirs, its piece and its darkness."""
    at = np.flatnonzero(dark[rows])
    return at, pieces[rows].ravel()[at], 255 - grey[rows].ravel()[at]
