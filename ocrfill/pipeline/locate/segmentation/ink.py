"""The ink of a straightened page at full size: connected pieces, without rules, dots, dust and what shines through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Bits, Image, Page, PlacedLabel, RuleLine
from ocrfill.document.template import MIN_INK_DARKNESS
from ocrfill.pipeline.ink_channel import ROWS_AT_A_TIME, ink_channel
from ocrfill.pipeline.locate.segmentation.label_removal import remove_labels
from ocrfill.pipeline.locate.segmentation.leader_dots import WritingLine, remove_dotted_leaders
from ocrfill.pipeline.locate.segmentation.rule_removal import remove_rules

FAINT_DARKNESS, MIN_PIECE_DARKNESS, SURE_DARKNESS = MIN_INK_DARKNESS, 41, 58
"""Darkness (255 less grey) from which a pixel may be ink; which at least one pixel of a piece must have beside writing
as faint; and which it must have elsewhere: the verso's ink has much of the first and none of the last. On a page
whose writing has faded all three are lower, and a book's tuning may change all three alike."""

HAIR_LINE_DARKNESS_SHARE = 0.25
"""Hair lines are at least so dark, measured by the darker strokes of the page's writing."""

DARK_STROKE_PERCENTILE = 90
"""The percentile of a line's ink that stands for its darker strokes."""

MIN_LIMIT_SHARE = 0.4
"""The limits are never lower than this share of what they are: the paper's grain would be ink."""

WRITING_ZONE_PITCHES = (-0.40, -0.05)
"""The heights of a line, in line distances from its base line, that hold much writing and no rule or dot."""

MIN_UPRIGHT_RULE_SHARE = 0.95
"""An upright rule is dark over so much of these heights."""

MIN_DARK_PIXELS = 40
"""A line with so many dark pixels there tells how dark its writing is."""

MAX_PIECE_GAP_PX = 3
"""Pieces at most so many pixels apart belong together."""

Whole = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class InkComponents:
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


def find_ink_components(
    page: Page,
    pitch: float,
    lines: Sequence[WritingLine],
    rules: Sequence[RuleLine],
    *,
    labels: Sequence[PlacedLabel] = (),
    dotted: bool = True,
    faint: float = FAINT_DARKNESS,
) -> InkComponents:
    """The pieces of ink of a straightened page, without its rules and labels and the dots of `dotted` lines.

    `pitch` is the distance between lines of writing in pixels, `faint` the darkness from which a pixel may be ink where
    the writing has not faded.
    """
    grey = ink_channel(page.image)
    # dots that blur joins, and pale rims of seals and labels, would be ink on a form of dotted lines
    share = faint / FAINT_DARKNESS * (1.0 if dotted else _strength(grey, lines))
    dark = _dark(grey, share * FAINT_DARKNESS, rules, page.dpi)
    remove_labels(dark, labels, page.dpi)
    if dotted:
        remove_dotted_leaders(dark, grey, lines)
    _, label, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    pieces = cast(Whole, label)
    left, top, width, height, area = (cast(Whole, stats)[:, i].copy() for i in range(5))
    darkest, usual = _darkness(grey, dark, pieces, area)
    area[darkest < share * MIN_PIECE_DARKNESS] = 0
    x, y = cast(NDArray[np.float64], middle).T
    return InkComponents(
        grey, pitch, share * SURE_DARKNESS, pieces, left, top, left + width, top + height, area, darkest, usual, x, y
    )


def _dark(grey: Image, limit: float, rules: Sequence[RuleLine], dpi: float) -> Bits:
    """The pixels of a page at least so dark, without the rules."""
    dark = (grey < 255 - limit).view(np.uint8)
    remove_rules(dark, rules, dpi)
    return dark


def _strength(grey: Image, lines: Sequence[WritingLine]) -> float:
    """How strong a page's writing is, from `MIN_LIMIT_SHARE` to 1: the share of the usual limits that its hair lines
    reach.
    """
    darker = []
    for lane in lines:
        top, bottom = (max(round(lane.baseline + v * lane.pitch), 0) for v in WRITING_ZONE_PITCHES)
        part = grey[top:bottom, lane.box.left : lane.box.right]
        columns = (part < 255 - FAINT_DARKNESS).mean(axis=0) < MIN_UPRIGHT_RULE_SHARE
        ink = part[:, columns & np.roll(columns, 2) & np.roll(columns, -2)]
        ink = ink[ink < 255 - FAINT_DARKNESS]
        if ink.size >= MIN_DARK_PIXELS:
            darker.append(255 - float(np.percentile(ink, 100 - DARK_STROKE_PERCENTILE)))
    usual = float(np.median(darker)) if darker else 255.0
    return float(np.clip(HAIR_LINE_DARKNESS_SHARE * usual / FAINT_DARKNESS, MIN_LIMIT_SHARE, 1))


def _darkness(grey: Image, dark: Bits, pieces: Whole, area: Whole) -> tuple[Whole, NDArray[np.float64]]:
    """How dark each piece is at its darkest, or a piece beside it (hair lines that broke off are ink as the rest), and
    how dark it is on average.
    """
    total, first = np.zeros(len(area)), np.zeros(len(area), np.uint8)
    for top in range(0, len(dark), ROWS_AT_A_TIME):
        _, of, darkness = _pixels(grey, dark, pieces, slice(top, top + ROWS_AT_A_TIME))
        total += np.bincount(of, darkness, len(area))
        np.maximum.at(first, of, darkness)
    darkest = first.copy()
    for top in range(0, len(dark), ROWS_AT_A_TIME):
        rows = slice(max(top - MAX_PIECE_GAP_PX, 0), top + ROWS_AT_A_TIME + MAX_PIECE_GAP_PX)
        at, of, _ = _pixels(grey, dark, pieces, rows)
        around = np.zeros_like(dark[rows])
        around.ravel()[at] = first[of]
        around = cast(Bits, cv2.dilate(around, np.ones((2 * MAX_PIECE_GAP_PX + 1, 2 * MAX_PIECE_GAP_PX + 1), np.uint8)))
        np.maximum.at(darkest, of, around.ravel()[at])
    return darkest.astype(np.int32), total / np.maximum(area, 1)


def _pixels(grey: Image, dark: Bits, pieces: Whole, rows: slice) -> tuple[NDArray[np.intp], Whole, Image]:
    """Of the ink in these rows each pixel's place among all of theirs, its piece and its darkness."""
    at = np.flatnonzero(dark[rows])
    return at, pieces[rows].ravel()[at], 255 - grey[rows].ravel()[at]
