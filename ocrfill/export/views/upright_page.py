"""A scan page turned upright and made smaller for showing, and where its polygons come to lie."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrfill.document.geometry import Points, Polygon
from ocrfill.document.page import Image, Page
from ocrfill.document.result import PageResult
from ocrfill.errors import BadInput
from ocrfill.pipeline.preprocess import mirror, positive

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True, eq=False)
class UprightPage:
    """An upright picture (blue-green-red) of a scan page that was `width` by `height` pixels before it was mirrored, if
    it was, and turned.
    """

    image: Image
    width: int
    height: int
    turned: int
    scale: float
    flipped: bool = False

    def place(self, polygon: Polygon) -> Points:
        """The polygon of the scan on this picture, shape (n, 2); (0, 2) for an empty one."""
        points: Points = np.array(polygon, dtype=np.float64).reshape(-1, 2)
        if self.flipped:
            points = flipped_places(points, self.width)
        x, y = points[:, 0], points[:, 1]
        match self.turned:
            case 90:
                points = np.stack([self.height - y, x], axis=-1)
            case 180:
                points = np.stack([self.width - x, self.height - y], axis=-1)
            case 270:
                points = np.stack([y, self.width - x], axis=-1)
        return points * self.scale


def as_it_reads(page: Page, result: PageResult) -> Page:
    """A page as scanned with its negative and mirroring undone, as the result says; not turned."""
    if result.negative:
        page = positive(page)
    return mirror(page) if result.flipped else page


def flipped_places(points: Points, width: int) -> Points:
    """Where points of a page so many pixels wide lie once it is mirrored, shape (n, 2)."""
    return np.stack([width - points[:, 0], points[:, 1]], axis=-1)


def upright_picture(page: Page, result: PageResult | None, height: int) -> UprightPage:
    """The page as the result says it stands, at most `height` pixels high. Raises BadInput for another scan."""
    if result is not None and result.width and (result.width, result.height) != (page.width, page.height):
        raise BadInput(
            f"{page.source}, page {page.number} is {page.width} by {page.height} pixels, but what was read was "
            f"{result.width} by {result.height}: the file has changed since; run it again"
        )
    turned = result.turned if result else 0
    page = as_it_reads(page, result) if result else page
    image = page.image if page.image.ndim == 3 else cv2.cvtColor(page.image, cv2.COLOR_GRAY2BGR)
    if turned:
        image = cv2.rotate(image, _TURNS[turned])
    scale = min(1.0, height / image.shape[0])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return UprightPage(
        np.ascontiguousarray(image, dtype=np.uint8), page.width, page.height, turned, scale, page.flipped
    )
