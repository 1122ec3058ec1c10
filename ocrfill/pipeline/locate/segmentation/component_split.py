"""A piece of ink that several lines wrote together, cut between them: each part goes to the letters it leads to.

What hangs between two lines' letters is followed from both. Pale ink takes longer than dark ink, so that strokes that
only blur joins part where they touch. (Strokes were also followed each in its own direction, so that a tail that
crosses a letter would run on across it: that told crossings no better.)
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Bits, Floats, Image

FULL_DARKNESS_SHARE, PALE_STEP_COST = 0.75, 120.0
"""Ink at least so dark, measured by the piece's usual ink, takes one step a pixel; without any darkness it would take
so many more."""

LOWER_LINE_DELAY_PITCHES = 0.08
"""The lower of two lines is followed so much later, in line distances: tails are longer than capitals are high."""

UNREACHED_STEPS = np.float32(1e6)
"""Steps to where no ink leads."""

STEPS_BETWEEN_CHECKS = 8
"""Steps between looks at whether anything is still reached sooner."""


def split_component(whole: Bits, letters: Bits, grey: Image, pitch: float) -> Bits:
    """A piece's pixels, each with the number of the line it belongs to; 0 for what no line's letters are joined to.

    `whole` is 255 where the piece is, `letters` holds the numbers of the lines, from 1, where their letters are.
    """
    found = letters.copy()
    between = cv2.subtract(whole, np.minimum(letters, 1) * np.uint8(255))
    if not between.any():
        return found
    count, label, stats, _ = cv2.connectedComponentsWithStats(between, connectivity=8)
    usual = float(np.median(255 - grey[whole > 0]))
    for part in range(1, count):
        left, top, width, height = stats[part, :4]
        window = (slice(max(top - 1, 0), top + height + 1), slice(max(left - 1, 0), left + width + 1))
        here = label[window] == part
        beside = cv2.dilate(here.view(np.uint8), np.ones((3, 3), np.uint8)) * letters[window]
        lines = np.unique(beside[beside > 0])
        if len(lines):
            takes = 1 + PALE_STEP_COST * np.maximum(FULL_DARKNESS_SHARE - (255 - grey[window]) / usual, 0)
            steps = np.where(here, takes, UNREACHED_STEPS).astype(np.float32)
            ends = np.stack([beside == line for line in lines])
            found[window][here] = lines[_first(steps, ends, LOWER_LINE_DELAY_PITCHES * pitch, pitch / 2)][here]
    return found


def _first(takes: Floats, ends: NDArray[np.bool_], later: float, lower: float) -> NDArray[np.intp]:
    """Which of the ends leads to each pixel in the fewest steps, of which a pixel takes its own number; an end that is
    by more than `lower` pixels the lower one begins `later`.
    """
    heights = np.array([np.nonzero(end)[0].mean() for end in ends])
    begins = np.where(heights > heights.min() + lower, np.float32(later), np.float32(0))
    steps = np.where(ends, begins[:, None, None], UNREACHED_STEPS)
    for reached in steps:
        for at in range(takes.size):
            near = cast(Floats, cv2.erode(reached, np.ones((3, 3), np.uint8)))
            sooner = np.minimum(reached, near + takes)
            if at % STEPS_BETWEEN_CHECKS == 0 and np.array_equal(sooner, reached):
                break
            reached[:] = sooner
    return cast(NDArray[np.intp], steps.argmin(axis=0))
