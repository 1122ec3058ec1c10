"""A book's print is learnt from its pages: labels, dots and rules where this printing has them, two printings apart."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from support.drawn.pages import draw_pages

from ocrfill.civil_status.book import Book
from ocrfill.document.geometry import Box
from ocrfill.document.page import FieldBox, Page
from ocrfill.document.template import FormTemplate
from ocrfill.layouts import load_layout
from ocrfill.pipeline.locate import learn_prints, locate
from ocrfill.pipeline.print_seen import page_of_form, print_seen
from ocrfill.training.synthetic.degradation import CLEAN_SCAN, REPRINTED_FORM
from ocrfill.training.synthetic.options import DrawingOptions

DPI = 150.0
LAYOUT = load_layout("ks_2006_2015")
BODY = LAYOUT.body
assert isinstance(BODY, FormTemplate)


@cache
def book(seed: int, pages: int = 4, *, reprinted: bool = True) -> tuple[Page, ...]:
    """Pages of one printing; its form follows from the seed."""
    options = DrawingOptions(REPRINTED_FORM if reprinted else CLEAN_SCAN, "print", DPI)
    drawn = draw_pages(LAYOUT, Book.parse("KS.2006.01", LAYOUT.name), pages, seed, options)
    return tuple(Page(f"{n:04d}.jpg", 1, page.image, DPI) for n, page in enumerate(drawn, 1))


def learnt(pages: tuple[Page, ...]) -> list[tuple[FormTemplate, tuple[int, ...]]]:
    seen = [print_seen(page, LAYOUT) for page in pages]
    return learn_prints(BODY, [one for one in seen if one is not None])


def drawn_label_starts(seed: int) -> dict[str, float]:
    """Where labels that stand once on the form begin, as shares of the page's width."""
    options = DrawingOptions(REPRINTED_FORM, "print", DPI)
    page = next(iter(draw_pages(LAYOUT, Book.parse("KS.2006.01", LAYOUT.name), 4, seed, options)))
    texts = [label.text for label in page.truth.labels]
    return {
        label.text: min(x for x, _ in label.polygon) / page.truth.width
        for label in page.truth.labels
        if texts.count(label.text) == 1
    }


def label_starts(body: FormTemplate, texts: dict[str, float]) -> np.ndarray:
    found = {label.text: label.x for line in body.lines for label in line.labels}
    return np.array([found[text] for text in texts])


@pytest.mark.parametrize("seed", [3, 4])
def test_labels_are_learnt_nearer_to_where_they_are_than_the_layout_has_them(seed: int) -> None:
    ((template, members),) = learnt(book(seed))
    assert members == (0, 1, 2, 3)
    true = drawn_label_starts(seed)
    off, before = (label_starts(body, true) - np.array(list(true.values())) for body in (template, BODY))
    # the whole may lie off: that is each page's fit; what counts is how labels lie to each other
    off, before = off - np.median(off), before - np.median(before)
    worst = int(np.argmax(np.abs(before)))
    assert abs(before[worst]) > 0.004, "some label of this printing lies millimetres off"
    assert abs(off[worst]) < 0.5 * abs(before[worst])
    assert np.abs(off).max() < 0.004
    assert template.type_point is not None
    assert {label.width for line in template.lines for label in line.labels} != {1.0}
    assert template.field_names() == BODY.field_names()


def test_pages_read_with_a_learnt_print_say_so_and_find_their_labels() -> None:
    pages = book(3)
    ((template, _),) = learnt(pages)
    for page in pages:
        free, bound = locate(page, BODY), locate(page, BODY, [template])
        assert (free.print_used, bound.print_used) == (None, 0)
        assert len(bound.labels) >= 0.9 * len(free.labels)
        assert bound.fit.score > free.fit.score - 0.03
        assert [one.name for one in bound.boxes] == [one.name for one in free.boxes]
        for one, other in zip(free.boxes, bound.boxes, strict=True):
            assert overlap(one, other) > 0.7, one.name


def overlap(one: FieldBox, other: FieldBox) -> float:
    """The share of the strips of both that is common to them, the least of all."""

    def area(box: Box) -> float:
        return max(box.right - box.left, 0) * max(box.bottom - box.top, 0)

    shares = []
    for a, b in zip((s.box for s in one.strips), (s.box for s in other.strips), strict=True):
        common = Box(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom))
        shares.append(area(common) / (area(a) + area(b) - area(common)))
    return min(shares)


def test_two_printings_in_one_book_are_learnt_apart() -> None:
    pages = (*book(3)[:3], *book(9), *book(3)[3:])
    (first, of_first), (second, of_second) = learnt(pages)
    assert {of_first, of_second} == {(0, 1, 2, 7), (3, 4, 5, 6)}
    prints = [first, second] if of_first[0] == 0 else [second, first]
    assert [locate(page, BODY, prints).print_used for page in pages] == [0, 0, 0, 1, 1, 1, 1, 0]


def test_a_page_of_another_printing_is_read_by_the_layout() -> None:
    ((template, _),) = learnt(book(3))
    (strange,) = book(9)[:1]
    assert locate(strange, BODY, [template]).print_used is None
    assert locate(strange, BODY, [template]).labels == locate(strange, BODY).labels


def test_two_pages_teach_nothing() -> None:
    assert learnt(book(3)[:2]) == []


def test_blank_and_strange_pages_teach_nothing() -> None:
    white = Page("white.png", 1, np.full((1754, 1240, 3), 255, np.uint8), DPI)
    noise = np.random.default_rng(0).integers(0, 255, (1754, 1240, 3), dtype=np.uint8)
    assert print_seen(white, LAYOUT) is None
    assert print_seen(Page("noise.png", 1, noise, DPI), LAYOUT) is None
    assert print_seen(book(3)[0], load_layout("kh_a3_14_columns")) is None


def test_a_page_is_cut_to_its_form() -> None:
    page = book(3)[0]
    ((template, _),) = learnt(book(3))
    image = page_of_form(page, LAYOUT, template)
    height, width = image.shape[:2]
    assert height / width == pytest.approx(LAYOUT.paper.height / LAYOUT.paper.width, rel=0.05)
    frame = template.frame
    assert frame is not None
    grey = image.min(axis=2) if image.ndim == 3 else image
    rule = round(frame.right * width)
    assert grey[height // 3 : height // 2, rule - 4 : rule + 5].min(axis=1).mean() < 160, "the frame's rule is there"
