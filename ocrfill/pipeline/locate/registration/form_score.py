"""How surely a page is one of a form: how much of the form's own print is where the fit puts it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.template import FormTemplate
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.alignment import CHANCE_SHARE, row_band
from ocrfill.pipeline.locate.registration.form import FormFit, label_stretches

GAPS_WEIGHT, LABELS_WEIGHT, RULES_WEIGHT = 0.4, 0.4, 0.2
"""What the three kinds of print weigh in the score."""

PRINT_DENSITY_SHARE = 0.6
"""Share of the columns of a printed word that hold ink at the height of its small letters."""


def found_score(evidence: PageFeatures, template: FormTemplate, fit: FormFit) -> float:
    """How much of the template's own print is where the fit puts it, from 0 to 1.

    Dots count where gaps are, print without dots where labels are, and rules; each gap and label is weighed by its
    length, and a third of each kind being there by chance counts as nothing.
    """
    gaps, labels, rules = found_print(evidence, template, fit)
    shares = [(GAPS_WEIGHT, gaps), (LABELS_WEIGHT, labels), (RULES_WEIGHT, rules)]
    known = [(weight, share) for weight, share in shares if share is not None]
    return float(
        sum(weight * max(share - CHANCE_SHARE, 0) / (1 - CHANCE_SHARE) for weight, share in known)
        / sum(w for w, _ in known)
    )


def found_print(
    evidence: PageFeatures, template: FormTemplate, fit: FormFit
) -> tuple[float | None, float | None, float | None]:
    """The share of the gaps' dots, of the labels' print and of the rules that is found; None where there are none."""
    gaps: list[tuple[float, float]] = []
    labels: list[tuple[float, float]] = []
    for index, line in enumerate(template.lines):
        base = fit.line_y(template, index)
        dots = row_band(evidence.level, base - 2, base + 3).max(axis=0) > 0.4
        printed = row_band(evidence.ink, base - 7, base).mean(axis=0) > 0.08
        for gap in line.gaps:
            inside = _stretch(dots, fit, index, gap.x)
            gaps.append((gap.x[1] - gap.x[0], float(inside.mean()) if len(inside) else 0.0))
        for stretch in label_stretches(line):
            ink, dotted = _stretch(printed, fit, index, stretch), _stretch(dots, fit, index, stretch)
            found = float(ink.mean()) * min(2 * (1 - float(dotted.mean())), 1.0) if len(ink) else 0.0
            labels.append((stretch[1] - stretch[0], min(found / PRINT_DENSITY_SHARE, 1.0)))
    rules = []
    if template.frame is not None:
        top, bottom = (fit.place(template, 0.5, y)[1] for y in (template.frame.top, template.frame.bottom))
        for x in (template.frame.left, *template.verticals, template.frame.right):
            place = round(float(fit.across(x)))
            columns = evidence.upright[
                round(max(top, 0)) : round(max(bottom, 1)), max(place - 2, 0) : max(place + 3, 1)
            ]
            rules.append((1.0, float((columns.max(axis=1) > 0.4).mean()) if columns.size else 0.0))
        for y in (top, bottom):
            row = row_band(evidence.level, y - 2, y + 3).max(axis=0) > 0.4
            inside = row[
                max(round(float(fit.across(template.frame.left))), 0) : round(float(fit.across(template.frame.right)))
            ]
            rules.append((1.0, float(inside.mean()) if len(inside) else 0.0))
    return _mean(gaps), _mean(labels), _mean(rules)


def _stretch(values: NDArray[np.bool_], fit: FormFit, index: int, stretch: tuple[float, float]) -> NDArray[np.bool_]:
    left, right = (max(round(fit.line_x(index, x)), 0) for x in stretch)
    return values[left:right]


def _mean(found: list[tuple[float, float]]) -> float | None:
    return sum(w * share for w, share in found) / sum(w for w, _ in found) if found else None
