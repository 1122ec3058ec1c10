"""A printed dot carved out of the writing that touches it: strokes go on through it, marks below letters stay round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Bits, Image

Place = tuple[float, float]

MAX_LEVEL_DOT_SIZES, MIN_STROKE_DOT_SIZES = 0.45, 0.75
"""What enters a dot at its own height (so near to its middle, in dot sizes) is a stroke if it is so thick; thinner, it
may be blur that joins two dots."""

MIN_STROKE_DARKNESS_SHARE = 0.5
"""A thin level stroke is told from blur between two dots where it stays so dark to halfway, measured by the dots."""

MAX_MARK_DOT_SIZES = 2.2
"""A piece that touches a dot is a mark below a letter, or a full stop, if it is at most so large, in dot sizes."""

DOT_EDGE_PX, RING_WIDTH_PX = 0.3, 1.3
"""A dot's ink reaches so many pixels beyond its size; strokes enter it on a ring so wide around that."""


@dataclass(frozen=True, slots=True)
class LeaderDots:
    """The dots of a line that are alike: size and step in pixels, and how dark they are (255 less grey)."""

    size: float
    step: float
    darkness: float

    @property
    def inner(self) -> float:
        """Half the size of a dot with its soft edge, in pixels."""
        return self.size / 2 + DOT_EDGE_PX


def remove_dots(ink: Bits, grey: Image, dots: LeaderDots, places: Sequence[Place]) -> None:
    """Clear the dots at these places in a line's ink, but for the writing that runs through them."""
    before = ink.copy()
    bare = before.copy()
    for x, y in places:
        cv2.circle(bare, (round(x), round(y)), round(dots.inner), 0, cv2.FILLED)
    _, pieces = cv2.connectedComponents(bare, connectivity=8)
    for at in places:
        _carve(ink, _Surroundings(before, cast(NDArray[np.int32], pieces), grey), dots, at)


@dataclass(frozen=True, slots=True, eq=False)
class _Surroundings:
    """A line's ink with its dots, the pieces of it that lie outside all dots, and its grey."""

    ink: Bits
    pieces: NDArray[np.int32]
    grey: Image


def _carve(ink: Bits, line: _Surroundings, dots: LeaderDots, at: Place) -> None:
    """Clear a dot in the ink, but for the strokes that run through it.

    Ink on a ring around the dot is where strokes enter; any two entries are joined by a line of the thinner one's
    width, a single one goes to the dot's middle, and a small piece that the dot covers in part is made whole.
    """
    outer = dots.inner + RING_WIDTH_PX
    reach = int(np.ceil(outer)) + 1
    x, y = round(at[0]), round(at[1])
    if not (reach <= x < ink.shape[1] - reach and reach <= y < ink.shape[0] - reach):
        return
    window = (slice(y - reach, y + reach + 1), slice(x - reach, x + reach + 1))
    around = np.arange(-reach, reach + 1)
    patch = line.ink[window] > 0
    far = np.hypot(around[None, :] - (at[0] - x), around[:, None] - (at[1] - y))
    disc = (far <= dots.inner) & patch
    if not disc.any():
        return
    ring = ((far > dots.inner) & (far <= outer) & patch).astype(np.uint8)
    keep = np.zeros(patch.shape, np.uint8)
    strokes: list[_Stroke] = []
    count, arcs, stats, middle = cv2.connectedComponentsWithStats(ring, connectivity=8)
    for arc in range(1, count):
        end = (float(middle[arc, 0]) - reach, float(middle[arc, 1]) - reach)
        thick = max(round(stats[arc, cv2.CC_STAT_AREA] / RING_WIDTH_PX), 2)
        level = abs(end[1]) < MAX_LEVEL_DOT_SIZES * dots.size
        circle = None if level else _mark(line, window, arcs == arc, dots)
        if circle is not None:
            cv2.circle(keep, (round(circle[0]), round(circle[1])), round(circle[2]), 1, cv2.FILLED)
        elif not level or thick >= MIN_STROKE_DOT_SIZES * dots.size or _goes_on(line, dots, at, right=end[0] > 0):
            strokes.append(_Stroke(end, thick))
    _let_through(keep, strokes, reach)
    ink[window][disc & (keep == 0)] = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Stroke:
    """Where a stroke enters a dot, from its middle, and how thick it is."""

    end: Place
    thick: int


def _let_through(keep: Bits, strokes: Sequence[_Stroke], reach: int) -> None:
    """Draw the strokes through a dot; the middle of `keep` is `reach` pixels from its sides."""
    places = [(round(stroke.end[0]) + reach, round(stroke.end[1]) + reach) for stroke in strokes]
    if len(strokes) == 1:  # it ends on the dot
        cv2.line(keep, places[0], (reach, reach), 1, strokes[0].thick)
    for i, stroke in enumerate(strokes):
        for other in range(i + 1, len(strokes)):
            cv2.line(keep, places[i], places[other], 1, min(stroke.thick, strokes[other].thick))


def _mark(
    line: _Surroundings, window: tuple[slice, slice], entry: NDArray[np.bool_], dots: LeaderDots
) -> tuple[float, float, float] | None:
    """The circle of the small piece that enters a dot there: x and y in the window, radius. None for a larger piece."""
    seen = line.pieces[window][entry]
    piece = int(np.bincount(seen).argmax()) if len(seen) else 0
    if piece == 0:
        return None
    room = round(MAX_MARK_DOT_SIZES * dots.size)
    top, left = max(window[0].start - room, 0), max(window[1].start - room, 0)
    ys, xs = np.nonzero(line.pieces[top : window[0].stop + room, left : window[1].stop + room] == piece)
    if max(np.ptp(xs), np.ptp(ys)) + 1 > MAX_MARK_DOT_SIZES * dots.size:
        return None
    (x, y), radius = cv2.minEnclosingCircle(np.stack([xs, ys], axis=1).astype(np.float32))
    return x + left - window[1].start, y + top - window[0].start, radius


def _goes_on(line: _Surroundings, dots: LeaderDots, at: Place, *, right: bool) -> bool:
    """Whether a stroke runs level from a dot halfway to the next one: there blur between dots would be pale."""
    ends = sorted(at[0] + (1 if right else -1) * far for far in (dots.inner, dots.step / 2))
    columns = slice(max(round(ends[0]), 0), max(round(ends[1]), 0) + 1)
    rows = slice(max(round(at[1] - dots.size / 2), 0), round(at[1] + dots.size / 2) + 1)
    dark = np.where(line.ink[rows, columns] > 0, 255 - line.grey[rows, columns], 0)
    return dark.size > 0 and float(dark.max(axis=0).min()) >= MIN_STROKE_DARKNESS_SHARE * dots.darkness
