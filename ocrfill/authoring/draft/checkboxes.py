"""Small printed squares to tick."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Box
from ocrfill.document.page import Image

SIDE_RANGE_MM = (2.0, 7.0)
"""Sides of a box to tick in millimetres."""

MAX_SIDE_DIFFERENCE_SHARE = 0.3
"""How far its sides may differ, as a share of the longer one."""

MIN_INK_DARKNESS_SHARE = 0.4
"""What is darker than this share of solid print is ink."""

MIN_PRINTED_EDGE_SHARE = 0.85
"""At least this share of each edge is printed."""

MIN_BARE_INSIDE_SHARE = 0.55
"""At least this share of the inside is bare on the common print: letters fill more."""


def find_checkboxes(grey: Image, black: float, dpi: float) -> tuple[Box, ...]:
    """The printed squares, from top to bottom."""
    mm = dpi / 25.4
    ink = (255 - grey.astype(np.float32) > MIN_INK_DARKNESS_SHARE * black).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = []
    for left, top, width, height, _ in stats[1:].tolist():
        longer, shorter = max(width, height), min(width, height)
        if (
            not SIDE_RANGE_MM[0] * mm <= shorter <= longer <= SIDE_RANGE_MM[1] * mm
            or longer - shorter > MAX_SIDE_DIFFERENCE_SHARE * longer
        ):
            continue
        patch = ink[top : top + height, left : left + width]
        thick = max(round(0.35 * mm), 2)
        edges = (
            patch[:thick].max(axis=0),
            patch[-thick:].max(axis=0),
            patch[:, :thick].max(axis=1),
            patch[:, -thick:].max(axis=1),
        )
        inside = patch[thick:-thick, thick:-thick]
        if (
            min(float(edge.mean()) for edge in edges) >= MIN_PRINTED_EDGE_SHARE
            and 1 - float(inside.mean()) >= MIN_BARE_INSIDE_SHARE
        ):
            half = round(_thickness(patch) / 2)
            found.append(Box(left + half, top + half, left + width - half, top + height - half))
    return tuple(sorted(found, key=lambda box: (box.top, box.left)))


def _thickness(patch: NDArray[np.uint8]) -> float:
    """How thick a square's edges are printed, in pixels."""
    runs = [side.argmin(axis=0) for side in (patch, patch[::-1], patch.T, patch.T[::-1])]
    return float(np.median([np.median(run[run > 0]) for run in runs if (run > 0).any()] or [0.0]))
