"""Stores of earlier versions come to the tables of today, whatever happens on the way: on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event

from ocrfill.document.result import Decision
from ocrfill.errors import StoreError
from ocrfill.store import BatchState, Ledger, State, Store
from ocrfill.store.migrations import SCRIPT_LOCATION, revision_of
from ocrfill.store.schema import METADATA, SCHEMA, SCHEMA_VERSION

EARLIER = Path(__file__).parent / "earlier_stores"
KEY = "KS.2006.01"

EVERY_VERSION = pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))


@pytest.fixture
def database(store_url: str | None, tmp_path: Path) -> Engine:
    """What the store lies in, to look at it from outside: SQLite, then PostgreSQL."""
    if store_url is None:
        (tmp_path / "work").mkdir(exist_ok=True)
    return sqlalchemy.create_engine(
        store_url or f"sqlite:///{tmp_path / 'work' / 'ocrfill.sqlite'}", poolclass=sqlalchemy.NullPool
    )


@pytest.fixture
def reopen(store_url: str | None, tmp_path: Path) -> Callable[[], Store]:
    """Opens the store that `database` shows, as a command does that is to make none."""
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    return lambda: Store.open(store_url or work, work)


def make_earlier(database: Engine, version: int) -> None:
    statements = (EARLIER / f"version_{version}.sql").read_text(encoding="utf-8").split(";\n")
    with database.begin() as connection:
        for statement in filter(None, statements):
            connection.exec_driver_sql(statement)


def rows(database: Engine) -> dict[str, list[tuple[object, ...]]]:
    """All that stands in a database, table by table."""
    with database.connect() as connection:
        found = sqlalchemy.MetaData()
        found.reflect(connection)
        return {
            name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for name, table in found.tables.items()
        }


def differences(connection: Connection) -> list[object]:
    """What Alembic would have to change to come to the tables of today."""
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": other_type}), METADATA))


def other_type(_context: object, _column: object, _table: object, stored: object, described: object) -> bool | None:
    """False where Alembic errs: the stores from before it say DOUBLE PRECISION, which it takes for REAL.

    To SQLite the two are one type. None leaves the answer to Alembic.
    """
    return False if isinstance(stored, sqlalchemy.REAL) and isinstance(described, sqlalchemy.Double) else None


def described(connection: Connection) -> set[tuple[object, ...]]:
    """The schema in the database's own words: what `differences` overlooks too, such as checks."""
    if connection.dialect.name == "sqlite":
        queries = ["SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'"]
    else:
        queries = [
            "SELECT 'column', table_name, column_name, ordinal_position, data_type, is_nullable, column_default "
            "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
            "SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'",
            "SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        ]
    return {tuple(row) for query in queries for row in connection.exec_driver_sql(query)}


def test_each_version_has_one_step_and_the_last_is_that_of_the_tables() -> None:
    config = Config()
    config.set_main_option("script_location", SCRIPT_LOCATION)
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert steps == [revision_of(version) for version in range(SCHEMA_VERSION, 0, -1)]


def test_a_new_store_is_what_the_tables_say(open_store: Callable[[], Store], database: Engine) -> None:
    open_store()
    with database.begin() as connection:
        assert differences(connection) == []
        made = described(connection)
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
        assert made == described(connection)


def test_a_difference_would_be_found(open_store: Callable[[], Store], database: Engine) -> None:
    open_store()
    with database.begin() as connection:
        made = described(connection)
        connection.exec_driver_sql("DROP INDEX pages_issues")
        connection.exec_driver_sql("ALTER TABLE books ADD COLUMN shelf TEXT")
        assert len(differences(connection)) == 2
        assert len(made ^ described(connection)) >= 2


@EVERY_VERSION
def test_an_earlier_store_keeps_all_and_gets_the_tables_of_today(
    version: int, database: Engine, reopen: Callable[[], Store]
) -> None:
    make_earlier(database, version)
    before = rows(database)
    with reopen() as store:
        (status, _) = store.status()
        assert [book.key for book in store.books()] == [KEY, "KT.1999-2001.03"]
        assert status.pages == {State.DONE: 1, State.FAILED: 1, State.PENDING: 1}
        assert (status.failed_scans, status.fields[Decision.ACCEPT]) == (1, 1)
        assert [page.result is not None for page in store.pages(KEY)] == [True, True, False]
        assert [c.entered for c in store.corrections()] == (["Lê Thị Bà"] if version >= 2 else [])
        states = [batch.state for batch in Ledger(store).batches()]
        assert states == ([BatchState.SENT] if version >= 3 else [])
    after = rows(database)
    assert after.pop("ocrfill_schema") == [(SCHEMA_VERSION,)], "by this an earlier ocrfill knows that it is too old"
    assert after.pop("alembic_version", None) == (
        None if version == SCHEMA_VERSION else [(revision_of(SCHEMA_VERSION),)]
    )
    del before["ocrfill_schema"]
    assert {name: after[name] for name in before} == before
    assert all(after[name] == [] for name in set(after) - set(before))
    with database.connect() as connection:
        assert differences(connection) == []


@pytest.mark.parametrize("said", ["0001", "0003", "none of ours"])
def test_the_version_of_ocrfill_counts_whatever_alembic_s_own_table_says(
    said: str, database: Engine, reopen: Callable[[], Store]
) -> None:
    make_earlier(database, 2)
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{said}')")
    reopen().close()
    assert rows(database)["alembic_version"] == [(revision_of(SCHEMA_VERSION),)]
    with database.connect() as connection:
        assert differences(connection) == []


def test_a_newer_store_is_refused_and_left_alone(database: Engine, reopen: Callable[[], Store]) -> None:
    make_earlier(database, SCHEMA_VERSION)
    with database.begin() as connection:
        connection.execute(SCHEMA.update().values(version=SCHEMA_VERSION + 1))
    before = rows(database)
    with pytest.raises(
        StoreError, match=f"newer ocrfill .its version is {SCHEMA_VERSION + 1}, this ocrfill knows {SCHEMA_VERSION}"
    ):
        reopen()
    assert rows(database) == before


def open_until(reopen: Callable[[], Store], statements: int) -> None:
    """Open the store in this process, which is killed after so many statements that write."""
    left = statements

    def write(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        nonlocal left
        if statement.split(maxsplit=1)[0] in {"CREATE", "INSERT", "UPDATE", "DELETE"}:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    def commit(_connection: Connection) -> None:
        if statements - left:  # not that of the transaction that only reads the version
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", write)
    event.listen(Engine, "commit", commit)
    with suppress(StoreError):
        reopen()
    os._exit(0)


def test_a_kill_at_any_moment_loses_nothing(database: Engine, reopen: Callable[[], Store]) -> None:
    make_earlier(database, 1)
    before = rows(database)
    with database.connect() as connection:
        schema = described(connection)
    forked = multiprocessing.get_context("fork")
    for statements in range(11):  # 5 tables and indexes, what Alembic keeps of them, ours, and the commit
        process = forked.Process(target=open_until, args=(reopen, statements))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, f"after {statements} statements"
        with database.connect() as connection:
            assert described(connection) == schema
        assert rows(database) == before
    reopen().close()
    with database.connect() as connection:
        assert differences(connection) == []


def test_a_store_of_today_is_opened_without_alembic(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ocrfill.store import Store\n"
        "Store.open(Path(sys.argv[1])).close(); print('alembic' in sys.modules)"
    )
    Store.open(tmp_path, create=True).close()
    told = subprocess.run(
        [sys.executable, "-c", script, tmp_path], check=True, capture_output=True, text=True, timeout=60
    )
    assert told.stdout.strip() == "False"
