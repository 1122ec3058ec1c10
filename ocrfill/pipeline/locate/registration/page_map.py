"""The way from places of a template to pixels of a straightened page and back, as the template was fitted there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ocrfill.document.page import Page, Reals
from ocrfill.document.template import FormTemplate, TableTemplate, Template
from ocrfill.pipeline.locate.page_features import compute_page_features
from ocrfill.pipeline.locate.registration.form import FormFit, fit_form
from ocrfill.pipeline.locate.registration.table import TableFit, head_rules, line_rules
from ocrfill.pipeline.locate.registration.table_best import fit_best_table

XY = tuple[float, float]

INVERSION_STEPS = 6
"""Steps that lead back from a page: a line lies off by far less than the next line's distance, so few are enough."""


class PageMap(Protocol):
    """From fractions of the template to pixels of the straightened page, and back."""

    def to_page(self, x: float, y: float) -> XY:
        """A point of the form, as pixels of the page."""

    def to_form(self, u: float, v: float) -> XY:
        """A point of the page, in pixels, as a place on the form."""


@dataclass(frozen=True, slots=True)
class StretchedPageMap:
    """The template stretched over the whole page, where it was not found there."""

    width: int
    height: int

    def to_page(self, x: float, y: float) -> XY:
        """A point of the form, as pixels of the page."""
        return x * self.width, y * self.height

    def to_form(self, u: float, v: float) -> XY:
        """A point of the page, in pixels, as a place on the form."""
        return u / self.width, v / self.height


@dataclass(frozen=True, slots=True, eq=False)
class _OfForm:
    fit: FormFit
    template: FormTemplate
    scale: float

    def to_page(self, x: float, y: float) -> XY:
        u, v = self.fit.place(self.template, x, y)
        return (u + 0.5) * self.scale - 0.5, (v + 0.5) * self.scale - 0.5

    def to_form(self, u: float, v: float) -> XY:
        x, y = 0.5, 0.5
        for _ in range(INVERSION_STEPS):
            there = self.to_page(x, y)
            x += (u - there[0]) / (self.fit.across.size * self.scale)
            y += (v - there[1]) / (self.fit.down.size * self.scale)
        return x, y


@dataclass(frozen=True, slots=True, eq=False)
class _OfTable:
    """`x` are the upright rules' places on the page, `heights` the level ones' in each column; `columns` and `rows`
    where the template has them.
    """

    columns: Reals
    x: Reals
    rows: Reals
    heights: Reals

    @classmethod
    def of(cls, fit: TableFit, template: TableTemplate, scale: float) -> _OfTable:
        rows = np.concatenate([head_rules(template), line_rules(template)])
        heights = np.concatenate([fit.head, fit.y])
        x = (fit.x.mean(axis=0) + 0.5) * scale - 0.5
        return cls(np.array(template.columns), x, rows, (heights + 0.5) * scale - 0.5)

    def to_page(self, x: float, y: float) -> XY:
        u = _along(x, self.columns, self.x)
        return u, _along(y, self.rows, self._heights(u))

    def to_form(self, u: float, v: float) -> XY:
        return _along(u, self.x, self.columns), _along(v, self._heights(u), self.rows)

    def _heights(self, u: float) -> Reals:
        """The rules' heights at a place across the page."""
        middles = (self.x[:-1] + self.x[1:]) / 2
        return np.array([np.interp(u, middles, row) for row in self.heights])


def _along(value: float, places: Reals, images: Reals) -> float:
    """Linear between the places, and on as between the last two beyond them."""
    i = int(np.clip(np.searchsorted(places, value), 1, len(places) - 1))
    slope = (images[i] - images[i - 1]) / (places[i] - places[i - 1])
    return float(images[i - 1] + slope * (value - places[i - 1]))


def page_map(page: Page, template: Template) -> PageMap:
    """The map of the template's fit on a straightened page, whether it fits well or not."""
    evidence = compute_page_features(page)
    if isinstance(template, TableTemplate):
        return _OfTable.of(fit_best_table(evidence, template), template, evidence.scale)
    return _OfForm(fit_form(evidence, template), template, evidence.scale)
