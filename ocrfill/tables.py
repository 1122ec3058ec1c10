"""The cells of a scanned page's ruled tables, in pixels of the scan, without any layout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocrfill.locate.cells import find_cells
from ocrfill.page import is_blank, straighten
from ocrfill.records import GridCell, Page


def cells_of_page(page: Page) -> tuple[GridCell, ...]:
    """All cells of all ruled tables on an upright page, table by table and row by row; none on a blank page."""
    if is_blank(page):
        return ()
    flat = straighten(page)
    found = []
    for cell in find_cells(flat):
        outline = flat.to_source.apply(np.array(cell.polygon))
        found.append(replace(cell, polygon=tuple((round(float(x), 1), round(float(y), 1)) for x, y in outline)))
    return tuple(sorted(found, key=lambda cell: (cell.table, cell.rows, cell.columns)))
