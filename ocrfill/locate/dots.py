"""Printed dots that writing touches: taken out of it where no stroke runs through them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrfill.geometry import Box
from ocrfill.locate.ink import Ink

ENOUGH = 6
"""So many free dots tell the rhythm of a line."""

OFF_BEAT = 0.2
"""How far a free dot may lie off the rhythm found, in steps."""


def take_dots_away(mask: NDArray[np.bool_], ink: Ink, dots: NDArray[np.bool_], box: Box) -> None:
    """Clear in a strip's ink `mask` the dots that touch writing, at the places the free `dots` of the line foretell.

    A dot stays where a stroke runs through it: where there is ink right above or below it in the same column, and
    where it lies in a stroke along the line, with ink between it and both its neighbours.
    """
    size = ink.right[dots] - ink.left[dots]
    small = size <= 2 * (np.median(size) if len(size) else 0)
    x, y = np.sort(ink.x[dots][small]), ink.y[dots][small]
    rhythm = find_rhythm(x)
    if rhythm is None:
        return
    step, phase = rhythm
    tall = float(np.median((ink.bottom - ink.top)[dots][small]))
    middle = float(np.median(y)) - box.top
    top, bottom = round(middle - tall / 2 - 0.5), round(middle + tall / 2 + 1.5)
    if top < 1 or bottom >= len(mask) - 1:
        return
    half = float(np.median(size[small])) / 2
    places = np.arange(np.ceil((box.left - phase) / step), np.floor((box.right - phase) / step) + 1) * step + phase
    zone = mask[top:bottom]
    above, below = mask[top - 1], mask[bottom]
    for place in places - box.left:
        left, right = max(round(place - half - 0.5), 0), min(round(place + half + 1.5), mask.shape[1])
        before, after = round(place - step / 2), round(place + step / 2)
        if left >= right or before < 0 or after >= mask.shape[1]:
            continue
        if zone[:, before].any() and zone[:, after].any():
            continue
        free = ~(above[left:right] | below[left:right])
        zone[:, left:right][:, free] = False


def find_rhythm(x: NDArray[np.float64]) -> tuple[float, float] | None:
    """The step between dots and where one of them lies; None where too few follow one rhythm."""
    if len(x) < ENOUGH:
        return None
    gaps = np.diff(x)
    step = float(np.median(gaps[gaps < 1.6 * np.median(gaps)]))
    if step < 2:
        return None
    for _ in range(2):  # the first count of steps drifts over long stretches without free dots; the second does not
        count = np.concatenate([[0], np.cumsum(np.rint(gaps / step))])
        step, phase = (float(v) for v in np.polyfit(count, x, 1))
    off = np.abs((x - phase) / step - np.rint((x - phase) / step))
    return (step, phase) if np.mean(off < OFF_BEAT) > 0.7 else None
