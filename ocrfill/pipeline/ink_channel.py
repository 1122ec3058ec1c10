"""How bright pen and print leave a page: red stamping ink taken out of colour images."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from ocrfill.document.page import Image

RED = 2
"""The channel in which red seals fade and blue and black ink stay dark."""

REDDISH = 32
"""A pixel whose red is so much brighter than its green and blue is stamping ink; brown ink is less red."""

LIGHT = 130
"""Beside stamping ink a pixel lighter than this is its rim, made grey by packing; darker ones are pen and print."""

RIM = 2
"""So many pixels from stamping ink are its rim at most."""

INK_ROWS = 256
"""Rows looked at for ink at a time: no second map of the whole page is kept, and they stay in the processor's cache."""


def stamping_ink(image: Image) -> Image:
    """How much redder than other inks each pixel of a colour image is, 0 where it is not."""
    blue, green, red = cv2.split(image)
    redder = cv2.subtract(red, cv2.max(blue, green, dst=blue), dst=blue)
    return cast(Image, cv2.subtract(redder, np.array([REDDISH], np.float64), dst=redder, dtype=cv2.CV_8U))


def ink_channel(image: Image) -> Image:
    """How bright pen and print leave the page: grey as it is; of a colour image the red, seals made fainter still."""
    if image.ndim == 2:
        return image
    ink = np.empty(image.shape[:2], np.uint8)
    for top in range(0, len(ink), INK_ROWS):
        above = max(top - RIM, 0)
        rows = _ink_channel(image[above : top + INK_ROWS + RIM])
        ink[top : top + INK_ROWS] = rows[top - above : top - above + INK_ROWS]
    return ink


def _ink_channel(image: Image) -> Image:
    stamped, red = stamping_ink(image), cv2.extractChannel(image, RED)
    around = cv2.dilate(stamped, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    rim = cv2.subtract(red, np.array([LIGHT], np.float64), dtype=cv2.CV_8U)
    fainter = cv2.max(stamped, cv2.min(around, rim, dst=around), dst=around)
    return cast(Image, cv2.scaleAdd(fainter, 2.0, red, dst=rim))
