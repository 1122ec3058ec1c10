"""Where each field of a known form lies on a straightened page, and the writing cut out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocrfill.document.page import Fit, Located, Page
from ocrfill.document.template import CropOptions, FormTemplate, TableTemplate, Template
from ocrfill.pipeline.locate.page_features import PageFeatures, compute_page_features
from ocrfill.pipeline.locate.registration.field_strips import form_boxes
from ocrfill.pipeline.locate.registration.form import FormFit, fit_form
from ocrfill.pipeline.locate.registration.form_likeness import Likeness, form_likenesses, may_be, rough_fit
from ocrfill.pipeline.locate.registration.form_score import found_score
from ocrfill.pipeline.locate.registration.form_windows import (
    MAX_SHAPE_RATIO,
    Window,
    form_windows,
    halved_windows,
    is_near,
    whole_window,
)
from ocrfill.pipeline.locate.registration.learnt_print import PrintSeen, learn_prints, see_print
from ocrfill.pipeline.locate.registration.printed_labels import (
    FoundLabels,
    find_labels,
    label_places,
    on_page,
    on_their_lines,
)
from ocrfill.pipeline.locate.registration.printed_rules import form_rules, table_rules
from ocrfill.pipeline.locate.registration.table import table_boxes
from ocrfill.pipeline.locate.registration.table_best import fit_best_table
from ocrfill.pipeline.locate.segmentation.adjust_strips import adjusted_strips
from ocrfill.pipeline.locate.segmentation.crops import crop_strips

__all__ = [
    "BAD_FIT_SCORE",
    "GOOD_FIT_SCORE",
    "MAX_SHAPE_RATIO",
    "CropOptions",
    "Likeness",
    "PageFeatures",
    "PrintSeen",
    "Window",
    "adjusted_strips",
    "compute_page_features",
    "crop_strips",
    "form_corners",
    "form_likenesses",
    "form_windows",
    "halved_windows",
    "is_near",
    "learn_prints",
    "locate",
    "may_be",
    "rough_fit",
    "see_page_print",
    "whole_window",
]

GOOD_FIT_SCORE = 0.66
"""A fit at least this good is a page of this form, upright."""

BAD_FIT_SCORE = 0.6
"""A fit worse than this is no page of this form."""


MIN_PRINT_LABELS_SHARE = 0.7
"""A page is of a printing that was learnt where at least this share of the form's labels stands where they stand there.
"""


def locate(page: Page, template: Template, prints: Sequence[FormTemplate] = ()) -> Located:
    """All fields of all records of the template on a straightened page, and how well it fits.

    `prints` are the template as printings have it that were learnt, the likeliest first: the first that the page is of
    is laid on it; where it is of none, the template itself.
    """
    evidence = compute_page_features(page)
    if isinstance(template, TableTemplate):
        table = fit_best_table(evidence, template)
        boxes = table_boxes(evidence, template, table, page)
        return Located(Fit(table.score, table.flipped), boxes, table_rules(evidence, template, table), dotted=False)
    laid = _laid_form(evidence, template, prints)
    fit = on_their_lines(laid.template, laid.fit, laid.labels)
    boxes = form_boxes(evidence, laid.template, fit, laid.labels, (page.width, page.height))
    rules = form_rules(evidence, laid.template, fit)
    score = Fit(found_score(evidence, laid.template, fit))
    return Located(score, boxes, rules, labels=on_page(laid.labels, evidence.scale), print_used=laid.print_used)


def see_page_print(page: Page, template: FormTemplate) -> PrintSeen | None:
    """What a straightened page tells of its print; None where it does not clearly show this form."""
    evidence = compute_page_features(page)
    laid = _laid_form(evidence, template, ())
    fit = on_their_lines(template, laid.fit, laid.labels)
    if found_score(evidence, template, fit) < GOOD_FIT_SCORE:
        return None
    return see_print(evidence, template, fit, laid.labels)


def form_corners(page: Page, template: FormTemplate) -> tuple[float, float, float, float]:
    """Where the edges of a template lie on a straightened page: left, top, right, bottom in its pixels."""
    evidence = compute_page_features(page)
    fit = fit_form(evidence, template)
    left, right, top, bottom = (
        (float(axis(end)) + 0.5) * evidence.scale - 0.5 for axis in (fit.across, fit.down) for end in (0.0, 1.0)
    )
    return left, top, right, bottom


@dataclass(frozen=True, slots=True, eq=False)
class _LaidForm:
    """A form laid on a page: which template, its fit and labels; the number of the print from 0, None: the form's."""

    template: FormTemplate
    fit: FormFit
    labels: FoundLabels
    print_used: int | None


def _laid_form(evidence: PageFeatures, template: FormTemplate, prints: Sequence[FormTemplate]) -> _LaidForm:
    least = MIN_PRINT_LABELS_SHARE * len(label_places(template))
    for number, printed in enumerate(prints):
        fit = fit_form(evidence, printed)
        labels = find_labels(evidence, printed, fit)
        if len(labels) >= least:
            return _LaidForm(printed, fit, labels, number)
    fit = fit_form(evidence, template)
    return _LaidForm(template, fit, find_labels(evidence, template, fit), None)
