"""A row that is not as ocrfill wrote it is told with its place, without its values; never a traceback."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.builders.stored_book import BOOK, KEY, field, filled, result, write_all
from support.fuzzing.plain_words import assert_plain

from ocrfill.cli.export import export
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import Record
from ocrfill.errors import BadInput, ExitCode, OcrfillError, StoreError
from ocrfill.store import Ledger, ReviewTask, Store

NO_PAGE = (
    "",
    "{",
    "null",
    "[]",
    "{}",
    '"x"',
    "1",
    "NaN",
    "[" * 100_000,
    '{"records": {}}',
    '{"records": [1]}',
    b"\xff\xfe",
)
NO_FIELD = ("", "{", "null", "[]", "{}", "1", "[" * 100_000, '{"label": 1}', b"\xff")


def spoil(workspace: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(workspace / "ocrfill.sqlite") as connection:
        changed = connection.execute(statement, values)
        assert changed.rowcount != 0
    connection.close()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    with filled(tmp_path) as store:
        write_all(store)
        place = FieldPlace("a", 2, 1, "1")
        outline = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
        when = datetime(2026, 1, 1, tzinfo=UTC)
        correction = Correction(
            place=place,
            prefilled="",
            entered="Lê Thị Ba",
            answer=Answer.CORRECTED,
            purpose=Purpose.REVIEW,
            who="An",
            when=when,
            seconds=1.0,
            source="local",
            task=1,
            annotation=1,
            outline=outline,
        )
        store.add_corrections([correction])
    return tmp_path


@pytest.mark.parametrize("detail", NO_PAGE)
def test_a_damaged_page_is_named(workspace: Path, detail: str | bytes) -> None:
    spoil(workspace, "UPDATE pages SET detail = ? WHERE number = 2", detail)
    with Store.open(workspace) as store, pytest.raises(StoreError, match=r"damaged at page 2 of a\.pdf") as told:
        list(store.pages(KEY))
    assert "Lê Thị Ba" not in str(told.value)


@pytest.mark.parametrize("detail", NO_FIELD)
def test_a_damaged_field_is_told_by_its_page(workspace: Path, detail: str | bytes) -> None:
    spoil(workspace, "UPDATE fields SET detail = ? WHERE page_id = 3 AND position = 5", detail)
    with Store.open(workspace) as store, pytest.raises(StoreError, match=r"damaged at page 3 of a\.pdf"):
        list(store.pages(KEY))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fields SET record = 7 WHERE page_id = 1 AND position = 5",
        "UPDATE fields SET probability = 'much' WHERE page_id = 1 AND position = 5",
        "UPDATE fields SET raw = X'FF' WHERE page_id = 1 AND position = 5",
    ],
)
def test_a_damaged_column_is_told_by_its_page(workspace: Path, statement: str) -> None:
    spoil(workspace, statement)
    with Store.open(workspace) as store, pytest.raises(StoreError, match=r"damaged at page 1 of a\.pdf"):
        list(store.pages(KEY))


@pytest.mark.parametrize("issues", ["{", "[1]", '{"a": 1}', '[{"code": "x"}]', '[{"code": "x", "text": "y", "z": 1}]'])
def test_damaged_remarks_on_a_page_are_told(workspace: Path, issues: str) -> None:
    spoil(workspace, "UPDATE pages SET issues = ? WHERE number = 1", issues)
    with Store.open(workspace) as store, pytest.raises(StoreError, match=r"damaged at page 1 of a\.pdf"):
        store.notes()


@pytest.mark.parametrize(
    ("column", "value"),
    [("outline", "["), ("outline", "[[1]]"), ("outline", "3"), ("moment", "yesterday"), ("moment", ""), ("moment", 7)],
)
def test_a_damaged_correction_is_told(workspace: Path, column: str, value: object) -> None:
    spoil(workspace, f"UPDATE corrections SET {column} = ?", value)
    with (
        Store.open(workspace) as store,
        pytest.raises(StoreError, match="damaged at a correction on page 2"),
    ):
        store.corrections()


WRONG_KINDS = (b"\xff", "x", -1)
"""Values that no column takes, or not every one: SQLite keeps in a column whatever it is given."""

READ_COLUMNS = {
    "books": ("kind", "first_year", "last_year", "volume", "layout_version"),
    "scans": ("path", "sha256", "failure", "replaced"),
    "pages": ("number",),
    "corrections": ("field", "prefilled", "answer", "purpose", "who", "moment", "source", "outline"),
    "review_batches": ("state", "seen", "project", "server"),
    "review_tasks": ("purpose", "prefilled", "outline", "record"),
}


@pytest.fixture
def reviewed(workspace: Path) -> Path:
    """The workspace with a batch of review tasks."""
    place, outline = FieldPlace("a", 2, 1, "1"), ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    with Store.open(workspace) as store:
        task = ReviewTask(1, place, Purpose.REVIEW, "Lê Thị Ba", outline)
        Ledger(store).plan(KEY, "local", [("", "token", [task])])
    return workspace


READS: tuple[Callable[[Store], object], ...] = (
    lambda store: store.books(),
    lambda store: store.book(KEY),
    lambda store: store.scans(),
    lambda store: store.todo(),
    lambda store: store.failures(),
    lambda store: store.failed_scans(KEY),
    lambda store: store.notes(),
    lambda store: store.status(),
    lambda store: store.corrections(),
    lambda store: list(store.pages(KEY)),
    lambda store: list(store.corrected_fields()),
    lambda store: Ledger(store).batches(),
    lambda store: Ledger(store).tasks(1),
    lambda store: Ledger(store).asked(KEY),
)


def error_of(read: Callable[[Store], object], store: Store) -> OcrfillError | None:
    try:
        read(store)
    except OcrfillError as error:
        return error
    return None


COLUMNS = [(table, column) for table, columns in READ_COLUMNS.items() for column in columns]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_of_any_table_that_holds_what_it_must_not_is_told(reviewed: Path, table: str, column: str) -> None:
    sound = (reviewed / "ocrfill.sqlite").read_bytes()
    told = 0
    for value in WRONG_KINDS:
        (reviewed / "ocrfill.sqlite").write_bytes(sound)
        with sqlite3.connect(reviewed / "ocrfill.sqlite") as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
        connection.close()
        with Store.open(reviewed) as store:
            errors = [error_of(read, store) for read in READS]
        for error in errors:
            if isinstance(error, BadInput):  # there is no such book any more
                assert table == "books"
            elif error is not None:
                told += "damaged" in str(error)
                assert_plain(str(error), reviewed)
                assert "Lê Thị Ba" not in str(error)
    assert told, "nothing was told of any of the values"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ocrfill_schema",
        "UPDATE ocrfill_schema SET version = 0",
        "UPDATE ocrfill_schema SET version = -1",
        "UPDATE ocrfill_schema SET version = 'three'",
        "UPDATE ocrfill_schema SET version = 2.5",
        "INSERT INTO ocrfill_schema VALUES (3)",
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_a_store_without_a_version_is_damaged(workspace: Path, statement: str, create: bool) -> None:
    spoil(workspace, statement)
    before = (workspace / "ocrfill.sqlite").read_bytes()
    with pytest.raises(StoreError, match=r"ocrfill\.sqlite: its schema's version is damaged"):
        Store.open(workspace, create=create)
    assert (workspace / "ocrfill.sqlite").read_bytes() == before


def exported(workspace: Path, out: Path) -> tuple[int, str, dict[str, list[int]]]:
    """The export's code, what it says on stderr, and the pages in each book's CSV."""
    words = ["--workspace", str(workspace), "--out", str(out), "--format", "csv"]
    ran = CliRunner().invoke(export, words, catch_exceptions=False, standalone_mode=False)
    files = sorted(out.glob("*.csv")) if out.exists() else []
    rows = {file.stem: list(csv.DictReader(file.open(encoding="utf-8-sig"))) for file in files}
    return ran.return_value, ran.stderr, {key: sorted({int(row["page"]) for row in of}) for key, of in rows.items()}


DAMAGES = {
    "a page": "UPDATE pages SET detail = '{' WHERE id = 2",
    "remarks": "UPDATE pages SET issues = '[1]' WHERE id = 2",
    "a field": "UPDATE fields SET detail = 'null' WHERE page_id = 2 AND position = 5",
    "a value": "UPDATE fields SET raw = X'FF' WHERE page_id = 2 AND position = 5",
    "an answer": "UPDATE corrections SET outline = '['",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_page_is_left_out_of_the_export_by_name(workspace: Path, tmp_path: Path, damage: str) -> None:
    """The other pages are written, and so are other books; before, one damaged row blocked the whole store's export."""
    with Store.open(workspace) as store:
        store.add_book(replace(BOOK, volume=2), 1)
        store.add_scan("KS.2006.02", "b.pdf", "b", 1)
        (page,) = store.todo()
        store.put(page.id, result("b.pdf", 1, Record(1, (field("1"),))))
    assert exported(workspace, tmp_path / "before") == (0, "", {KEY: [1, 2, 3], "KS.2006.02": [1]})
    spoil(workspace, DAMAGES[damage])
    code, said, pages = exported(workspace, tmp_path / "out")
    assert code == ExitCode.STORE
    assert pages == {KEY: [1, 3], "KS.2006.02": [1]}
    assert f"{KEY}: left out" in said
    assert "a.pdf, page 2: store: what was read or answered on it is damaged" in said
    assert "Lê Thị Ba" not in said


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE scans SET path = X'FF' WHERE id = 1",
        "UPDATE scans SET sha256 = X'FF' WHERE id = 1",
        "UPDATE pages SET number = 'two' WHERE id = 2",
        "UPDATE pages SET state = 'failed', failure_stage = 'read', failure_reason = X'FF' WHERE id = 2",
    ],
)
def test_a_book_with_a_damaged_scan_is_not_exported_and_the_others_are(
    workspace: Path, tmp_path: Path, damage: str
) -> None:
    with Store.open(workspace) as store:
        store.add_book(replace(BOOK, volume=2), 1)
        store.add_scan("KS.2006.02", "b.pdf", "b", 1)
        (page,) = store.todo()
        store.put(page.id, result("b.pdf", 1, Record(1, (field("1"),))))
    spoil(workspace, damage)
    code, said, pages = exported(workspace, tmp_path / "out")
    assert (code, pages) == (ExitCode.STORE, {"KS.2006.02": [1]})
    assert f"{KEY} was not exported: the store is damaged at the tables of scans and pages" in said


@pytest.mark.parametrize("column", ["kind = '../../x'", "volume = '../1'", "first_year = 20060", "place = X'FF'"])
def test_a_book_that_is_none_is_refused_for_files_are_named_after_it(
    workspace: Path, tmp_path: Path, column: str
) -> None:
    spoil(workspace, f"UPDATE books SET {column}")
    with pytest.raises(StoreError, match="damaged at the table of books"):
        exported(workspace, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_number_after_which_there_is_none_is_told(workspace: Path) -> None:
    spoil(workspace, "INSERT INTO scans SELECT 9223372036854775807, book_id, 'z.pdf', 'zz', NULL, 0 FROM scans LIMIT 1")
    with Store.open(workspace) as store, pytest.raises(StoreError, match="is damaged or no ocrfill store") as told:
        store.add_scan(KEY, "new.pdf", "new", 1)
    assert_plain(str(told.value), workspace)


def test_bytes_in_what_sqlite_says_are_told(workspace: Path) -> None:
    file = workspace / "ocrfill.sqlite"
    whole = file.read_bytes()
    name = whole.index(b"CREATE TABLE books")
    file.write_bytes(whole[:name] + b"\xff\xfe\xff E TABLE books" + whole[name + 18 :])
    with pytest.raises(StoreError, match="is damaged or no ocrfill store") as told:
        Store.open(workspace)
    assert_plain(str(told.value), workspace)
