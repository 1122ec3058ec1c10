"""A book's own print: where lines, labels and dots stand on its printing of a form, learnt from several of its pages.

What one page tells is a little off (its fit, its curl, writing over a label); the middle of what pages tell is not.
Pages that agree are of one printing; a book may hold two, where it was bound of what two printers delivered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Reals
from ocrfill.document.template import FormLine, FormTemplate, Gap
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.alignment import row_band
from ocrfill.pipeline.locate.registration.field_strips import label_beside
from ocrfill.pipeline.locate.registration.form import FormFit
from ocrfill.pipeline.locate.registration.printed_labels import FoundLabels, label_places, neighbours, type_point

MIN_PAGES: Final = 3
"""A print is learnt from at least so many pages: of two, neither could be told to be the odd one."""

MIN_LABELS_SHARE: Final = 0.6
"""A page teaches where at least this share of the form's labels was found on it."""

SAME_PRINT_WIDTH_SHARE: Final = 0.0016
"""Labels of two pages of one printing lie so near to each other, as a share of the form's width: a pixel and a third
of the reduced page, in the middle of all labels.
"""

SAME_TYPE_WIDTH: Final = 0.015
"""The type of two pages of one printing differs in width by no more."""

SEARCH_WIDTH_SHARE: Final = 0.02
"""How far around its place a rule or the open end of a gap is looked for, as a share of the form's width."""

MIN_RULE_SHARE: Final = 0.3
"""An upright rule is seen along at least this share of its length."""

MIN_DOT_CLEARNESS, MIN_DOTS_PX = 0.4, 8
"""Dots are seen where their map is at least so clear for so many pixels of the reduced page."""

MIN_GAP_WIDTH_SHARE: Final = 0.02
"""No gap is narrower."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintSeen:
    """What a page tells of its print, in fractions of the form: the height of each line, how far it lies off across,
    where each label that is looked for begins, how many times wider than the typeface it is set, where the dots of each
    gap begin and end, and where the upright rules stand; not a number where one of them was not found.
    """

    heights: Reals
    shifts: Reals
    starts: Reals
    widths: Reals
    dots: Reals
    uprights: Reals


def see_print(evidence: PageFeatures, template: FormTemplate, fit: FormFit, labels: FoundLabels) -> PrintSeen | None:
    """What a page tells of its print; None where too few labels were found on it."""
    places = label_places(template)
    if not places or len(labels) < MIN_LABELS_SHARE * len(places):
        return None
    heights = [line.y + off / fit.down.size for line, off in zip(template.lines, fit.offsets, strict=True)]
    found = [labels.get(place) for place in places]
    starts = np.array([np.nan if one is None else one.x for one in found])
    widths = np.array([np.nan if one is None else one.width_factor for one in found])
    dots = np.array(list(_dots(evidence, template, fit, labels)), dtype=np.float64).reshape(-1)

    def fraction(x: Reals) -> Reals:
        return (x - fit.across.middle) / fit.across.size + 0.5

    uprights = np.array(list(_uprights(evidence, template, fit)), dtype=np.float64)
    shifts = fit.shifts / fit.across.size
    return PrintSeen(np.array(heights), shifts, fraction(starts), widths, fraction(dots), fraction(uprights))


def upright_rules(template: FormTemplate) -> list[float]:
    """The places of all upright rules of a form."""
    frame = template.frame
    return [*template.verticals, *([] if frame is None else [frame.left, frame.right])]


def _uprights(evidence: PageFeatures, template: FormTemplate, fit: FormFit) -> Iterator[float]:
    """Where each upright rule is seen near its place, in pixels of the reduced page."""
    top, bottom = (0.1, 0.9) if template.frame is None else (template.frame.top, template.frame.bottom)
    seen = row_band(evidence.upright, float(fit.down(top)), float(fit.down(bottom))).mean(axis=0)
    reach = SEARCH_WIDTH_SHARE * fit.across.size
    for rule in upright_rules(template):
        first = max(round(float(fit.across(rule)) - reach), 0)
        near = seen[first : max(round(float(fit.across(rule)) + reach), 0)]
        yield first + int(np.argmax(near)) if near.size and near.max() >= MIN_RULE_SHARE else np.nan


def _dots(
    evidence: PageFeatures, template: FormTemplate, fit: FormFit, labels: FoundLabels
) -> Iterator[tuple[float, float]]:
    """From where to where dots are seen in each gap, in pixels of the reduced page."""
    reach = SEARCH_WIDTH_SHARE * fit.across.size
    for index, line in enumerate(template.lines):
        base = fit.line_y(template, index)
        dotted = row_band(evidence.level, base - 2, base + 3).max(axis=0) > MIN_DOT_CLEARNESS
        for gap in line.gaps:
            numbers = neighbours(line, gap)
            before, after = (labels.get((index, number)) for number in numbers)
            left = fit.line_x(index, gap.x[0]) - reach if before is None else before.right
            right = fit.line_x(index, gap.x[1]) + reach if after is None else after.left
            begins, ends = _run_of_dots(dotted, round(left), round(right))
            # beside a label that was not found (a dash is never looked for) dots and label cannot be told apart
            yield (
                np.nan if before is None and numbers[0] >= 0 else begins,
                np.nan if after is None and numbers[1] >= 0 else ends,
            )


def _run_of_dots(dotted: NDArray[np.bool_], left: int, right: int) -> tuple[float, float]:
    """Where dots begin and end between two columns; not a number where there are none."""
    between = dotted[max(left, 0) : max(right, 0)]
    if len(between) < MIN_DOTS_PX:
        return np.nan, np.nan
    runs = np.flatnonzero(np.convolve(between, np.ones(MIN_DOTS_PX), "valid") >= MIN_DOTS_PX)
    if not len(runs):
        return np.nan, np.nan
    return max(left, 0) + float(runs[0]), max(left, 0) + float(runs[-1] + MIN_DOTS_PX)


def learn_prints(template: FormTemplate, seen: Sequence[PrintSeen]) -> list[tuple[FormTemplate, tuple[int, ...]]]:
    """The template as each printing has it, and the numbers of the pages that told it; that of most pages first.

    Nothing is learnt of a printing of which there are fewer than `MIN_PAGES`.
    """
    groups: list[list[int]] = []
    for number, page in enumerate(seen):
        near = [(_distance(page, _middle([seen[n] for n in group])), group) for group in groups]
        same = [(distance, group) for distance, group in near if distance is not None]
        if same:
            min(same, key=lambda one: one[0])[1].append(number)
        else:
            groups.append([number])
    groups.sort(key=len, reverse=True)
    return [
        (_corrected(template, _middle([seen[n] for n in group])), tuple(group))
        for group in groups
        if len(group) >= MIN_PAGES
    ]


def _middle(seen: Sequence[PrintSeen]) -> PrintSeen:
    return PrintSeen(
        np.median([page.heights for page in seen], axis=0),
        np.median([page.shifts for page in seen], axis=0),
        _nanmedian([page.starts for page in seen]),
        _nanmedian([page.widths for page in seen]),
        _nanmedian([page.dots for page in seen]),
        _nanmedian([page.uprights for page in seen]),
    )


def _nanmedian(rows: Sequence[Reals]) -> Reals:
    """The median of each column, of what is a number in it; not a number where nothing is."""
    table = np.array(rows)
    known = ~np.isnan(table).all(axis=0)
    found: Reals = np.full(table.shape[1], np.nan)
    found[known] = np.nanmedian(table[:, known], axis=0)
    return found


def _distance(page: PrintSeen, other: PrintSeen) -> float | None:
    """How far the labels of two prints lie from each other, in the middle; None where the prints are two."""
    known = ~np.isnan(page.starts - other.starts)
    if not known.any() or abs(float(np.median((page.widths - other.widths)[known]))) > SAME_TYPE_WIDTH:
        return None
    apart = (page.starts - other.starts)[known]
    distance = float(np.median(np.abs(apart - np.median(apart))))
    return distance if distance <= SAME_PRINT_WIDTH_SHARE else None


def _corrected(template: FormTemplate, found: PrintSeen) -> FormTemplate:
    """The template with lines, labels and gaps where this printing has them; boxes to tick move with their lines."""
    numbers = {place: number for number, place in enumerate(label_places(template))}
    dots = iter(found.dots.reshape(-1, 2))
    lines = []
    for index, line in enumerate(template.lines):
        shift = float(found.shifts[index])
        at = {n: numbers[index, n] for n in range(len(line.labels)) if (index, n) in numbers}
        at = {n: number for n, number in at.items() if not np.isnan(found.starts[number])}
        labels = tuple(
            replace(label, x=_fraction(float(found.starts[at[n]])), width=round(float(found.widths[at[n]]), 3))
            if n in at
            else replace(label, x=_fraction(label.x + shift))
            for n, label in enumerate(line.labels)
        )
        gaps = tuple(_moved_gap(gap, shift, next(dots)) for gap in line.gaps)
        lines.append(FormLine(_fraction(float(found.heights[index])), labels, gaps))
    ordered = np.argsort([line.y for line in template.lines], kind="stable")
    heights = np.array([template.lines[i].y for i in ordered])
    down = np.array([lines[i].y for i in ordered]) - heights
    known = [place for place, number in numbers.items() if not np.isnan(found.starts[number])]
    ticks = []
    for tick in template.ticks:
        beside = label_beside(template, tick, known)
        across = 0.0
        if beside is not None:
            across = float(found.starts[numbers[beside]]) - template.lines[beside[0]].labels[beside[1]].x
        ticks.append(replace(tick, box=_moved_box(tick.box, across, heights, down)))
    areas = tuple(replace(area, box=_moved_box(area.box, 0.0, heights, down)) for area in template.areas)
    point = round(type_point(template), 8)
    rules = [
        rule if np.isnan(place) else _fraction(float(place))
        for rule, place in zip(upright_rules(template), found.uprights, strict=True)
    ]
    count, frame = len(template.verticals), template.frame
    return replace(
        template,
        lines=tuple(lines),
        frame=None if frame is None else replace(frame, left=rules[-2], right=rules[-1]),
        verticals=tuple(rules[:count]),
        ticks=tuple(ticks),
        areas=areas,
        type_point=point,
    )


def _moved_gap(gap: Gap, shift: float, dots: Reals) -> Gap:
    """A gap from where its dots begin to where they end; an end that was not seen lies as its line does."""
    left, right = (end + shift if np.isnan(seen) else float(seen) for end, seen in zip(gap.x, dots, strict=True))
    return replace(gap, x=(_fraction(left), _fraction(max(right, left + MIN_GAP_WIDTH_SHARE))))


def _moved_box(
    box: tuple[float, float, float, float], across: float, heights: Reals, down: Reals
) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    moved = float(np.interp((top + bottom) / 2, heights, down))
    return _fraction(left + across), _fraction(top + moved), _fraction(right + across), _fraction(bottom + moved)


def _fraction(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 5)
