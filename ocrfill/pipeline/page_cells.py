"""The cells of a scanned page's ruled tables, in pixels of the scan: without a layout, or as one says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ocrfill.document.page import GridCell, Page
from ocrfill.document.template import TableTemplate
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts import Layout
from ocrfill.pipeline.locate.registration.template_cells import cells_of_template
from ocrfill.pipeline.locate.tables.cells import find_cells
from ocrfill.pipeline.preprocess import is_blank, straighten

MIN_TABLE_FIT_SCORE = 0.5
"""A fit worse than this is no page of the table: real pages of one form score .53 to .9, blank ones and others less."""


def cells_of_page(page: Page) -> tuple[GridCell, ...]:
    """All cells of all ruled tables on an upright page, table by table and row by row; none on a blank page."""
    if is_blank(page):
        return ()
    flat = straighten(page)
    return _on_scan(find_cells(flat), flat)


def cells_of_layout(page: Page, layout: Layout) -> tuple[GridCell, ...]:
    """The cells of a table layout on an upright page: a row is a line of writing, a table one of the facing pages.

    Raises BadInput where the layout is no table, PageError where the page does not fit it.
    """
    if not isinstance(layout.body, TableTemplate):
        raise BadInput(f"the layout {layout.name} is a form, not a table: it has no cells")
    flat = straighten(page)
    fit, cells = cells_of_template(flat, layout.body)
    if fit.score < MIN_TABLE_FIT_SCORE:
        raise PageError("locate", f"the page does not fit the layout {layout.name} (fit {fit.score:.2f})")
    return _on_scan(cells, flat)


def _on_scan(cells: Iterable[GridCell], flat: Page) -> tuple[GridCell, ...]:
    """The cells with outlines in pixels of the scan, in order."""
    found = []
    for cell in cells:
        outline = flat.to_source.apply(np.array(cell.polygon))
        found.append(replace(cell, polygon=tuple((round(float(x), 1), round(float(y), 1)) for x, y in outline)))
    return tuple(sorted(found, key=lambda cell: (cell.table, cell.rows, cell.columns)))
