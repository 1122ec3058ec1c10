"""Benchmark `cells`: the cells of real ruled tables, found without a layout and with one drafted from one page."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.metrics.table_cells import CellFigures, TrueTables, compare_cells
from benchmarks.warps import PageBend
from ocrfill.authoring.draft.table_skeleton import draft_table, skeleton_yaml
from ocrfill.document.page import GridCell, Page
from ocrfill.errors import PageError
from ocrfill.layouts import Layout, parse_layout
from ocrfill.pipeline.page_cells import cells_of_layout, cells_of_page
from ocrfill.pipeline.scans import open_scan

TABLES_FOLDER = "tables"
"""Folder beside the repository with real_cells.json and its pages."""

QUICK_PAGES = 2


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Figures by kind of page, and by the page that gives the layout; the seed draws the warps."""
    file = data / TABLES_FOLDER / "real_cells.json"
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
    return {
        **figures,
        "free, cpu seconds a page": spent / len(names),
        **drafted(file.with_suffix(""), truth, kinds["Lyon"], seed),
    }


def drafted(folder: Path, truth: Mapping[str, TrueTables], names: Sequence[str], seed: int) -> dict[str, object]:
    """Each page in its turn gives the layout, and all others are read with it; the second one also on warped pages."""
    pages = {name: open_scan(folder / name).page(1) for name in names}
    layouts = {name: drafted_layout(page) for name, page in pages.items()}
    scores, spent, count = {}, 0.0, 0
    for source, layout in layouts.items():
        started = time.process_time()
        found = [(truth[name], read(page, layout)) for name, page in pages.items() if name != source]
        spent, count = spent + time.process_time() - started, count + len(found)
        scores[source] = compare_cells(found)
    warped = []
    rng = np.random.default_rng(seed)
    source = names[1]
    for name in names:
        bend = PageBend.drawn(rng, pages[name].width, pages[name].height)
        if name != source:
            warped.append((bend.truth(truth[name]), read(bend.page(pages[name]), layouts[source])))
    return {
        **{f"layout from {name}, the others": shown(figures) for name, figures in scores.items()},
        f"layout from {source}, the others warped": shown(compare_cells(warped)),
        "with a layout, cpu seconds a page": spent / count,
    }


def drafted_layout(page: Page) -> Layout:
    return parse_layout(skeleton_yaml(draft_table(page), "drafted", "KS", (420, 297)), "drafted")


def read(page: Page, layout: Layout) -> Sequence[GridCell]:
    """The cells, none where the page is refused."""
    try:
        return cells_of_layout(page, layout)
    except PageError:
        return ()


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
