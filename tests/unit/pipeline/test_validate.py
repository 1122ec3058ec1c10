"""Rules on drawn entries: right values are hardly ever doubted; on a page, what is misread is."""

import pytest
from support.builders.true_book import true_book
from support.drawn.pages import draw_pages

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Page
from ocrfill.document.result import Reading
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.pipeline.read_page import read_page
from ocrfill.pipeline.recognition import CheckboxReader
from ocrfill.pipeline.validate import check_book
from ocrfill.training.synthetic import DrawingOptions


@pytest.mark.parametrize("name", shipped_layouts())
def test_right_values_are_never_doubted_hard_and_seldom_softly(name):
    layout, years, pages = true_book(name, seed=1)
    doubted = asked = 0
    for page in check_book(pages, layout, years):
        for evidence in page.evidence:
            asked += len(evidence)
            doubts = [e for e in evidence if e.finding.verdict == "contradicts"]
            assert [e for e in doubts if e.finding.weight == "hard"] == []
            doubted += len(doubts)
    assert asked > 5 * len(pages)
    assert doubted <= asked / 100


@pytest.mark.parametrize("name", shipped_layouts())
def test_field_types_seldom_doubt_what_is_right(name):
    _, _, pages = true_book(name, seed=2)
    fields = [f for page in pages for record in page.records for f in record.fields if f.raw]
    assert sum(bool(f.issues) for f in fields) <= len(fields) / 100


class Told:
    """Reads what it was told, strip by strip."""

    name = "told"
    version = "1"

    def __init__(self, texts):
        self.texts = texts

    def read(self, crops, knowledge=()):
        return tuple(Reading(text, 0.9, self.name) for _, text in zip(crops, self.texts, strict=True))


@pytest.mark.slow
def test_a_page_that_is_read_has_been_asked_by_the_rules():
    layout = load_layout("ks_2006_2015")
    drawn = next(draw_pages(layout, Book.parse("KS.2006.01", layout.name), 1, 5, DrawingOptions(hand="print", dpi=150)))
    strips = [
        [f.name, s.text]
        for name in layout.fields
        for f in drawn.truth.records[0].fields
        if f.name == name and not f.unread
        for s in f.strips
        if s.text
    ]
    page = Page("0001.jpg", 1, drawn.image, 150)

    def read(texts):
        readers = {"writing": Told(texts), "tick": CheckboxReader()}
        return read_page(page, layout, readers).records[0]

    right = read([text for _, text in strips])
    assert [f.issues for f in right.fields if f.issues] == []
    wrong = read(["1/1/2001" if name == "nks_ngay_sinh" else text for name, text in strips])
    assert [i.code for i in wrong.field("nks_ngay_sinh_bang_chu").issues] == ["date.figures_words"]
    assert wrong.field("nks_ngay_sinh_bang_chu").issues[0].text == "Ngày bằng số là 1/1/2001"
    assert wrong.field("nks_ho_ten") == right.field("nks_ho_ten")
