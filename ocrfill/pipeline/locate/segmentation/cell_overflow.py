"""Writing that runs over the rule into the next cell goes back to the line it comes from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrfill.pipeline.locate.registration.field_strips import RIGHT_ROOM_WIDTH_SHARE
from ocrfill.pipeline.locate.segmentation.ink import InkComponents
from ocrfill.pipeline.locate.segmentation.leader_dots import WritingLine

MIN_ACROSS_PITCHES, MIN_ACROSS_WIDTH_SHARE = 0.06, 0.2
"""A letter was begun in the left cell if it begins so far before the rule, in line distances and as a share of its
width."""

MAX_LETTER_GAP_PITCHES, MIN_WORD_GAP_PITCHES = 0.25, 0.3
"""Letters of a word have at most the first between them and words at least the second, in line distances."""

MAX_BEYOND_RULE_PITCHES = 0.9
"""Letters behind one that runs over go with it as far as this behind the rule, in line distances."""

MAX_LEVEL_DIFFERENCE_PITCHES = 0.25
"""Lines of neighbouring cells differ in height by less than this, in line distances."""


def reassign_overflow(
    ink: InkComponents,
    lines: Sequence[WritingLine],
    line: NDArray[np.intp],
    letters: NDArray[np.bool_],
    page_width: int,
) -> None:
    """Change `line` (the line of each piece) for letters begun in the left cell, and for the rest of their word.

    `letters` are the pieces that are letters of their line; the marks over and under a letter go with it.
    """
    for left, right in _neighbours(lines):
        before = letters & (line == left)
        if not before.any():
            continue
        behind = np.flatnonzero(letters & (line == right))
        behind = behind[np.argsort(ink.left[behind])]
        rule = lines[left].box.right - RIGHT_ROOM_WIDTH_SHARE * page_width
        end = float(ink.right[before].max())
        for piece in _run_over(ink, behind, rule, lines[left].pitch, end if end > rule else -np.inf):
            over = (ink.x >= ink.left[piece]) & (ink.x < ink.right[piece])
            line[over & (line == right) & ~letters] = left
            line[piece] = left


def _run_over(ink: InkComponents, behind: NDArray[np.intp], rule: float, pitch: float, end: float) -> list[int]:
    """Which of the letters behind a rule, from left to right, run over from before it, where letters reach to `end`.

    The rest of a word goes with its letters only where a space ends it.
    """
    over: list[int] = []
    rest: list[int] = []
    for piece in behind:
        start, width = ink.left[piece], ink.right[piece] - ink.left[piece]
        if start <= rule - max(MIN_ACROSS_PITCHES * pitch, MIN_ACROSS_WIDTH_SHARE * width):
            over.append(int(piece))
        elif (
            start <= end + MAX_LETTER_GAP_PITCHES * pitch and ink.right[piece] <= rule + MAX_BEYOND_RULE_PITCHES * pitch
        ):
            rest.append(int(piece))
        elif start < end + MIN_WORD_GAP_PITCHES * pitch:
            return over
        else:
            break
        end = max(end, ink.right[piece])
    return over + rest


def _neighbours(lines: Sequence[WritingLine]) -> list[tuple[int, int]]:
    """Pairs of lines at one height whose boxes overlap at the rule between them, the left one first."""
    base, pitch, left, right = (
        np.array([(lane.baseline, lane.pitch, lane.box.left, lane.box.right) for lane in lines], float).reshape(-1, 4).T
    )
    level = np.abs(base[:, None] - base) < MAX_LEVEL_DIFFERENCE_PITCHES * pitch[:, None]
    overlap = (left[:, None] < left) & (left < right[:, None]) & (right[:, None] < right)
    return [(int(i), int(j)) for i, j in np.argwhere(level & overlap)]
