"""Printed dots: told from dots people write by size, line and rhythm, and taken out of the writing they touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrfill.geometry import Box
from ocrfill.locate.ink import Ink

Pieces = NDArray[np.bool_]

DOT = 0.14
"""Greatest height of a printed dot, in line distances."""

REACH = 0.12
"""How far from the base line printed dots lie, in line distances."""

ENOUGH = 6
"""So many free dots tell the rhythm of a line."""

OFF_BEAT = 0.22
"""How far a free dot may lie off the rhythm found, in steps."""

LIKE = 1.6
"""A piece larger than the usual dot by more than this factor is no single dot."""


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The printed dots of a line: one every `step` from `phase` on, `wide` and `tall`, around the height `y`."""

    step: float
    phase: float
    y: float
    wide: float
    tall: float

    def off_beat(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far each place lies off the nearest dot, in steps."""
        beats = (x - self.phase) / self.step
        return np.abs(beats - np.rint(beats))


def find_dots(ink: Ink, box: Box, base: float, pitch: float) -> tuple[Pieces, Rhythm | None]:
    """The free printed dots of a line of writing, and their rhythm where enough are free to tell."""
    height, width = ink.bottom - ink.top, ink.right - ink.left
    inside = (ink.right > box.left) & (ink.left < box.right) & (ink.area > 0)
    near = inside & (height <= DOT * pitch) & (np.abs(ink.y - base) <= REACH * pitch)
    small = near & (width <= DOT * pitch)
    none = np.zeros(len(near), bool)
    if small.sum() < ENOUGH:
        return none, None
    tall, wide, y = (float(np.median(v[small])) for v in (height, width, ink.y))
    alike = small & (height <= LIKE * tall) & (width <= LIKE * wide) & (np.abs(ink.y - y) <= max(1.5, 0.35 * tall))
    rhythm = _rhythm(np.sort(ink.x[alike]), y, wide, tall)
    if rhythm is None:
        return none, None
    single = alike & (rhythm.off_beat(ink.x) <= OFF_BEAT)
    joined = near & (width > 2 * rhythm.step) & (height <= LIKE * tall) & (np.abs(ink.y - y) <= max(1.5, 0.35 * tall))
    return single | joined, rhythm


def _rhythm(x: NDArray[np.float64], y: float, wide: float, tall: float) -> Rhythm | None:
    """The rhythm of places in order; None where too few follow one."""
    if len(x) < ENOUGH:
        return None
    gaps = np.diff(x)
    step = float(np.median(gaps[gaps < 1.6 * np.median(gaps)]))
    if step < 1.2 * wide:
        return None
    phase = float(x[0])
    for _ in range(2):  # the first count of steps drifts over long stretches without free dots; the second does not
        count = np.concatenate([[0], np.cumsum(np.rint(gaps / step))])
        step, phase = (float(v) for v in np.polyfit(count, x, 1))
    rhythm = Rhythm(step, phase, y, wide, tall)
    return rhythm if float(np.mean(rhythm.off_beat(x) <= OFF_BEAT)) > 0.6 else None


def take_dots_away(mask: NDArray[np.bool_], rhythm: Rhythm, box: Box) -> None:
    """Clear in a strip's ink `mask` the dots that touch writing, at the places the rhythm foretells.

    A dot stays where a stroke runs through it: where there is ink right above or below it in the same column, and
    where it lies in a stroke along the line, with ink between it and both its neighbours.
    """
    middle = rhythm.y - box.top
    top, bottom = round(middle - rhythm.tall / 2 - 0.5), round(middle + rhythm.tall / 2 + 1.5)
    if top < 1 or bottom >= len(mask) - 1:
        return
    half = rhythm.wide / 2
    first, last = ((edge - rhythm.phase) / rhythm.step for edge in (box.left, box.right))
    zone, above, below = mask[top:bottom], mask[top - 1], mask[bottom]
    for place in np.arange(np.ceil(first), np.floor(last) + 1) * rhythm.step + rhythm.phase - box.left:
        left, right = max(round(place - half - 0.5), 0), min(round(place + half + 1.5), mask.shape[1])
        before, after = round(place - rhythm.step / 2), round(place + rhythm.step / 2)
        if left >= right or before < 0 or after >= mask.shape[1]:
            continue
        if zone[:, before].any() and zone[:, after].any():
            continue
        free = ~(above[left:right] | below[left:right])
        zone[:, left:right][:, free] = False
