"""A form template laid on a page: first as a whole, then line by line.

The whole: scale and shift down the page, by the dotted lines of all printed lines at once; then scale and shift across
it, by where dots begin and end and by the upright rules. The lines: each may lie a little off (curl, stretch, another
printing), so a path through the lines is sought that keeps close to their dots and changes its offset slowly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrfill.document.page import Reals
from ocrfill.document.template import FormLine, FormTemplate
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.alignment import (
    Axis,
    RowMeans,
    cheapest_offsets,
    fit_axis,
    row_band,
    running_maximum,
    zero_ended,
)

UPRIGHT_RULE_WEIGHT = 12.0
"""What an upright rule found weighs against one dotted gap's end found one pixel better."""

EDGE_SEARCH_WIDTH_SHARE = 0.02
"""How far around the end of a gap or the start of a label print is looked for, as a share of the page's width."""

LABEL_END_WIDTH_SHARE = 0.012
"""A label's print ends this share of the page's width before the gap behind it begins."""

MAX_LINE_SHIFT_WIDTH_SHARE = 0.012
"""How far across the page a line may lie off, as a share of its width."""

MAX_LINE_OFFSET_PITCHES = 0.4
"""How far a line may lie off the whole's fit, as a share of the usual distance between lines."""


SLACK_WIDTH_SHARES = (0.03, 0.005)
"""The whole is fitted once for each: how far, as a share of the page's width, a line's ends may still be off."""


@dataclass(frozen=True, slots=True, eq=False)
class FormFit:
    """Where a form template lies on the reduced page: the whole, and how far each line lies off it: `offsets` down,
    `shifts` across.
    """

    across: Axis
    down: Axis
    offsets: Reals
    shifts: Reals

    def line_x(self, index: int, fraction: float) -> float:
        """A place across the page on a line."""
        return float(self.across(fraction) + self.shifts[index])

    def line_y(self, template: FormTemplate, index: int) -> float:
        """The height of a line's base line."""
        return float(self.down(template.lines[index].y) + self.offsets[index])

    def place(self, template: FormTemplate, x: float, y: float) -> tuple[float, float]:
        """Any place of the form, as far off as the lines around it."""
        places = np.array([line.y for line in template.lines])
        order = np.argsort(places)
        down, across = (float(np.interp(y, places[order], off[order])) for off in (self.offsets, self.shifts))
        return float(self.across(x)) + across, float(self.down(y)) + down


def fit_form(evidence: PageFeatures, template: FormTemplate, slacks: tuple[float, ...] = SLACK_WIDTH_SHARES) -> FormFit:
    """The best place of the template on the page; `slacks` as in `SLACK_WIDTH_SHARES`."""
    level = RowMeans(evidence.level)
    across = Axis(evidence.width, evidence.width / 2)
    down = Axis(evidence.height, evidence.height / 2)
    offsets: Reals = np.zeros(len(template.lines))
    for slack in slacks:
        down = _fit_down(level, template, across, slack)
        offsets = _follow_lines(level, template, across, down, slack)
        across = _fit_across(evidence, template, down, offsets)
    offsets = _follow_lines(level, template, across, down, 0.0)
    shifts = _follow_starts(evidence, template, across, down, offsets)
    return FormFit(across, down, offsets, shifts)


def label_stretches(line: FormLine) -> list[tuple[float, float]]:
    """From where to where labels are printed on a line, as fractions of the width, as far as the template tells."""
    stretches = []
    for label in line.labels:
        behind = [g.x[0] for g in line.gaps if g.x[0] > label.x] + [o.x for o in line.labels if o.x > label.x]
        guess = label.x + 0.0085 * len(label.text) * label.size / 12.0
        stretches.append((label.x, min([guess, *(b - LABEL_END_WIDTH_SHARE for b in behind)])))
    return [(a, b) for a, b in stretches if b > a]


def lines_found_share(evidence: PageFeatures, template: FormTemplate) -> float:
    """The share of the template's level lines that the page may have at all, 0 to 1, for a tenth of a fit's time."""
    level, across = RowMeans(evidence.level), Axis(evidence.width, evidence.width / 2)
    profiles, places, weights = _level_lines(level, template, across, SLACK_WIDTH_SHARES[0])
    down = fit_axis(zero_ended(profiles), places, weights)
    at = np.clip(np.rint(down(places)).astype(int), 0, profiles.shape[1] - 1)
    found = np.take_along_axis(running_maximum(profiles, 2), at[:, None], axis=1)[:, 0]
    return float((found * weights).sum() / weights.sum())


def _fit_down(level: RowMeans, template: FormTemplate, across: Axis, slack: float) -> Axis:
    """Scale and shift down the page at which the dotted lines and the frame lie on lines of the page."""
    profiles, places, weights = _level_lines(level, template, across, slack)
    return fit_axis(zero_ended(profiles), places, weights)


def _level_lines(level: RowMeans, template: FormTemplate, across: Axis, slack: float) -> tuple[Reals, Reals, Reals]:
    """Of each dotted line and level rule of the frame what the page shows along it at each height, its place in the
    template, and what it weighs.
    """
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
            profiles.append(
                level.mean(float(across(template.frame.left + inner)), float(across(template.frame.right - inner)))
            )
    return np.array(profiles), np.array(places), np.array(weights)


def _fit_across(evidence: PageFeatures, template: FormTemplate, down: Axis, offsets: Reals) -> Axis:
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
        dots = row_band(evidence.level, y - 2, y + 3).max(axis=0)
        printed = np.minimum(row_band(evidence.ink, y - 7, y).mean(axis=0), 0.4)
        for left, right in (gap.x for gap in line.gaps):
            add(dots - 0.5, (left, right), 0.3)
            add(dots, (left, left + EDGE_SEARCH_WIDTH_SHARE), 1.0)
            add(dots, (left - EDGE_SEARCH_WIDTH_SHARE, left), -1.0)
            add(dots, (right - EDGE_SEARCH_WIDTH_SHARE, right), 1.0)
            add(dots, (right, right + EDGE_SEARCH_WIDTH_SHARE), -1.0)
        for left, _ in label_stretches(line):
            add(printed, (left, left + EDGE_SEARCH_WIDTH_SHARE), 1.5)
            add(printed, (left - EDGE_SEARCH_WIDTH_SHARE, left), -1.5)
    rules = list(template.verticals)
    top, bottom = 0.1, 0.9
    if template.frame is not None:
        rules += [template.frame.left, template.frame.right]
        top, bottom = template.frame.top, template.frame.bottom
    upright = row_band(evidence.upright, float(down(top)), float(down(bottom))).mean(axis=0)
    upright = zero_ended(running_maximum(upright[None].astype(np.float64), 1))[0]
    for rule in rules:
        profiles.append(upright)
        places.append(rule)
        weights.append(UPRIGHT_RULE_WEIGHT)
    return fit_axis(np.array(profiles), np.array(places), np.array(weights), near=0)


def _follow_lines(level: RowMeans, template: FormTemplate, across: Axis, down: Axis, slack: float) -> Reals:
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
    offsets[order] = cheapest_offsets(
        profiles, down(places[order]), max(2, round(MAX_LINE_OFFSET_PITCHES * pitch)), pitch
    )
    return offsets


def _follow_starts(evidence: PageFeatures, template: FormTemplate, across: Axis, down: Axis, offsets: Reals) -> Reals:
    """How far each line lies off across the page, by where its dots begin and end; a smooth path down the page."""
    places = np.array([line.y for line in template.lines])
    order = np.argsort(places)
    reach = max(2, round(MAX_LINE_SHIFT_WIDTH_SHARE * across.size))
    steps = np.arange(-reach - 2, reach + 3)
    window = max(4, round(EDGE_SEARCH_WIDTH_SHARE * across.size))
    profiles: Reals = np.zeros((len(order), len(steps)))
    for row, index in enumerate(order):
        line = template.lines[index]
        y = float(down(line.y) + offsets[index])
        sums = np.cumsum(np.pad(row_band(evidence.level, y - 2, y + 3).max(axis=0), (1, 0)))
        for gap in line.gaps:
            for end, sign in zip(gap.x, (1.0, -1.0), strict=True):
                at = np.clip(
                    round(float(across(end))) + steps[:, None] + np.array([-window, 0, window]), 0, len(sums) - 1
                )
                before, here, after = sums[at].T
                profiles[row] += sign * (after - 2 * here + before) / window / (2 * len(line.gaps))
        profiles[row] *= min(sum(gap.x[1] - gap.x[0] for gap in line.gaps) / 0.4, 1.0)
    profiles = np.maximum(profiles - 0.15, 0)
    pitch = usual_pitch(template) * down.size
    shifts = np.zeros(len(order))
    shifts[order] = cheapest_offsets(profiles, np.full(len(order), reach + 2.0), reach, pitch)
    return shifts


def usual_pitch(template: FormTemplate) -> float:
    """The usual distance between neighbouring lines to write on, as a share of the page's height."""
    places = np.unique([line.y for line in template.lines if line.gaps])
    distances = np.diff(places)
    distances = distances[distances > 0.008]
    return float(np.median(distances)) if len(distances) else 0.023
