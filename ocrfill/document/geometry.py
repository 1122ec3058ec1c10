"""Boxes, points and polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Points as an array of shape (n, 2): x to the right, y down, in pixels."""

Polygon = tuple[tuple[float, float], ...]
"""Corners in order, x to the right, y down, in pixels of the original scan unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the straightened page, half open: right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def corners(self) -> Points:
        """The four corners clockwise from the upper left, shape (4, 2)."""
        return np.array(
            [(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)],
            dtype=np.float64,
        )

    def is_empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.right <= self.left or self.bottom <= self.top

    def grown(self, x: int, y: int) -> Self:
        """This box with `x` pixels more on the left and right and `y` more above and below."""
        return type(self)(self.left - x, self.top - y, self.right + x, self.bottom + y)

    def clipped(self, width: int, height: int) -> Self:
        """The part of this box on a page of `width` by `height` pixels; it may be empty."""
        return type(self)(
            min(max(self.left, 0), width),
            min(max(self.top, 0), height),
            max(min(self.right, width), 0),
            max(min(self.bottom, height), 0),
        )

    def intersection(self, other: Box) -> Box:
        """What both boxes share; empty where they do not meet."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
