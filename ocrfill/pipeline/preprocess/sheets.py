"""Sheets of paper on a larger scanner bed: where they lie by brightness or colour, and one cut out of the scan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Points
from ocrfill.document.page import Image, Page
from ocrfill.document.warp import Warp

SEARCHED_SIDE_PX = 420
"""Sheets are looked for on the page reduced to so many pixels of its longer side: a millimetre each on a bed of A3."""

WRITING_MEDIAN_PX = 9
"""Width of the median that takes writing and rules out before sheet and bed are told apart, in those pixels."""

MIN_SHEET_AREA_SHARE, MAX_SHEET_AREA_SHARE = 0.06, 0.97
"""Share of the scan that a sheet covers."""

MIN_FILLED_SHARE = 0.86
"""Share of its least rectangle that a sheet fills; the bed around a sheet fills less."""

MIN_BED_CONTRAST_GREY_LEVELS = 10
"""Grey levels by which bed and paper differ at least in one colour, to be told apart by it."""

MIN_PAPER_SHARE, BED_EDGE_PX = 0.65, 7
"""What is at large darker than this share of a sheet's paper is no paper of the same kind but bed, with its edge of
half so many pixels.
"""

SHEET_MARGIN_SHARE = 0.004
"""How much wider than the sheet that was found is cut out on each side, as a share of its longer side."""


def sheets_by_brightness(image: Image) -> list[Points]:
    """The corners (4, 2) of each region of a scan that may be a sheet on a bed of another brightness or colour, largest
    first. Both sides of the divide are given where they have the shape of sheets; the caller knows the form.
    """
    plain = _plain(image)
    divided = _divided(plain)
    if divided is None:
        return []
    stretch = np.array([image.shape[1] / plain.shape[1], image.shape[0] / plain.shape[0]])
    found = [corners for side in (divided, ~divided) for corners in _rectangles(side)]
    found.sort(key=lambda corners: -float(cv2.contourArea(corners.astype(np.float32))))
    return [(corners + 0.5) * stretch - 0.5 for corners in found]


def cut_out(page: Page, corners: Points, dpi: float, *, room: float = 0.0) -> Page:
    """The part of a page, as scanned, within four corners: a page of its own, its pixels as they are.

    What lies in the rectangle around them but outside of the corners (the bed, another sheet) takes the paper's
    colour. The rectangle is wider by `room`, a share of the longer side. `to_source` leads back.
    """
    middle = corners.mean(axis=0)
    longest = float(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).max())
    wider = corners + np.sign(corners - middle) * SHEET_MARGIN_SHARE * longest
    beside = room * longest
    left, top = np.maximum(np.floor(wider.min(axis=0) - beside), 0).astype(int)
    right, bottom = np.minimum(np.ceil(wider.max(axis=0) + beside) + 1, (page.width, page.height)).astype(int)
    image = page.image[top:bottom, left:right].copy()
    outside = np.full(image.shape[:2], 255, np.uint8)
    cv2.fillPoly(outside, [np.rint(wider - (left, top)).astype(np.int32)], 0)
    inside = image[outside == 0]
    if len(inside):
        image[outside > 0] = np.median(inside, axis=0).astype(np.uint8)
    moved = np.array(((1, 0, left), (0, 1, top), (0, 0, 1)), dtype=np.float64)
    return replace(page, image=image, dpi=dpi, to_source=Warp.of(page.to_source.homography @ moved))


def without_sheet(page: Page, corners: Points) -> Page:
    """The page with what lies within the corners painted over in the colour of its paper, and so all that is much
    darker than that paper at large, the bed: what else is there?
    """
    image = page.image.copy()
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 255)
    inside = image[mask > 0]
    if not len(inside):
        return page
    paper = np.median(inside, axis=0)
    plain = _plain(image)
    bed = (plain.reshape(*plain.shape[:2], -1).mean(axis=2) < MIN_PAPER_SHARE * paper.mean()).astype(np.uint8)
    around = cv2.dilate(bed, np.ones((BED_EDGE_PX, BED_EDGE_PX), np.uint8))
    wide = cv2.resize(around, (page.width, page.height), interpolation=cv2.INTER_NEAREST)
    image[(mask > 0) | (wide > 0)] = paper.astype(np.uint8)
    return replace(page, image=image)


def _plain(image: Image) -> Image:
    """The image small and without writing."""
    height, width = image.shape[:2]
    scale = max(max(height, width) / SEARCHED_SIDE_PX, 1.0)
    size = (max(round(width / scale), 1), max(round(height / scale), 1))
    return cast(Image, cv2.medianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), WRITING_MEDIAN_PX))


def _divided(image: Image) -> NDArray[np.bool_] | None:
    """The image divided into bright and dark by the channel that does it best; None where nothing divides it."""
    channels = [image] if image.ndim == 2 else list(cv2.split(image))
    best: tuple[float, NDArray[np.bool_]] | None = None
    for channel in channels:
        level, _ = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        bright = channel > level
        if bright.all() or not bright.any():
            continue
        apart = float(channel[bright].mean()) - float(channel[~bright].mean())
        spread = float(channel[bright].std()) + float(channel[~bright].std()) + 1.0
        if apart >= MIN_BED_CONTRAST_GREY_LEVELS and (best is None or apart / spread > best[0]):
            best = (apart / spread, bright)
    return None if best is None else best[1]


def _rectangles(side: NDArray[np.bool_]) -> Iterator[Points]:
    """The corners of each region of a map that fills its least rectangle, holes filled."""
    kernel = np.ones((5, 5), np.uint8)
    opened = cv2.morphologyEx(side.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        area, around = cv2.contourArea(contour), cv2.minAreaRect(contour)
        if not MIN_SHEET_AREA_SHARE * side.size < area < MAX_SHEET_AREA_SHARE * side.size:
            continue
        if area >= MIN_FILLED_SHARE * around[1][0] * around[1][1]:
            yield cv2.boxPoints(around).astype(np.float64)
