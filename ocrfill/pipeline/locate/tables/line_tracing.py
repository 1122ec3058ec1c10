"""Printed rules traced on a straightened page: where each runs, how it bends, and where it can be seen.

A rule is thinner than a stroke of writing is long, and runs on where writing ends. The page is cut into bands across
the rules; in each band a rule shows as a peak, and a rule is a path from band to band that gathers more than the share
of dark it would find in writing. Broken, faded and dotted rules are paths with gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Floats, Page, Reals
from ocrfill.pipeline.ink_channel import ink_channel
from ocrfill.pipeline.reduced_page import RULE_SIDE_PX, reduced_size

SMOOTHING_LENGTH_PX = 15
"""Darkness is averaged over so many pixels along a rule (4 mm): dots become a line, letters fade."""

MIN_RIDGE_DARKNESS, HALF_SURE_DARKNESS = 0.006, 0.006
"""A ridge not darker than the first is noise; one darker than it by the second is half sure on clear paper."""

MAX_RIDGE_DARKNESS = 0.15
"""Darker ridges get no more say: a black border outvotes no dotted line."""

CLUTTER_WEIGHT, CLUTTER_WINDOW_PX = 1.5, (61, 25)
"""How much the mean ridge around a place (so many pixels along and across) tells against it: writing is all ridges."""

MAX_LEAN_SLOPE = 0.1
"""A path that leans more than this anywhere is no rule of a straightened page."""

BAND_LENGTH_PX = 12
"""Length of a band along the rules, in pixels of the reduced page (3 mm)."""

MIN_RULE_SEEN_SHARE = 0.4
"""A path ends where it finds less than this share of a rule: letters that stand in a row fill less."""

TURN_COST_PER_PX = 0.08
"""What it costs a path to leave its course by a pixel from one band to the next; a rule seen for sure is worth 1."""

MIN_PATH_DISTANCE_PX = 3
"""Two paths nearer than this, in pixels, are one."""

MIN_RULE_BANDS = 5
"""A path that gathers less than so many bands' worth is no rule."""

MIN_PATH_GAIN = MIN_RULE_BANDS * (1 - MIN_RULE_SEEN_SHARE)

MIN_POINT_DARKNESS = 0.1
"""What is darker than this in a band counts as a point of the rule."""

MAX_CURVE_DEGREE = 3
"""A rule right across the page bends at most as a polynomial of this degree, a shorter one less."""

OUTLIER_DISTANCES_PX = (4.0, 2.0, 1.0, 0.7, 0.7)
"""How far, in pixels, a point may lie off the curve before it loses its say, round by round."""


@dataclass(frozen=True, slots=True, eq=False)
class Ruling:
    """A rule: `curve` its polynomial across by along (both in pixels of the reduced page, along scaled by the page's
    side), `start` and `end` along, `seen` the share of dark in each of the page's bands, `weight` their sum.
    """

    curve: Reals
    start: float
    end: float
    side: float
    seen: Reals
    depth: float

    def at(self, along: float | Reals) -> Reals:
        """Where across the rule lies."""
        return np.asarray(np.polyval(self.curve, np.asarray(along, dtype=np.float64) / self.side - 0.5))

    @property
    def length(self) -> float:
        """From end to end, in pixels."""
        return self.end - self.start

    @property
    def weight(self) -> float:
        """How much of it was seen, in pixels."""
        return float(self.seen.sum())

    @property
    def mean(self) -> float:
        """The mean of what is seen between start and end."""
        return self.weight * self.side / len(self.seen) / max(self.length, 1.0)

    @property
    def middle(self) -> float:
        """Where across it lies half way, in pixels."""
        return float(self.at((self.start + self.end) / 2))


@dataclass(frozen=True, slots=True, eq=False)
class RidgeMap:
    """Where rules run along x of a reduced page: `sure` how sure, 0 to 1, and `depth` how dark beside the paper."""

    sure: Floats
    depth: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Ridges:
    """The ridges of a reduced page: `level` along x, `upright` along y with its maps transposed (x is the page's y).

    `scale` is the page's pixels in one of the maps.
    """

    level: RidgeMap
    upright: RidgeMap
    scale: float


def ridges(page: Page) -> Ridges:
    """The ridge maps of a straightened page."""
    width, height = reduced_size(page.width, page.height, page.dpi)
    small = cv2.resize(ink_channel(page.image), (width, height), interpolation=cv2.INTER_AREA)
    return ridges_of(cast(Floats, 1 - small.astype(np.float32) / np.float32(255)), page.width / width)


def ridges_of(ink: Floats, scale: float) -> Ridges:
    """The ridge maps of a reduced page's darkness, 0 to 1."""
    return Ridges(_ridge(ink), _ridge(cast(Floats, np.ascontiguousarray(ink.T))), scale)


def _ridge(ink: Floats) -> RidgeMap:
    """How much darker a pixel is than what is above and below it."""
    smooth = cv2.blur(ink, (SMOOTHING_LENGTH_PX, 1))
    wide = cv2.copyMakeBorder(smooth, RULE_SIDE_PX, RULE_SIDE_PX, 0, 0, cv2.BORDER_REPLICATE)
    depth = smooth - np.maximum(wide[: -2 * RULE_SIDE_PX], wide[2 * RULE_SIDE_PX :])
    ridge = np.clip(depth - MIN_RIDGE_DARKNESS, 0, MAX_RIDGE_DARKNESS)
    return RidgeMap(
        cast(Floats, ridge / (ridge + HALF_SURE_DARKNESS + CLUTTER_WEIGHT * cv2.blur(ridge, CLUTTER_WINDOW_PX))),
        cast(Floats, np.maximum(depth, 0)),
    )


def band_means(values: Floats) -> Reals:
    """The means of a map over its bands, shape (rows, bands)."""
    height, width = values.shape
    bands = max(width // BAND_LENGTH_PX, MAX_CURVE_DEGREE + 1)
    return cast(Floats, cv2.resize(values, (bands, height), interpolation=cv2.INTER_AREA)).astype(np.float64)


def trace(ridge: RidgeMap, breaks: Sequence[float] = ()) -> tuple[Ruling, ...]:
    """All rules that run along x of a ridge map, strongest first.

    No rule runs across a break (an x, in pixels).
    """
    width = ridge.sure.shape[1]
    sure, depth = band_means(ridge.sure), band_means(ridge.depth)
    bands = sure.shape[1]
    found = []
    for start, end in pairwise((0, *(round(x * bands / width) for x in sorted(breaks)), bands)):
        for first, path in _paths(sure[:, start:end]):
            rule = _smooth(sure, depth, first + start, path, width)
            if rule is not None:
                found.append(rule)
    return tuple(sorted(found, key=lambda rule: -rule.weight))


def _paths(profiles: Reals) -> list[tuple[int, NDArray[np.intp]]]:
    """The best paths: their first band and their heights in it and the bands that follow; none crosses another."""
    height, bands = profiles.shape
    near = cast(Reals, cv2.dilate(profiles, np.ones((3, 1), np.uint8)))
    gain = 0.5 * (profiles + near) - MIN_RULE_SEEN_SHARE
    total = np.zeros((bands, height))
    came = np.zeros((bands, height), np.int8)
    started = np.ones((bands, height), bool)
    for band in range(bands):
        before = total[band - 1] if band else np.zeros(height)
        best, step = before.copy(), np.zeros(height, np.int8)
        for shift in (-1, 1):
            moved = np.roll(before, shift) - TURN_COST_PER_PX
            better = moved > best
            best[better], step[better] = moved[better], -shift
        started[band] = best <= 0
        total[band] = np.maximum(np.maximum(best, 0) + gain[:, band], 0)
        came[band] = step
    return _followed_back(total, came, started)


def _followed_back(
    total: Reals, came: NDArray[np.int8], started: NDArray[np.bool_]
) -> list[tuple[int, NDArray[np.intp]]]:
    """Each path from its end, best first, as far back as it does not meet a better one."""
    bands, height = total.shape
    free = np.ones((bands, height), bool)
    ends = np.argwhere((total > MIN_PATH_GAIN) & (total >= cv2.dilate(total, np.ones((1, 3), np.uint8))))
    order = np.argsort(-total[ends[:, 0], ends[:, 1]], kind="stable")
    paths = []
    for last, y in ends[order].tolist():
        if not free[last, y]:
            continue
        band, here = last, y
        path = [here]
        while not started[band, here]:
            earlier = min(max(here + int(came[band, here]), 0), height - 1)
            if not free[band - 1, earlier]:
                break
            band, here = band - 1, earlier
            path.append(here)
        gained = total[last, y] - (0.0 if started[band, here] else total[band, here])
        for k, place in enumerate(path):
            free[last - k, max(place - MIN_PATH_DISTANCE_PX, 0) : place + MIN_PATH_DISTANCE_PX + 1] = False
        if gained > MIN_PATH_GAIN:
            paths.append((band, np.array(path[::-1])))
    return paths


def _smooth(profiles: Reals, depth: Reals, first: int, path: NDArray[np.intp], side: float) -> Ruling | None:
    """A path as a polynomial, and where the page shows it; None where it is no rule."""
    bands = np.arange(first, first + len(path))
    x = (bands + 0.5) / profiles.shape[1]
    around = np.clip(path[:, None] + np.arange(-2, 3), 0, len(profiles) - 1)
    peak = profiles[around, bands[:, None]]
    y = path + (peak * np.arange(-2, 3)).sum(axis=1) / np.maximum(peak.sum(axis=1), 1e-9)
    weight = peak[:, 1:4].max(axis=1)
    if (weight > MIN_POINT_DARKNESS).sum() < MIN_RULE_BANDS:
        return None
    degree = min(1 + round(MAX_CURVE_DEGREE * len(path) / profiles.shape[1]), MAX_CURVE_DEGREE)
    curve = fit_curve(x - 0.5, y, weight, degree)
    if np.abs(np.polyval(np.polyder(curve), x - 0.5)).max() > MAX_LEAN_SLOPE * side:
        return None
    return _measured(profiles, depth, curve, (first, first + len(path)), side)


def fit_curve(x: Reals, y: Reals, weight: Reals, degree: int) -> Reals:
    """A polynomial through points of which some are wrong."""
    trust = weight
    curve: Reals = np.zeros(degree + 1)
    for spread in OUTLIER_DISTANCES_PX:
        curve = np.polyfit(x, y, degree, w=trust + 1e-6)
        trust = weight / np.sqrt(1 + ((y - np.polyval(curve, x)) / spread) ** 2)
    return curve


def _measured(profiles: Reals, depth: Reals, curve: Reals, span: tuple[int, int], side: float) -> Ruling | None:
    """The rule with what is seen of it between two bands, cut off where nothing is seen at its ends."""
    bands = profiles.shape[1]
    step = side / bands
    seen = np.zeros(bands)
    which = np.arange(*span)
    y = np.rint(np.polyval(curve, (which + 0.5) / bands - 0.5)).astype(int)
    around = np.clip(y[:, None] + np.arange(-1, 2), 0, len(profiles) - 1)
    seen[which] = profiles[around, which[:, None]].max(axis=1)
    there = np.flatnonzero(seen > MIN_RULE_SEEN_SHARE)
    if len(there) < MIN_RULE_BANDS:
        return None
    first, last = int(there[0]), int(there[-1])
    seen[:first] = seen[last + 1 :] = 0
    dark = depth[around, which[:, None]].max(axis=1)
    return Ruling(curve, first * step, (last + 1) * step, side, seen, float(np.median(dark[seen[which] > 0])))
