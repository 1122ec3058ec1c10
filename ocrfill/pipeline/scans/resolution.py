"""How many dots an inch a scan has: what the file says if it can be true, else a guess from the paper."""

from __future__ import annotations

import math

A4_LONG_MM = 297.0
A3_LONG_MM = 420.0
MIN_PAPER_MM = 100.0
MAX_PAPER_MM = 500.0
"""Long sides of paper that are believed: a register is A5 (210) to an A3 opening (420). A scan of 3508 pixels marked
72 dpi, as cameras and many programs do without meaning it, would be 1.2 m long."""
SOFTWARE_DEFAULTS_DPI = (72, 96)
"""What programs write that know nothing; no scanner setting for documents is so coarse."""
SCANNER_SETTINGS_DPI = (150, 200, 300, 400, 600)


def believable_dpi(x: float, y: float, width: int, height: int) -> float | None:
    """The dots an inch of an image marked `x` by `y`, None where that says nothing or cannot be."""
    if not (0 < x < math.inf and 0 < y < math.inf) or abs(x - y) > 0.02 * max(x, y):
        return None
    if round(x) == round(y) and round(x) in SOFTWARE_DEFAULTS_DPI:
        return None
    long_mm = max(width / x, height / y) * 25.4
    return (x + y) / 2 if MIN_PAPER_MM <= long_mm <= MAX_PAPER_MM else None


def guessed_dpi(width: int, height: int) -> float:
    """Dots an inch for a page whose file says nothing.

    A4 and A3 have one shape. If a page of this shape has, at one of a scanner's usual settings, just the size of one
    of them, that is it; else an upright page is taken for A4 and a lying one for an opening of A3.
    """
    long_side, short_side = max(width, height), min(width, height)
    if abs(long_side / short_side / 2**0.5 - 1) < 0.03:
        for setting in SCANNER_SETTINGS_DPI:
            for paper_mm in (A4_LONG_MM, A3_LONG_MM):
                if abs(long_side / paper_mm * 25.4 / setting - 1) < 0.01:  # a crop of 3 mm, or a rounded size
                    return float(setting)
    return round(max(1.0, long_side / (A4_LONG_MM if height >= width else A3_LONG_MM) * 25.4), 1)
