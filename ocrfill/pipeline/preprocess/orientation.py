"""Quarter turns and mirroring: exact; and which turns are worth trying."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from ocrfill.document.page import Image, Page
from ocrfill.document.warp import Warp

ROTATION_CODES = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def turn(page: Page, degrees: int) -> Page:
    """The page turned clockwise by 0, 90, 180 or 270 degrees, pixel by pixel; for pages not yet straightened."""
    if degrees % 90:
        raise ValueError(f"a page turns by quarters, not by {degrees} degrees")
    degrees %= 360
    if degrees == 0:
        return page
    if page.to_source.mesh is not None:
        raise ValueError("turn a page before it is straightened")
    image = cast(Image, cv2.rotate(page.image, ROTATION_CODES[degrees]))
    right, lower = page.width - 1, page.height - 1
    back = {
        90: ((0, 1, 0), (-1, 0, lower), (0, 0, 1)),
        180: ((-1, 0, right), (0, -1, lower), (0, 0, 1)),
        270: ((0, -1, right), (1, 0, 0), (0, 0, 1)),
    }[degrees]
    to_source = Warp.of(page.to_source.homography @ np.array(back, dtype=np.float64))
    return replace(page, image=image, to_source=to_source, turned=(page.turned + degrees) % 360)


def mirror(page: Page) -> Page:
    """The page with left and right exchanged, pixel by pixel; for pages neither turned nor straightened yet."""
    if page.turned or page.to_source.mesh is not None:
        raise ValueError("mirror a page before it is turned or straightened")
    flip = np.array(((-1, 0, page.width - 1), (0, 1, 0), (0, 0, 1)), dtype=np.float64)
    image = cast(Image, cv2.flip(page.image, 1))
    to_source = Warp.of(page.to_source.homography @ flip)
    return replace(page, image=image, to_source=to_source, flipped=not page.flipped)


def likely_turns(page: Page, paper_width: float, paper_height: float) -> tuple[int, ...]:
    """All four turns, the likeliest first: the page's shape says which two, and most pages lie upright."""
    stands = page.height >= page.width
    should_stand = paper_height >= paper_width
    return (0, 180, 90, 270) if stands == should_stand else (90, 270, 0, 180)
