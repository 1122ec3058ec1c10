"""A line's printed dots, found by row and beat and taken out of the page's ink, also where writing touches them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.geometry import Box
from ocrfill.records import Bits

Reals = NDArray[np.float64]

ENOUGH = 5
"""So many free dots tell the row and beat of a line."""

LARGEST = 0.14
"""Largest side of a dot, in line distances."""

REACH = 0.16
"""How far from the base line the row of dots may lie, in line distances."""

OFF_ROW = 0.35
"""How far dots' middles scatter about their row, in dot sizes."""

OFF_BEAT = 0.25
"""How far a dot may lie off the beat, in steps."""

ALONE = 0.3
"""A foretold dot nearer than this to a free one, in steps, is that one."""


BESIDE, STROKE = 0.45, 0.75
"""What enters a dot at its own height (so near to its middle, in dot sizes) is a stroke if it is so thick; thinner, it
is blur that joins two dots."""

FOOT = 0.35
"""How much wider than its entry a stem's foot stays on both sides, in dot sizes: stems lean and have serifs."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of writing as ink is shared out: its strip's box, its base line and the distance between lines."""

    box: Box
    baseline: float
    pitch: float


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """The ink around a lane's base line, from row `top` on, and its pieces; `small` are those that may be dots."""

    ink: Bits
    top: int
    label: NDArray[np.int32]
    larger: Reals
    smaller: Reals
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


def take_dots_away(dark: Bits, lanes: Sequence[Lane]) -> None:
    """Clear the dots of all lanes in the page's ink; strokes that run through a dot stay.

    A lane with few free dots takes step, size and height from the page's others.
    """
    bands = [_band(dark, lane) for lane in lanes]
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


def _band(dark: Bits, lane: Lane) -> _Band | None:
    reach = (REACH + LARGEST) * lane.pitch
    top, bottom = max(round(lane.baseline - reach), 0), min(round(lane.baseline + reach) + 1, dark.shape[0])
    ink = dark[top:bottom, lane.box.left : lane.box.right]
    if ink.size == 0:
        return None
    _, label, stats, middle = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, above = (stats[:, i].astype(np.float64) for i in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, 1))
    larger, smaller = np.maximum(width, height), np.minimum(width, height)
    small = (larger <= LARGEST * lane.pitch) & (smaller >= 2) & (above > 0) & (above + height < len(ink))
    small &= np.abs(middle[:, 1] + top - lane.baseline) <= REACH * lane.pitch
    small[0] = False
    return _Band(ink, top, cast(NDArray[np.int32], label), larger, smaller, cast(Reals, middle), small)


def _row(band: _Band, lane: Lane) -> _Row | None:
    """The row and beat of a lane's free dots; None where there are too few or they keep no beat."""
    if band.small.sum() < ENOUGH:
        return None
    heights = band.middle[band.small, 1]
    size = float(np.median(band.larger[band.small]))
    row = heights[np.argmax([(np.abs(heights - y) <= OFF_ROW * size).sum() for y in heights])]
    near = band.small & (np.abs(band.middle[:, 1] - row) <= 2 * OFF_ROW * size)
    pieces = np.flatnonzero(near & (band.larger <= 1.5 * size + 1) & (band.smaller >= 0.5 * size))
    if len(pieces) < ENOUGH:
        return None
    pieces = pieces[np.argsort(band.middle[pieces, 0])]
    steps = np.diff(band.middle[pieces, 0])
    step = float(np.median(steps[steps < 1.5 * np.median(steps)]))
    for _ in range(2):
        single = np.abs(steps / step - 1) < 0.3
        if single.sum() < ENOUGH - 2:
            return None
        step = float(np.mean(steps[single]))
    pieces = pieces[_on_beat(steps, step)]
    if len(pieces) < ENOUGH:
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
    beat = (count >= 1) & (np.abs(steps - count * step) <= OFF_BEAT * step + 0.01 * steps)
    return np.append(beat, np.False_) | np.append(np.False_, beat)


def _clear(band: _Band, row: _Row) -> None:
    """Clear the free dots and carve the others out, at the places the beat foretells."""
    band.ink[np.isin(band.label, row.pieces)] = 0
    places = _foretold(row.x, row.step, band.ink.shape[1])
    covered = places[np.abs(places[:, None] - row.x).min(axis=1) >= ALONE * row.step]
    before = band.ink.copy()
    for x in covered:
        _carve(band.ink, before, (float(x), row.row[0] * float(x) + row.row[1]), row.size)


def _foretold(x: Reals, step: float, width: int) -> Reals:
    """Where dots stand: in step between the free ones, and on beyond them to both ends."""
    counts = np.maximum(np.rint(np.diff(x) / step), 1).astype(int)
    between = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(x[:-1], x[1:], counts, strict=True)]
    return np.concatenate(
        [np.arange(x[0] - step, -step / 2, -step)[::-1], *between, np.arange(x[-1], width + step / 2, step)]
    )


def _carve(ink: Bits, before: Bits, at: tuple[float, float], size: float) -> None:
    """Clear a dot in the ink, but for the strokes that run through it.

    Ink on a ring around the dot is where strokes enter; any two entries are joined by a line of the thinner one's
    width, a single one goes to the dot's middle, and a stem that comes from above runs down to the dots' foot.
    """
    inner, outer = size / 2 + 0.3, size / 2 + 1.6
    reach = int(np.ceil(outer)) + 1
    x, y = round(at[0]), round(at[1])
    if not (reach <= x < ink.shape[1] - reach and reach <= y < ink.shape[0] - reach):
        return
    around = np.arange(-reach, reach + 1)
    patch = before[y - reach : y + reach + 1, x - reach : x + reach + 1] > 0
    far = np.hypot(around[None, :] - (at[0] - x), around[:, None] - (at[1] - y))
    disc = (far <= inner) & patch
    if not disc.any():
        return
    ring = ((far > inner) & (far <= outer) & patch).astype(np.uint8)
    count, arcs, stats, middle = cv2.connectedComponentsWithStats(ring, connectivity=8)
    thick = np.maximum(np.rint(stats[:, cv2.CC_STAT_AREA] / (outer - inner)), 2).astype(int)
    keep = np.zeros(patch.shape, np.uint8)
    wider = max(1, round(FOOT * size))
    beside = np.abs(middle[:, 1] - reach) < BESIDE * size
    strokes = [a for a in range(1, count) if not beside[a] or thick[a] >= STROKE * size]
    if len(strokes) == 1:  # it ends on the dot
        end = (round(float(middle[strokes[0], 0])), round(float(middle[strokes[0], 1])))
        cv2.line(keep, end, (reach, reach), 1, int(thick[strokes[0]]))
    for i, a in enumerate(strokes):
        for b in strokes[i + 1 :]:
            ends = [(round(float(middle[k, 0])), round(float(middle[k, 1]))) for k in (a, b)]
            cv2.line(keep, ends[0], ends[1], 1, int(min(thick[a], thick[b])))
        if middle[a, 1] < reach - 0.35 * size:
            foot = np.flatnonzero((arcs == a).any(axis=0))
            keep[: round(reach + size / 2 + 1), max(foot[0] - wider, 0) : foot[-1] + wider + 1] = 1
    ink[y - reach : y + reach + 1, x - reach : x + reach + 1][disc & (keep == 0)] = 0
