"""Pre-filled data entry for handwritten Vietnamese civil-status registers."""

__version__ = "0.1.0"
