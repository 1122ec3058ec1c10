"""A line's printed dots, found by row and beat and taken out of the page's ink, also where writing touches them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Box
from ocrfill.document.page import Bits, Image, Reals
from ocrfill.pipeline.locate.segmentation.dot_removal import LeaderDots, remove_dots

MIN_FREE_DOTS = 5
"""So many free dots tell the row and beat of a line."""

MAX_DOT_SIDE_PITCHES = 0.14
"""Largest side of a dot, in line distances."""

MAX_ROW_DISTANCE_PITCHES = 0.16
"""How far from the base line the row of dots may lie, in line distances."""

MAX_OFF_ROW_DOT_SIZES = 0.35
"""How far dots' middles scatter about their row, in dot sizes."""

MAX_OFF_BEAT_STEPS = 0.25
"""How far a dot may lie off the beat, in steps."""

MIN_DOT_DISTANCE_STEPS = 0.3
"""A foretold dot nearer than this to a free one, in steps, is that one."""

MAX_SPILL_DOT_SIZES_AND_PX = (0.15, 0.8)
"""A free piece that reaches farther to a side than is usual, by so much of a dot's size and so many pixels, is a dot
and a mark below a letter that touch: the dot alone is taken out of it."""


MIN_FULL_STOP_AREA_FACTOR = 1.5
"""A free dot that covers so many times the usual area is a full stop of the pen's: of 11,000 dots of drawn pages nine
did, and seven of them, all that were the pen's, by the truth."""


@dataclass(frozen=True, slots=True)
class WritingLine:
    """A line of writing as ink is shared out: its strip's box, its base line and the distance between lines."""

    box: Box
    baseline: float
    pitch: float


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """The ink around a lane's base line, from row `top` on, and its pieces; `small` are those that may be dots.

    `reach` holds how far each piece reaches: its left, top, right and bottom; `area` counts its pixels; `grey` is the
    page's there.
    """

    ink: Bits
    grey: Image
    top: int
    label: NDArray[np.int32]
    larger: Reals
    smaller: Reals
    reach: Reals
    area: Reals
    middle: Reals
    small: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """The dots of a lane: its free `pieces` and their `x`, the step, the usual size, the row (slope, height at 0), and
    how far the row lies below the base line.
    """

    pieces: NDArray[np.intp]
    x: Reals
    step: float
    size: float
    row: tuple[float, float]
    off: float


def remove_dotted_leaders(dark: Bits, grey: Image, lanes: Sequence[WritingLine]) -> None:
    """Clear the dots of all lanes in the page's ink `dark`; strokes through a dot and marks that touch one stay.

    A lane with few free dots takes step, size and height from the page's others.
    """
    bands = [_band(dark, grey, lane) for lane in lanes]
    rows = [None if band is None else _row(band, lane) for band, lane in zip(bands, lanes, strict=True)]
    found = [row for row in rows if row is not None]
    if not found:
        return
    step, size, off = (float(np.median(v)) for v in zip(*((r.step, r.size, r.off) for r in found), strict=True))
    for band, lane, row in zip(bands, lanes, rows, strict=True):
        if band is None:
            continue
        likely = row or _likely_row(band, step, size, lane.baseline + off - band.top)
        if likely is not None:
            _clear(band, likely)


def _band(dark: Bits, grey: Image, lane: WritingLine) -> _Band | None:
    reach = (MAX_ROW_DISTANCE_PITCHES + MAX_DOT_SIDE_PITCHES) * lane.pitch
    top, bottom = max(round(lane.baseline - reach), 0), min(round(lane.baseline + reach) + 1, dark.shape[0])
    ink = dark[top:bottom, lane.box.left : lane.box.right]
    if ink.size == 0:
        return None
    _, label, stats, middle = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, above, width, height, area = (cast(Reals, row) for row in stats.T.astype(np.float64))
    larger, smaller = np.maximum(width, height), np.minimum(width, height)
    small = (larger <= MAX_DOT_SIDE_PITCHES * lane.pitch) & (smaller >= 2) & (above > 0) & (above + height < len(ink))
    small &= np.abs(middle[:, 1] + top - lane.baseline) <= MAX_ROW_DISTANCE_PITCHES * lane.pitch
    small[0] = False
    reach_of = np.stack([left, above, left + width - 1, above + height - 1])
    part = grey[top:bottom, lane.box.left : lane.box.right]
    pieces = cast(NDArray[np.int32], label)
    return _Band(ink, part, top, pieces, larger, smaller, reach_of, area, cast(Reals, middle), small)


def _row(band: _Band, lane: WritingLine) -> _Row | None:
    """The row and beat of a lane's free dots; None where there are too few or they keep no beat."""
    if band.small.sum() < MIN_FREE_DOTS:
        return None
    heights = band.middle[band.small, 1]
    size = float(np.median(band.larger[band.small]))
    row = heights[np.argmax([(np.abs(heights - y) <= MAX_OFF_ROW_DOT_SIZES * size).sum() for y in heights])]
    near = band.small & (np.abs(band.middle[:, 1] - row) <= 2 * MAX_OFF_ROW_DOT_SIZES * size)
    pieces = np.flatnonzero(near & (band.larger <= 1.5 * size + 1) & (band.smaller >= 0.5 * size))
    if len(pieces) < MIN_FREE_DOTS:
        return None
    pieces = pieces[np.argsort(band.middle[pieces, 0])]
    steps = np.diff(band.middle[pieces, 0])
    step = float(np.median(steps[steps < 1.5 * np.median(steps)]))
    for _ in range(2):
        single = np.abs(steps / step - 1) < 0.3
        if single.sum() < MIN_FREE_DOTS - 2:
            return None
        step = float(np.mean(steps[single]))
    pieces = pieces[_on_beat(steps, step)]
    if len(pieces) < MIN_FREE_DOTS:
        return None
    x, y = band.middle[pieces].T
    usual = float(np.median(y))
    slope, start = np.polyfit(x, y, 1) if len(x) >= 8 else (0.0, usual)
    off = usual + band.top - lane.baseline
    return _Row(pieces, x, step, float(np.median(band.larger[pieces])), (float(slope), float(start)), off)


def _likely_row(band: _Band, step: float, size: float, y: float) -> _Row | None:
    """The dots at height y that are like the page's others; None where not even two of them are free."""
    like = (np.abs(band.middle[:, 1] - y) <= 0.6 * size) & (np.abs(band.larger - size) <= 0.3 * size + 1)
    pieces = np.flatnonzero(band.small & like)
    pieces = pieces[np.argsort(band.middle[pieces, 0])]
    if len(pieces) >= 2:
        pieces = pieces[_on_beat(np.diff(band.middle[pieces, 0]), step)]
    if len(pieces) < 2:
        return None
    x, heights = band.middle[pieces].T
    return _Row(pieces, x, step, size, (0.0, float(np.median(heights))), 0.0)


def _on_beat(steps: Reals, step: float) -> NDArray[np.bool_]:
    """For places whose distances are given, which of them are a whole number of steps from a neighbour."""
    count = np.rint(steps / step)
    beat = (count >= 1) & (np.abs(steps - count * step) <= MAX_OFF_BEAT_STEPS * step + 0.01 * steps)
    return np.asarray(np.append(beat, np.False_) | np.append(np.False_, beat))


def _clear(band: _Band, row: _Row) -> None:
    """Clear the free dots, but no full stops, and carve the others out, at the places the beat foretells."""
    alone = _alone(band, row)
    if alone.sum() >= 2:
        row = replace(row, pieces=row.pieces[alone], x=row.x[alone])
    darkness = _darkness(band, row)
    area = band.area[row.pieces]
    band.ink[np.isin(band.label, row.pieces[area < MIN_FULL_STOP_AREA_FACTOR * np.median(area)])] = 0
    places = _foretold(row.x, row.step, band.ink.shape[1])
    covered = places[np.abs(places[:, None] - row.x).min(axis=1) >= MIN_DOT_DISTANCE_STEPS * row.step]
    at = [(float(x), row.row[0] * float(x) + row.row[1]) for x in covered]
    remove_dots(band.ink, band.grey, LeaderDots(row.size, row.step, darkness), at)


def _alone(band: _Band, row: _Row) -> NDArray[np.bool_]:
    """Which of the row's free pieces are a dot and no more."""
    y = row.row[0] * row.x + row.row[1]
    far = band.reach[:, row.pieces] - np.stack([row.x, y, row.x, y])
    usual = np.median(far, axis=1, keepdims=True)
    spill = (far - usual) * np.array([[-1], [-1], [1], [1]])
    return cast(
        NDArray[np.bool_],
        (spill <= MAX_SPILL_DOT_SIZES_AND_PX[0] * row.size + MAX_SPILL_DOT_SIZES_AND_PX[1]).all(axis=0),
    )


def _darkness(band: _Band, row: _Row) -> float:
    """How dark the free dots are in their middles (255 less grey)."""
    x, y = (np.rint(v).astype(int) for v in band.middle[row.pieces].T)
    return float(np.median(255 - band.grey[y, x]))


def _foretold(x: Reals, step: float, width: int) -> Reals:
    """Where dots stand: in step between the free ones, and on beyond them to both ends."""
    counts = np.maximum(np.rint(np.diff(x) / step), 1).astype(int)
    between = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(x[:-1], x[1:], counts, strict=True)]
    return np.concatenate(
        [np.arange(x[0] - step, -step / 2, -step)[::-1], *between, np.arange(x[-1], width + step / 2, step)]
    )
