"""Where each field of a known form lies on a straightened page, and the writing cut out of it."""

from __future__ import annotations

from ocrfill.document.page import Fit, Located, Page
from ocrfill.document.template import CropOptions, TableTemplate, Template
from ocrfill.pipeline.locate.page_features import PageFeatures, compute_page_features
from ocrfill.pipeline.locate.registration.field_strips import form_boxes
from ocrfill.pipeline.locate.registration.form import fit_form
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
from ocrfill.pipeline.locate.registration.printed_labels import find_labels, on_page, on_their_lines
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
    "Window",
    "adjusted_strips",
    "compute_page_features",
    "crop_strips",
    "form_likenesses",
    "form_windows",
    "halved_windows",
    "is_near",
    "locate",
    "may_be",
    "rough_fit",
    "whole_window",
]

GOOD_FIT_SCORE = 0.66
"""A fit at least this good is a page of this form, upright."""

BAD_FIT_SCORE = 0.6
"""A fit worse than this is no page of this form."""


def locate(page: Page, template: Template) -> Located:
    """All fields of all records of the template on a straightened page, and how well it fits."""
    evidence = compute_page_features(page)
    if isinstance(template, TableTemplate):
        table = fit_best_table(evidence, template)
        boxes = table_boxes(evidence, template, table, page)
        return Located(Fit(table.score, table.flipped), boxes, table_rules(evidence, template, table), dotted=False)
    fit = fit_form(evidence, template)
    labels = find_labels(evidence, template, fit)
    fit = on_their_lines(template, fit, labels)
    boxes = form_boxes(evidence, template, fit, labels, (page.width, page.height))
    rules = form_rules(evidence, template, fit)
    return Located(Fit(found_score(evidence, template, fit)), boxes, rules, labels=on_page(labels, evidence.scale))
