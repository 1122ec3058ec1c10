"""Which way up a page lies and which form it is; books and single pages whose layout nobody named."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from support.drawn.pages import draw_book, draw_pages
from support.fakes.silent_reader import SilentReader

from ocrfill.batch.choose_layout import MAX_PAGES_LOOKED_AT, MAX_VOTING_PAGES, choose_layout, spread_evenly
from ocrfill.civil_status.book import Book
from ocrfill.document.page import Page
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts import load_layout
from ocrfill.pipeline.form_identification import identify_form
from ocrfill.pipeline.locate import BAD_FIT_SCORE, GOOD_FIT_SCORE
from ocrfill.pipeline.preprocess import turn
from ocrfill.pipeline.read_page import read_page, read_page_of_any
from ocrfill.pipeline.recognition import CheckboxReader
from ocrfill.training.synthetic import USUAL_SCAN, DrawingOptions, book_cover, save_scan
from ocrfill.training.synthetic.degradation import DEGRADATIONS

pytestmark = pytest.mark.slow

DPI = 110.0
FORMS = tuple(map(load_layout, ("ks_2006_2015", "kt_2016_2020", "kh_a3_14_columns")))


READERS = {"writing": SilentReader(), "tick": CheckboxReader()}


@cache
def drawn(name: str, damage: str = "as-scanned") -> Page:
    layout = load_layout(name)
    book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", name)
    page = next(draw_pages(layout, book, 1, 21, DrawingOptions(DEGRADATIONS[damage], "fonts", DPI)))
    return Page("a.jpg", 1, page.image, DPI)


@pytest.mark.parametrize("layout", FORMS, ids=lambda layout: layout.name)
def test_a_page_however_it_lies_is_put_upright_and_known(layout) -> None:
    for degrees in (0, 180, 270):
        best = identify_form(turn(drawn(layout.name), degrees), FORMS)
        assert (best.layout.name, (best.degrees + degrees) % 360) == (layout.name, 0)
        assert best.likeness > BAD_FIT_SCORE


def test_a_turned_page_is_read_as_the_same_page() -> None:
    layout, page = FORMS[1], drawn("kt_2016_2020")
    for degrees in (180, 270):
        result = read_page(Page("a.jpg", 1, turn(page, degrees).image, DPI), layout, READERS)
        assert (result.turned + degrees) % 360 == 0
        assert result.fit > GOOD_FIT_SCORE


def test_a_page_of_several_possible_forms_is_read_with_its_own() -> None:
    assert read_page_of_any(drawn("kt_2016_2020"), FORMS, READERS).layout == "kt_2016_2020"


def test_a_cover_is_of_no_form() -> None:
    layout = FORMS[0]
    cover = book_cover(layout, Book.parse("KS.2006.01", layout.name), 4, DrawingOptions(USUAL_SCAN, dpi=DPI))
    with pytest.raises(PageError, match="no known form"):
        read_page_of_any(Page("cover.jpg", 1, cover, DPI), FORMS, READERS)


def test_the_layout_of_a_book_is_chosen_by_its_pages(tmp_path: Path) -> None:
    layout = load_layout("ks_2016_2020")
    book = Book.parse("KS.2016.01", layout.name)
    drawing = DrawingOptions(USUAL_SCAN, dpi=DPI)
    folder = draw_book(layout, book, 2, 5, drawing, out=tmp_path)
    save_scan(book_cover(layout, book, 5, drawing), folder / "0000.jpg", drawing)
    (folder / "0003.jpg").write_bytes(b"no picture")
    assert choose_layout(book.key, sorted(folder.glob("*.jpg"))) == "ks_2016_2020"
    with pytest.raises(BadInput, match="--layout"):
        choose_layout("KT.2016.01", [folder / "0000.jpg"])


def test_the_first_voters_are_from_all_over_the_book() -> None:
    for count in (1, 2, 3, 10, 200):
        assert sorted(spread_evenly(count)) == list(range(count))
    assert spread_evenly(0) == []
    first = spread_evenly(200)[:MAX_VOTING_PAGES]
    assert max(b - a for a, b in zip([0, *sorted(first)], [*sorted(first), 199], strict=True)) < 200 / 3
    assert MAX_PAGES_LOOKED_AT > MAX_VOTING_PAGES
