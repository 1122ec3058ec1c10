"""The cells of a scanned page's ruled tables, in pixels of the scan: without a layout, or as one says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ocrfill.document.page import GridCell, Page
from ocrfill.document.result import Issue
from ocrfill.document.template import TableTemplate
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts import Layout
from ocrfill.pipeline.find_sheets import find_sheets
from ocrfill.pipeline.locate.registration.template_cells import cells_of_template
from ocrfill.pipeline.locate.tables.cells import find_cells
from ocrfill.pipeline.page_issues import MAY_BE_FLIPPED, put_right_issues
from ocrfill.pipeline.preprocess import is_blank, is_negative, leans_left, positive, straighten, turn

MIN_TABLE_FIT_SCORE = 0.5
"""A fit worse than this is no page of the table: real pages of one form score .53 to .9, blank ones and others less."""


@dataclass(frozen=True, slots=True)
class FoundCells:
    """The cells of a page in pixels of its scan, and how the scan was put right for them: as a negative, mirrored;
    or that it may have to be.
    """

    cells: tuple[GridCell, ...]
    issues: tuple[Issue, ...] = ()


def cells_of_page(page: Page) -> tuple[GridCell, ...]:
    """All cells of all ruled tables on an upright page, table by table and row by row; none on a blank page."""
    return find_page_cells(page).cells


def cells_of_layout(page: Page, layout: Layout) -> tuple[GridCell, ...]:
    """The cells of a table layout on a page: a row is a line of writing, a table one of the facing pages.

    Raises BadInput where the layout is no table, PageError where the page does not fit it.
    """
    return find_layout_cells(page, layout).cells


def find_page_cells(page: Page) -> FoundCells:
    """As `cells_of_page`, with what was put right."""
    if is_blank(page):
        return FoundCells(())
    flat = straighten(positive(page) if is_negative(page) else page)
    cells = _on_scan(find_cells(flat), flat)
    doubt = (MAY_BE_FLIPPED,) if cells and leans_left(flat) else ()
    return FoundCells(cells, (*put_right_issues(flat), *doubt))


def find_layout_cells(page: Page, layout: Layout) -> FoundCells:
    """As `cells_of_layout`, with what was put right. A page that lies otherwise on a larger scan is looked for."""
    if not isinstance(layout.body, TableTemplate):
        raise BadInput(f"the layout {layout.name} is a form, not a table: it has no cells")
    flat = straighten(page)
    fit, cells = cells_of_template(flat, layout.body)
    fits = fit.score >= MIN_TABLE_FIT_SCORE
    if fits and not fit.flipped:
        return FoundCells(_on_scan(cells, flat))
    search = find_sheets(page, [layout], in_mirror=fits)
    if len(search.sheets) > 1 or search.has_rest:
        raise PageError("locate", "two pages in one image: give each page an image of its own, with nothing beside it")
    for sheet in search.sheets:
        found = straighten(turn(sheet.page, sheet.degrees))
        on_sheet, cells_there = cells_of_template(found, layout.body)
        if on_sheet.score >= max(fit.score, MIN_TABLE_FIT_SCORE):
            return FoundCells(_on_scan(cells_there, found), put_right_issues(found))
    if fits:
        return FoundCells(_on_scan(cells, flat))
    raise PageError("locate", f"the page does not fit the layout {layout.name} (fit {fit.score:.2f})")


def _on_scan(cells: Iterable[GridCell], flat: Page) -> tuple[GridCell, ...]:
    """The cells with outlines in pixels of the scan, in order."""
    found = []
    for cell in cells:
        outline = flat.to_source.apply(np.array(cell.polygon))
        found.append(replace(cell, polygon=tuple((round(float(x), 1), round(float(y), 1)) for x, y in outline)))
    return tuple(sorted(found, key=lambda cell: (cell.table, cell.rows, cell.columns)))
