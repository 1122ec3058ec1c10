"""By what angle the page's lines lean: rules, dotted lines, lines of print and writing all vote."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Floats
from ocrfill.pipeline.reduced_page import darker_than_sides

MAX_SKEW_DEGREES = 12.0
"""Degrees; pages that lean more are turned by hand."""

SEARCH_STEPS_DEGREES = ((MAX_SKEW_DEGREES, 1.0, 4), (1.2, 0.2, 2), (0.2, 0.04, 1), (0.03, 0.01, 1))
"""Search around the best angle so far: half width, step (degrees), and by what the rows are reduced for it."""

BAND_WIDTH_PX = 12
"""Width of the bands whose profiles are laid over each other, in pixels of the reduced page."""


def thin_lines(darkness: Floats, *, axis: int) -> Floats:
    """Thin dark lines across `axis` (0: lines that run along x): a pixel's darkness less that of both its sides."""
    shape = (1, 3) if axis == 0 else (3, 1)
    return darker_than_sides(cast(Floats, cv2.blur(darkness, shape[::-1])), axis=axis)


def skew_degrees(darkness: Floats) -> float:
    """Degrees clockwise by which the page's lines fall to the right; 0 where nothing tells."""
    both = (band_profiles(thin_lines(darkness, axis=0)), band_profiles(thin_lines(darkness, axis=1).T))
    best = 0.0
    for span, step, coarse in SEARCH_STEPS_DEGREES:
        angles = best + np.arange(-span, span + step / 2, step, dtype=np.float64)
        scores = _alignment(both[0], coarse, angles) + _alignment(both[1], coarse, -angles)
        if not scores.max() > scores.min():
            return 0.0
        best = float(angles[int(np.argmax(scores))])
    return best


def band_profiles(lines: Floats) -> Floats:
    """The mean of each band of `BAND_WIDTH_PX` columns, shape (rows, bands)."""
    height, width = lines.shape
    return cast(Floats, cv2.resize(lines, (max(2, width // BAND_WIDTH_PX), height), interpolation=cv2.INTER_AREA))


def _alignment(profiles: Floats, coarse: int, angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each angle the energy of the sum of all bands shifted by it: high where lines fall on each other."""
    if coarse > 1:
        blurred = cv2.blur(profiles, (1, 2 * coarse - 1))
        profiles = np.ascontiguousarray(blurred[::coarse])
    rows, bands = profiles.shape
    places = (np.arange(bands) - (bands - 1) / 2) * BAND_WIDTH_PX / coarse
    total = float((profiles**2).sum()) or 1.0
    y = np.arange(rows, dtype=np.float32)[:, None]
    x = np.ascontiguousarray(np.broadcast_to(np.arange(bands, dtype=np.float32), (rows, bands)))
    scores = np.empty(len(angles))
    for i, angle in enumerate(angles):
        shift = (np.tan(np.radians(angle)) * places).astype(np.float32)
        moved = cv2.remap(profiles, x, y + shift, cv2.INTER_LINEAR)
        scores[i] = float((moved.sum(axis=1) ** 2).sum()) / total
    return scores
