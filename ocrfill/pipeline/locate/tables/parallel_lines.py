"""The rules of one direction of a table as a family: neighbours run alike, so each helps to place the others.

A rule seen only in part is prolonged as its neighbours run; one that stands where the regular distance foretells it
is found by the whole family's shape; each is then laid on what is seen of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Reals
from ocrfill.pipeline.locate.tables.line_tracing import BAND_LENGTH_PX, RidgeMap, Ruling, band_means, fit_curve

OUTLIER_DISTANCES_PX = (6.0, 3.0, 1.5, 1.0)
"""How far, in pixels, a point may lie off the family's shape before it loses its say, round by round."""

STIFFNESS_POINTS, TERM_STIFFNESS_FACTORS = 9.0, np.array([0.01, 0.1, 0.35, 0.1, 0.35, 1.0])
"""How hard the shape resists bending, and each of its terms for itself: weighs like so many points seen for sure."""

MAX_SNAP_PITCHES = 0.22
"""How far a rule may lie off the family's shape, as a share of the usual distance."""

MAX_SNAP_PX = 7
"""The same in pixels at most (2 mm)."""

FAMILY_COURSE_WEIGHT = 0.15
"""What the family's own course weighs against what is seen of one rule; a rule seen for sure weighs 1."""

MAX_DEPTH_FACTOR, MIN_RULE_DEPTH = 2.0, 0.02
"""What is so many times deeper than the rule (taken to be at least the second) is writing and has less say."""

MAX_MISS_DEGREE = 3
"""A rule may lie off its family's course by a polynomial of this degree."""

FAMILY_ROUND_COUNT = 2
"""How often a known table's rules are laid on the page as a family: each time what was seen tells the shape better."""

MAX_IRREGULARITY_PITCHES = 0.14
"""A gap is a whole number of usual distances if it is off by less than this share of one."""

MIN_FORETOLD_DARKNESS = 0.2
"""A rule that regularity foretells is there if the mean darkness along its course is at least this,"""

MIN_CONTRAST_FACTOR = 1.6
"""and so many times that of the paper beside it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """How a family bends: `bend` are the factors of x, x^2, x^3, and of these times y, both from -.5 to .5."""

    bend: Reals
    width: float
    height: float

    def course(self, height: float) -> Reals:
        """The polynomial of the rule that passes the middle of the page at a height, x from -.5 to .5."""
        v = height / self.height - 0.5
        bend = self.bend[:3] + v * self.bend[3:]
        return np.array([bend[2], bend[1], bend[0], height])

    def __call__(self, x: Reals, y: float | Reals) -> Reals:
        """By how much a rule at height y (at the middle of the page) lies lower at x than in the middle."""
        return _terms(x / self.width - 0.5, np.asarray(y) / self.height - 0.5) @ self.bend


def _terms(u: Reals, v: Reals) -> Reals:
    v = np.broadcast_to(v, u.shape)
    return np.stack([u, u**2, u**3, u * v, u**2 * v, u**3 * v], axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class _Bands:
    """The map's means over bands: `sure` and `depth` (rows, bands of the table), the bands' numbers among all `count`
    bands, and the x of their middles.
    """

    sure: Reals
    depth: Reals
    which: NDArray[np.intp]
    x: Reals
    count: int

    @classmethod
    def of(cls, ridge: RidgeMap, span: tuple[float, float]) -> _Bands:
        sure, depth = band_means(ridge.sure), band_means(ridge.depth)
        count, width = sure.shape[1], ridge.sure.shape[1]
        x = (np.arange(count) + 0.5) * width / count
        which = np.flatnonzero((x > span[0] - BAND_LENGTH_PX) & (x < span[1] + BAND_LENGTH_PX))
        return cls(sure[:, which], depth[:, which], which, x[which], count)

    def near(self, y: NDArray[np.floating], offsets: NDArray[np.intp], depth: float = np.inf) -> Reals:
        """What is seen at and beside a course, shape (bands, offsets); less where it is much deeper than `depth`."""
        at = np.clip(np.rint(y).astype(int)[:, None] + offsets, 0, len(self.sure) - 1)
        bands = np.arange(len(self.which))[:, None]
        return np.asarray(self.sure[at, bands] / np.maximum(self.depth[at, bands] / (MAX_DEPTH_FACTOR * depth), 1) ** 2)

    def depth_near(self, y: NDArray[np.floating]) -> Reals:
        """The greatest depth a pixel or less from a course, one a band."""
        at = np.clip(np.rint(y).astype(int)[:, None] + np.arange(-1, 2), 0, len(self.depth) - 1)
        return np.asarray(self.depth[at, np.arange(len(self.which))[:, None]].max(axis=1))


def settle_family(rules: Sequence[Ruling], ridge: RidgeMap, span: tuple[float, float]) -> tuple[Ruling, ...]:
    """The family's rules, each with a course that holds over the whole span, and those that regularity foretells.

    `ridge` is the map along whose x the rules run, `span` the x from the table's one side to its other.
    """
    bands = _Bands.of(ridge, span)
    if len(rules) < 2 or not len(bands.which):
        return tuple(rules)
    shape, heights = _shape(rules, ridge.sure.shape)
    order = np.argsort(heights)
    courses = [(float(heights[i]), rules[i]) for i in order]
    pitch = float(np.median(np.diff(heights[order])))
    for height in _foretold(shape, [h for h, _ in courses], bands, pitch):
        model = rules[int(np.argmin(np.abs(heights - height)))]
        usual = float(np.median([rule.depth for rule in rules]))
        courses.append(
            (height, replace(model, start=span[0], end=span[1], seen=np.zeros_like(model.seen), depth=usual))
        )
    courses.sort(key=lambda course: course[0])
    reach = int(min(MAX_SNAP_PITCHES * pitch, MAX_SNAP_PX))
    return tuple(_snapped(rule, shape.course(height), bands, reach) for height, rule in courses)


def fit_known_lines(courses: Sequence[Reals], ridge: RidgeMap, span: tuple[float, float]) -> tuple[Ruling, ...]:
    """Rules that are known to be there, laid on what is seen of them near their courses (polynomials, in order): first
    each for itself, then as a family.
    """
    bands = _Bands.of(ridge, span)
    side = float(ridge.sure.shape[1])
    places = [float(np.polyval(course, (span[0] + span[1]) / 2 / side - 0.5)) for course in courses]
    reach = int(min(MAX_SNAP_PITCHES * float(np.median(np.diff(places))), MAX_SNAP_PX))
    rules = []
    for course in courses:
        depth = float(np.median(bands.depth_near(np.polyval(course, bands.x / side - 0.5))))
        rule = Ruling(course, *span, side, np.zeros(bands.count), depth)
        rules.append(_snapped(rule, course, bands, reach))
    for _ in range(FAMILY_ROUND_COUNT):
        shape, heights = _shape(rules, ridge.sure.shape)
        rules = [
            _snapped(rule, shape.course(height), bands, reach)
            for rule, height in zip(rules, heights.tolist(), strict=True)
        ]
    return tuple(rules)


def _shape(rules: Sequence[Ruling], size: tuple[int, ...]) -> tuple[_Shape, Reals]:
    """The common bend, and each rule's height in the middle of the page as the bend prolongs it."""
    height, width = size[:2]
    x, y, weight, which = [], [], [], []
    for i, rule in enumerate(rules):
        bands = np.flatnonzero(rule.seen > 0.2)
        if not len(bands):
            bands = np.array([len(rule.seen) // 2])
        along = (bands + 0.5) * width / len(rule.seen)
        x.append(along)
        y.append(rule.at(along))
        weight.append(np.maximum(rule.seen[bands], 0.05))
        which.append(np.full(len(bands), i))
    xs, ys, ws, who = (np.concatenate(part) for part in (x, y, weight, which))
    count = len(rules)
    bend, heights = np.zeros(6), np.array([rule.middle for rule in rules])
    trust = ws
    for spread in OUTLIER_DISTANCES_PX:
        terms = _terms(xs / width - 0.5, ys / height - 0.5)
        squared = trust**2
        total = np.bincount(who, squared, count)
        means = np.stack([np.bincount(who, squared * term, count) / total for term in (*terms.T, ys)], axis=1)
        centred = terms - means[who, :6]
        pull = (centred * squared[:, None]).T
        bend = np.linalg.solve(
            pull @ centred + np.diag(STIFFNESS_POINTS * TERM_STIFFNESS_FACTORS), pull @ (ys - means[who, 6])
        )
        heights = means[:, 6] - means[:, :6] @ bend
        miss = (ys - heights[who] - terms @ bend) / spread
        trust = ws / np.sqrt(1 + miss**2)
    return _Shape(bend, float(width), float(height)), heights


def _foretold(shape: _Shape, heights: list[float], bands: _Bands, pitch: float) -> list[float]:
    """Heights in the gaps that hold a whole number of usual distances, where the page shows a faint rule."""
    offsets = np.arange(-round(pitch / 2), round(pitch / 2) + 1)
    close = np.abs(offsets) <= MAX_IRREGULARITY_PITCHES * pitch + 1
    found = []
    for before, after in pairwise(heights):
        count = round((after - before) / pitch)
        if count < 2 or abs((after - before) / pitch - count) > MAX_IRREGULARITY_PITCHES * count:
            continue
        for place in np.linspace(before, after, count + 1)[1:-1]:
            dark = bands.near(place + shape(bands.x, place), offsets).mean(axis=0)
            best = int(np.where(close, dark, -1).argmax())
            if dark[best] >= MIN_FORETOLD_DARKNESS and dark[best] >= MIN_CONTRAST_FACTOR * np.median(dark[~close]):
                found.append(float(place + offsets[best]))
    return found


def _snapped(rule: Ruling, polynomial: Reals, bands: _Bands, reach: int) -> Ruling:
    """The rule laid on what is seen of it near its course."""
    u = bands.x / rule.side - 0.5
    course = np.polyval(polynomial, u)
    offsets = np.arange(-reach - 1, reach + 2)
    dark = bands.near(course, offsets, max(rule.depth, MIN_RULE_DEPTH))
    likely = dark * (1 - (offsets / (reach + 2)) ** 2)
    likely[:, [0, -1]] = 0
    best = np.clip(likely.argmax(axis=1), 1, len(offsets) - 2)
    peak = np.take_along_axis(dark, best[:, None] + np.arange(-1, 2), axis=1)
    exact = np.rint(course) + offsets[best] + peak @ np.array([-1, 0, 1]) / np.maximum(peak.sum(axis=1), 1e-9)
    weight = np.concatenate([peak[:, 1], np.full(len(u), FAMILY_COURSE_WEIGHT)])
    miss = fit_curve(
        np.concatenate([u, u]), np.concatenate([exact - course, np.zeros(len(u))]), weight, MAX_MISS_DEGREE
    )
    curve = np.asarray(np.polyadd(polynomial, miss), dtype=np.float64)
    seen = np.zeros(bands.count)
    seen[bands.which] = bands.near(np.polyval(curve, u), np.arange(-1, 2)).max(axis=1)
    return replace(rule, curve=curve, seen=seen)
