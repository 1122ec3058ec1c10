"""A page as scanned made upright, straight and flat, with the way back to the scan."""

import cv2

from ocrfill.pipeline.preprocess.blank_page import is_blank
from ocrfill.pipeline.preprocess.leaning import leans_left
from ocrfill.pipeline.preprocess.orientation import likely_turns, mirror, turn
from ocrfill.pipeline.preprocess.polarity import is_negative, positive
from ocrfill.pipeline.preprocess.rectify import straighten
from ocrfill.pipeline.preprocess.sheets import cut_out, sheets_by_brightness, without_sheet

__all__ = [
    "cut_out",
    "is_blank",
    "is_negative",
    "leans_left",
    "likely_turns",
    "mirror",
    "positive",
    "sheets_by_brightness",
    "straighten",
    "turn",
    "without_sheet",
]

cv2.ipp.setUseIPP(False)
"""OpenCV 4.12's own code is as exact and, on processors that are not Intel's, up to 27 times as fast: Intel's library
has no code for those, and finding a dot's like on a page by it took 0.75 ms in place of 0.03.
"""
