"""Where each field of a known form lies on a straightened page, and the writing cut out of it."""

from __future__ import annotations

from ocrfill.document.page import Fit, Located, Page
from ocrfill.document.template import Cutting, TableTemplate, Template
from ocrfill.pipeline.locate.page_features import gather
from ocrfill.pipeline.locate.registration.field_strips import form_boxes
from ocrfill.pipeline.locate.registration.form import fit_form
from ocrfill.pipeline.locate.registration.form_likeness import Likeness, liken
from ocrfill.pipeline.locate.registration.form_score import found_score
from ocrfill.pipeline.locate.registration.printed_rules import form_rules, table_rules
from ocrfill.pipeline.locate.registration.table import table_boxes
from ocrfill.pipeline.locate.registration.table_best import lay_table
from ocrfill.pipeline.locate.segmentation.adjust_strips import moved
from ocrfill.pipeline.locate.segmentation.crops import crops

__all__ = ["BAD_FIT", "GOOD_FIT", "Cutting", "Likeness", "crops", "liken", "locate", "moved"]

GOOD_FIT = 0.66
"""A fit at least this good is a page of this form, upright."""

BAD_FIT = 0.6
"""A fit worse than this is no page of this form."""


def locate(page: Page, template: Template) -> Located:
    """All fields of all records of the template on a straightened page, and how well it fits."""
    evidence = gather(page)
    if isinstance(template, TableTemplate):
        table = lay_table(evidence, template)
        boxes = table_boxes(evidence, template, table, page)
        return Located(Fit(table.score), boxes, table_rules(evidence, template, table), dotted=False)
    fit = fit_form(evidence, template)
    boxes = form_boxes(evidence, template, fit, page.width, page.height)
    return Located(Fit(found_score(evidence, template, fit)), boxes, form_rules(evidence, template, fit))
