"""Corrections: which one counts, and the store keeps each once, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from support.builders.corrections import KEY, MORNING, PLACE, correction, field

from ocrfill.civil_status.book import Book
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import PageResult, Record
from ocrfill.document.settlement import answers_agree, settled_correction
from ocrfill.errors import BadInput
from ocrfill.store import Store


@pytest.fixture
def filled(store: Store) -> Store:
    """Two pages of one scan, each with a record of two fields."""
    store.add_book(Book.parse(KEY, "ks_2006_2015"), 1)
    store.add_scan(KEY, "a.pdf", "aa", 2)
    for page in store.todo():
        record = Record(1, (field("ho_ten"), field("ngay_sinh")))
        store.put(page.id, PageResult("a.pdf", page.number, "ks_2006_2015", 1, 100, 200, 300.0, records=(record,)))
    return store


def test_a_correction_comes_back_equal_and_only_once(filled: Store) -> None:
    every = (
        correction(),
        correction(None, Answer.UNREADABLE, seconds=None, annotation=22, when=MORNING + timedelta(microseconds=1)),
        correction("Lê Thị Ba", Answer.CONFIRMED, place=replace(PLACE, page=2), annotation=23, outline=()),
    )
    assert filled.add_corrections(every) == 3
    assert filled.add_corrections(every) == 0
    assert set(filled.corrections()) == set(every)
    assert filled.corrections(KEY) == filled.corrections()
    filled.add_book(Book.parse("KT.2006.01", "kt_2006_2015"), 1)
    assert filled.corrections("KT.2006.01") == ()


def test_an_edit_is_kept_beside_the_first_answer_and_counts(filled: Store) -> None:
    edited = correction("Lê Thị Bé", when=MORNING + timedelta(hours=1))
    filled.add_corrections([correction()])
    filled.add_corrections([edited, correction()])
    (found,) = filled.corrected_fields()
    assert found.corrections == (correction(), edited)
    assert found.settled == edited
    assert (found.book, found.sha256, found.page, found.record, found.field) == (KEY, "aa", 1, 1, field("ho_ten"))
    assert Path(found.scan).name == "a.pdf"


def test_an_answer_taken_back_counts_no_more_until_it_is_given_again(filled: Store) -> None:
    filled.add_corrections([correction(), correction("Lê Thị Bảy", annotation=30, source="other")])
    assert filled.withdraw_corrections(correction().source, {21, 30, 99}) == 1
    assert [c.annotation for c in filled.corrections()] == [30]
    assert filled.withdraw_corrections(correction().source, {21}) == 0
    assert filled.add_corrections([correction()]) == 0
    assert {c.annotation for c in filled.corrections()} == {21, 30}


def test_corrections_outlive_reading_again_and_another_layout(filled: Store) -> None:
    filled.add_corrections([correction()])
    filled.change_layout(KEY, "ks_2016_2020", 2)
    assert list(filled.corrected_fields()) == []
    assert filled.corrections() == (correction(),)
    page = filled.todo()[0]
    filled.put(page.id, PageResult("a.pdf", 1, "ks_2016_2020", 2, records=(Record(1, (field("ho_ten"),)),)))
    assert [f.settled for f in filled.corrected_fields([KEY])] == [correction()]
    assert list(filled.corrected_fields(["KT.2006.01"])) == []


def test_nothing_is_added_where_one_page_is_unknown(filled: Store) -> None:
    strange = correction(place=FieldPlace("bb", 1, 1, "ho_ten"), annotation=40)
    with pytest.raises(BadInput, match=r"page 1 of a scan that this workspace does not know \(SHA-256 bb"):
        filled.add_corrections([correction(), strange])
    assert filled.corrections() == ()


def test_more_fields_than_one_statement_takes(filled: Store) -> None:
    many = [correction(annotation=n, when=MORNING + timedelta(seconds=n)) for n in range(1203)]
    assert filled.add_corrections(many) == 1203
    assert filled.withdraw_corrections(many[0].source, range(1, 1203)) == 1202
    assert filled.corrections() == (many[0],)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"when": datetime(2026, 3, 4)}, "not in UTC"),
        ({"when": datetime(2026, 3, 4, tzinfo=timezone(timedelta(hours=7)))}, "not in UTC"),
        ({"entered": None}, "without a value"),
        ({"answer": Answer.SKIPPED}, "with a value"),
        ({"answer": Answer.CONFIRMED}, "not the one shown"),
    ],
)
def test_what_cannot_have_happened_is_no_correction(changes: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        correction(**changes)


def later(seconds: int, entered: str | None, **changes) -> Correction:
    answer = changes.pop("answer", Answer.CORRECTED)
    return correction(entered, answer, when=MORNING + timedelta(seconds=seconds), annotation=100 + seconds, **changes)


def test_the_last_word_counts_and_a_skip_is_none() -> None:
    assert settled_correction([]) is None
    first, second, skip = later(1, "A"), later(2, "B"), later(3, None, answer=Answer.SKIPPED)
    assert settled_correction([second, skip, first]) == second
    assert settled_correction([skip]) is None


def test_two_persons_who_disagree_need_a_checker() -> None:
    first = later(1, "Lê Thị Hoà")
    same = later(2, "Lê  Thị Hòa", purpose=Purpose.SECOND, who="ba@xa.local")
    other = later(3, "Lê Thị Hoa", purpose=Purpose.SECOND, who="ba@xa.local")
    check = later(4, "Lê Thị Hoa", purpose=Purpose.CHECK, who="tu@xa.local")
    assert answers_agree(first, same)
    assert settled_correction([first, same]) == same
    assert not answers_agree(first, other)
    assert settled_correction([first, other]) is None
    assert settled_correction([first, other, check]) == check
    assert settled_correction([first, other, check, later(5, "Lê Thị Huệ")]) == check
    assert settled_correction([first, later(6, "Lê Thị Hoa"), other]) in (other, later(6, "Lê Thị Hoa"))
    blind = later(7, None, answer=Answer.UNREADABLE, purpose=Purpose.SECOND, who="ba@xa.local")
    assert settled_correction([first, blind]) is None
