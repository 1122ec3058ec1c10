"""How bright pen and print leave a page: red stamping ink taken out of colour images."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from ocrfill.document.page import Image

RED_CHANNEL = 2
"""The channel in which red seals fade and blue and black ink stay dark."""

MIN_REDNESS = 32
"""A pixel whose red is so much brighter than its green and blue is stamping ink; brown ink is less red."""

MIN_RIM_BRIGHTNESS = 130
"""Beside stamping ink a pixel lighter than this is its rim, made grey by packing; darker ones are pen and print."""

MAX_RIM_PX = 2
"""So many pixels from stamping ink are its rim at most."""

ROWS_AT_A_TIME = 256
"""Rows looked at for ink at a time: no second map of the whole page is kept, and they stay in the processor's cache."""


def stamping_ink(image: Image) -> Image:
    """How much redder than other inks each pixel of a colour image is, 0 where it is not."""
    blue, green, red = cv2.split(image)
    redder = cv2.subtract(red, cv2.max(blue, green, dst=blue), dst=blue)
    return cast(Image, cv2.subtract(redder, np.array([MIN_REDNESS], np.float64), dst=redder, dtype=cv2.CV_8U))


def ink_channel(image: Image) -> Image:
    """How bright pen and print leave the page: grey as it is; of a colour image the red, seals made fainter still."""
    if image.ndim == 2:
        return image
    ink = np.empty(image.shape[:2], np.uint8)
    for top in range(0, len(ink), ROWS_AT_A_TIME):
        above = max(top - MAX_RIM_PX, 0)
        rows = _ink_channel(image[above : top + ROWS_AT_A_TIME + MAX_RIM_PX])
        ink[top : top + ROWS_AT_A_TIME] = rows[top - above : top - above + ROWS_AT_A_TIME]
    return ink


def _ink_channel(image: Image) -> Image:
    stamped, red = stamping_ink(image), cv2.extractChannel(image, RED_CHANNEL)
    around = cv2.dilate(stamped, np.ones((2 * MAX_RIM_PX + 1, 2 * MAX_RIM_PX + 1), np.uint8))
    rim = cv2.subtract(red, np.array([MIN_RIM_BRIGHTNESS], np.float64), dtype=cv2.CV_8U)
    fainter = cv2.max(stamped, cv2.min(around, rim, dst=around), dst=around)
    return cast(Image, cv2.scaleAdd(fainter, 2.0, red, dst=rim))
