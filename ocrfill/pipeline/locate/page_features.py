"""What a straightened page shows of a printed form, at reduced scale: ink, dotted lines and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from ocrfill.document.page import Floats, Page
from ocrfill.pipeline.ink_channel import ink_channel
from ocrfill.pipeline.reduced_page import darker_than_sides, reduced

MAX_RIDGE_DARKNESS = 0.12
"""A ridge this dark is a line for sure: darker ones get no more say, so a black border outvotes no dotted line."""

DOT_SMOOTHING_PX = 9
"""Width that smooths a row of dots into a line, and the least length of a piece of it."""

MIN_RULE_PIECE_PX = 25
"""Least length of a piece of a vertical rule, longer than a stroke of writing."""


@dataclass(frozen=True, slots=True, eq=False)
class PageFeatures:
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
        """In pixels."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.ink.shape[0])

    def upside_down(self) -> PageFeatures:
        """The maps of the page turned by 180 degrees."""
        ink, level, upright = (np.ascontiguousarray(v[::-1, ::-1]) for v in (self.ink, self.level, self.upright))
        return PageFeatures(ink, level, upright, self.scale)

    def flipped(self) -> PageFeatures:
        """The maps of the page with left and right exchanged."""
        ink, level, upright = (np.ascontiguousarray(v[:, ::-1]) for v in (self.ink, self.level, self.upright))
        return PageFeatures(ink, level, upright, self.scale)


def compute_page_features(page: Page) -> PageFeatures:
    """The maps of a straightened page."""
    image, scale = reduced(page.image, page.dpi)
    small = ink_channel(image)
    ink = cast(Floats, np.clip(1 - small.astype(np.float32) / 255, 0, 1).astype(np.float32))
    dotted = darker_than_sides(cast(Floats, cv2.blur(ink, (DOT_SMOOTHING_PX, 1))), axis=0)
    ruled = darker_than_sides(cast(Floats, cv2.blur(ink, (1, 3))), axis=1)
    return PageFeatures(ink, _pieces(dotted, (1, DOT_SMOOTHING_PX)), _pieces(ruled, (MIN_RULE_PIECE_PX, 1)), scale)


def _pieces(ridge: Floats, shape: tuple[int, int]) -> Floats:
    """What of a ridge lies in pieces at least as long as `shape`; 1 where it is a line for sure."""
    opened = cv2.morphologyEx(np.minimum(ridge, MAX_RIDGE_DARKNESS), cv2.MORPH_OPEN, np.ones(shape, np.uint8))
    return cast(Floats, opened.astype(np.float32) / np.float32(MAX_RIDGE_DARKNESS))
