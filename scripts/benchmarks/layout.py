"""Benchmark `layout`: layouts drafted from ten pages of each form, shipped and invented."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2

from benchmarks.fields import as_page
from benchmarks.invented_forms import invented_form
from benchmarks.metrics.layout_drafts import DraftedField, compare_layouts
from ocrfill.authoring.draft import draft_layout
from ocrfill.civil_status.book import Book
from ocrfill.layouts import Layout, load_layout, parse_layout, shipped_layouts
from ocrfill.pipeline.preprocess import straighten
from ocrfill.pipeline.recognition.tesseract import TesseractReader
from ocrfill.training.synthetic import USUAL_SCAN, DrawingOptions, draw_pages

DRAFT_PAGES, HELD_OUT_PAGES, QUICK_DRAFT_PAGES = 10, 2, 4
"""Pages a draft is made from, and pages of the same book on which its places are compared."""

INVENTED_FORM_COUNT = 5
QUICK_LAYOUTS = ("kh_2006_2015",)


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Shares of fields right, by form, and together for shipped and invented forms; `data` is not used."""
    del data
    cv2.setNumThreads(1)
    shipped = [load_layout(name) for name in (QUICK_LAYOUTS if quick else shipped_layouts())]
    invented = [] if quick else [invented_form(seed * 10 + i) for i in range(INVENTED_FORM_COUNT)]
    figures: dict[str, object] = {}
    for kind, layouts in (("shipped", shipped), ("invented", invented)):
        every: list[DraftedField] = []
        for layout in layouts:
            fields = drafted(layout, seed, QUICK_DRAFT_PAGES if quick else DRAFT_PAGES)
            figures[f"{kind}, {layout.name}"] = shown(fields)
            every += fields
        if every:
            figures[f"{kind}, all"] = shown(every)
    return figures


def drafted(layout: Layout, seed: int, pages: int) -> Sequence[DraftedField]:
    """The layout's fields as a draft from its first pages has them, compared on the pages that follow."""
    book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", layout.name)
    drawing = DrawingOptions(USUAL_SCAN, "fonts", USUAL_SCAN.dpi)
    drawn = [as_page(page) for page in draw_pages(layout, book, pages + HELD_OUT_PAGES, seed, drawing)]
    draft = draft_layout(drawn[:pages], "drafted", TesseractReader)
    held = [straighten(page) for page in drawn[pages:]]
    return compare_layouts(layout, parse_layout(draft.text, "drafted"), held)


def shown(fields: Sequence[DraftedField]) -> str:
    """How many fields are right, and how many in each respect."""

    def share(name: str) -> str:
        return f"{sum(getattr(field, name) for field in fields) / len(fields):.3f}"

    parts = ", ".join(f"{name} {share(name)}" for name in ("place", "label", "type", "columns"))
    return f"{len(fields)} fields, right {share('right')} ({parts})"
