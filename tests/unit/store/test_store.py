"""The store: what goes in comes back equal, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders.results import results
from support.builders.stored_book import BOOK, KEY, field, result

from ocrfill.civil_status.book import Book
from ocrfill.document.result import Decision, Failure, Record
from ocrfill.errors import BadInput, StoreError
from ocrfill.store import State, Store, natural_path_key
from ocrfill.store.paths import is_odd_path
from ocrfill.store.schema import SCHEMA_VERSION


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_page_result_comes_back_equal(store: Store, data: st.DataObject) -> None:
    if store.book(KEY) is None:
        store.add_book(BOOK, 1)
        store.add_scan(KEY, "a.pdf", "aa", 2)
    page = data.draw(results("a.pdf", 2))
    two = next(p.id for p in store.todo(failed=True) if p.number == 2) if _pending(store) else 2
    store.put(two, page)
    stored = list(store.pages(KEY))[1]
    assert stored.result == page
    assert stored.state is (State.DONE if page.failure is None else State.FAILED)


def _pending(store: Store) -> bool:
    return any(p.state is State.PENDING and p.number == 2 for p in store.pages(KEY))


def test_what_cannot_be_stored_is_refused_and_leaves_the_page_as_it_was(store: Store) -> None:
    store.add_book(BOOK, 1)
    store.add_scan(KEY, "a.pdf", "aa", 1)
    (page,) = store.todo()
    double = Record(1, (field("a"),))
    for bad in (
        result("a.pdf", 1, double, double),
        result("a.pdf", 1, Record(1, (replace(field("a"), probability=float("nan")),))),
        result("a.pdf", 1, Record(1, (replace(field("a"), raw="Lê\0"),))),
        result("a.pdf", 1, Record(1, (replace(field("a"), label="\ud800"),))),
        replace(result("a.pdf", 1), fit=float("inf")),
        result("a.pdf", 2),
        result("b.pdf", 1),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - each its own message
            store.put(page.id, bad)
    assert [p.state for p in store.pages(KEY)] == [State.PENDING]


def test_pages_come_in_natural_order_of_paths_then_numbers(store: Store) -> None:
    store.add_book(BOOK, 1)
    for path, pages in (("10.jpg", 1), ("2.tif", 2), ("b/1.jpg", 1), ("1.jpg", 1)):
        store.add_scan(KEY, path, path, pages)
    order = [(Path(p.scan).relative_to(store.folder).as_posix(), p.number) for p in store.pages(KEY)]
    assert order == [("1.jpg", 1), ("2.tif", 1), ("2.tif", 2), ("10.jpg", 1), ("b/1.jpg", 1)]
    assert [(p.source, p.number) for p in store.todo()] == order


def test_todo_is_by_book_and_gives_failed_pages_only_when_asked(store: Store) -> None:
    other = Book.parse("KT.2006.02", "kt_2006_2015")
    store.add_book(other, 1)
    store.add_book(BOOK, 1)
    store.add_scan(other.key, "t.pdf", "t", 1)
    store.add_scan(KEY, "s.pdf", "s", 2)
    assert [(p.book, p.layout, p.number) for p in store.todo()] == [
        (KEY, "ks_2006_2015", 1),
        (KEY, "ks_2006_2015", 2),
        (other.key, "kt_2006_2015", 1),
    ]
    first = store.todo()[0]
    store.put(first.id, result("s.pdf", 1, failure=Failure("locate", "no frame")))
    assert [(p.book, p.number) for p in store.todo([KEY])] == [(KEY, 2)]
    assert [(p.book, p.number) for p in store.todo([KEY], failed=True)] == [(KEY, 1), (KEY, 2)]


def test_a_page_read_again_has_only_its_new_fields(store: Store) -> None:
    store.add_book(BOOK, 1)
    store.add_scan(KEY, "a.pdf", "aa", 1)
    (page,) = store.todo()
    first = result("a.pdf", 1, Record(1, (field("a"), field("b"))))
    second = result("a.pdf", 1, Record(2, (field("c"),)))
    assert store.put(page.id, first)
    assert not store.put(page.id, first), "nothing new, so nothing is written"
    assert store.put(page.id, second)
    assert [p.result for p in store.pages(KEY)] == [second]
    assert store.status()[0].fields[Decision.REVIEW] == 1


def test_a_changed_file_takes_the_place_of_the_old_one(store: Store) -> None:
    store.add_book(BOOK, 1)
    store.add_scan(KEY, "a.jpg", "old", 1)
    store.put(store.todo()[0].id, result("a.jpg", 1, Record(1, (field("a"),))))
    store.add_scan(KEY, "a.jpg", "new", 1)
    assert [(p.sha256, p.state) for p in store.pages(KEY)] == [("new", State.PENDING)]
    (status,) = store.status()
    assert (status.scans, status.replaced, status.records) == (1, 1, 0)
    old = store.scans(sha256="old")[0]
    store.move_scan(old, KEY, "a.jpg")
    assert [(p.sha256, p.state) for p in store.pages(KEY)] == [("old", State.DONE)]


def test_another_layout_makes_all_pages_pending_again(store: Store) -> None:
    store.add_book(BOOK, 1)
    store.add_scan(KEY, "a.pdf", "a", 2)
    one, two = store.todo()
    store.put(one.id, result("a.pdf", 1, Record(1, (field("a"),))))
    store.put(two.id, result("a.pdf", 2, failure=Failure("page", "blank")))
    store.change_layout(KEY, "ks_2016_2020", 3)
    assert store.book(KEY) == (replace(BOOK, layout="ks_2016_2020"), 3)
    assert [(p.state, p.result) for p in store.pages(KEY)] == [(State.PENDING, None)] * 2
    assert store.status()[0].records == 0


def test_status_counts(store: Store) -> None:
    store.add_book(BOOK, 2)
    store.add_scan(KEY, "a.pdf", "a", 4)
    store.add_scan(KEY, "b.pdf", "b", 0, "the file is empty")
    one, two, three, _ = store.todo()
    filled, empty = field("a"), field("b", Decision.EMPTY)
    store.put(one.id, result("a.pdf", 1, Record(1, (filled, empty)), Record(2, (empty, field("c", Decision.ACCEPT)))))
    store.put(two.id, result("a.pdf", 2, Record(1, (filled,))))
    store.put(three.id, result("a.pdf", 3, failure=Failure("page", "the page is blank")))
    (status,) = store.status()
    assert (status.book, status.layout_version) == (BOOK, 2)
    assert (status.scans, status.failed_scans, status.replaced) == (2, 1, 0)
    assert status.pages == {State.DONE: 2, State.FAILED: 1, State.PENDING: 1}
    assert status.records == 3
    assert status.fields == {Decision.ACCEPT: 1, Decision.REVIEW: 2, Decision.EMPTY: 2, Decision.NOT_READ: 0}
    where = [(Path(f.scan).name, f.number, f.stage, f.reason) for f in store.failures()]
    assert where == [("a.pdf", 3, "page", "the page is blank"), ("b.pdf", None, "scan", "the file is empty")]
    assert store.failures(["KT.2006.01"]) == ()


def test_books_come_back_and_are_told_when_missing(store: Store) -> None:
    long = Book.parse("KT.1999-2001.03", "kt_2006_2015", "UBND phường 1")
    store.add_book(long, 4)
    store.add_book(BOOK, 1)
    assert store.books() == (BOOK, long)
    assert store.book(long.key) == (long, 4)
    assert store.book("KS.1990.01") is None
    store.change_place(KEY, "UBND xã Triệu Ái")
    assert store.books()[0].place == "UBND xã Triệu Ái"
    with pytest.raises(BadInput, match=r"no book KS\.1990\.01"):
        store.add_scan("KS.1990.01", "a", "a", 1)


def test_all_is_there_after_opening_again(open_store: Callable[[], Store]) -> None:
    first = open_store()
    first.add_book(BOOK, 1)
    first.add_scan(KEY, "a.pdf", "a", 1)
    kept = result("a.pdf", 1, Record(1, (field("a"),)))
    first.put(first.todo()[0].id, kept)
    again = open_store()
    assert [p.result for p in again.pages(KEY)] == [kept]


def test_a_second_writer_is_kept_out_and_told_who_is_at_work(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    with (
        one.locked(),
        pytest.raises(StoreError, match=r"another ocrfill is at work on .*process \d+ on "),
        other.locked(),
    ):
        pass
    with other.locked():
        pass


@pytest.mark.postgres
def test_a_second_writer_on_another_machine_is_kept_out_of_the_database(postgres_url: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with (
        Store.open(postgres_url, tmp_path / "a", create=True) as one,
        Store.open(postgres_url, tmp_path / "b") as other,
    ):
        with (
            one.locked(),
            pytest.raises(StoreError, match=r"at work on this database \(ocrfill \d+ on "),
            other.locked(),
        ):
            pass
        with other.locked():
            pass


def test_a_newer_schema_is_refused(open_store: Callable[[], Store], store_url: str | None, tmp_path: Path) -> None:
    open_store()
    engine = sqlalchemy.create_engine(store_url or f"sqlite:///{tmp_path / 'work' / 'ocrfill.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE ocrfill_schema SET version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError, match="made by a newer ocrfill"):
        open_store()


def test_paths_are_relative_to_a_workspace_in_or_beside_them(store: Store, tmp_path: Path) -> None:
    assert store.path_in_store(tmp_path / "work" / "a.jpg") == "a.jpg"
    assert store.path_in_store(tmp_path / "scans" / "a.jpg") == "../scans/a.jpg"
    assert store.path_in_store(Path("/elsewhere/a.jpg")) == "/elsewhere/a.jpg"
    for file in (tmp_path / "work" / "a.jpg", tmp_path / "scans" / "ảnh 1.jpg", Path("/elsewhere/a.jpg")):
        assert store.file(store.path_in_store(file)) == file
    odd = store.path_in_store(tmp_path / "scans" / "a\udcff.jpg")
    assert odd == "../scans//a\\xff.jpg"
    assert is_odd_path(odd)
    assert not is_odd_path(store.path_in_store(tmp_path / "scans" / "a\\xff.jpg"))


def test_natural_order() -> None:
    order = ["1.jpg", "02.jpg", "2.jpg", "10.JPG", "a/2.jpg", "A/10.jpg", "a b/1.jpg", "ab/1.jpg"]
    assert sorted(set(order), key=natural_path_key) == order
