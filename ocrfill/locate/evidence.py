"""What a straightened page shows of a printed form, at reduced scale: ink, dotted lines and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.records import Image, Page

Floats = NDArray[np.float32]

WORKING_DPI = 100.0
"""Pixels an inch: dotted lines still stand out, and a page has a ninth of the pixels of a scan at 300 dpi."""

LONGEST_SIDE = (900, 1800)
"""Bounds for the longer side in pixels, for files whose dpi cannot be right."""

NEARLY_WHOLE = 0.1
"""How far off a whole number the reduction may be made to be one."""

RED = 2
"""The channel in which red seals fade and blue and black ink stay dark (OpenCV's order is blue, green, red)."""

RULE = 0.12
"""A ridge this dark is a line for sure: darker ones get no more say, so a black border outvotes no dotted line."""

DOTS = 9
"""Width that smooths a row of dots into a line, and the least length of a piece of it."""

SIDE = 4
"""A line's sides are looked at so far from its middle: 1 mm."""

RULE_PIECE = 25
"""Least length of a piece of a vertical rule, longer than a stroke of writing."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Maps of the reduced page, each from 0 to 1.

    `ink`: darkness. `level`: lines along x, dotted or ruled. `upright`: rules along y. Pixel u of a map lies at
    (u + .5) * scale - .5 on the page.
    """

    ink: Floats
    level: Floats
    upright: Floats
    scale: float

    @property
    def width(self) -> int:
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        return int(self.ink.shape[0])


def ink_channel(image: Image) -> Image:
    """Grey as it is; of a colour image the channel in which red seals fade."""
    return image if image.ndim == 2 else cast(Image, cv2.extractChannel(image, RED))


def gather(page: Page) -> Evidence:
    """The maps of a straightened page."""
    width, height = reduced_size(page.width, page.height, page.dpi)
    grey = ink_channel(page.image)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    ink = cast(Floats, np.clip(1 - small / 255, 0, 1))
    level = _ridge(cv2.blur(ink, (DOTS, 1)), axis=0)
    level = cv2.morphologyEx(np.minimum(level, RULE), cv2.MORPH_OPEN, np.ones((1, DOTS), np.uint8)) / RULE
    upright = _ridge(cv2.blur(ink, (1, 3)), axis=1)
    upright = cv2.morphologyEx(np.minimum(upright, RULE), cv2.MORPH_OPEN, np.ones((RULE_PIECE, 1), np.uint8)) / RULE
    return Evidence(ink, cast(Floats, level), cast(Floats, upright), page.width / width)


def reduced_size(width: int, height: int, dpi: float) -> tuple[int, int]:
    """Width and height of a page reduced to `WORKING_DPI`, by a whole number where one is near (that is faster)."""
    low, high = LONGEST_SIDE
    scale = min(max(dpi / WORKING_DPI, max(width, height) / high), max(width, height) / low)
    scale = max(scale, 1.0)
    if abs(scale - round(scale)) < NEARLY_WHOLE * scale:
        scale = round(scale)
    return max(round(width / scale), 1), max(round(height / scale), 1)


def _ridge(ink: Floats, axis: int) -> Floats:
    """How much darker a pixel is than both its sides; lines run across `axis`."""
    wide = cv2.copyMakeBorder(ink, *((SIDE, SIDE, 0, 0) if axis == 0 else (0, 0, SIDE, SIDE)), cv2.BORDER_REPLICATE)
    before, after = (wide[: -2 * SIDE], wide[2 * SIDE :]) if axis == 0 else (wide[:, : -2 * SIDE], wide[:, 2 * SIDE :])
    return cast(Floats, np.maximum(ink - np.maximum(before, after), 0))
