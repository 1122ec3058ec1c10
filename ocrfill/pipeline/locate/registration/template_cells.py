"""The cells of a known table on a straightened page: each line of each column, as the layout says."""

from __future__ import annotations

from ocrfill.document.page import Fit, GridCell, Page
from ocrfill.document.template import TableTemplate
from ocrfill.pipeline.locate.page_features import compute_page_features
from ocrfill.pipeline.locate.registration.table_curved import fit_curved_table
from ocrfill.pipeline.locate.tables.cells import outline
from ocrfill.pipeline.locate.tables.grid import Lattice, meeting_points


def cells_of_template(page: Page, template: TableTemplate) -> tuple[Fit, tuple[GridCell, ...]]:
    """How well the template fits, and its cells below the head: a row is a line of writing, columns count from the left
    of each facing page. Outlines are in pixels of the straightened page.
    """
    evidence = compute_page_features(page)
    fit = fit_curved_table(evidence, template)
    cells = []
    for number, side in enumerate(fit.sides, 1):
        lattice = Lattice(side.levels, side.uprights)
        y, x = meeting_points(side.levels, side.uprights)
        for row in range(len(side.levels) - 1):
            for column in range(len(side.uprights) - 1):
                points = (outline(lattice, y, x, (row, row), (column, column)) + 0.5) * evidence.scale - 0.5
                polygon = tuple((round(float(a), 1), round(float(b), 1)) for a, b in points)
                cells.append(GridCell(polygon, (row + 1, row + 1), (column + 1, column + 1), number))
    return Fit(fit.score, fit.flipped), tuple(cells)
