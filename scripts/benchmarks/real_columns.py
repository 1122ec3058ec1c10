"""Columns of real ruled tables as a draft finds them, against outlines drawn by the archive's annotators."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from ocrfill.draft.table import draft_table
from ocrfill.errors import BadInput
from ocrfill.evaluate.cells import CellFigures, TrueTables, compare_cells
from ocrfill.page import straighten
from ocrfill.records import GridCell
from ocrfill.scans import open_scan

FILE = Path("tables") / "real_cols.json"
QUICK_PAGES = 2


def real_columns(data: Path, *, quick: bool) -> dict[str, object]:
    """F1 of columns at overlaps of .5 to .9, over all pages, each drafted by itself."""
    file = data / FILE
    if not file.is_file():
        return {"columns of real tables": "skipped: the archival tables are not there"}
    truth = json.loads(file.read_text(encoding="utf-8"))
    names = sorted(truth)[: QUICK_PAGES if quick else None]
    figures = compare_cells(pair(file.with_suffix("") / name, truth[name]) for name in names)
    return {"columns of real tables": shown(figures)}


def pair(path: Path, page: dict[str, list[dict[str, list[list[float]]]]]) -> tuple[TrueTables, list[GridCell]]:
    """The true columns of a page, and the drafted ones between the same heights, as outlines on the scan."""
    true = [
        GridCell(tuple((float(x), float(y)) for x, y in cell["polygon"]), (1, 1), (i, i))
        for i, cell in enumerate(page["cells"], 1)
    ]
    flat = straighten(open_scan(path).page(1))
    points = np.array([point for cell in true for point in cell.polygon])
    heights = flat.to_source.unapply(points)[:, 1]
    top, bottom = float(heights.min()), float(heights.max())
    try:
        columns = draft_table(flat).columns * flat.width
    except BadInput:
        return TrueTables(tuple(true)), []
    found = []
    for i, (left, right) in enumerate(pairwise(columns), 1):
        outline = flat.to_source.apply(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]))
        found.append(GridCell(tuple((float(x), float(y)) for x, y in outline), (1, 1), (i, i)))
    return TrueTables(tuple(true)), found


def shown(figures: CellFigures) -> str:
    return f"{figures.pages} pages, F1 " + ", ".join(f"@{o:g} {figures.f1(o):.3f}" for o in figures.cells)
