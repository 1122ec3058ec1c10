"""Benchmark `fields`: is every field's writing found and cut out, by damage and layout; are pages told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.fields_cost import costs
from benchmarks.fields_told import as_page, told_apart
from benchmarks.metrics.field_strips import (
    MAX_FOREIGN_SHARE,
    MIN_KEPT_SHARE,
    FieldScore,
    measure_strips,
    separation,
    straight_ink,
)
from ocrfill.civil_status.book import Book
from ocrfill.layouts import Layout, load_layout, shipped_layouts
from ocrfill.pipeline.locate import BAD_FIT_SCORE, crop_strips, locate
from ocrfill.pipeline.preprocess import straighten
from ocrfill.training.synthetic import BAD_SCAN, USUAL_SCAN, Degradation, DrawingOptions, draw_pages

PAGE_COUNT, QUICK_PAGE_COUNT = 2, 1
QUICK_LAYOUTS = ("ks_2006_2015", "kt_2016_2020")
REPRINTED_SCAN = replace(USUAL_SCAN, name="as-scanned, another printing", reprint=1.0)
"""Forms that another printer set, scanned as usual: what a province has that ordered its own."""

OTHER_FORM_COUNT = 2
"""Each page is also tried as one of so many other forms, the next ones in the alphabet."""


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Figures by damage and layout; the real handwriting in `data` is not used."""
    del data
    cv2.setNumThreads(1)
    layouts = [load_layout(name) for name in (QUICK_LAYOUTS if quick else shipped_layouts())]
    figures: dict[str, object] = {}
    everything: list[FieldScore] = []
    count = QUICK_PAGE_COUNT if quick else PAGE_COUNT
    for damage in (USUAL_SCAN, BAD_SCAN, REPRINTED_SCAN):
        scores: list[FieldScore] = []
        told: list[bool] = []
        for layout in layouts:
            for score, others in pages_of(layout, damage, seed, pages=count, layouts=layouts):
                scores += score
                told += others
        apart = told_apart(layouts, damage, seed, quick=quick)
        figures[damage.name] = {**shown(scores), "other forms": f"{sum(told)} of {len(told)}", **apart}
        everything += scores
    figures["empty against filled, AUROC"] = separation(everything)
    figures["empty against filled, worst field"] = worst_separation(everything)
    return {**figures, **costs(seed, quick=quick)}


def pages_of(
    layout: Layout, damage: Degradation, seed: int, *, pages: int, layouts: Sequence[Layout]
) -> Iterator[tuple[list[FieldScore], list[bool]]]:
    """Of each drawn page the scores of its fields, and whether other forms turn it away."""
    book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", layout.name)
    at = layouts.index(layout)
    others = [layouts[(at + step) % len(layouts)] for step in range(1, OTHER_FORM_COUNT + 1)]
    for drawn in draw_pages(layout, book, pages, seed, DrawingOptions(damage, "fonts", damage.dpi)):
        flat = straighten(as_page(drawn))
        located = locate(flat, layout.body)
        ink = straight_ink(drawn.ink, flat.to_source, flat.width, flat.height)
        name = f"{damage.name} {layout.name} {drawn.truth.image}"
        scores = measure_strips(drawn.truth, ink, located, crop_strips(flat, located), name)
        away = [locate(flat, other.body).fit.score < BAD_FIT_SCORE for other in others if other.name != layout.name]
        yield scores, away


def shown(scores: list[FieldScore]) -> dict[str, object]:
    """The shares of filled fields found, in all and by layout, and how many fields went to another record."""
    by_layout: dict[str, list[FieldScore]] = defaultdict(list)
    for score in scores:
        if score.filled:
            by_layout[score.layout].append(score)
    filled = [s for of in by_layout.values() for s in of]
    return {
        "filled fields": len(filled),
        "98 % of its ink kept, at most 2 % foreign": float(np.mean([s.found for s in filled])),
        "98 % kept": float(np.mean([s.kept >= MIN_KEPT_SHARE for s in filled])),
        "98 % inside the boxes": float(np.mean([s.boxed >= MIN_KEPT_SHARE for s in filled])),
        "at most 2 % foreign": float(np.mean([s.foreign <= MAX_FOREIGN_SHARE for s in filled])),
        "given to another record": sum(s.given_away for s in scores),
        "found, by layout": {name: float(np.mean([s.found for s in of])) for name, of in by_layout.items()},
    }


def worst_separation(scores: list[FieldScore]) -> str:
    """The field that is worst told empty from filled, of those with at least one of each."""
    by_field: dict[str, list[FieldScore]] = defaultdict(list)
    for score in scores:
        by_field[f"{score.layout} {score.name}"].append(score)
    known = {name: value for name, of in by_field.items() if (value := separation(of)) is not None}
    worst = min(known, key=lambda name: known[name], default=None)
    return "no field was both" if worst is None else f"{known[worst]:.3f} ({worst}; {len(known)} fields)"
