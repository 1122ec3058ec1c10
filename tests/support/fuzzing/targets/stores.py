"""Databases of other versions and damaged ones."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from support.builders.stored_book import BOOK, KEY, result, write_all
from support.builders.stored_book import field as made_field
from support.fuzzing.plain_words import assert_plain
from support.fuzzing.target import Target
from support.fuzzing.values import odd_bytes, odd_text
from support.paths import TESTS

from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import Failure, Issue, Record
from ocrfill.errors import OcrfillError
from ocrfill.store import Ledger, ReviewTask, Store

Damage = list[tuple[str, tuple[object, ...]]]

TABLES = {
    "ocrfill_schema": ("version",),
    "books": ("id", "kind", "first_year", "last_year", "volume", "layout", "layout_version", "place"),
    "scans": ("id", "book_id", "path", "sha256", "failure", "replaced"),
    "pages": ("id", "scan_id", "number", "state", "failure_stage", "failure_reason", "issues", "detail"),
    "fields": ("page_id", "record", "position", "name", "raw", "normalised", "probability", "decision", "detail"),
    "corrections": (
        "id", "page_id", "record", "field", "prefilled", "entered", "answer", "purpose", "who", "moment", "seconds",
        "source", "task", "annotation", "outline", "withdrawn",
    ),
    "review_batches": ("id", "book_id", "server", "person", "state", "token", "project", "seen"),
    "review_tasks": (
        "batch_id", "position", "page_id", "record", "field", "purpose", "prefilled", "outline", "task",
    ),
}  # fmt: skip

CELLS: tuple[object, ...] = (
    None, 0, 1, -1, 2**63 - 1, -(2**63), 1.5, float("inf"), 1e308, b"\xff\xfe", b"", "", "x", "{", "[]", "{}",
    "null", "1", "KS",
    "done", "planned", "lost", "accept", "review", "[[1,2],[3]]", '[{"code":"a","text":"b"}]', "2026-01-01", "../..",
    "\ufffe",
    "2026-01-01T00:00:00+07:00", "9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+00:00", "a" * 3000,
)  # fmt: skip


class Stores(Target):
    """`Store.open` and everything that reads a store, and some of what writes."""

    max_mb = 350
    suffix = ".txt"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        made = folder / "made"
        made.mkdir()
        _fill(made)
        self.sound = (made / "ocrfill.sqlite").read_bytes()
        self.earlier = [_earlier(folder, version) for version in (1, 2, 3)]
        self.workspace = folder / "work"
        self.workspace.mkdir()

    def draw(self, chance: random.Random) -> tuple[int, bytes | None, Damage]:
        version = chance.choice((0, 0, 0, 0, 1, 2, 3))
        content = self.earlier[version - 1] if version else self.sound
        if chance.random() < 0.2:
            return version, odd_bytes(chance, content), []
        damage: Damage = []
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            table = chance.choice(list(TABLES))
            column = chance.choice(TABLES[table])
            value = chance.choice(CELLS) if chance.random() < 0.9 else odd_text(chance)
            if isinstance(value, str):
                value = value.encode("utf-8", "replace").decode()
            match chance.randrange(12):
                case 0:
                    damage.append((f"ALTER TABLE {table} DROP COLUMN {column}", ()))
                case 1:
                    damage.append((f"DROP TABLE {table}", ()))
                case 2:
                    damage.append((f"DELETE FROM {table}", ()))
                case 3:
                    number = chance.choice((0, 1, 2, 3, 4, 99, 2**31, -1, "x", None, 2.5))
                    damage.append(("UPDATE ocrfill_schema SET version = ?", (number,)))
                case 4:
                    damage.append((f"ALTER TABLE {table} RENAME COLUMN {column} TO other", ()))
                case 5:
                    damage.append((f"ALTER TABLE {table} ADD COLUMN other TEXT", ()))
                case _:
                    where = f" WHERE rowid = {chance.randrange(1, 5)}" if chance.random() < 0.5 else ""
                    damage.append((f"UPDATE OR IGNORE {table} SET {column} = ?{where}", (value,)))
        return version, None, damage

    def check(self, given: tuple[int, bytes | None, Damage]) -> None:
        version, content, damage = given
        file = self.workspace / "ocrfill.sqlite"
        for left in self.workspace.iterdir():
            left.unlink()
        file.write_bytes(content or (self.earlier[version - 1] if version else self.sound))
        if damage:
            _spoil(file, damage)
        for create in (False, True):
            try:
                with Store.open(self.workspace, create=create) as store:
                    self._use(store)
            except OcrfillError as error:
                _assert_told(error, self.workspace)

    def _use(self, store: Store) -> None:
        ledger = Ledger(store)
        tried = [
            store.books, store.scans, store.todo, store.failures, store.notes, store.corrections, store.status,
            lambda: list(store.pages(KEY)), lambda: list(store.corrected_fields()), lambda: store.book(KEY),
            lambda: store.failed_scans(KEY), lambda: store.corrections(KEY), ledger.batches,
            lambda: [ledger.tasks(batch.id) for batch in ledger.batches()], lambda: ledger.asked(KEY),
            lambda: store.change_place(KEY, "Xã A"), lambda: store.add_scan(KEY, "b.pdf", "b", 1),
            lambda: store.withdraw_corrections("local", [1]),
        ]  # fmt: skip
        for one in tried:
            try:
                one()
            except OcrfillError as error:
                _assert_told(error, self.workspace)


def _assert_told(error: OcrfillError, workspace: Path) -> None:
    assert_plain(str(error), workspace)
    assert "Lê Thị Ba" not in str(error), "a value of a register in an error"


def _spoil(file: Path, damage: Damage) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement, values in damage:
            try:
                connection.execute(statement, values)
            except (sqlite3.Error, OverflowError):
                continue  # a column that an index needs, a row that must be the only one: then that stays whole
        connection.commit()


def _fill(folder: Path) -> None:
    with Store.open(folder, create=True) as store:
        store.add_book(BOOK, 1)
        store.add_scan(KEY, "a.pdf", "a", 3)
        store.add_scan(KEY, "broken.pdf", None, 0, "the PDF is damaged")
        write_all(store)
        store.add_scan(KEY, "c.jpg", "c", 2)
        first, second = store.todo()
        noted = result("c.jpg", 1, Record(1, (made_field("so"),), (Issue("a.b", "c"),)))
        store.put(first.id, noted)
        store.put(second.id, result("c.jpg", 2, failure=Failure("locate", "the page does not fit")))
        place = FieldPlace("a", 2, 1, "1")
        outline = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
        when = datetime(2026, 1, 1, tzinfo=UTC)
        said = Correction(
            place, "", "Lê Thị Bà", Answer.CORRECTED, Purpose.REVIEW, "An", when, 1.0, "local", 1, 1, outline
        )
        store.add_corrections([said])
        Ledger(store).plan(KEY, "local", [("", "token", [ReviewTask(1, place, Purpose.REVIEW, "Lê Thị Ba", outline)])])


def _earlier(folder: Path, version: int) -> bytes:
    file = folder / f"version_{version}.sqlite"
    text = (TESTS / "unit" / "store" / "earlier_stores" / f"version_{version}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(text)
        connection.commit()
    return file.read_bytes()
