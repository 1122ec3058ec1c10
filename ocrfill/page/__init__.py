"""A page as scanned made upright, straight and flat, with the way back to the scan."""

from ocrfill.page.blank import is_blank
from ocrfill.page.flat import straighten
from ocrfill.page.turn import likely_turns, turn

__all__ = ["is_blank", "likely_turns", "straighten", "turn"]
