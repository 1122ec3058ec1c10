"""A page as a JPEG file of about a wanted size, its resolution written into it."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
from PIL import Image as Pictures

from ocrfill.document.page import Image

MAX_QUALITY_PERCENT, MIN_QUALITY_PERCENT = 92, 12
"""Quality of an undamaged page, and the least that is used for a small file: below it a page falls into blocks."""

MAX_MEAN_ROUNDING = 32
"""Most that a block's mean is rounded to, in grey levels times 8, so that paper keeps its soft shades."""


def encoded_jpeg(image: Image, kilobytes: float, dpi: float) -> bytes:
    """The image as JPEG: of the best quality that fits into `kilobytes`, though not below `MIN_QUALITY_PERCENT`; good
    for 0.
    """
    picture = Pictures.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB) if image.ndim == 3 else image)
    if not kilobytes:
        return _packed(picture, MAX_QUALITY_PERCENT, dpi)
    low, high = MIN_QUALITY_PERCENT, MAX_QUALITY_PERCENT
    best = _packed(picture, low, dpi)
    while low < high and len(best) <= kilobytes * 1024:
        quality = (low + high + 1) // 2
        tried = _packed(picture, quality, dpi)
        if len(tried) <= kilobytes * 1024:
            low, best = quality, tried
        else:
            high = quality - 1
    return best


def _packed(picture: Pictures.Image, quality: int, dpi: float) -> bytes:
    stream = io.BytesIO()
    tables = [list(table) for table in _tables(quality)]
    picture.save(stream, "JPEG", qtables=tables, subsampling="4:2:0", dpi=(dpi, dpi), optimize=True)
    return stream.getvalue()


@cache
def _tables(quality: int) -> tuple[tuple[int, ...], ...]:
    """The library's own tables for a quality (light, colour), with block means kept finer."""
    stream = io.BytesIO()
    Pictures.new("RGB", (16, 16)).save(stream, "JPEG", quality=quality)
    tables = Pictures.open(io.BytesIO(stream.getvalue())).quantization  # type: ignore[attr-defined]
    return tuple(tuple(np.minimum(tables[k], [MAX_MEAN_ROUNDING] + [255] * 63).tolist()) for k in sorted(tables))
