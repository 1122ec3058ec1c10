"""A page as scanned made upright, straight and flat, with the way back to the scan."""

from ocrfill.pipeline.preprocess.blank_page import is_blank
from ocrfill.pipeline.preprocess.orientation import likely_turns, turn
from ocrfill.pipeline.preprocess.rectify import straighten

__all__ = ["is_blank", "likely_turns", "straighten", "turn"]
