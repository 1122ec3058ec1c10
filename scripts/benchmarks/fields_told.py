"""Are pages told apart: turned ones put upright, layouts chosen, good pages kept, covers and blanks turned away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Image, Page
from ocrfill.errors import PageError
from ocrfill.layouts import Layout
from ocrfill.pipeline.form_identification import identify_form
from ocrfill.pipeline.locate import BAD_FIT_SCORE
from ocrfill.pipeline.preprocess import is_blank, turn
from ocrfill.pipeline.upright_sheets import put_upright
from ocrfill.training.synthetic import Degradation, DrawingOptions, DrawnPage, blank_page, book_cover, draw_pages

PAGE_COUNT, NON_ENTRY_PAGE_COUNT = 5, 3
"""Of each layout and damage so many pages, covers and blank pages."""

PAGE_DPI = 150.0
"""Pages are told apart reduced to 100 dots an inch; so little is enough of them."""

TURNS_DEGREES = (0, 90, 180, 270)


@dataclass(slots=True)
class Counts:
    """What was right of how many."""

    upright: list[bool] = field(default_factory=list)
    chosen: list[bool] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    covers: list[bool] = field(default_factory=list)
    blanks: list[bool] = field(default_factory=list)

    def shown(self) -> dict[str, object]:
        return {name: f"{sum(v)} of {len(v)}" for name in self.__slots__ if (v := getattr(self, name))}


def told_apart(layouts: Sequence[Layout], damage: Degradation, seed: int, *, quick: bool) -> dict[str, object]:
    counts = Counts()
    for at, layout in enumerate(layouts):
        book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", layout.name)
        drawing = DrawingOptions(damage, "fonts", PAGE_DPI)
        for number, drawn in enumerate(draw_pages(layout, book, 1 if quick else PAGE_COUNT, seed, drawing)):
            degrees = TURNS_DEGREES[(number + at) % len(TURNS_DEGREES)]
            page = Page("turned", 1, turn(as_page(drawn), degrees).image, PAGE_DPI)
            best = identify_form(page, layouts)
            counts.chosen.append(best.layout.name == layout.name and best.likeness >= BAD_FIT_SCORE)
            turned = put_right(page, layout)
            counts.kept.append(turned is not None)
            counts.upright.append(turned is not None and (turned + degrees) % 360 == 0)
        for image in covers(layout, book, seed, drawing, 1 if quick else NON_ENTRY_PAGE_COUNT):
            page = Page("cover", 1, image, PAGE_DPI)
            counts.covers.append(is_blank(page) or put_right(page, layout) is None)
        for step in range(1 if quick else NON_ENTRY_PAGE_COUNT):
            image = blank_page(layout, book, seed + step, drawing)
            counts.blanks.append(is_blank(Page("blank", 1, image, PAGE_DPI)))
    return counts.shown()


def covers(layout: Layout, book: Book, seed: int, drawing: DrawingOptions, count: int) -> Iterator[Image]:
    for step in range(count):
        yield book_cover(layout, book, seed + step, drawing)


def put_right(page: Page, layout: Layout) -> int | None:
    """How far a page was turned to be put upright; None where it was turned away."""
    try:
        return put_upright(page, layout)[0].turned
    except PageError:
        return None


def as_page(drawn: DrawnPage) -> Page:
    image = cv2.imdecode(np.frombuffer(drawn.jpeg, np.uint8), cv2.IMREAD_COLOR)
    return Page(drawn.truth.image, 1, np.asarray(image, np.uint8), drawn.truth.dpi)
