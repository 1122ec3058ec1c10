"""How many dots an inch a scan has: what the file says if it can be true, else a guess from the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

A4_LONG_MM = 297.0
A3_LONG_MM = 420.0
MIN_PAPER_MM = 100.0
MAX_PAPER_MM = 500.0
"""Long sides of paper that are believed: a register is A5 (210) to an A3 opening (420). A scan of 3508 pixels marked
72 dpi, as cameras and many programs do without meaning it, would be 1.2 m long."""
SOFTWARE_DEFAULTS_DPI = (72, 96)
"""What programs write that know nothing; no scanner setting for documents is so coarse."""
SCANNER_SETTINGS_DPI = (150, 200, 300, 400, 600)
SQUARE_SHARE = 0.02
"""By how much the dots an inch may differ across and down and still be one resolution."""
MAX_STRETCH = 4.2
"""How far they may differ: faxes have 204 x 98, 204 x 196 and 204 x 391; a scanner's halves and quarters are within."""
MAX_PAPER_SHAPE = 2.0
"""The long side by the short one of paper that is believed with unequal dots: pages have 1.3 to 1.7."""


@dataclass(frozen=True, slots=True)
class DotDensity:
    """What a file says of its dots across and down: an inch, or only in proportion (`per_inch` false). 0: nothing."""

    across: float = 0.0
    down: float = 0.0
    per_inch: bool = True

    @property
    def turned(self) -> DotDensity:
        """That of the image laid on its side."""
        return DotDensity(self.down, self.across, self.per_inch)

    def dpi(self, width: int, height: int) -> float:
        """The dots an inch of an image of that size: as said if that can be true, else guessed."""
        stated = believable_dpi(self.across, self.down, width, height) if self.per_inch else None
        return stated or guessed_dpi(width, height)

    def squared(self, width: int, height: int) -> DotDensity:
        """That of an image of that size once it has its `square_size`."""
        dots = max(self.across, self.down)
        same = self.square_size(width, height) == (width, height)
        return self if same else DotDensity(dots, dots, self.per_inch)

    def square_size(self, width: int, height: int) -> tuple[int, int]:
        """The size at which an image's dots are as wide as high; its own where they are, or the file cannot be true."""
        x, y = self.across, self.down
        if not (0 < x < math.inf and 0 < y < math.inf) or abs(x - y) <= SQUARE_SHARE * max(x, y):
            return width, height
        long, short = max(width / x, height / y), min(width / x, height / y)
        if max(x, y) > MAX_STRETCH * min(x, y) or long > MAX_PAPER_SHAPE * short:
            return width, height
        if self.per_inch and not MIN_PAPER_MM <= long * 25.4 <= MAX_PAPER_MM:
            return width, height
        return (width, round(height * x / y)) if x > y else (round(width * y / x), height)


def believable_dpi(x: float, y: float, width: int, height: int) -> float | None:
    """The dots an inch of an image marked `x` by `y`, None where that says nothing or cannot be."""
    if not (0 < x < math.inf and 0 < y < math.inf) or abs(x - y) > SQUARE_SHARE * max(x, y):
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
