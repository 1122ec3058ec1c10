"""The words printed on a form, as lines of print with their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.authoring.draft.dotted_leaders.tracking import DottedLine
from ocrfill.document.geometry import Box
from ocrfill.document.page import Bits, Crop, Image, Strip
from ocrfill.pipeline.recognition import Reader

MIN_INK_DARKNESS_SHARE = 0.42
"""What is darker than this share of solid print is ink of a letter."""

MIN_CORE_DARKNESS_SHARE = 0.62
"""A printed letter has a place as dark as this share of solid print; ghosts of writing have few."""

MIN_RULE_LENGTH_MM = 14.0
"""Straight ink longer than this, in millimetres, is a rule."""

WRITTEN_ABOVE_MM, WRITTEN_BELOW_MM = 4.6, 1.3
"""So far above and below a dotted line, in millimetres, lies writing."""

MAX_LETTER_SPACE_MM, MAX_LETTER_RISE_MM = 2.3, 0.5
"""Letters nearer than this side by side, and one above the other, belong to one line of print; in millimetres."""

MAX_PART_HEIGHT_SHARE = 0.6
"""What lies within a line of print and is less high than this share of it is a part of it."""

MIN_LETTER_HEIGHT_MM = 1.2
"""Ink at least so high, in millimetres, stands on the base line or reaches below it."""

DASH_BOUNDS_MM = (0.8, 3.5, 0.8)
"""A printed dash: least and greatest width, greatest height, in millimetres."""

CHARACTER_WIDTH_MM_PER_POINT = 1.785 / 12
"""Usual width of a character in millimetres for each point of the type's size, in a serif face."""


@dataclass(frozen=True, slots=True)
class Run:
    """A line of print: its box and base line in pixels of the common print, its text, how sure the reader was."""

    box: Box
    base: float
    text: str = ""
    score: float = 0.0
    dash: bool = False


def find_runs(
    grey: Image, black: float, dpi: float, dotted: Sequence[DottedLine], boxes: Sequence[Box]
) -> tuple[Run, ...]:
    """Every line of print outside of dotted lines and the given boxes, not read yet, from top to bottom."""
    mm = dpi / 25.4
    darkness = 255 - grey.astype(np.float32)
    ink = (darkness > MIN_INK_DARKNESS_SHARE * black).astype(np.uint8)
    for line in dotted:
        left, right = round(line.left), round(line.right)
        ink[max(round(line.base - WRITTEN_ABOVE_MM * mm), 0) : round(line.base + WRITTEN_BELOW_MM * mm), left:right] = 0
    for box in boxes:
        wide = box.grown(round(0.5 * mm), round(0.5 * mm)).clipped(ink.shape[1], ink.shape[0])
        ink[wide.top : wide.bottom, wide.left : wide.right] = 0
    ink[_rules(ink, mm) > 0] = 0
    ink = _printed(ink, darkness, MIN_CORE_DARKNESS_SHARE * black, mm)
    size = (2 * round(MAX_LETTER_RISE_MM * mm / 2) + 1, 2 * round(MAX_LETTER_SPACE_MM * mm / 2) + 1)
    joined = cv2.dilate(ink, np.ones(size, np.uint8))
    count, found = cv2.connectedComponents(joined, connectivity=4)
    label = np.asarray(found, dtype=np.int32)
    runs = []
    pieces = _pieces(ink, label)
    for number in range(1, count):
        run = _run(pieces[pieces[:, 5] == number], mm)
        if run is not None:
            runs.append(run)
    apart = [run for run in runs if not any(_speck_of(run.box, other.box) for other in runs)]
    return tuple(sorted(apart, key=lambda run: (run.base, run.box.left)))


def _speck_of(box: Box, other: Box) -> bool:
    """Does a box lie in one of a line of print, much higher? Specks of writing above printed words do."""
    inside = other.left <= box.left and box.right <= other.right and other.top <= box.top and box.bottom <= other.bottom
    return inside and box.height < MAX_PART_HEIGHT_SHARE * other.height


def _rules(ink: Bits, mm: float) -> Bits:
    """The rules in the ink, a little wider than they are."""
    length = round(MIN_RULE_LENGTH_MM * mm)
    found = np.zeros_like(ink)
    for shape in ((1, length), (length, 1)):
        gaps = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        found |= cast(Bits, cv2.morphologyEx(gaps, cv2.MORPH_OPEN, np.ones(shape, np.uint8)))
    return cast(Bits, cv2.dilate(found, np.ones((5, 5), np.uint8)))


def _printed(ink: Bits, darkness: NDArray[np.float32], core: float, mm: float) -> Bits:
    """The pieces of ink that are as dark as print somewhere, and those that have the form of a dash."""
    count, found, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    label = np.asarray(found, dtype=np.int32)
    darkest = np.zeros(count, np.float32)
    np.maximum.at(darkest, label.ravel(), darkness.ravel())
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    dash = (
        (wide >= DASH_BOUNDS_MM[0] * mm)
        & (wide <= DASH_BOUNDS_MM[1] * mm)
        & (high <= DASH_BOUNDS_MM[2] * mm)
        & (wide > 1.8 * high)
    )
    kept = (darkest >= core) | dash
    kept[0] = False
    return cast(Bits, kept[label].astype(np.uint8))


def _pieces(ink: Bits, label: NDArray[np.int32]) -> NDArray[np.int64]:
    """Left, top, right, bottom, area and run of every piece of ink."""
    _, own, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, width, height, area = (stats[1:, i].astype(np.int64) for i in range(5))
    at = np.zeros(len(stats), np.int64)
    where = ink > 0
    at[own[where]] = label[where]
    return np.stack([left, top, left + width, top + height, area, at[1:]], axis=-1)


def _run(pieces: NDArray[np.int64], mm: float) -> Run | None:
    """A line of print from its pieces; None for specks."""
    left, top = (int(pieces[:, i].min()) for i in (0, 1))
    right, bottom = (int(pieces[:, i].max()) for i in (2, 3))
    box = Box(left, top, right, bottom)
    high = pieces[:, 3] - pieces[:, 1]
    letters = pieces[high >= MIN_LETTER_HEIGHT_MM * mm]
    if len(letters):
        return Run(box, float(np.median(letters[:, 3])))
    if DASH_BOUNDS_MM[0] * mm <= box.width <= DASH_BOUNDS_MM[1] * mm and box.height <= DASH_BOUNDS_MM[2] * mm:
        return Run(box, float(bottom), "-", 1.0, dash=True)
    return None


def read_runs(runs: Sequence[Run], grey: Image, black: float, reader: Reader) -> tuple[Run, ...]:
    """The runs with what is printed there."""
    open_ = [i for i, run in enumerate(runs) if not run.dash]
    readings = reader.read([_crop(runs[i], grey, black) for i in open_], [None] * len(open_))
    read = list(runs)
    for i, reading in zip(open_, readings, strict=True):
        score = float(np.mean([c.score for c in reading.characters])) if reading.characters else 0.0
        read[i] = replace(runs[i], text=reading.text, score=score)
    return tuple(read)


def _crop(run: Run, grey: Image, black: float) -> Crop:
    box = run.box.grown(2, 2).clipped(grey.shape[1], grey.shape[0])
    image = np.ascontiguousarray(grey[box.top : box.bottom, box.left : box.right])
    return Crop(image, image < 255 - MIN_INK_DARKNESS_SHARE * black, Strip(box, run.base))
