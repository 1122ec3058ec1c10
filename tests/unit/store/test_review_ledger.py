"""What was put before whom, and what came back: on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.builders.corrections import KEY, PLACE, correction, field

from ocrfill.civil_status.book import Book
from ocrfill.document.correction import Purpose
from ocrfill.document.result import PageResult, Record
from ocrfill.store import BatchState, Ledger, ReviewBatch, ReviewTask, Store

OUTLINE = ((1.0, 2.5), (3.0, 4.0))


def task(position: int, name: str, purpose: Purpose = Purpose.REVIEW) -> ReviewTask:
    return ReviewTask(position, replace(PLACE, field=name), purpose, "Lê Thị Ba", OUTLINE)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    """A book of one page, and two planned batches."""
    store.add_book(Book.parse(KEY, "ks_2006_2015"), 1)
    store.add_scan(KEY, "a.pdf", "aa", 1)
    record = Record(1, (field("ho_ten"), field("ngay_sinh"), field("me_ho_ten")))
    store.put(store.todo()[0].id, PageResult("a.pdf", 1, "ks_2006_2015", 1, 100, 200, 300.0, records=(record,)))
    ledger = Ledger(store)
    first = [task(1, "ho_ten"), task(2, "ngay_sinh", Purpose.AUDIT)]
    ledger.plan(KEY, "local", [("thu", "t1", first), ("", "t2", [task(1, "me_ho_ten")])])
    return ledger


def test_batches_come_back_as_they_were_planned(ledger: Ledger) -> None:
    one, two = ledger.batches("local", KEY)
    assert one == ReviewBatch(1, KEY, "local", "thu", BatchState.PLANNED, "t1", None, None, 2)
    assert (two.id, two.person, two.token, two.size) == (2, "", "t2", 1)
    assert ledger.tasks(1) == (task(1, "ho_ten"), task(2, "ngay_sinh", Purpose.AUDIT))
    assert ledger.batches("elsewhere") == ()
    assert {(place.field, purpose) for place, purpose in ledger.asked(KEY)} == {
        ("ho_ten", Purpose.REVIEW),
        ("ngay_sinh", Purpose.AUDIT),
        ("me_ho_ten", Purpose.REVIEW),
    }


def test_what_is_sent_is_known_by_its_rows_on_the_server(ledger: Ledger) -> None:
    ledger.placed(1, 7)
    ledger.sent(1, {1: 101, 2: 102})
    (one, _) = ledger.batches()
    assert (one.project, one.state) == (7, BatchState.SENT)
    assert [t.task for t in ledger.tasks(1)] == [101, 102]
    ledger.reopen(1)
    assert ledger.batches()[0].state is BatchState.PLANNED
    ledger.sent(1, {})
    assert [t.task for t in ledger.tasks(1)] == [101, 102]


def test_what_is_lost_can_be_asked_again_unless_it_was_answered(ledger: Ledger, store: Store) -> None:
    store.add_corrections([correction()])
    ledger.lost(1)
    assert {place.field for place, _ in ledger.asked(KEY)} == {"ho_ten", "me_ho_ten"}


def test_a_pull_is_kept_whole(ledger: Ledger, store: Store) -> None:
    batch = ledger.batches()[0]
    source = correction().source
    assert ledger.pulled(batch, source, [correction()], {11: {21}}, "2026-03-04T01:02:03Z") == (1, 0)
    assert ledger.batches()[0].seen == "2026-03-04T01:02:03Z"
    again = replace(correction(), when=correction().when.replace(minute=30))
    assert ledger.pulled(batch, source, [again], {11: {21}}, "2026-03-04T02:00:00Z") == (0, 0)
    assert ledger.pulled(batch, source, [], {11: set(), 12: set()}, "2026-03-04T03:00:00Z") == (0, 1)
    assert store.corrections() == ()
