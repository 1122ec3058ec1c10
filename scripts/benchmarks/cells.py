"""Benchmark `cells`: the cells of real ruled tables, found without a layout."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2

from ocrfill.evaluate.cells import CellFigures, TrueTables, compare_cells
from ocrfill.records import GridCell
from ocrfill.scans import open_scan
from ocrfill.tables import cells_of_page

FOLDER = "tables"
"""Folder beside the repository with real_cells.json and its pages."""

QUICK_PAGES = 2


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Figures of free detection: all pages, and each kind of page; nothing here is drawn by seed."""
    del seed
    file = data / FOLDER / "real_cells.json"
    if not file.is_file():
        return {"skipped": "the archival tables are not there"}
    cv2.setNumThreads(1)
    truth = read_cells(file)
    names = sorted(truth)[: QUICK_PAGES if quick else None]
    found: dict[str, Sequence[GridCell]] = {}
    started = time.process_time()
    for name in names:
        found[name] = cells_of_page(open_scan(file.with_suffix("") / name).page(1))
    spent = time.process_time() - started
    kinds = {
        "all pages": names,
        "Lyon": [name for name in names if name.startswith("lyon")],
        "weather form": [name for name in names if name.startswith("met")],
        "rainfall form": [name for name in names if name.startswith("rain")],
    }
    figures: dict[str, object] = {
        f"free, {kind}": shown(compare_cells((truth[name], found[name]) for name in some))
        for kind, some in kinds.items()
        if some
    }
    return {**figures, "free, cpu seconds a page": spent / len(names)}


def shown(figures: CellFigures) -> str:
    cells = ", ".join(f"@{overlap:g} {figures.f1(overlap):.3f}" for overlap in figures.cells)
    return f"{figures.pages} pages, cell F1 {cells}, neighbours WAvg {figures.weighted_average:.3f}"


def read_cells(file: Path) -> Mapping[str, TrueTables]:
    """The truth of each page; its rows, columns and tables count from 0 in the file."""
    pages = json.loads(file.read_text(encoding="utf-8"))
    return {
        name: TrueTables(
            tuple(
                GridCell(outline(cell["polygon"]), from_one(cell["row"]), from_one(cell["col"]), cell["table"] + 1)
                for cell in page["cells"]
            ),
            tuple(outline(region) for region in page.get("ignore", [])),
        )
        for name, page in pages.items()
    }


def outline(points: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in points)


def from_one(span: Sequence[int]) -> tuple[int, int]:
    return span[0] + 1, span[1] + 1
