"""Where each printed label of a form stands on this page: its words, set in the face forms are printed in, are laid on
the reduced page near where the fit expects them, and stay where they agree best.

Another printer sets the same form a little wider or narrower and a little off; dots and labels then stand elsewhere
than the layout says. What is found here bounds the writing on both sides, from ink to ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from ocrfill.document.page import Floats, PlacedLabel
from ocrfill.document.template import FormLine, FormTemplate, Gap, Label
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.form import FormFit
from ocrfill.pipeline.set_type import SetWords, set_type

WIDTH_FACTORS: Final = tuple(round(0.90 + 0.02 * step, 2) for step in range(11))
"""How much wider or narrower than the layout's a printing's type is looked for."""

WIDTH_FACTOR_RANGE: Final = 0.03
"""How far from the page's usual factor that of a single label is looked for."""

FACTOR_STEP_PX: Final = 1.5
"""Words are laid on in widths that differ by so many pixels: long ones need finer factors."""

MAX_TEACHING_LETTERS: Final = 24
MAX_TEACHERS: Final = 8
"""The page's usual factor is learnt from so many labels, which are no longer than this."""

SEARCH_WIDTH_SHARE: Final = 0.022
"""How far to both sides of its place a label is looked for, as a share of the form's width on the page."""

SEARCH_HEIGHT_PX: Final = 7
"""How far above and below, in pixels of the reduced page: less than two millimetres, a third of a line's distance."""

NEAR_PX: Final = 3
"""Where a label was found, it is looked for again in other widths so near, in pixels of the reduced page."""

KNOWN_NEAR_PX: Final = 5
"""Labels whose place on this printing is known are looked for so near to it, in pixels of the reduced page."""

MIN_LIKENESS: Final = 0.5
"""Correlation with the page from which a label counts as found."""

MIN_LETTERS: Final = 2
"""A label of fewer letters and digits (the dash between two gaps) is like too much else to be looked for."""

FINENESS: Final = 4
"""Words are set so many times larger than they are laid on, for the sake of fractions of pixels."""

POINT_WIDTH_SHARE: Final = 25.4 / 72 / 210
"""A point as a share of an A4 page's width, where the layout's own gaps do not tell it."""


CLEARLY_OFF_PX: Final = 2.0
"""Labels tell a line's height to a pixel of the reduced page; where they are farther off than this, they are right."""

TIGHT_PERCENTILE: Final = 20
"""Gaps begin a space behind their label: of the sizes of type they tell, this percentile is near those set tightest."""


@dataclass(frozen=True, slots=True)
class FoundLabel:
    """A label on the page: where its first letter's room begins, its ink's sides, its base line and the size of its
    type, in pixels of the reduced page; how many times wider it is set than the typeface; how like the page is to it,
    from -1 to 1.
    """

    label: Label
    x: float
    left: float
    right: float
    baseline: float
    em_px: float
    width_factor: float
    likeness: float


FoundLabels = dict[tuple[int, int], FoundLabel]
"""Labels by the numbers of their line in the template and of the label on it, from 0; those not found are missing."""


def find_labels(evidence: PageFeatures, template: FormTemplate, fit: FormFit) -> FoundLabels:
    """The labels of a form that are seen on a page on which it was fitted.

    A few labels of middling length tell how wide this printing's type is; all are then looked for in about that width.
    On a template whose printing is known they are looked for close by, in the width it says.
    """
    point = type_point(template) * fit.across.size
    places = label_places(template)
    search = {place: _Search.of(template, fit, place, point) for place in places}
    if template.type_point is not None:
        return _find_near(evidence, search)
    lengths = {place: len(search[place].label.text) for place in places}
    teachers = sorted((p for p in places if lengths[p] <= MAX_TEACHING_LETTERS), key=lambda p: -lengths[p])
    taught = [_best(evidence, search[place], WIDTH_FACTORS) for place in teachers[:MAX_TEACHERS]]
    told = [one.width_factor for one in taught if one is not None and one.likeness >= MIN_LIKENESS]
    usual = float(np.median(told)) if told else 1.0
    found = {}
    for place in places:
        one = _best(evidence, search[place], _factors(usual, WIDTH_FACTOR_RANGE / 2, 1))
        if one is not None:
            steps = max(1, round(WIDTH_FACTOR_RANGE * (one.right - one.left) / FACTOR_STEP_PX))
            near = replace(search[place], x=one.x, base=one.baseline, reach=NEAR_PX, height=NEAR_PX)
            one = _best(evidence, near, _factors(usual, WIDTH_FACTOR_RANGE, steps))
        if one is not None and one.likeness >= MIN_LIKENESS:
            found[place] = one
    return found


def label_places(template: FormTemplate) -> list[tuple[int, int]]:
    """The labels that are looked for, by the numbers of their line and of the label on it, from 0."""
    return [
        (i, n)
        for i, line in enumerate(template.lines)
        for n, label in enumerate(line.labels)
        if sum(map(str.isalnum, label.text)) >= MIN_LETTERS
    ]


def _find_near(evidence: PageFeatures, search: dict[tuple[int, int], _Search]) -> FoundLabels:
    """The labels of a print whose places and type are known."""
    found = {}
    for place, one in search.items():
        best = _best(evidence, replace(one, reach=KNOWN_NEAR_PX, height=KNOWN_NEAR_PX), (one.label.width,))
        if best is not None and best.likeness >= MIN_LIKENESS:
            found[place] = best
    return found


def _factors(usual: float, reach: float, steps: int) -> list[float]:
    return [usual + reach * step / steps for step in range(-steps, steps + 1)]


@dataclass(frozen=True, slots=True)
class _Search:
    """A label, the size of its type, where it is expected to begin on its base line, and how far around it is looked
    for across and down; in pixels of the reduced page.
    """

    label: Label
    em: float
    x: float
    base: float
    reach: int
    height: int

    @classmethod
    def of(cls, template: FormTemplate, fit: FormFit, place: tuple[int, int], point: float) -> _Search:
        index, number = place
        label = template.lines[index].labels[number]
        x, base = fit.line_x(index, label.x), fit.line_y(template, index)
        return cls(label, label.size * point, x, base, round(SEARCH_WIDTH_SHARE * fit.across.size), SEARCH_HEIGHT_PX)


def on_their_lines(template: FormTemplate, fit: FormFit, labels: FoundLabels) -> FormFit:
    """The fit with each line moved to the height at which its labels stand, where that is clearly another: the dots of
    a short line may have been taken for others.
    """
    offsets = fit.offsets.copy()
    for index in {index for index, _ in labels}:
        seen = float(np.median([one.baseline for (i, _), one in labels.items() if i == index]))
        if abs(seen - fit.line_y(template, index)) > CLEARLY_OFF_PX:
            offsets[index] += seen - fit.line_y(template, index)
    return replace(fit, offsets=offsets)


def on_page(labels: FoundLabels, scale: float) -> tuple[PlacedLabel, ...]:
    """The labels as they lie on the page itself; `scale` is pixels of it a pixel of the reduced page."""
    return tuple(
        PlacedLabel(
            one.label.text,
            one.label.style,
            (one.x + 0.5) * scale - 0.5,
            (one.baseline + 0.5) * scale - 0.5,
            one.em_px * scale,
            one.width_factor,
        )
        for one in labels.values()
    )


@lru_cache(maxsize=64)
def type_point(template: FormTemplate) -> float:
    """A point as a share of the page's width: what makes the labels as wide as the layout's own gaps leave room."""
    if template.type_point is not None:
        return template.type_point
    told = []
    for line in template.lines:
        for label in line.labels:
            after = label_gap(line, label)
            if after is not None:
                told.append((after.x[0] - label.x) / _advance(label))
    return float(np.percentile(told, TIGHT_PERCENTILE)) if told else POINT_WIDTH_SHARE


def label_gap(line: FormLine, label: Label) -> Gap | None:
    """The gap that begins where a label ends: the next of the line, if no other label stands between."""
    gaps = [gap for gap in line.gaps if gap.x[0] > label.x]
    following = min(gaps, key=lambda gap: gap.x[0], default=None)
    if following is None or any(label.x < other.x < following.x[0] for other in line.labels):
        return None
    return following


def neighbours(line: FormLine, gap: Gap) -> tuple[int, int]:
    """The numbers of the labels right before and behind a gap on its line, no other gap between; -1 where none is."""
    others = [other.x for other in line.gaps if other is not gap]
    before = [(label.x, number) for number, label in enumerate(line.labels) if label.x < gap.x[0]]
    after = [(label.x, number) for number, label in enumerate(line.labels) if label.x >= gap.x[1] - 1e-6]
    first, last = max(before, default=(0.0, -1)), min(after, default=(1.0, -1))
    if any(first[0] < x[0] < gap.x[0] for x in others):
        first = (0.0, -1)
    if any(gap.x[1] <= x[0] < last[0] for x in others):
        last = (1.0, -1)
    return first[1], last[1]


def _advance(label: Label) -> float:
    """A label's width in points."""
    return set_type(label.text, label.style, 100.0).advance / 100 * label.size


def _best(evidence: PageFeatures, search: _Search, factors: Sequence[float]) -> FoundLabel | None:
    """Where and in which of these widths the page is most like the label; None where all of it lies off the page."""
    label, em = search.label, round(search.em * FINENESS)
    words = _words(label, em)
    best: FoundLabel | None = None
    for factor in factors:
        image = _laid(label, em, round(factor, 3))
        height, width = image.shape
        left = round(search.x + words.left * factor / FINENESS) - search.reach
        top = round(search.base - words.rise / FINENESS) - search.height
        first, above = max(left, 0), max(top, 0)
        part = evidence.ink[above : top + height + 2 * search.height, first : left + width + 2 * search.reach]
        if part.shape[0] < height or part.shape[1] < width:
            continue
        like = cv2.matchTemplate(part, image, cv2.TM_CCOEFF_NORMED)
        row, column = np.unravel_index(int(np.argmax(like)), like.shape)
        if best is not None and like[row, column] <= best.likeness:
            continue
        begins = first + column + _peak(like[row], int(column))
        best = FoundLabel(
            label,
            float(begins - words.left * factor / FINENESS),
            float(begins),
            float(begins + words.mask.shape[1] * factor / FINENESS),
            float(above + row + words.rise / FINENESS),
            search.em,
            factor,
            float(like[row, column]),
        )
    return best


def _peak(values: Sequence[float] | Floats, at: int) -> float:
    """How far beside its highest value a row of values is highest, by a parabola: from -.5 to .5."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, here, after = (float(values[at + step]) for step in (-1, 0, 1))
    bend = before - 2 * here + after
    return float(np.clip((before - after) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0


@lru_cache(maxsize=1024)
def _words(label: Label, em: int) -> SetWords:
    return set_type(label.text, label.style, em)


@lru_cache(maxsize=8192)
def _laid(label: Label, em: int, factor: float) -> Floats:
    """A label's words as the reduced page would show them, in a type so much wider."""
    mask = _words(label, em).mask
    size = (max(4, round(mask.shape[1] * factor / FINENESS)), max(4, round(mask.shape[0] / FINENESS)))
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), dtype=np.float32) / np.float32(255)
