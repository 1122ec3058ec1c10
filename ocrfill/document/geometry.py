"""Boxes, polygons and the map between a page and its scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, cast

import cv2
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
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def corners(self) -> Points:
        """The four corners clockwise from the upper left, shape (4, 2)."""
        return np.array(
            [(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)],
            dtype=np.float64,
        )

    def is_empty(self) -> bool:
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


@dataclass(frozen=True, slots=True)
class Mesh:
    """Displacements on a regular grid over a page: how a curl or a wave moves points.

    `dx` and `dy` hold `rows` times `columns` values in pixels, row by row. The grid spans the page of `width` by
    `height` pixels, its first node at (0, 0) and its last at (width, height); between the nodes it is bilinear,
    outside the page the border's values hold.
    """

    width: float
    height: float
    rows: int
    columns: int
    dx: tuple[float, ...]
    dy: tuple[float, ...]

    def at(self, points: Points) -> Points:
        """The displacement at each point, shape (n, 2)."""
        u = np.clip(points[:, 0] / self.width, 0, 1) * (self.columns - 1)
        v = np.clip(points[:, 1] / self.height, 0, 1) * (self.rows - 1)
        i = np.minimum(u.astype(int), self.columns - 2)
        j = np.minimum(v.astype(int), self.rows - 2)
        a, b = u - i, v - j
        grid = np.stack([self.dx, self.dy], axis=-1).reshape(self.rows, self.columns, 2)
        upper = grid[j, i] * (1 - a)[:, None] + grid[j, i + 1] * a[:, None]
        lower = grid[j + 1, i] * (1 - a)[:, None] + grid[j + 1, i + 1] * a[:, None]
        return np.asarray(upper * (1 - b)[:, None] + lower * b[:, None], dtype=np.float64)


IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Warp:
    """A map of points: first the mesh's displacement, if any, then a homography (row by row, 3 by 3)."""

    matrix: tuple[float, ...] = IDENTITY
    mesh: Mesh | None = None

    @classmethod
    def of(cls, matrix: NDArray[np.floating], mesh: Mesh | None = None) -> Self:
        """From a 2 by 3 (affine) or 3 by 3 matrix."""
        full = np.eye(3)
        full[: matrix.shape[0]] = matrix
        return cls(tuple(float(v) for v in full.ravel()), mesh)

    @property
    def homography(self) -> Points:
        """The matrix as an array of shape (3, 3)."""
        return np.array(self.matrix, dtype=np.float64).reshape(3, 3)

    def apply(self, points: Points) -> Points:
        """The images of the points, shape (n, 2)."""
        moved: Points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        if self.mesh is not None:
            moved = moved + self.mesh.at(moved)
        mapped: Points = cv2.perspectiveTransform(moved[None], self.homography)[0]
        return mapped

    def unapply(self, points: Points) -> Points:
        """The points whose images are given; the mesh is inverted by fixed-point steps (to about .01 pixel)."""
        moved = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        before: Points = cv2.perspectiveTransform(moved[None], np.linalg.inv(self.homography))[0]
        if self.mesh is None:
            return before
        guess = before.copy()
        for _ in range(20):  # curls bend slowly: each step shrinks the error by the mesh's slope, well below .3
            guess = before - self.mesh.at(guess)
        return guess

    def then(self, matrix: NDArray[np.floating]) -> Warp:
        """This map followed by a homography (2 by 3 or 3 by 3)."""
        full = np.eye(3)
        full[: matrix.shape[0]] = matrix
        return Warp.of(full @ self.homography, self.mesh)

    def polygon(self, box: Box) -> Polygon:
        """The outline of a box after this map; along a bent edge a point every eighth of its length."""
        corners = box.corners
        if self.mesh is not None:
            ends = np.roll(corners, -1, axis=0)
            steps = np.linspace(0, 1, 8, endpoint=False)[:, None]
            corners = np.concatenate([a + (b - a) * steps for a, b in zip(corners, ends, strict=True)])
        return tuple((round(float(x), 1), round(float(y), 1)) for x, y in self.apply(corners))


def hull(polygons: tuple[Polygon, ...]) -> Polygon:
    """The convex outline around all polygons; empty for none."""
    points = np.array([p for polygon in polygons for p in polygon], dtype=np.float32)
    if not len(points):
        return ()
    outline = cv2.convexHull(points).reshape(-1, 2)
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in outline)


WORKING_DPI = 100.0
"""Pages are measured at so many pixels an inch: dotted lines and rules still show, in a ninth of a scan's pixels."""

LONGEST_SIDE = (900, 1800)
"""Bounds for a measured page's longer side in pixels, for files whose dpi cannot be right."""

NEARLY_WHOLE = 0.1
"""How far off a whole number a reduction may be made to be one: that is faster."""


def reduced_size(width: int, height: int, dpi: float) -> tuple[int, int]:
    """Width and height of a page reduced to `WORKING_DPI` for measuring; never larger than the page."""
    scale = _reduction(width, height, dpi)
    return max(round(width / scale), 1), max(round(height / scale), 1)


def reduced(image: NDArray[np.uint8], dpi: float) -> tuple[NDArray[np.uint8], float]:
    """A page's image reduced so, and by how much: pixel u of it lies at (u + .5) * scale - .5 on the page.

    By a whole number the page's last odd rows and columns are left out, which takes a third of the time.
    """
    height, width = image.shape[:2]
    scale = _reduction(width, height, dpi)
    if scale == int(scale):
        size = (max(int(width // scale), 1), max(int(height // scale), 1))
        image = image[: size[1] * int(scale), : size[0] * int(scale)]
    else:
        size = reduced_size(width, height, dpi)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cast(NDArray[np.uint8], small), image.shape[1] / size[0]


def _reduction(width: int, height: int, dpi: float) -> float:
    low, high = LONGEST_SIDE
    longest = max(width, height)
    scale = max(min(max(dpi / WORKING_DPI, longest / high), longest / low), 1.0)
    return round(scale) if abs(scale - round(scale)) < NEARLY_WHOLE * scale else scale
