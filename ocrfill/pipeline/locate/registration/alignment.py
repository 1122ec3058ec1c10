"""Laying known places on a page in one direction: first as a whole, then each by a path close to its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from ocrfill.document.page import Floats, Reals

CHANCE_SHARE = 0.35
"""Share of the rules, or of another kind of print, that is also found on a page of another form."""

SIZE_FACTORS = np.arange(0.80, 1.1201, 0.005, dtype=np.float64)
"""How much larger or smaller than the page's own size a form may lie on it."""

MAX_SHIFT_SHARE = 0.12
"""How far, as a share of the page's side, it may lie off."""

REFIT_SIZE_FACTORS, REFIT_MAX_SHIFT_SHARE = np.arange(0.985, 1.0151, 0.0025, dtype=np.float64), 0.03
"""How much smaller or larger than the whole, and how far off as a share of its size, a part may lie."""

STRETCH_COST = 3.0
"""What a size costs that is so many times other than expected; finding all places is worth 1."""

BENDING_COST_PER_PX = 0.12
"""What a change of the offset by one pixel between neighbours costs; a line found for sure is worth 1."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a fit, fraction of the template to pixel of the reduced page: the whole's size on the page and
    where its middle lies.
    """

    size: float
    middle: float

    def __call__(self, fraction: float | Reals) -> Reals:
        """Fractions of the template as pixels of the reduced page."""
        return (np.asarray(fraction, dtype=np.float64) - 0.5) * self.size + self.middle


class RowMeans:
    """Means of a map along x between two columns, for all rows at once."""

    def __init__(self, values: Floats) -> None:
        self.width = values.shape[1]
        self.sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1, dtype=np.float64)], axis=1)

    def mean(self, left: float, right: float) -> Reals:
        """The mean of each row; zeros where the stretch is off the page."""
        a, b = (min(max(round(float(v)), 0), self.width) for v in (left, right))
        if b <= a:
            return np.zeros(len(self.sums))
        return cast(Reals, (self.sums[:, b] - self.sums[:, a]) / (b - a))


def fit_axis(
    profiles: Reals, places: Reals, weights: Reals, *, near: int = 1, size_so_far: float | None = None
) -> Axis:
    """The size and middle at which the profiles, one a place, are highest at the places or so `near` to them.

    Off the page a profile's border value holds. `size_so_far` is what the other direction says the size is, as a share
    of the page's side: paper stretches little more one way than the other.
    """
    wide = running_maximum(profiles, near)
    length = profiles.shape[1]
    middles = np.arange(-MAX_SHIFT_SHARE * length, MAX_SHIFT_SHARE * length + 1, 2.0, dtype=np.float64) + length / 2
    stretch = np.zeros(len(SIZE_FACTORS))
    if size_so_far is not None:
        stretch = STRETCH_COST * weights.sum() * np.abs(SIZE_FACTORS / size_so_far - 1)
    size, middle = _best(wide, places, weights, SIZE_FACTORS * length, middles, costs=stretch)
    fine = np.arange(-6, 6.1, 1.0, dtype=np.float64)
    return Axis(*_best(profiles + 0.5 * wide, places, weights, size + fine, middle + fine / 2))


def refit_axis(profiles: Reals, places: Reals, axis: Axis, *, near: int) -> Axis:
    """The size and middle close to those of `axis` at which the profiles are highest at the places: for a part of a
    form that lies a little off the whole.
    """
    wide = running_maximum(profiles, near)
    sizes = axis.size * REFIT_SIZE_FACTORS
    middles = axis.middle + np.arange(
        -REFIT_MAX_SHIFT_SHARE * axis.size, REFIT_MAX_SHIFT_SHARE * axis.size + 1, 1.0, dtype=np.float64
    )
    return Axis(*_best(profiles + 0.5 * wide, places, np.ones(len(places)), sizes, middles))


def _best(
    profiles: Reals, places: Reals, weights: Reals, sizes: Reals, middles: Reals, *, costs: Reals | None = None
) -> tuple[float, float]:
    length = profiles.shape[1]
    which = np.arange(len(places))[:, None]
    best, found = -np.inf, (float(sizes[0]), float(middles[0]))
    for size, cost in zip(sizes, np.zeros(len(sizes)) if costs is None else costs, strict=True):
        at = np.rint(((places - 0.5) * size)[:, None] + middles[None, :]).astype(int)
        totals = weights @ profiles[which, np.clip(at, 0, length - 1)] - cost
        i = int(totals.argmax())
        if totals[i] > best:
            best, found = float(totals[i]), (float(size), float(middles[i]))
    return found


def cheapest_offsets(profiles: Reals, expected: Reals, reach: int, pitch: float) -> Reals:
    """How far each place lies off where it is expected: the cheapest path from the first to the last.

    `profiles` (places, pixels) holds each place's evidence, `expected` rises, `pitch` is the usual distance between
    neighbours in pixels: over a longer one the offset may change more freely.
    """
    steps = np.arange(-reach, reach + 1)
    centres = np.rint(expected).astype(int)
    at = np.clip(centres[:, None] + np.arange(-reach - 2, reach + 3), 0, profiles.shape[1] - 1)
    near = np.take_along_axis(profiles, at, axis=1)
    costs = -near[:, 2:-2] + 0.002 * np.abs(steps)
    change = BENDING_COST_PER_PX * np.abs(steps[:, None] - steps[None, :])
    total, back = costs[0], []
    for row in range(1, len(expected)):
        moved = total[:, None] + change / (1.0 + (expected[row] - expected[row - 1]) / pitch)
        back.append(moved.argmin(axis=0))
        total = moved.min(axis=0) + costs[row]
    path = [int(total.argmin())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    offsets = np.zeros(len(expected))
    for row, state in enumerate(reversed(path)):
        peak = near[row, state : state + 5]
        exact = float((peak * np.arange(-2, 3)).sum() / peak.sum()) if peak.sum() > 0.2 else 0.0
        offsets[row] = centres[row] - expected[row] + steps[state] + exact
    return offsets


def running_maximum(profiles: Reals, reach: int) -> Reals:
    """Each value the highest of its neighbours up to `reach` away."""
    result = profiles.copy()
    for d in range(1, reach + 1):
        result[:, d:] = np.maximum(result[:, d:], profiles[:, :-d])
        result[:, :-d] = np.maximum(result[:, :-d], profiles[:, d:])
    return result


def row_band(values: Floats, top: float, bottom: float) -> Floats:
    """The rows of a map from top to bottom, at least one, as far as they lie on the page."""
    first = min(max(round(top), 0), len(values) - 1)
    return values[first : max(round(bottom), first + 1)]


def zero_ended(profiles: Reals) -> Reals:
    """Profiles with nothing at their ends: what lies off the page is not found."""
    result = profiles.copy()
    result[:, [0, 1, -2, -1]] = 0
    return result
