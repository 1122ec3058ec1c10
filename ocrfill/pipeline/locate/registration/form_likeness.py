"""How like a page is to several forms, upright and upside down: enough to choose among them, not to read by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocrfill.document.page import Page
from ocrfill.document.template import TableTemplate, Template
from ocrfill.pipeline.locate.page_features import PageFeatures, compute_page_features
from ocrfill.pipeline.locate.registration.form import SLACK_WIDTH_SHARES, fit_form
from ocrfill.pipeline.locate.registration.form_score import found_score
from ocrfill.pipeline.locate.registration.table import fit_table


@dataclass(frozen=True, slots=True)
class Likeness:
    """Scores of a rough fit of one form, as `Fit.score`, on the page as it is and on the page turned by 180 degrees."""

    upright: float
    upside_down: float


def form_likenesses(page: Page, templates: Sequence[Template]) -> tuple[Likeness, ...]:
    """The likeness of a straightened page to each form; it may be a page reduced to the scale of measuring."""
    evidence = compute_page_features(page)
    turned = evidence.upside_down()
    return tuple(Likeness(_score(evidence, template), _score(turned, template)) for template in templates)


def _score(evidence: PageFeatures, template: Template) -> float:
    rough = SLACK_WIDTH_SHARES[:1]
    if isinstance(template, TableTemplate):
        return fit_table(evidence, template, rough).score
    return found_score(evidence, template, fit_form(evidence, template, rough))
