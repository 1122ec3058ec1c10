"""A page put straight and flat in one step: its lines level, its paper white, its colours kept."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image, Page
from ocrfill.document.warp import Mesh, Warp
from ocrfill.pipeline.preprocess.deskew import skew_degrees
from ocrfill.pipeline.preprocess.dewarp import find_bend
from ocrfill.pipeline.preprocess.illumination import folded_paper_brightness, reduced_page
from ocrfill.pipeline.reduced_page import reduced

CHUNK_ROWS = 128
"""Rows warped at a time: they stay in the processor's cache, and no map of the whole page is kept."""


BAND_ROWS = 48
"""Rows of the reduced page whose brightness is enlarged at a time."""


GRID_PITCH_PX = 16
"""Places are computed for squares of so many pixels and interpolated in them; it divides `CHUNK_ROWS`."""


NO_MAP = np.empty(0, np.float32)
"""OpenCV's second map where one holds both x and y."""


def straighten(page: Page) -> Page:
    """The page with level lines and white paper, in the size it had; `to_source` leads back to the scan.

    A page that was straightened before comes back as it is.
    """
    if page.to_source.mesh is not None:
        return page
    small = reduced_page(page)
    darkness = small.darkness
    angle = skew_degrees(darkness)
    height, width = darkness.shape
    turn = _turn(angle, width, height)[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    turned = cv2.warpAffine(darkness, turn, (width, height), flags=flags)
    bend = find_bend(cast(NDArray[np.float32], turned))
    mesh = None if bend is None else _enlarged(bend, small.scale, page.width, page.height)
    matrix = _turn(angle, page.width, page.height)
    beside = np.median(small.paper.reshape(-1, *small.paper.shape[2:]), axis=0)
    straight = replace(page, image=_warped(page, matrix, mesh, tuple(np.atleast_1d(beside).tolist())))
    _whiten(straight)
    return replace(page, image=straight.image, to_source=Warp.of(page.to_source.homography @ matrix, mesh))


def _turn(angle: float, width: int, height: int) -> NDArray[np.float64]:
    """From the straight page to the leaning one: a turn about the middle, 3 by 3."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array([[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y], [0, 0, 1]])


def _enlarged(mesh: Mesh, scale: float, width: int, height: int) -> Mesh:
    """The reduced page's mesh for the page itself (its right and lower remainder is a few pixels at most)."""
    return Mesh(
        width, height, mesh.rows, mesh.columns, tuple(v * scale for v in mesh.dx), tuple(v * scale for v in mesh.dy)
    )


def _warped(page: Page, matrix: NDArray[np.float64], mesh: Mesh | None, outside: tuple[float, ...]) -> Image:
    """The straight page, the colour `outside` around the scan."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    coarse = None if mesh is None else _coarse_places(mesh, matrix, page.width, page.height)
    if coarse is None and np.allclose(matrix, np.eye(3), atol=1e-9):
        return page.image.copy()
    straight = np.empty_like(page.image)
    for top in range(0, page.height, CHUNK_ROWS):
        rows = slice(top, min(top + CHUNK_ROWS, page.height))
        size = (page.width, rows.stop - top)
        if coarse is not None:
            places = _enlarge(coarse[top // GRID_PITCH_PX : -(-rows.stop // GRID_PITCH_PX) + 2], size)
            cv2.remap(page.image, places, NO_MAP, cv2.INTER_LINEAR, dst=straight[rows], borderValue=outside)
        else:
            down = matrix[:2] @ _down(top)
            cv2.warpAffine(page.image, down, size, dst=straight[rows], flags=flags, borderValue=outside)
    return straight


def _whiten(page: Page) -> None:
    """Divide a straight page by its paper's brightness, in place."""
    small, scale = reduced(page.image, page.dpi)
    paper = folded_paper_brightness(small)
    for top in range(0, len(paper), BAND_ROWS):
        first, last = (
            round(top * scale),
            round((top + BAND_ROWS) * scale) if top + BAND_ROWS < len(paper) else page.height,
        )
        rows = page.image[first:last]
        above, below = max(top - 1, 0), min(top + BAND_ROWS + 1, len(paper))
        start = round((top - above) * scale)
        size = (page.width, max(round((below - above) * scale), start + len(rows)))
        bright = cv2.resize(paper[above:below], size, interpolation=cv2.INTER_LINEAR)
        cv2.divide(rows, bright[start : start + len(rows)], dst=rows, scale=255.0)


def _down(rows: int) -> NDArray[np.float64]:
    return np.array([[1.0, 0, 0], [0, 1, rows], [0, 0, 1]])


def _coarse_places(mesh: Mesh, matrix: NDArray[np.float64], width: int, height: int) -> NDArray[np.float32]:
    """Where the middle of each square of `GRID_PITCH_PX` pixels lies on the leaning page; one row of squares more all
    round.
    """
    x, y = (
        np.arange(-1, -(-side // GRID_PITCH_PX) + 1) * GRID_PITCH_PX + (GRID_PITCH_PX - 1) / 2
        for side in (width, height)
    )
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    moved = (points + mesh.at(points)) @ matrix[:2, :2].T + matrix[:2, 2]
    return cast(NDArray[np.float32], moved.reshape(len(y), len(x), 2).astype(np.float32))


def _enlarge(coarse: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """The place of every pixel of a chunk from its squares. (`resize` weighs exactly; warps know 32 steps a square.)"""
    rows, columns = coarse.shape[:2]
    every = cv2.resize(coarse, (columns * GRID_PITCH_PX, rows * GRID_PITCH_PX), interpolation=cv2.INTER_LINEAR)
    return cast(
        NDArray[np.float32], every[GRID_PITCH_PX : GRID_PITCH_PX + size[1], GRID_PITCH_PX : GRID_PITCH_PX + size[0]]
    )
