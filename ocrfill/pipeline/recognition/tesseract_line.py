"""From a crop to the picture of a line that Tesseract reads best."""

from __future__ import annotations

import cv2
import numpy as np

from ocrfill.document.page import Crop, Image

MARGIN_PX = 12
"""White pixels around the writing."""

SPECK_INK_SHARE = 0.005
"""Share of the ink that may lie above, and below, the writing's measured height: specks do not set the scale."""

SCALE_RANGE_FACTORS = (0.1, 3.0)
"""Least and greatest enlargement: a line of one short stroke is not blown up without end."""

BLACK_PERCENTILE = 30
"""Percentile of the ink's grey that becomes black: faint ink grows dark, and print left in darker ink than the writing
(dots that touch it) no longer stands out. On 879 printed lines of forms exact lines rose from .865 to .879."""

MAX_LINE_WIDTH_PX = 16_000
"""Greatest width in pixels; Tesseract refuses images wider than 32,767."""


def line_image(crop: Crop, height: int) -> Image:
    """The writing of a crop, dark on white with a margin, brought to `height` pixels; white where there is no ink."""
    columns = np.flatnonzero(crop.ink.any(axis=0))
    rows = np.flatnonzero(crop.ink.any(axis=1))
    if not len(rows):
        return np.full((height + 2 * MARGIN_PX, height + 2 * MARGIN_PX), 255, dtype=np.uint8)
    written = _darkened(crop)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(
        max(height / _height(crop), SCALE_RANGE_FACTORS[0]),
        SCALE_RANGE_FACTORS[1],
        MAX_LINE_WIDTH_PX / written.shape[1],
    )
    size = (max(round(written.shape[1] * scale), 1), max(round(written.shape[0] * scale), 1))
    resized = cv2.resize(written, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(
        resized, MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX, cv2.BORDER_CONSTANT, value=(255.0,)
    )
    return np.asarray(framed, dtype=np.uint8)


def _darkened(crop: Crop) -> Image:
    """The crop's grey with the usual ink made black and white left white."""
    black = min(float(np.percentile(crop.image[crop.ink], BLACK_PERCENTILE)), 254.0)
    grey = (crop.image.astype(np.float32) - black) * (255 / (255 - black))
    return np.asarray(np.clip(np.rint(grey), 0, 255), dtype=np.uint8)


def _height(crop: Crop) -> float:
    """Height of the writing in pixels of the crop, specks aside."""
    ink = np.cumsum(crop.ink.sum(axis=1))
    top, bottom = np.searchsorted(ink, [SPECK_INK_SHARE * ink[-1], (1 - SPECK_INK_SHARE) * ink[-1]])
    return float(bottom - top + 1)
