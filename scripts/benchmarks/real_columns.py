"""Benchmark `columns`: columns of real ruled tables as a draft finds them, against outlines by archivists.

The pages are as they were scanned, and warped in known ways drawn from the seed; a draft knows one page alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.metrics.table_cells import CellFigures, TrueTables, compare_cells
from benchmarks.warps import PageBend
from ocrfill.authoring.draft.table_skeleton import draft_table
from ocrfill.document.page import GridCell, Page
from ocrfill.errors import BadInput
from ocrfill.pipeline.preprocess import straighten
from ocrfill.pipeline.scans import open_scan

COLUMNS_FILE = Path("tables") / "real_cols.json"
QUICK_PAGES = 2


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """F1 of columns at overlaps of .5 to .9, over all pages, each drafted by itself."""
    file = data / COLUMNS_FILE
    if not file.is_file():
        return {"skipped": "the archival tables are not there"}
    cv2.setNumThreads(1)
    truth = json.loads(file.read_text(encoding="utf-8"))
    names = sorted(truth)[: QUICK_PAGES if quick else None]
    pages = {name: open_scan(file.with_suffix("") / name).page(1) for name in names}
    rng = np.random.default_rng(seed)
    bends = {name: PageBend.drawn(rng, page.width, page.height) for name, page in pages.items()}
    return {
        "as scanned": shown(compare_cells(pair(pages[name], true_columns(truth[name])) for name in names)),
        "warped": shown(
            compare_cells(
                pair(bends[name].page(pages[name]), bends[name].truth(true_columns(truth[name]))) for name in names
            )
        ),
    }


def true_columns(page: Mapping[str, Any]) -> TrueTables:
    return TrueTables(
        tuple(
            GridCell(tuple((float(x), float(y)) for x, y in cell["polygon"]), (1, 1), (i, i))
            for i, cell in enumerate(page["cells"], 1)
        )
    )


def pair(page: Page, truth: TrueTables) -> tuple[TrueTables, list[GridCell]]:
    """The true columns of a page, and the drafted ones between the same heights, as outlines on the scan."""
    flat = straighten(page)
    points = np.array([point for cell in truth.cells for point in cell.polygon])
    heights = flat.to_source.unapply(points)[:, 1]
    top, bottom = float(heights.min()), float(heights.max())
    try:
        columns = draft_table(flat).columns * flat.width
    except BadInput:
        return truth, []
    found = []
    for i, (left, right) in enumerate(pairwise(columns), 1):
        outline = flat.to_source.apply(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]))
        found.append(GridCell(tuple((float(x), float(y)) for x, y in outline), (1, 1), (i, i)))
    return truth, found


def shown(figures: CellFigures) -> str:
    return f"{figures.pages} pages, F1 " + ", ".join(f"@{o:g} {figures.f1(o):.3f}" for o in figures.cells)
