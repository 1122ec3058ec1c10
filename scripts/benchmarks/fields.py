"""Benchmark `fields`: is every field's writing found and cut out, by damage and layout; are pages told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from benchmarks.fields_cost import costs
from ocrfill.books import Book
from ocrfill.errors import PageError
from ocrfill.evaluate.strips import ENOUGH, FOREIGN, FieldScore, measure_strips, separation, straight_ink
from ocrfill.layouts import Layout, load_layout, shipped_layouts
from ocrfill.locate import BAD_FIT, crops, locate
from ocrfill.page import is_blank, straighten, turn
from ocrfill.pipeline import put_upright
from ocrfill.placing import best_placement
from ocrfill.records import Image, Page
from ocrfill.synth import AS_SCANNED, BAD, Damage, Drawing, DrawnPage, blank_page, book_cover, draw_pages

PAGES, QUICK_PAGES = 2, 1
QUICK_LAYOUTS = ("ks_2006_2015", "kt_2016_2020")
TURNS = (90, 180, 270)
OTHERS = 2
"""Each page is also tried as one of so many other forms, the next ones in the alphabet."""


@dataclass(slots=True)
class Counts:
    """What was right of how many: turned pages put upright, layouts chosen, pages kept and pages turned away."""

    upright: list[bool] = field(default_factory=list)
    chosen: list[bool] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    other_forms: list[bool] = field(default_factory=list)
    covers: list[bool] = field(default_factory=list)
    blanks: list[bool] = field(default_factory=list)

    def shown(self) -> dict[str, object]:
        return {name: f"{sum(v)} of {len(v)}" for name in self.__slots__ if (v := getattr(self, name))}


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Figures by damage and layout; the real handwriting in `data` is not used."""
    del data
    cv2.setNumThreads(1)
    layouts = [load_layout(name) for name in (QUICK_LAYOUTS if quick else shipped_layouts())]
    figures: dict[str, object] = {}
    everything: list[FieldScore] = []
    count = QUICK_PAGES if quick else PAGES
    for damage in (AS_SCANNED, BAD):
        scores: list[FieldScore] = []
        counts = Counts()
        for layout in layouts:
            for page, score in pages_of(layout, damage, seed, pages=count, counts=counts, layouts=layouts):
                scores += score
                counts.kept.append(page)
            strangers(layout, damage, seed, counts)
        figures[damage.name] = {**shown(scores), **counts.shown()}
        everything += scores
    figures["empty against filled, AUROC"] = separation(everything)
    figures["empty against filled, worst field"] = worst_separation(everything)
    return {**figures, **costs(seed, quick=quick)}


def pages_of(
    layout: Layout, damage: Damage, seed: int, *, pages: int, counts: Counts, layouts: Sequence[Layout]
) -> Iterator[tuple[bool, list[FieldScore]]]:
    """Of each drawn page whether it was kept, and the scores of its fields; counts turns, choices and other forms."""
    book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", layout.name)
    for number, drawn in enumerate(draw_pages(layout, book, pages, seed, Drawing(damage, "fonts", damage.dpi))):
        scan = as_page(drawn)
        flat = straighten(scan)
        located = locate(flat, layout.body)
        ink = straight_ink(drawn.ink, flat.to_source, flat.width, flat.height)
        name = f"{damage.name} {layout.name} {drawn.truth.image}"
        yield located.fit.score >= BAD_FIT, measure_strips(drawn.truth, ink, located, crops(flat, located), name)
        at = layouts.index(layout)
        degrees = TURNS[(number + at) % len(TURNS)]
        turned = Page("turned", 1, turn(scan, degrees).image, scan.dpi)
        counts.upright.append(upright(turned, layout, degrees))
        best = best_placement(turned if number else scan, layouts)
        counts.chosen.append(best.layout.name == layout.name and best.likeness >= BAD_FIT)
        for other in (layouts[(at + step) % len(layouts)] for step in range(1, OTHERS + 1)):
            if other.name != layout.name:
                counts.other_forms.append(locate(flat, other.body).fit.score < BAD_FIT)


def as_page(drawn: DrawnPage) -> Page:
    image = cv2.imdecode(np.frombuffer(drawn.jpeg, np.uint8), cv2.IMREAD_COLOR)
    return Page(drawn.truth.image, 1, np.asarray(image, np.uint8), drawn.truth.dpi)


def upright(page: Page, layout: Layout, degrees: int) -> bool:
    try:
        flat, _ = put_upright(page, layout)
    except PageError:
        return False
    return (flat.turned + degrees) % 360 == 0


def strangers(layout: Layout, damage: Damage, seed: int, counts: Counts) -> None:
    """A cover and a blank page of a book of that layout: are they turned away?"""
    book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", layout.name)
    drawing = Drawing(damage, "fonts", damage.dpi)

    def page(image: Image) -> Page:
        return Page("stranger", 1, image, damage.dpi)

    cover = page(book_cover(layout, book, seed, drawing))
    try:
        put_upright(cover, layout)
    except PageError:
        counts.covers.append(True)
    else:
        counts.covers.append(is_blank(cover))
    counts.blanks.append(is_blank(page(blank_page(layout, book, seed, drawing))))


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
        "98 % kept": float(np.mean([s.kept >= ENOUGH for s in filled])),
        "98 % inside the boxes": float(np.mean([s.boxed >= ENOUGH for s in filled])),
        "at most 2 % foreign": float(np.mean([s.foreign <= FOREIGN for s in filled])),
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
