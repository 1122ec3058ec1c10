"""What a straightened page shows of a printed form, at reduced scale: ink, dotted lines and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from ocrfill.document.page import Floats, Page
from ocrfill.pipeline.ink_channel import ink_channel
from ocrfill.pipeline.reduced_page import darker_than_sides, reduced

RULE = 0.12
"""A ridge this dark is a line for sure: darker ones get no more say, so a black border outvotes no dotted line."""

DOTS = 9
"""Width that smooths a row of dots into a line, and the least length of a piece of it."""

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
        """In pixels."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.ink.shape[0])

    def upside_down(self) -> Evidence:
        """The maps of the page turned by 180 degrees."""
        ink, level, upright = (np.ascontiguousarray(v[::-1, ::-1]) for v in (self.ink, self.level, self.upright))
        return Evidence(ink, level, upright, self.scale)


def gather(page: Page) -> Evidence:
    """The maps of a straightened page."""
    image, scale = reduced(page.image, page.dpi)
    small = ink_channel(image)
    ink = cast(Floats, np.clip(1 - small.astype(np.float32) / 255, 0, 1).astype(np.float32))
    dotted = darker_than_sides(cast(Floats, cv2.blur(ink, (DOTS, 1))), axis=0)
    ruled = darker_than_sides(cast(Floats, cv2.blur(ink, (1, 3))), axis=1)
    return Evidence(ink, _pieces(dotted, (1, DOTS)), _pieces(ruled, (RULE_PIECE, 1)), scale)


def _pieces(ridge: Floats, shape: tuple[int, int]) -> Floats:
    """What of a ridge lies in pieces at least as long as `shape`; 1 where it is a line for sure."""
    opened = cv2.morphologyEx(np.minimum(ridge, RULE), cv2.MORPH_OPEN, np.ones(shape, np.uint8))
    return cast(Floats, opened.astype(np.float32) / np.float32(RULE))
