"""The map between a page and its scan, and outlines of what it maps: what of geometry needs OpenCV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Box, Points, Polygon


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


IDENTITY_MATRIX = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Warp:
    """A map of points: first the mesh's displacement, if any, then a homography (row by row, 3 by 3)."""

    matrix: tuple[float, ...] = IDENTITY_MATRIX
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
