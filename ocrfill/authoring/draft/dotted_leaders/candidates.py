"""Rows of small dots in even steps on the common print: where dotted lines may be."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Floats, Reals

MIN_DOT_SIDE_MM, MAX_DOT_SIDE_MM = 0.2, 0.75
"""Sides of a dot in millimetres: full stops of a 12-point face are 0.4."""

LEADER_STEP_RANGE_MM = (0.5, 2.2)
"""Distances between dots in millimetres."""

MAX_DOT_RISE_MM = 0.3
"""How far the next dot may lie above or below, in millimetres."""

MIN_LEADER_DOTS = 5
"""So many dots in even steps are a dotted line, fewer are full stops."""

MAX_OFF_BEAT_STEPS = 0.22
"""How far a dot may lie off the beat, in steps."""

MIN_BENEATH_CORRELATION = 0.5
"""Beneath ghosts a dot that stands in a row is looked for where the likeness is at least this."""

MIN_DOT_DARKNESS_SHARE = 0.45
"""A dot is at least so dark, as a share of a free one's darkness."""

MAX_STEP_DIFFERENCE_SHARE = 0.15
"""All dotted lines of a form have the same step to this share."""


@dataclass(slots=True)
class DotRow:
    """Dots of one row: their middles from left to right, and the usual height of a dot."""

    x: list[float]
    y: list[float]
    high: float

    @property
    def step(self) -> float:
        """The mean of the steps that are near the usual one; of an even number the lower middle one is usual."""
        steps = np.sort(np.diff(self.x))
        usual = steps[(len(steps) - 1) // 2]
        return float(steps[np.abs(steps - usual) < 0.3 * usual].mean())


def small_pieces(ink: NDArray[np.bool_], mm: float) -> list[tuple[float, float, float]]:
    """Middle and height of every piece of ink that could be a dot."""
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=4)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    right = (np.minimum(wide, high) >= MIN_DOT_SIDE_MM * mm) & (np.maximum(wide, high) <= MAX_DOT_SIDE_MM * mm)
    right &= np.maximum(wide, high) <= 1.8 * np.minimum(wide, high) + 1
    right[0] = False
    return [(float(x), float(y), float(h)) for (x, y), h in zip(middles[right], high[right], strict=True)]


def each_once(dots: Reals, mm: float) -> Reals:
    """The dots, each once, from left to right."""
    order = np.lexsort((dots[:, 1], dots[:, 0]))
    kept: list[Reals] = []
    for dot in dots[order]:
        if not any(
            abs(dot[0] - other[0]) < MIN_DOT_SIDE_MM * mm and abs(dot[1] - other[1]) < MAX_DOT_RISE_MM * mm
            for other in kept[-40:]
        ):
            kept.append(dot)
    return np.array(kept).reshape(-1, 3)


def rows_of(dots: Reals, steps: tuple[float, float], mm: float) -> list[DotRow]:
    """Dots that stand in rows, in even steps of so many millimetres."""
    rows = [_without_colon(row, dots, mm) for row in _chains(dots, steps, mm)]
    return [row for row in rows if len(row.x) >= MIN_LEADER_DOTS and _even(row)]


def _chains(dots: Reals, steps: tuple[float, float], mm: float) -> list[DotRow]:
    """Dots linked each with the next one to its right at its height."""
    following, before = np.full(len(dots), -1), np.full(len(dots), -1)
    far = np.full(len(dots), np.inf)
    xs = dots[:, 0]
    for i, (x, y, high) in enumerate(dots):
        low, high_end = np.searchsorted(xs, [x + steps[0] * mm, x + steps[1] * mm])
        near = [
            j
            for j in range(int(low), int(high_end))
            if abs(dots[j, 1] - y) <= MAX_DOT_RISE_MM * mm and 0.5 <= dots[j, 2] / high <= 2
        ]
        if not near:
            continue
        nearest = min(near, key=lambda j: float(dots[j, 0] - x + abs(dots[j, 1] - y)))
        cost = dots[nearest, 0] - x + 2 * abs(dots[nearest, 1] - y)
        if cost < far[nearest]:
            if before[nearest] >= 0:
                following[before[nearest]] = -1
            following[i], before[nearest], far[nearest] = nearest, i, cost
    rows = []
    for first in np.flatnonzero(before < 0).tolist():
        chain = [first]
        while following[chain[-1]] >= 0:
            chain.append(int(following[chain[-1]]))
        rows += _split(dots[chain])
    return rows


def _split(chain: Reals) -> list[DotRow]:
    """A chain cut where its step changes: where a line of dots ends a full stop may follow."""
    if len(chain) < MIN_LEADER_DOTS:
        return []
    steps = np.diff(chain[:, 0])
    usual = float(np.median(steps))
    beats = np.abs(steps / usual - np.rint(steps / usual)) <= MAX_OFF_BEAT_STEPS
    good = beats & (np.rint(steps / usual) >= 1)
    parts, start = [], 0
    for i in [*np.flatnonzero(~good).tolist(), len(chain) - 1]:
        part = chain[start : i + 1]
        if len(part) >= MIN_LEADER_DOTS:
            parts.append(DotRow(part[:, 0].tolist(), part[:, 1].tolist(), float(np.median(part[:, 2]))))
        start = i + 1
    return parts


def _even(row: DotRow) -> bool:
    steps = np.diff(row.x)
    usual = float(np.median(steps))
    return bool(np.mean(np.abs(steps - usual) < 0.3 * usual) > 0.6)


def _without_colon(row: DotRow, dots: Reals, mm: float) -> DotRow:
    """The row without the lower dot of a colon before it."""
    start = 0
    while start < len(row.x) - 1 and start < 2:
        x, y = row.x[start], row.y[start]
        above = (np.abs(dots[:, 0] - x) < 0.25 * mm) & (np.abs(dots[:, 1] - y + 1.7 * mm) < 0.6 * mm)
        if not above.any():
            break
        start += 1
    return DotRow(row.x[start:], row.y[start:], row.high)


def dots_alike(darkness: Floats, rows: list[DotRow], mm: float) -> Reals:
    """Middle and height of everything that looks like the dots of the rows, also beneath ghosts of writing."""
    look = DotAppearance.of(DotRow([x for r in rows for x in r.x], [y for r in rows for y in r.y], 1.0), darkness, mm)
    like = cv2.matchTemplate(darkness, look.dot, cv2.TM_CCOEFF_NORMED)
    reach = len(look.dot) // 2
    middle = darkness[reach : reach + like.shape[0], reach : reach + like.shape[1]]
    peak = (
        (like >= cv2.dilate(like, np.ones((3, 3), np.uint8)))
        & (like > MIN_BENEATH_CORRELATION)
        & (middle > MIN_DOT_DARKNESS_SHARE * look.free)
    )
    y, x = np.nonzero(peak)
    high = float(np.median([row.high for row in rows]))
    return np.stack([x + reach, y + reach, np.full(len(x), high)], axis=-1).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class DotAppearance:
    """What a row's usual dot looks like, on the common print."""

    darkness: Floats
    dot: Floats
    free: float

    @classmethod
    def of(cls, row: DotRow, darkness: Floats, mm: float) -> DotAppearance:
        """The median of a row's dots; `mm` is the pixels of a millimetre."""
        reach = max(round(0.55 * mm), 3)
        patches = [p for x, y in zip(row.x, row.y, strict=True) if (p := _patch(darkness, x, y, reach)) is not None]
        if not patches:
            return cls(darkness, np.zeros((1, 1), np.float32), 0.0)
        dot = np.median(np.stack(patches), axis=0).astype(np.float32)
        return cls(darkness, dot, float(dot[reach, reach]))

    def at(self, x: float, y: float) -> float:
        """How like a dot a place looks, or one a pixel beside it; 0 where it is too light for one."""
        patch = _patch(self.darkness, x, y, len(self.dot) // 2 + 1)
        if (
            patch is None
            or not self.free
            or float(patch[len(patch) // 2 - 1 :][:3].max()) < MIN_DOT_DARKNESS_SHARE * self.free
        ):
            return 0.0
        return float(cv2.matchTemplate(patch, self.dot, cv2.TM_CCOEFF_NORMED).max())


def _patch(darkness: Floats, x: float, y: float, reach: int) -> Floats | None:
    """The surroundings of a place; None at the page's edge."""
    row, column = round(y), round(x)
    if not (reach <= row < darkness.shape[0] - reach and reach <= column < darkness.shape[1] - reach):
        return None
    return darkness[row - reach : row + reach + 1, column - reach : column + reach + 1]
