"""Benchmark `beds`: pages on larger scanner beds, two in one image, negatives, mirrored ones: found, told, or wrong?

A case is found where every line to write on is where it was drawn; told where the page fails with a reason; silently
wrong where it is read and lines are elsewhere, or a page is missing. The aim is none of the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Image, Page
from ocrfill.errors import PageError
from ocrfill.layouts import Layout, load_layout, shipped_layouts
from ocrfill.pipeline.preprocess import is_blank
from ocrfill.pipeline.upright_sheets import Laid, upright_sheets
from ocrfill.training.synthetic import USUAL_SCAN, DrawingOptions, DrawnPage, blank_page, book_cover, draw_pages
from ocrfill.training.synthetic.scanner_bed import (
    A3_BED_MM,
    BED_GREY_LEVELS,
    BED_KINDS,
    OnBed,
    punched,
    scanner_bed,
    with_lid_edge,
)

PAGE_DPI = 150.0
BED_PAST_PAPER_MM = 45.0
"""Two sheets lie on a bed so much wider and higher than both."""

MAX_OFF_SHARE = 0.02
"""A page more of whose lines are not where they were drawn counts as silently wrong."""

JPEG_QUALITY_PERCENT = 60
FLAT_SHEET = replace(USUAL_SCAN, name="on-bed", edge=False, skew=0.0, shift=0.0, shrink=0.0, perspective=0.0)

Reals = NDArray[np.float64]
STAY: Reals = np.array([(1.0, 0, 0), (0, 1, 0)])


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An image, and for each page on it that is to be read its truth and where its pixels lie; None: on nothing."""

    image: Image
    sheets: tuple[tuple[DrawnPage, Reals], ...]


Maker = Callable[[Sequence[DrawnPage], np.random.Generator], Case]


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """The figures over drawn pages of all shipped layouts; the real handwriting in `data` is not used."""
    del data
    cv2.setNumThreads(1)
    layouts = [load_layout(name) for name in (shipped_layouts()[:1] if quick else shipped_layouts())]
    verdicts: dict[str, list[str]] = {}
    for layout in layouts:
        book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", layout.name)
        drawing = DrawingOptions(FLAT_SHEET, "fonts", PAGE_DPI)
        pages = list(draw_pages(layout, book, 2, seed, drawing))
        rng = np.random.default_rng(seed)
        for kind, make in (QUICK_KINDS if quick else KINDS).items():
            case = make(pages, rng)
            verdicts.setdefault(kind, []).append(judged(case, layout))
        for kind, image in nothing_to_read(layout, book, seed, drawing):
            verdicts.setdefault(kind, []).append(judged(Case(image, ()), layout))
    return {kind: shown(found) for kind, found in verdicts.items()} | {
        "silently wrong, all": f"{sum(v == 'wrong' for of in verdicts.values() for v in of)} of "
        f"{sum(len(of) for of in verdicts.values())}"
    }


def shown(verdicts: Sequence[str]) -> str:
    counts = {word: verdicts.count(word) for word in ("found", "told", "wrong")}
    return f"{counts['found']} found, {counts['told']} told, {counts['wrong']} silently wrong of {len(verdicts)}"


def judged(case: Case, layout: Layout) -> str:
    """What comes of a case: "found", "told" or "wrong"."""
    packed = cv2.imencode(".jpg", case.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY_PERCENT])[1]
    page = Page("bed", 1, np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8), PAGE_DPI)
    try:
        laid = () if is_blank(page) else upright_sheets(page, layout)
    except PageError:
        return "told"
    if not laid:
        return "told"
    if len(laid) != len(case.sheets):
        return "wrong"
    off = [is_off for one, sheet in zip(laid, case.sheets, strict=True) for is_off in lines_off(one, *sheet)]
    return "wrong" if sum(off) > MAX_OFF_SHARE * len(off) else "found"


def lines_off(laid: Laid, drawn: DrawnPage, there: Reals) -> Iterator[bool]:
    """Of each line to write on, whether its middle is not where it was drawn."""
    flat, located = laid
    true = {(record.number, field.name): field for record in drawn.truth.records for field in record.fields}
    for box in located.boxes:
        for strip, line in zip(box.strips, true[box.record, box.name].strips, strict=True):
            x, y = there[:, :2] @ np.mean(line.polygon, axis=0) + there[:, 2]
            outline = np.array(flat.to_source.polygon(strip.box), np.float32)
            yield strip.box.is_empty() or cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=False) < 0


def one_on_bed(kind: str, change: Callable[[OnBed], OnBed] = lambda bed: bed, *, holes: bool = False) -> Maker:
    """A page turned by any quarter and some degrees, anywhere on a bed of A3 (A3 pages lie on one a little larger)."""

    def make(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
        sheet = pages[0].image
        long = max(sheet.shape) * 25.4 / PAGE_DPI > A3_BED_MM[0] * 0.9
        size = (A3_BED_MM[0] + 40, A3_BED_MM[1] + 40) if long else A3_BED_MM
        degrees = (0 if long else 90 * int(rng.integers(4))) + rng.uniform(-4, 4)
        bed = change(scanner_bed(kind, size, PAGE_DPI, rng))  # type: ignore[arg-type]
        if holes:
            sheet = punched(sheet, PAGE_DPI, BED_GREY_LEVELS[kind])
        room = room_for(sheet, bed.image, degrees)
        middle = (float(rng.uniform(*room[0])), float(rng.uniform(*room[1])))
        bed = bed.with_sheet(sheet, middle, degrees, PAGE_DPI)
        return Case(bed.image, ((pages[0], bed.placed[0]),))

    return make


def room_for(sheet: Image, bed: Image, degrees: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a sheet's middle may lie, as shares of the bed's width and height, so that it lies wholly on it."""
    height, width = sheet.shape[:2]
    cos, sin = abs(np.cos(np.radians(degrees))), abs(np.sin(np.radians(degrees)))
    x, y = (
        min((width * cos + height * sin) / 2 / bed.shape[1], 0.5),
        min((width * sin + height * cos) / 2 / bed.shape[0], 0.5),
    )
    return (x, 1 - x), (y, 1 - y)


def beyond_the_edge(share: float) -> Maker:
    """A page of which so much of its width lies off the left edge of a black bed."""

    def make(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
        sheet = pages[0].image
        size = tuple(side * 25.4 / PAGE_DPI * 1.3 for side in sheet.shape[1::-1])
        bed = scanner_bed("black", (size[0], size[1]), PAGE_DPI, rng)
        bed = bed.with_sheet(sheet, ((0.5 - share) / 1.3, 0.5), float(rng.uniform(-1, 1)), PAGE_DPI)
        return Case(bed.image, ((pages[0], bed.placed[0]),))

    return make


def two_on_bed(kind: str) -> Maker:
    """Two pages beside each other, each askew in its own way."""

    def make(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
        height, width = (side * 25.4 / PAGE_DPI for side in pages[0].image.shape[:2])
        size = (2 * width + BED_PAST_PAPER_MM, height + BED_PAST_PAPER_MM)
        bed = scanner_bed(kind, size, PAGE_DPI, rng)  # type: ignore[arg-type]
        for page, x in zip(pages, (0.25, 0.75), strict=True):
            bed = bed.with_sheet(page.image, (x, 0.5), float(rng.uniform(-2.5, 2.5)), PAGE_DPI)
        return Case(bed.image, tuple(zip(pages, bed.placed, strict=True)))

    return make


def facing(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
    """The facing pages of a book that fill the image."""
    del rng
    there = STAY + np.array([(0, 0, pages[0].image.shape[1]), (0, 0, 0)])
    return Case(np.hstack([page.image for page in pages]), ((pages[0], STAY), (pages[1], there)))


def stacked(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
    """One page above another, as from a roll of film."""
    del rng
    there = STAY + np.array([(0, 0, 0), (0, 0, pages[0].image.shape[0])])
    return Case(np.vstack([page.image for page in pages]), ((pages[0], STAY), (pages[1], there)))


def beside_a_blank(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
    """A page on a black bed beside an empty one."""
    empty = replace(pages[1], image=np.full_like(pages[1].image, 232))
    case = two_on_bed("black")((pages[0], empty), rng)
    return Case(case.image, case.sheets[:1])


def altered(change: Callable[[Image], Image], place: Callable[[Image], Reals] = lambda _: STAY) -> Maker:
    """A page that fills its image, altered as a whole."""

    def make(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
        del rng
        return Case(np.ascontiguousarray(change(pages[0].image)), ((pages[0], place(pages[0].image)),))

    return make


def flipped_place(image: Image) -> Reals:
    return np.array([(-1.0, 0, image.shape[1] - 1), (0, 1, 0)])


def hung_upside_down(image: Image) -> Reals:
    return np.array([(1.0, 0, 0), (0, -1, image.shape[0] - 1)])


def on_white(change: Callable[[Image], Image]) -> Maker:
    """A page altered as a whole on a white bed."""

    def make(pages: Sequence[DrawnPage], rng: np.random.Generator) -> Case:
        changed = replace(pages[0], image=np.ascontiguousarray(change(pages[0].image)))
        case = one_on_bed("white")((changed, pages[1]), rng)
        return Case(case.image, ((pages[0], case.sheets[0][1]),))

    return make


def negative(image: Image) -> Image:
    return np.asarray(cv2.bitwise_not(image), np.uint8)


def dark(image: Image) -> Image:
    return np.asarray(cv2.convertScaleAbs(image, alpha=0.3), np.uint8)


KINDS: Mapping[str, Maker] = {
    "plain": altered(lambda image: image),
    **{f"on a bed, {kind}": one_on_bed(kind) for kind in BED_KINDS},
    "on a bed, punched": one_on_bed("black", holes=True),
    "on a bed, with the lid's edge": one_on_bed("white", lambda bed: with_lid_edge(bed, PAGE_DPI)),
    "5 % beyond the bed's edge": beyond_the_edge(0.05),
    "20 % beyond the bed's edge": beyond_the_edge(0.2),
    "two on a black bed": two_on_bed("black"),
    "two on a white bed": two_on_bed("white"),
    "facing pages": facing,
    "one above the other": stacked,
    "beside a blank page": beside_a_blank,
    "negative": altered(negative),
    "mirrored": altered(lambda image: image[:, ::-1], flipped_place),
    "mirrored, upside down": altered(lambda image: image[::-1], hung_upside_down),
    "negative, mirrored": altered(lambda image: negative(image[:, ::-1]), flipped_place),
    "negative on a white bed": on_white(negative),
    "dark photograph": altered(dark),
}
QUICK_KINDS = {kind: KINDS[kind] for kind in ("plain", "on a bed, white", "two on a black bed", "negative, mirrored")}


def nothing_to_read(layout: Layout, book: Book, seed: int, drawing: DrawingOptions) -> Iterator[tuple[str, Image]]:
    """Blank pages, as they are, dark, and on a bed, and covers: all are to be told."""
    empty = blank_page(layout, book, seed, drawing)
    yield "blank", empty
    yield "blank, dark", dark(empty)
    rng = np.random.default_rng(seed)
    yield (
        "blank on a bed",
        scanner_bed("black", A3_BED_MM, PAGE_DPI, rng).with_sheet(empty, (0.4, 0.5), 2, PAGE_DPI).image,
    )
    yield "cover", book_cover(layout, book, seed, drawing)
