"""Pages warped in known ways, and where their outlines go: turned, in perspective, curled at the gutter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from benchmarks.metrics.table_cells import TrueTables
from ocrfill.document.geometry import Points, Polygon
from ocrfill.document.page import Page

MAX_TURN_DEGREES, MAX_CORNER_SHIFT_SHARE, CURL_RANGE_PX = 2.5, 0.015, (15.0, 31.0)
"""Largest turn in degrees, largest shift of a corner as a share of the side, lift at the gutter in pixels."""

CURL_REACH_WIDTH_SHARE = 0.12
"""How far from the gutter the curl falls to a third, as a share of the page's width."""

BORDER_GREY_LEVEL = 200


@dataclass(frozen=True, eq=False)
class PageBend:
    """First the curl at the gutter (the page's middle), then a homography."""

    matrix: np.ndarray
    curl: float
    width: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, width: int, height: int) -> PageBend:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.choice([-1, 1])) * MAX_TURN_DEGREES, 1.0)
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        moved = corners + rng.uniform(-MAX_CORNER_SHIFT_SHARE, MAX_CORNER_SHIFT_SHARE, (4, 2)) * (width, height)
        leaning = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
        return cls(leaning @ np.vstack([turn, (0, 0, 1)]), float(rng.uniform(*CURL_RANGE_PX)), width)

    def lift(self, x: np.ndarray) -> np.ndarray:
        return self.curl * np.exp(-np.abs(x - self.width / 2) / (CURL_REACH_WIDTH_SHARE * self.width))

    def forth(self, points: Points) -> Points:
        curled = np.stack([points[:, 0], points[:, 1] + self.lift(points[:, 0])], axis=1)
        return cv2.perspectiveTransform(curled[None], self.matrix)[0]

    def page(self, page: Page) -> Page:
        y, x = np.mgrid[0 : page.height, 0 : page.width].astype(np.float64)
        flat = np.stack([x.ravel(), y.ravel()], axis=1)
        back = cv2.perspectiveTransform(flat[None], np.linalg.inv(self.matrix))[0]
        back[:, 1] -= self.lift(back[:, 0])
        maps = (back[:, i].reshape(x.shape).astype(np.float32) for i in (0, 1))
        grey = (BORDER_GREY_LEVEL,) * 3
        return replace(page, image=cv2.remap(page.image, *maps, cv2.INTER_LINEAR, borderValue=grey))

    def truth(self, truth: TrueTables) -> TrueTables:
        cells = tuple(replace(cell, polygon=self.outline(cell.polygon)) for cell in truth.cells)
        return TrueTables(cells, tuple(self.outline(region) for region in truth.ignored))

    def outline(self, outline: Polygon) -> Polygon:
        return tuple((float(x), float(y)) for x, y in self.forth(np.array(outline)))
