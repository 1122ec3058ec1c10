"""The cells of a page's tables drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from ocrfill.document.page import GridCell, Image
from ocrfill.export.views.page_image import MAX_PAGE_HEIGHT_PX

TABLE_COLOURS = ((60, 140, 0), (190, 80, 0), (140, 0, 130))
"""Colours of tables that lie beside each other, blue-green-red."""

SPANNING_CELL_COLOUR = (40, 40, 220)
"""Colour of cells that span several rows or columns."""

FILL_OPACITY_SHARE = 0.12
"""How strongly every other cell is filled, so that neighbours are told apart."""


def draw_cells(image: Image, cells: Sequence[GridCell]) -> Image:
    """The page with every cell outlined, spanning ones in red; blue-green-red."""
    scale = min(MAX_PAGE_HEIGHT_PX / image.shape[0], 1.0)
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    picture = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR) if small.ndim == 2 else small.copy()
    veil = picture.copy()
    outlines = [np.rint(np.array(cell.polygon) * scale).astype(np.int32) for cell in cells]
    for cell, outline in zip(cells, outlines, strict=True):
        if (cell.rows[0] + cell.columns[0]) % 2:
            cv2.fillPoly(veil, [outline], _colour(cell))
    picture = cv2.addWeighted(veil, FILL_OPACITY_SHARE, picture, 1 - FILL_OPACITY_SHARE, 0)
    for cell, outline in zip(cells, outlines, strict=True):
        cv2.polylines(picture, [outline], True, _colour(cell), 2 if _spans(cell) else 1, cv2.LINE_AA)  # noqa: FBT003
    return cast(Image, picture)


def _spans(cell: GridCell) -> bool:
    return cell.rows[0] != cell.rows[1] or cell.columns[0] != cell.columns[1]


def _colour(cell: GridCell) -> tuple[int, int, int]:
    return SPANNING_CELL_COLOUR if _spans(cell) else TABLE_COLOURS[(cell.table - 1) % len(TABLE_COLOURS)]
