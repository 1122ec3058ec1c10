"""A book taken out of the store for good: what the store holds of it, its rows deleted, their place written over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, delete, func, or_, select

from ocrfill.document.correction import Answer
from ocrfill.store.book_table import book_id
from ocrfill.store.schema import BOOKS, CORRECTIONS, FIELDS, METADATA, PAGES, REVIEW_BATCHES, REVIEW_TASKS, SCANS
from ocrfill.store.store import Store

ROWS_AT_ONCE = 5000

LISTED_KINDS = frozenset({"choice", "tick"})
"""Types of fields whose value is a word of a closed list, which stands in many files and tells of nobody."""


@dataclass(frozen=True, slots=True)
class BookContents:
    """What the store holds of a book, in figures; `reviewed` are fields that persons answered."""

    scans: int
    pages: int
    records: int
    fields: int
    corrections: int
    reviewed: int
    tasks: int

    def counts(self) -> dict[str, int]:
        """By name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ServerTraces:
    """Where a server holds pictures and values of a book: projects of its own, and single tasks in others.

    `tokens` stand in the descriptions of the projects, of those too that were begun and are not known by number.
    """

    server: str
    projects: tuple[int, ...]
    tokens: tuple[str, ...]
    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BookScan:
    """A scan of the book, replaced ones too: its path in the store and the hash of its content, if it had one."""

    path: str
    sha256: str | None


def contents_of(store: Store, key: str) -> BookContents:
    """How much the store holds of a book. Raises BadInput where there is no such book."""
    with store.reads() as connection:
        book = book_id(connection, key)
        pages = _pages(book)
        given = CORRECTIONS.c.page_id.in_(pages)
        standing = given & (CORRECTIONS.c.withdrawn == 0) & (CORRECTIONS.c.answer != Answer.SKIPPED.value)
        reviewed = select(CORRECTIONS.c.page_id, CORRECTIONS.c.record, CORRECTIONS.c.field).where(standing).distinct()
        figures = (
            select(func.count()).select_from(SCANS).where(SCANS.c.book_id == book),
            select(func.count()).select_from(PAGES).where(PAGES.c.id.in_(pages)),
            select(func.count()).select_from(FIELDS).where(FIELDS.c.page_id.in_(pages), FIELDS.c.position == 1),
            select(func.count()).select_from(FIELDS).where(FIELDS.c.page_id.in_(pages)),
            select(func.count()).select_from(CORRECTIONS).where(given),
            select(func.count()).select_from(reviewed.subquery()),
            select(func.count()).select_from(REVIEW_TASKS).where(_tasks(book)),
        )
        return BookContents(*(int(connection.execute(figure).scalar_one()) for figure in figures))


def scans_of(store: Store, key: str) -> tuple[BookScan, ...]:
    """All scans of a book, in the order they were added."""
    with store.reads() as connection:
        query = select(SCANS.c.path, SCANS.c.sha256).where(SCANS.c.book_id == book_id(connection, key))
        return tuple(BookScan(row.path, row.sha256) for row in connection.execute(query.order_by(SCANS.c.id)))


def traces_of(store: Store, key: str) -> tuple[ServerTraces, ...]:
    """Where servers hold something of a book, one entry a server."""
    with store.reads() as connection:
        book = book_id(connection, key)
        batches = list(connection.execute(select(REVIEW_BATCHES).where(REVIEW_BATCHES.c.book_id == book)))
        strayed = (  # of pages that were moved here from another book after they had been sent
            select(REVIEW_BATCHES.c.server, REVIEW_TASKS.c.task)
            .join(REVIEW_BATCHES, REVIEW_BATCHES.c.id == REVIEW_TASKS.c.batch_id)
            .where(REVIEW_TASKS.c.page_id.in_(_pages(book)), REVIEW_BATCHES.c.book_id != book)
            .where(REVIEW_TASKS.c.task.is_not(None))
        )
        tasks = list(connection.execute(strayed))
    servers = dict.fromkeys([*(b.server for b in batches), *(t.server for t in tasks)])
    return tuple(
        ServerTraces(
            server,
            tuple(sorted(b.project for b in batches if b.server == server and b.project is not None)),
            tuple(sorted(b.token for b in batches if b.server == server)),
            tuple(sorted(t.task for t in tasks if t.server == server)),
        )
        for server in servers
    )


def texts_of(store: Store, key: str) -> Iterator[str]:
    """What was read and entered of the book, a text after the other, some more than once.

    Words of closed lists are left out, and remarks of the program.
    """
    with store.reads() as connection:
        book = book_id(connection, key)
        pages = _pages(book)
        fields = select(FIELDS.c.raw, FIELDS.c.normalised, FIELDS.c.detail).where(FIELDS.c.page_id.in_(pages))
        for row in connection.execute(fields.execution_options(yield_per=ROWS_AT_ONCE)):
            detail = _document(row.detail)
            if detail.get("kind") not in LISTED_KINDS:
                yield from (text for text in (row.raw, row.normalised) if isinstance(text, str))
                yield from _texts(detail.get("readings"))
        entered = select(CORRECTIONS.c.prefilled, CORRECTIONS.c.entered).where(CORRECTIONS.c.page_id.in_(pages))
        shown = select(REVIEW_TASKS.c.prefilled).where(_tasks(book))
        for query in (entered, shown):
            for answer in connection.execute(query):
                yield from (text for text in answer if isinstance(text, str))


def _document(detail: object) -> Mapping[str, Any]:
    """A field's JSON; nothing of one that is damaged."""
    try:
        found = json.loads(detail if isinstance(detail, str | bytes) else "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _texts(readings: object) -> Iterator[str]:
    """The texts of readings, of their alternatives and of other readers' answers."""
    for reading in readings if isinstance(readings, list) else ():
        if isinstance(reading, dict):
            if isinstance(reading.get("text"), str):
                yield reading["text"]
            yield from _texts(reading.get("alternatives"))
            yield from _texts(reading.get("others"))


def remove_book(store: Store, key: str) -> None:
    """Delete every row of a book, in one transaction. Raises BadInput where there is no such book."""
    with store.writes() as connection:
        book = book_id(connection, key)
        pages = _pages(book)
        connection.execute(delete(REVIEW_TASKS).where(_tasks(book)))
        connection.execute(delete(REVIEW_BATCHES).where(REVIEW_BATCHES.c.book_id == book))
        connection.execute(delete(CORRECTIONS).where(CORRECTIONS.c.page_id.in_(pages)))
        connection.execute(delete(FIELDS).where(FIELDS.c.page_id.in_(pages)))
        scans = select(SCANS.c.id).where(SCANS.c.book_id == book)
        connection.execute(delete(PAGES).where(PAGES.c.scan_id.in_(scans)))
        connection.execute(delete(SCANS).where(SCANS.c.book_id == book))
        connection.execute(delete(BOOKS).where(BOOKS.c.id == book))


def write_over_freed(store: Store) -> None:
    """Make the database anew without its freed places, which may hold deleted rows still.

    SQLite's file is written whole again. PostgreSQL writes each table anew; its log, its replicas and its backups keep
    what was deleted for as long as their own rules say, and no client can change that.
    """
    with store.bare() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("VACUUM")
            return
        quoted = connection.dialect.identifier_preparer.format_table
        for table in METADATA.sorted_tables:
            connection.exec_driver_sql(f"VACUUM (FULL) {quoted(table)}")


def blocks_of_rows(store: Store) -> Iterator[bytes]:
    """All texts of all rows that are there, in blocks."""
    columns = [c for table in METADATA.sorted_tables for c in table.columns if isinstance(c.type, Text)]
    with store.reads() as connection:
        for column in columns:
            query = select(column).where(column.is_not(None)).execution_options(yield_per=ROWS_AT_ONCE)
            for rows in connection.execute(query).scalars().partitions():
                yield "\0".join(str(text) for text in rows).encode(errors="surrogatepass")


def _pages(book: int) -> Select[tuple[int]]:
    return select(PAGES.c.id).join(SCANS).where(SCANS.c.book_id == book)


def _tasks(book: int) -> ColumnElement[bool]:
    """The tasks of the book's batches, and those of its pages in batches of other books."""
    batches = select(REVIEW_BATCHES.c.id).where(REVIEW_BATCHES.c.book_id == book)
    return or_(REVIEW_TASKS.c.batch_id.in_(batches), REVIEW_TASKS.c.page_id.in_(_pages(book)))
