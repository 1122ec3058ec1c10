"""A form template laid on a page: first as a whole, then line by line.

The whole: scale and shift down the page, by the dotted lines of all printed lines at once; then scale and shift across
it, by where dots begin and end and by the upright rules. The lines: each may lie a little off (curl, stretch, another
printing), so a path through the lines is sought that keeps close to their dots and changes its offset slowly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ocrfill.locate.evidence import Evidence, Floats
from ocrfill.locate.template import FormTemplate, Line

Reals = NDArray[np.float64]

SCALES = np.arange(0.90, 1.1001, 0.004)
"""How much larger or smaller than the page's own size the form may lie on it."""

SHIFT = 0.09
"""How far, as a share of the page's side, it may lie off."""

UPRIGHT = 12.0
"""What an upright rule found weighs against one dotted gap's end found one pixel better."""

EDGE = 0.02
"""How far around the end of a gap or the start of a label print is looked for, as a share of the page's width."""

LABEL_END = 0.012
"""A label's print ends this share of the page's width before the gap behind it begins."""

WANDER = 0.4
"""How far a line may lie off the whole's fit, as a share of the usual distance between lines."""

BENDING = 0.12
"""What a change of the offset by one pixel between neighbouring lines costs; a line of clear dots is worth 1."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of the fit, fraction of the template to pixel of the reduced page: the whole's size on the page
    and where its middle lies."""

    size: float
    middle: float

    def __call__(self, fraction: float | Reals) -> Reals:
        return cast(Reals, (np.asarray(fraction, dtype=np.float64) - 0.5) * self.size + self.middle)


@dataclass(frozen=True, slots=True, eq=False)
class FormFit:
    """Where a form template lies on the reduced page: the whole, and how far each line lies off it."""

    across: Axis
    down: Axis
    offsets: Reals
    score: float

    def line_y(self, template: FormTemplate, index: int) -> float:
        """The height of a line's base line."""
        return float(self.down(template.lines[index].y) + self.offsets[index])

    def y(self, template: FormTemplate, fraction: float) -> float:
        """The height of any place, its offset between those of the lines around it."""
        places = np.array([line.y for line in template.lines])
        order = np.argsort(places)
        return float(self.down(fraction) + np.interp(fraction, places[order], self.offsets[order]))


class Rows:
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


def fit_form(evidence: Evidence, template: FormTemplate) -> FormFit:
    """The best place of the template on the page, and how much of the template's print was found there."""
    level = Rows(evidence.level)
    across = Axis(evidence.width, evidence.width / 2)
    down = Axis(evidence.height, evidence.height / 2)
    for slack in (0.03, 0.005):
        down = _fit_down(level, template, across, slack, evidence.height)
        across = _fit_across(evidence, template, down)
    offsets = _follow_lines(level, template, across, down)
    return FormFit(across, down, offsets, 1.0)


def label_stretches(line: Line) -> list[tuple[float, float]]:
    """From where to where labels are printed on a line, as fractions of the width, as far as the template tells."""
    stretches = []
    for label in line.labels:
        behind = [g.x[0] for g in line.gaps if g.x[0] > label.x] + [o.x for o in line.labels if o.x > label.x]
        guess = label.x + 0.0085 * len(label.text) * label.size / 12.0
        stretches.append((label.x, min([guess, *(b - LABEL_END for b in behind)])))
    return [(a, b) for a, b in stretches if b > a]


def _fit_down(level: Rows, template: FormTemplate, across: Axis, slack: float, height: int) -> Axis:
    """Scale and shift down the page at which the dotted lines and the frame lie on lines of the page."""
    places, weights, profiles = [], [], []
    for line in template.lines:
        stretches = [(g.x[0], g.x[1]) for g in line.gaps]
        for left, right in stretches:
            inner = min(slack, (right - left) / 4)
            places.append(line.y)
            weights.append(right - left)
            profiles.append(level.mean(float(across(left + inner)), float(across(right - inner))))
    if template.frame is not None:
        for y in (template.frame.top, template.frame.bottom):
            places.append(y)
            weights.append(0.6 * (template.frame.right - template.frame.left))
            inner = slack + 0.02
            profiles.append(level.mean(float(across(template.frame.left + inner)), float(across(template.frame.right - inner))))
    exact = np.array(profiles)
    exact[:, [0, 1, -2, -1]] = 0
    wide = _widest(exact, 1)
    at, weight = np.array(places), np.array(weights)
    middles = np.arange(-SHIFT * height, SHIFT * height + 1, 2.0) + height / 2
    size, middle = _search(wide, at, weight, SCALES * height, middles)
    near = np.arange(-6, 6.1, 1.0)
    return Axis(*_search(exact + 0.5 * wide, at, weight, size + near, middle + near / 2))


def _search(profiles: Reals, places: Reals, weights: Reals, sizes: Reals, middles: Reals) -> tuple[float, float]:
    """The size and middle at which the profiles, one a place, are highest at the places.

    Off the page a profile's border value holds.
    """
    length = profiles.shape[1]
    which = np.arange(len(places))[:, None]
    best, found = -np.inf, (float(sizes[0]), float(middles[0]))
    for size in sizes:
        at = np.rint(((places - 0.5) * size)[:, None] + middles[None, :]).astype(int)
        totals = weights @ profiles[which, np.clip(at, 0, length - 1)]
        i = int(totals.argmax())
        if totals[i] > best:
            best, found = float(totals[i]), (float(size), float(middles[i]))
    return found


def _widest(profiles: Reals, reach: int) -> Reals:
    """Each value the highest of its neighbours up to `reach` away."""
    result = profiles.copy()
    for d in range(1, reach + 1):
        result[:, d:] = np.maximum(result[:, d:], profiles[:, :-d])
        result[:, :-d] = np.maximum(result[:, :-d], profiles[:, d:])
    return result


def _fit_across(evidence: Evidence, template: FormTemplate, down: Axis) -> Axis:
    """Scale and shift across the page at which dots begin and end, labels begin and upright rules stand."""
    width = evidence.width
    profiles, places, weights = [], [], []

    def add(profile: Reals, stretch: tuple[float, float], weight: float) -> None:
        total = np.cumsum(profile)
        for place, sign in zip(stretch, (-1.0, 1.0), strict=True):
            profiles.append(total)
            places.append(place)
            weights.append(sign * weight)

    for line in template.lines:
        y = float(down(line.y))
        dots = _band(evidence.level, y - 2, y + 3).max(axis=0)
        printed = np.minimum(_band(evidence.ink, y - 7, y).mean(axis=0), 0.4)
        for left, right in (gap.x for gap in line.gaps):
            add(dots - 0.5, (left, right), 0.3)
            add(dots, (left, left + EDGE), 1.0)
            add(dots, (left - EDGE, left), -1.0)
            add(dots, (right - EDGE, right), 1.0)
            add(dots, (right, right + EDGE), -1.0)
        for left, _ in label_stretches(line):
            add(printed, (left, left + EDGE), 1.5)
            add(printed, (left - EDGE, left), -1.5)
    rules = list(template.verticals)
    top, bottom = 0.1, 0.9
    if template.frame is not None:
        rules += [template.frame.left, template.frame.right]
        top, bottom = template.frame.top, template.frame.bottom
    upright = _band(evidence.upright, float(down(top)), float(down(bottom))).mean(axis=0)
    upright = _widest(upright[None].astype(np.float64), 1)[0]
    upright[[0, -1]] = 0
    for rule in rules:
        profiles.append(upright)
        places.append(rule)
        weights.append(UPRIGHT)
    stacked, at, weight = np.array(profiles), np.array(places), np.array(weights)
    middles = np.arange(-SHIFT * width, SHIFT * width + 1, 2.0) + width / 2
    size, middle = _search(stacked, at, weight, SCALES * width, middles)
    near = np.arange(-6, 6.1, 1.0)
    return Axis(*_search(stacked, at, weight, size + near, middle + near / 2))


def _band(values: Floats, top: float, bottom: float) -> Floats:
    """The rows of a map from top to bottom, at least one, as far as they lie on the page."""
    first = min(max(round(top), 0), len(values) - 1)
    return values[first : max(round(bottom), first + 1)]


def _follow_lines(level: Rows, template: FormTemplate, across: Axis, down: Axis) -> Reals:
    """How far each line lies off its place in the whole's fit: the cheapest path from the first line to the last."""
    places = np.array([line.y for line in template.lines])
    order = np.argsort(places)
    reach = max(2, round(WANDER * usual_pitch(template) * down.size))
    steps = np.arange(-reach, reach + 1)
    costs = np.zeros((len(order), len(steps)))
    profiles = np.zeros((len(order), len(steps) + 4))
    for row, index in enumerate(order):
        line = template.lines[index]
        centre = round(float(down(line.y)))
        at = np.clip(np.arange(centre - reach - 2, centre + reach + 3), 0, len(level.sums) - 1)
        for gap in line.gaps:
            seen = level.mean(float(across(gap.x[0])), float(across(gap.x[1])))
            profiles[row] += min((gap.x[1] - gap.x[0]) / 0.2, 1.0) * seen[at]
        costs[row] = -profiles[row, 2:-2] + 0.002 * np.abs(steps)
    far = np.diff(places[order])
    pitch = usual_pitch(template)
    change = np.abs(steps[:, None] - steps[None, :])
    total, back = costs[0], []
    for row in range(1, len(order)):
        moved = total[:, None] + BENDING * change / (1.0 + far[row - 1] / pitch)
        back.append(moved.argmin(axis=0))
        total = moved.min(axis=0) + costs[row]
    path = [int(total.argmin())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    offsets = np.zeros(len(order))
    for row, (index, state) in enumerate(zip(order, reversed(path), strict=True)):
        near = profiles[row, state : state + 5]
        exact = float((near * np.arange(-2, 3)).sum() / near.sum()) if near.sum() > 0.2 else 0.0
        centre = float(down(template.lines[index].y))
        offsets[index] = round(centre) - centre + steps[state] + exact
    return offsets


def usual_pitch(template: FormTemplate) -> float:
    """The usual distance between neighbouring lines to write on, as a share of the page's height."""
    places = np.unique([line.y for line in template.lines if line.gaps])
    distances = np.diff(places)
    distances = distances[distances > 0.008]
    return float(np.median(distances)) if len(distances) else 0.023
