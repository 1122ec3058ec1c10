"""A form template laid on a page: first as a whole, then line by line.

The whole: scale and shift down the page, by the dotted lines of all printed lines at once; then scale and shift across
it, by where dots begin and end and by the upright rules. The lines: each may lie a little off (curl, stretch, another
printing), so a path through the lines is sought that keeps close to their dots and changes its offset slowly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrfill.locate.evidence import Evidence
from ocrfill.locate.search import Axis, Reals, Rows, band, closed_off, follow, lay, widest
from ocrfill.locate.template import FormTemplate, Line

UPRIGHT = 12.0
"""What an upright rule found weighs against one dotted gap's end found one pixel better."""

EDGE = 0.02
"""How far around the end of a gap or the start of a label print is looked for, as a share of the page's width."""

LABEL_END = 0.012
"""A label's print ends this share of the page's width before the gap behind it begins."""

GAPS, LABELS, RULES = 0.4, 0.4, 0.2
"""What the three kinds of print weigh in the score."""

CHANCE = 0.35
"""Share of a kind of print that is also found on a page of another form."""

PRINT_DENSITY = 0.6
"""Share of the columns of a printed word that hold ink at the height of its small letters."""

WANDER = 0.4
"""How far a line may lie off the whole's fit, as a share of the usual distance between lines."""

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


def fit_form(evidence: Evidence, template: FormTemplate) -> FormFit:
    """The best place of the template on the page, and how much of the template's print was found there."""
    level = Rows(evidence.level)
    across = Axis(evidence.width, evidence.width / 2)
    down = Axis(evidence.height, evidence.height / 2)
    offsets = np.zeros(len(template.lines))
    for slack in (0.03, 0.005):
        down = _fit_down(level, template, across, slack)
        offsets = _follow_lines(level, template, across, down, slack)
        across = _fit_across(evidence, template, down, offsets)
    offsets = _follow_lines(level, template, across, down, 0.0)
    fit = FormFit(across, down, offsets, 0.0)
    return replace(fit, score=found_score(evidence, template, fit))


def label_stretches(line: Line) -> list[tuple[float, float]]:
    """From where to where labels are printed on a line, as fractions of the width, as far as the template tells."""
    stretches = []
    for label in line.labels:
        behind = [g.x[0] for g in line.gaps if g.x[0] > label.x] + [o.x for o in line.labels if o.x > label.x]
        guess = label.x + 0.0085 * len(label.text) * label.size / 12.0
        stretches.append((label.x, min([guess, *(b - LABEL_END for b in behind)])))
    return [(a, b) for a, b in stretches if b > a]


def _fit_down(level: Rows, template: FormTemplate, across: Axis, slack: float) -> Axis:
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
    return lay(closed_off(np.array(profiles)), np.array(places), np.array(weights))


def _fit_across(evidence: Evidence, template: FormTemplate, down: Axis, offsets: Reals) -> Axis:
    """Scale and shift across the page at which dots begin and end, labels begin and upright rules stand."""
    profiles, places, weights = [], [], []

    def add(profile: Reals, stretch: tuple[float, float], weight: float) -> None:
        total = np.cumsum(profile)
        for place, sign in zip(stretch, (-1.0, 1.0), strict=True):
            profiles.append(total)
            places.append(place)
            weights.append(sign * weight)

    for line, offset in zip(template.lines, offsets, strict=True):
        y = float(down(line.y) + offset)
        dots = band(evidence.level, y - 2, y + 3).max(axis=0)
        printed = np.minimum(band(evidence.ink, y - 7, y).mean(axis=0), 0.4)
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
    upright = band(evidence.upright, float(down(top)), float(down(bottom))).mean(axis=0)
    upright = closed_off(widest(upright[None].astype(np.float64), 1))[0]
    for rule in rules:
        profiles.append(upright)
        places.append(rule)
        weights.append(UPRIGHT)
    return lay(np.array(profiles), np.array(places), np.array(weights), near=0)


def _follow_lines(level: Rows, template: FormTemplate, across: Axis, down: Axis, slack: float) -> Reals:
    """How far each line lies off its place in the whole's fit: the cheapest path from the first line to the last."""
    places = np.array([line.y for line in template.lines])
    order = np.argsort(places)
    pitch = usual_pitch(template) * down.size
    profiles = np.zeros((len(order), len(level.sums)))
    for row, index in enumerate(order):
        for gap in template.lines[index].gaps:
            inner = min(slack, (gap.x[1] - gap.x[0]) / 4)
            seen = level.mean(float(across(gap.x[0] + inner)), float(across(gap.x[1] - inner)))
            profiles[row] += min((gap.x[1] - gap.x[0]) / 0.2, 1.0) * seen
    offsets = np.zeros(len(order))
    offsets[order] = follow(profiles, down(places[order]), max(2, round(WANDER * pitch)), pitch)
    return offsets


def usual_pitch(template: FormTemplate) -> float:
    """The usual distance between neighbouring lines to write on, as a share of the page's height."""
    places = np.unique([line.y for line in template.lines if line.gaps])
    distances = np.diff(places)
    distances = distances[distances > 0.008]
    return float(np.median(distances)) if len(distances) else 0.023


def found_score(evidence: Evidence, template: FormTemplate, fit: FormFit) -> float:
    """How much of the template's own print is where the fit puts it, from 0 to 1.

    Dots count where gaps are, print without dots where labels are, and rules; each gap and label is weighed by its
    length, and a third of each kind being there by chance counts as nothing.
    """
    gaps, labels, rules = found_print(evidence, template, fit)
    shares = [(GAPS, gaps), (LABELS, labels), (RULES, rules)]
    known = [(weight, share) for weight, share in shares if share is not None]
    return float(sum(weight * max(share - CHANCE, 0) / (1 - CHANCE) for weight, share in known) / sum(w for w, _ in known))


def found_print(
    evidence: Evidence, template: FormTemplate, fit: FormFit
) -> tuple[float | None, float | None, float | None]:
    """The share of the gaps' dots, of the labels' print and of the rules that is found; None where there are none."""
    gaps: list[tuple[float, float]] = []
    labels: list[tuple[float, float]] = []
    for index, line in enumerate(template.lines):
        base = fit.line_y(template, index)
        dots = band(evidence.level, base - 2, base + 3).max(axis=0) > 0.4
        printed = band(evidence.ink, base - 7, base).mean(axis=0) > 0.08
        for gap in line.gaps:
            inside = _stretch(dots, fit.across, gap.x)
            gaps.append((gap.x[1] - gap.x[0], float(inside.mean()) if len(inside) else 0.0))
        for stretch in label_stretches(line):
            ink, dotted = _stretch(printed, fit.across, stretch), _stretch(dots, fit.across, stretch)
            found = float(ink.mean()) * min(2 * (1 - float(dotted.mean())), 1.0) if len(ink) else 0.0
            labels.append((stretch[1] - stretch[0], min(found / PRINT_DENSITY, 1.0)))
    rules = []
    if template.frame is not None:
        top, bottom = fit.y(template, template.frame.top), fit.y(template, template.frame.bottom)
        for x in (template.frame.left, *template.verticals, template.frame.right):
            place = round(float(fit.across(x)))
            columns = evidence.upright[round(max(top, 0)) : round(max(bottom, 1)), max(place - 2, 0) : max(place + 3, 1)]
            rules.append((1.0, float((columns.max(axis=1) > 0.4).mean()) if columns.size else 0.0))
        for y in (top, bottom):
            row = band(evidence.level, y - 2, y + 3).max(axis=0) > 0.4
            inside = _stretch(row, fit.across, (template.frame.left, template.frame.right))
            rules.append((1.0, float(inside.mean()) if len(inside) else 0.0))
    return _mean(gaps), _mean(labels), _mean(rules)


def _stretch(values: NDArray[np.bool_], across: Axis, stretch: tuple[float, float]) -> NDArray[np.bool_]:
    left, right = (max(round(float(across(x))), 0) for x in stretch)
    return values[left:right]


def _mean(found: list[tuple[float, float]]) -> float | None:
    return sum(w * share for w, share in found) / sum(w for w, _ in found) if found else None
