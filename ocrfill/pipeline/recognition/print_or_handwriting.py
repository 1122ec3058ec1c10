"""Does a line look printed? Type stands on one base line, in few heights, each letter by itself; hands do not."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Crop

MIN_TALL_SHARE = 0.45
"""Pieces lower than this share of the tall ones are marks, points and specks."""

MAX_PIECES = 40
"""Pieces looked at, from the left: enough to tell."""

MAX_BASE_LINE_SLOPE = 0.06
"""Steepest base line, pixels down for one across."""

MAX_LINE_DISTANCE_SHARE, MAX_HEIGHT_DIFFERENCE_SHARE = 0.04, 0.03
"""Shares of a letter's height within which pieces stand on one line, and are equally high; at least one pixel."""

MIN_JOINED_WIDTH_HEIGHTS = 1.8
"""Heights from which on a piece is letters joined."""

EVIDENCE_WEIGHTS = (2.02, 2.78, -1.30, 0.16)
"""Of pieces on one line, of equal heights, of joined ink, and of nothing: logistic regression on 88 lines of drawn type
and 147 in handwriting faces and real hands (Kalapa, Cinnamon), drawn with a seed kept for it."""

FULL_WEIGHT_PIECES, UNIT_WEIGHT_PIECES = 12, 4
"""Pieces from which on a line tells as much as it can; a line of UNIT_WEIGHT_PIECES pieces has the weight 1."""


def print_evidence(crop: Crop) -> float:
    """Log odds that a line is printed, 0 where nothing tells; little for short lines, whose pieces are few."""
    pieces = _pieces(crop.ink)
    if len(pieces) < 2:
        return 0.0
    left, width, height = (pieces[:, i].astype(float) for i in (0, 2, 3))
    bottom = pieces[:, 1] + height
    typical = float(np.median(height))
    joined = float(pieces[width > MIN_JOINED_WIDTH_HEIGHTS * typical, 4].sum() / max(int(pieces[:, 4].sum()), 1))
    alike = np.abs(height[:, None] - height[None, :]) <= max(1.0, MAX_HEIGHT_DIFFERENCE_SHARE * typical)
    equal = float((alike.sum() - len(pieces)) / (len(pieces) * (len(pieces) - 1)))
    scale = min(len(pieces), FULL_WEIGHT_PIECES) / UNIT_WEIGHT_PIECES
    on_line, of_height, of_joined, constant = EVIDENCE_WEIGHTS
    level = _on_one_line(left, bottom, typical)
    return on_line * (level - 0.7) * scale + of_height * (equal - 0.25) * scale + of_joined * joined + constant


def _pieces(ink: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Left, top, width, height, area of the tall pieces of ink, from the left."""
    _, _, found, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    pieces = cast(NDArray[np.int32], found[1:])
    if not len(pieces):
        return np.asarray(pieces, np.int32)
    tall = pieces[pieces[:, 3] >= MIN_TALL_SHARE * np.percentile(pieces[:, 3], 90)]
    return np.asarray(tall[np.argsort(tall[:, 0], kind="stable")][:MAX_PIECES], np.int32)


def _on_one_line(left: NDArray[np.float64], bottom: NDArray[np.float64], typical: float) -> float:
    """The greatest share of pieces that stand on one straight base line; ½ where they are too near to tell."""
    first, second = np.triu_indices(len(left), 1)
    apart = left[second] - left[first]
    far = np.abs(apart) >= 2 * typical
    first, second, apart = first[far], second[far], apart[far]
    slope = (bottom[second] - bottom[first]) / apart
    flat = np.abs(slope) <= MAX_BASE_LINE_SLOPE
    first, slope = first[flat], slope[flat]
    if not len(first):
        return 0.5
    off = bottom[None, :] - bottom[first, None] - slope[:, None] * (left[None, :] - left[first, None])
    return float((np.abs(off) <= max(1.0, MAX_LINE_DISTANCE_SHARE * typical)).mean(axis=1).max())
