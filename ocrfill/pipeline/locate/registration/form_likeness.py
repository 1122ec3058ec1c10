"""How like a page is to several forms, upright and upside down: enough to choose among them, not to read by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocrfill.document.page import Page
from ocrfill.document.template import TableTemplate, Template
from ocrfill.pipeline.locate.page_features import PageFeatures, compute_page_features
from ocrfill.pipeline.locate.registration.form import SLACK_WIDTH_SHARES, fit_form, lines_found_share
from ocrfill.pipeline.locate.registration.form_score import found_score
from ocrfill.pipeline.locate.registration.form_windows import Window
from ocrfill.pipeline.locate.registration.table import fit_table, line_rules

MIN_LINES_SHARE = 0.45
"""Share of a form's level lines below which a page is not of it: of right ones .7 and more is found."""


@dataclass(frozen=True, slots=True)
class RoughFit:
    """`score` and `flipped` as of a `Fit`, and where the form's page then lies, in pixels of the reduced page."""

    score: float
    flipped: bool
    page: Window


@dataclass(frozen=True, slots=True)
class Likeness:
    """Scores of a rough fit of one form, as `Fit.score`, on the page as it is and on the page turned by 180 degrees."""

    upright: float
    upside_down: float


def form_likenesses(page: Page, templates: Sequence[Template]) -> tuple[Likeness, ...]:
    """The likeness of a straightened page to each form; it may be a page reduced to the scale of measuring."""
    evidence = compute_page_features(page)
    turned = evidence.upside_down()
    return tuple(
        Likeness(rough_fit(evidence, template).score, rough_fit(turned, template).score) for template in templates
    )


def may_be(evidence: PageFeatures, template: Template) -> bool:
    """Whether a rough fit is worth its time: of other pages most forms' lines are not found."""
    if isinstance(template, TableTemplate):
        return True
    return lines_found_share(evidence, template) >= MIN_LINES_SHARE


def rough_fit(evidence: PageFeatures, template: Template) -> RoughFit:
    """A rough fit of a form on what a straightened page shows."""
    rough = SLACK_WIDTH_SHARES[:1]
    if isinstance(template, TableTemplate):
        table = fit_table(evidence, template, rough)
        across = np.polyfit(np.array(template.columns), table.x[0], 1)
        down = np.polyfit(line_rules(template), table.y.mean(axis=1), 1)
        left, top, right, bottom = (float(np.polyval(v, at)) for at in (0.0, 1.0) for v in (across, down))
        return RoughFit(table.score, table.flipped, Window(left, top, right, bottom))
    form = fit_form(evidence, template, rough)
    left, top, right, bottom = (float(axis(at)) for at in (0.0, 1.0) for axis in (form.across, form.down))
    return RoughFit(found_score(evidence, template, form), flipped=False, page=Window(left, top, right, bottom))
