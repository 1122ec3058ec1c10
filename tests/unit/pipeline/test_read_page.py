"""From a page to its result, with readers that answer by rote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.drawn.pages import draw_pages

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Crop, Page
from ocrfill.document.result import Decision, Failure, PageResult, Reading
from ocrfill.errors import PageError
from ocrfill.layouts import Layout, load_layout
from ocrfill.pipeline.read_files import failed_page, read_files
from ocrfill.pipeline.read_page import read_page
from ocrfill.pipeline.recognition import CheckboxReader, LanguageModel
from ocrfill.pipeline.recognition.language.date_words import DateWordsModel
from ocrfill.training.synthetic import DrawingOptions, DrawnPage

DPI = 150


class Rote:
    """Answers "0", "1", "2" … in the order it is shown crops, and remembers how many it was shown at a time."""

    name = "rote"
    version = "7"

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.known: list[LanguageModel | None] = []

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        self.shown.append(len(crops))
        self.known.extend(knowledge)
        return tuple(Reading(str(i), 0.5 + i / 1000, self.name) for i in range(len(crops)))


class Mute(Rote):
    """Finds no text anywhere."""

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        return tuple(Reading("", 0.0, self.name) for _ in crops)


class Broken(Rote):
    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        raise PageError("read", "out of time")


@cache
def drawn(name: str, key: str) -> tuple[Layout, DrawnPage, Page]:
    """A small printed page and its layout; it may be shared, for nothing alters it."""
    layout = load_layout(name)
    page = next(draw_pages(layout, Book.parse(key, name), 1, 5, DrawingOptions(hand="print", dpi=DPI)))
    return layout, page, Page("book/0001.jpg", 1, page.image, DPI)


def birth() -> tuple[Layout, DrawnPage, Page]:
    return drawn("ks_2006_2015", "KS.2006.01")


@pytest.fixture(scope="module")
def result() -> PageResult:
    layout, _, page = birth()
    return read_page(page, layout, {"writing": Rote(), "tick": CheckboxReader()})


def test_a_result_says_what_was_read_and_with_what(result: PageResult) -> None:
    layout, _, page = birth()
    assert (result.source, result.page) == ("book/0001.jpg", 1)
    assert (result.layout, result.layout_version) == ("ks_2006_2015", layout.version)
    assert (result.width, result.height, result.dpi) == (page.width, page.height, DPI)
    assert (result.turned, result.issues, result.failure) == (0, (), None)
    assert result.models == ("rote 7",)
    assert 0.5 <= result.fit <= 1


def test_every_field_is_there_in_the_layouts_order(result: PageResult) -> None:
    layout, _, _ = birth()
    (record,) = result.records
    assert record.number == 1
    assert [f.name for f in record.fields] == list(layout.fields)
    for field in record.fields:
        spec = layout.fields[field.name]
        assert (field.label, field.kind) == (spec.label, spec.type.kind)
        assert len(field.strips) >= 1


def test_the_strips_lie_over_the_writing(result: PageResult) -> None:
    _, page, _ = birth()
    (record,) = result.records
    for true in page.truth.records[0].fields:
        field = record.field(true.name)
        assert field is not None
        assert len(field.strips) == len(true.strips)
        for polygon, strip in zip(field.strips, true.strips, strict=True):
            if strip.ink_box is not None:
                left, top, right, bottom = strip.ink_box
                middle = ((left + right) / 2, (top + bottom) / 2)
                assert cv2.pointPolygonTest(np.float32(polygon), middle, measureDist=False) > 0, true.name
                assert cv2.pointPolygonTest(np.float32(field.polygon), middle, measureDist=False) > 0, true.name


def test_empty_strips_are_not_shown_and_empty_fields_are_called_so(result: PageResult) -> None:
    _, page, scan = birth()
    rote = Rote()
    read_page(scan, birth()[0], {"writing": rote, "tick": CheckboxReader()})
    written = [s for f in page.truth.records[0].fields if not f.unread for s in f.strips if s.text]
    assert rote.shown == [len(written)]
    assert len(rote.known) == len(written)
    for true in page.truth.records[0].fields:
        field = result.records[0].field(true.name)
        assert field is not None
        wanted = Decision.NOT_READ if true.unread else Decision.REVIEW if true.text else Decision.EMPTY
        assert field.decision is wanted, true.name
        assert bool(field.raw) == bool(true.text)


def test_a_fields_answer_is_that_of_its_strips(result: PageResult) -> None:
    (record,) = result.records
    for field in record.fields:
        if field.decision is Decision.NOT_READ:
            assert (field.readings, field.reader, field.probability) == ((), None, 0.0)
            continue
        assert field.reader == "rote"
        assert len(field.readings) == len(field.strips)
        texts = [r.text for r in field.readings if r.text]
        assert field.raw == ("/" if field.name == "ngay_dang_ky" else " ").join(texts)
        if texts:
            assert field.probability == min(r.score for r in field.readings if r.text)


def test_ink_without_an_answer_is_told() -> None:
    layout, page, scan = birth()
    (record,) = read_page(scan, layout, {"writing": Mute(), "tick": CheckboxReader()}).records
    filled = [f.name for f in page.truth.records[0].fields if f.text]
    for name in filled:
        field = record.field(name)
        assert field is not None
        assert field.decision is Decision.REVIEW
        assert "read.nothing" in [issue.code for issue in field.issues]


def test_an_upside_down_page_is_turned_and_told(result: PageResult) -> None:
    layout, _, scan = birth()
    upside = Page(scan.source, 1, np.ascontiguousarray(scan.image[::-1, ::-1]), DPI)
    turned = read_page(upside, layout, {"writing": Rote(), "tick": CheckboxReader()})
    assert turned.turned == 180
    assert [issue.code for issue in turned.issues] == ["page.turned"]
    assert "180" in turned.issues[0].text
    for field, before in zip(turned.records[0].fields, result.records[0].fields, strict=True):
        back = np.array([scan.width, scan.height]) - np.array(field.polygon)
        there = np.array(before.polygon)
        assert np.abs(back.min(axis=0) - there.min(axis=0)).max() < 8, field.name
        assert np.abs(back.max(axis=0) - there.max(axis=0)).max() < 8, field.name


@pytest.mark.slow
def test_ticks_are_read() -> None:
    layout, page, scan = drawn("ks_2016_2020", "KS.2016.01")
    (record,) = read_page(scan, layout, {"writing": Rote(), "tick": CheckboxReader()}).records
    ticks = [f for f in page.truth.records[0].fields if f.kind == "tick"]
    assert ticks
    for true in ticks:
        field = record.field(true.name)
        assert field is not None
        assert (field.raw, field.reader) == (true.text, "tick")


@pytest.mark.slow
def test_a_table_has_all_its_records() -> None:
    layout, _, scan = drawn("kh_a3_14_columns", "KH.2000.01")
    found = read_page(scan, layout, {"writing": Rote(), "tick": CheckboxReader()})
    assert [r.number for r in found.records] == list(range(1, layout.records_per_page + 1))
    for record in found.records:
        assert [f.name for f in record.fields] == list(layout.fields)


def failure(page: Page, layout: Layout) -> PageError:
    with pytest.raises(PageError) as caught:
        read_page(page, layout, {"writing": Rote(), "tick": CheckboxReader()})
    return caught.value


def test_a_blank_page_fails_as_blank() -> None:
    layout, _, scan = birth()
    paper = np.full_like(scan.image, 235)
    error = failure(Page("x.jpg", 1, paper, DPI), layout)
    assert (error.stage, error.reason) == ("page", "the page is blank")


def test_a_page_of_another_form_fails_with_its_fit() -> None:
    _, _, scan = birth()
    error = failure(scan, load_layout("kh_a3_14_columns"))
    assert error.stage == "locate"
    assert "does not fit layout kh_a3_14_columns (fit 0." in error.reason


def test_a_readers_failure_is_the_pages() -> None:
    layout, _, scan = birth()
    with pytest.raises(PageError, match="out of time"):
        read_page(scan, layout, {"writing": Broken(), "tick": CheckboxReader()})


def test_the_clock_hears_of_each_stage() -> None:
    layout, _, scan = birth()
    heard: list[tuple[str, float]] = []
    read_page(scan, layout, {"writing": Rote(), "tick": CheckboxReader()}, lambda *told: heard.append(told))
    assert [stage for stage, _ in heard] == ["page", "locate", "crop", "read", "fields"]
    assert all(seconds >= 0 for _, seconds in heard)


def test_bad_files_and_pages_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    layout, page, scan = birth()
    (tmp_path / "a.jpg").write_bytes(page.jpeg)
    (tmp_path / "b.jpg").write_bytes(b"")
    (tmp_path / "c.jpg").write_text("no picture")
    cv2.imwrite(str(tmp_path / "d.png"), np.full_like(scan.image, 240))
    paths = sorted(tmp_path.iterdir())
    results = list(read_files(paths, [layout], {"writing": Rote(), "tick": CheckboxReader()}))
    assert [r.source for r in results] == [str(path) for path in paths]
    assert [r.failure.stage if r.failure else None for r in results] == [None, "scan", "scan", "page"]
    assert [r.page for r in results] == [1, 0, 0, 1]
    assert len(results[0].records) == 1


def test_only_wanted_pages_are_read(tmp_path: Path) -> None:
    layout, page, _ = birth()
    (tmp_path / "a.jpg").write_bytes(page.jpeg)
    (only,) = read_files([tmp_path / "a.jpg"], [layout], {"writing": Rote(), "tick": CheckboxReader()}, {2, 3})
    assert only.failure == Failure("scan", "it has none of the wanted pages, only 1 to 1")


def test_a_failed_page_names_its_layout() -> None:
    layout, _, _ = birth()
    failed = failed_page("x.pdf", 3, [layout], PageError("locate", "why"))
    assert (failed.source, failed.page, failed.layout, failed.records) == ("x.pdf", 3, "ks_2006_2015", ())
    assert failed.failure == Failure("locate", "why")


def test_the_reader_is_told_what_each_line_may_hold():
    layout, _, page = birth()
    rote = Rote()
    read_page(page, layout, {"writing": rote, "tick": CheckboxReader()})
    kinds = {type(known).__name__ for known in rote.known}
    assert {"WordTrigramModel", "DateGrammar", "NumberGrammar", "DateWordsModel"} <= kinds
    spoken = [known for known in rote.known if isinstance(known, DateWordsModel)]
    assert all(known.opens or known.closes for known in spoken)
    assert sum(known.opens for known in spoken) == 1
