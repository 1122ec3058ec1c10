"""Printed labels are found where another printing of the form has them, bound the writing, and leave no letter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import pytest
from support.drawn.pages import draw_pages

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Crop, Located, Page, PlacedLabel
from ocrfill.evaluation.ground_truth import PageTruth
from ocrfill.layouts import Layout, load_layout
from ocrfill.pipeline.locate import crop_strips, locate
from ocrfill.pipeline.locate.page_features import PageFeatures, compute_page_features
from ocrfill.pipeline.locate.registration.form import fit_form
from ocrfill.pipeline.locate.registration.printed_labels import find_labels
from ocrfill.pipeline.locate.segmentation.label_removal import remove_labels
from ocrfill.pipeline.set_type import set_type
from ocrfill.training.synthetic.degradation import REPRINTED_FORM
from ocrfill.training.synthetic.options import DrawingOptions

DPI = 150.0
FORM = "ks_2006_2015"


def bounds(polygon: tuple[tuple[float, float], ...]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom."""
    x, y = zip(*polygon, strict=True)
    return min(x), min(y), max(x), max(y)


@dataclass(frozen=True)
class Reprinted:
    """A typed page of another printing, and what the shipped layout finds on it."""

    layout: Layout
    truth: PageTruth
    page: Page
    evidence: PageFeatures
    located: Located
    cut: tuple[tuple[Crop, ...], ...]
    ink: np.ndarray


@cache
def reprinted(seed: int) -> Reprinted:
    layout = load_layout(FORM)
    book = Book.parse("KS.2006.01", FORM)
    drawn = next(draw_pages(layout, book, 1, seed, DrawingOptions(REPRINTED_FORM, "print", DPI)))
    page = Page("0001.jpg", 1, drawn.image, DPI)
    located = locate(page, layout.body)
    evidence = compute_page_features(page)
    return Reprinted(layout, drawn.truth, page, evidence, located, crop_strips(page, located), drawn.ink)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_labels_are_found_within_half_a_millimetre(seed: int) -> None:
    seen = reprinted(seed)
    body = seen.layout.body
    found = find_labels(seen.evidence, body, fit_form(seen.evidence, body))
    printed = {label.text: bounds(label.polygon) for label in seen.truth.labels}
    once = [text for text in printed if sum(label.text == text for label in seen.truth.labels) == 1]
    assert len(once) > 12
    scale = seen.evidence.scale
    for one in found.values():
        if one.label.text in once:
            left, _, right, _ = printed[one.label.text]
            assert (one.left + 0.5) * scale == pytest.approx(left, abs=0.5 / 25.4 * DPI), one.label.text
            assert (one.right + 0.5) * scale == pytest.approx(right, abs=0.7 / 25.4 * DPI), one.label.text
    assert len(found) >= len(seen.truth.labels) - 1


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_no_crop_of_another_printing_holds_print(seed: int) -> None:
    seen = reprinted(seed)
    numbers = {f.name: f.ink for record in seen.truth.records for f in record.fields}
    for box, cut in zip(seen.located.boxes, seen.cut, strict=True):
        spec = seen.layout.fields[box.name]
        if not spec.read or spec.type.reader == "tick":
            continue
        for crop in cut:
            b = crop.strip.box
            under = seen.ink[b.top : b.bottom, b.left : b.right]
            own = (under == numbers[box.name]) & (under > 0)  # of an empty field nothing is its own
            near = cv2.dilate(own.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
            foreign = int((crop.ink & ~near).sum())
            assert foreign <= max(0.02 * crop.ink.sum(), 12), (box.name, foreign)


def test_a_label_that_is_not_there_is_not_found() -> None:
    seen = reprinted(3)
    gone = next(label for label in seen.truth.labels if label.text == "Nơi sinh:")
    left, top, right, bottom = (round(v) for v in bounds(gone.polygon))
    image = seen.page.image.copy()
    image[top - 3 : bottom + 3, left - 3 : right + 3] = 255
    evidence = compute_page_features(replace(seen.page, image=image))
    body = seen.layout.body
    found = find_labels(evidence, body, fit_form(evidence, body))
    assert "Nơi sinh:" not in {one.label.text for one in found.values()}
    assert len(found) >= len(seen.truth.labels) - 2


def test_letters_go_and_a_stroke_that_crosses_them_stays() -> None:
    words = set_type("tháng", "plain", 40)
    dark = np.zeros((120, 300), np.uint8)
    height, width = words.mask.shape
    top, left = 80 - words.rise, 60 + words.left
    dark[top : top + height, left : left + width] = words.mask > 127
    label = PlacedLabel("tháng", "plain", 60.0, 80.0, 40.0, 1.0)
    written = np.zeros_like(dark)
    cv2.line(written, (10, 20), (290, 110), 1, 4)
    crossed = np.maximum(dark, written)
    remove_labels(dark, [label], 200.0)
    assert not dark.any()
    remove_labels(written, [label], 200.0)
    assert written.sum() > 1000, "a stroke alone is no print"
    remove_labels(crossed, [label], 200.0)
    beside = np.ones_like(written, bool)
    beside[top - 4 : top + height + 4, left - 4 : left + width + 4] = False
    assert np.array_equal(crossed[beside], written[beside]), "beside the label the stroke is whole"


def test_a_dash_between_two_gaps_is_not_looked_for() -> None:
    """It is like any stroke of the pen: what was taken for it moved both gaps."""
    body = load_layout("ks_2016_2020").body
    assert any(label.text == "-" for line in body.lines for label in line.labels)
    page = Page("0001.jpg", 1, next(draw_pages(*_book("ks_2016_2020"), 1, 3, DrawingOptions(dpi=DPI))).image, DPI)
    evidence = compute_page_features(page)
    found = {one.label.text for one in find_labels(evidence, body, fit_form(evidence, body)).values()}
    assert "-" not in found
    assert len(found) > 15


def _book(name: str) -> tuple[Layout, Book]:
    layout = load_layout(name)
    return layout, Book.parse(f"{layout.kind}.{layout.years[0]}.01", name)
