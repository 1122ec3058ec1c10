"""The small steps that the store's transactions are made of, each on an open connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, delete, func, insert, select, update

from ocrfill.civil_status.book import Book
from ocrfill.errors import BadInput
from ocrfill.store.page_rows import Row
from ocrfill.store.rows_out import State
from ocrfill.store.schema import BOOKS, FIELDS, PAGES, SCANS


def book_in(row: Row) -> Book:
    """The book whose columns are in this row."""
    return Book(row["kind"], (row["first_year"], row["last_year"]), row["volume"], row["layout"], row["place"])


def is_book(key: str) -> ColumnElement[bool]:
    """The condition that a row of `books` is that of this key. Raises BadInput where it is no key."""
    book = Book.parse(key, layout="")
    return (
        (BOOKS.c.kind == book.kind)
        & (BOOKS.c.first_year == book.years[0])
        & (BOOKS.c.last_year == book.years[1])
        & (BOOKS.c.volume == book.volume)
    )


def book_id(connection: Connection, key: str) -> int:
    """Raises BadInput where there is no such book."""
    found = connection.execute(select(BOOKS.c.id).where(is_book(key))).scalar()
    if found is None:
        raise BadInput(f"there is no book {key} in this workspace")
    return int(found)


def next_id(connection: Connection, column: Column[int]) -> int:
    """The next number of a row; ours, for a database's own would have gaps after a transaction taken back."""
    return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()) + 1


def add_pages(connection: Connection, scan: int, pages: int) -> None:
    """Add the pages of a scan, all pending."""
    first = next_id(connection, PAGES.c.id)
    rows = [{"id": first + i, "scan_id": scan, "number": i + 1, "state": State.PENDING} for i in range(pages)]
    if rows:
        connection.execute(insert(PAGES), rows)


def retire(connection: Connection, path: str, keep: int | None = None) -> None:
    """What was under this path counts as replaced, but for the scan `keep`."""
    others = update(SCANS).where(SCANS.c.path == path, SCANS.c.replaced == 0)
    connection.execute(others.where(SCANS.c.id != (keep or 0)).values(replaced=1))


def reset(connection: Connection, scans: Select[Any]) -> None:
    """Make all pages of these scans pending, without results."""
    pages = select(PAGES.c.id).where(PAGES.c.scan_id.in_(scans))
    connection.execute(delete(FIELDS).where(FIELDS.c.page_id.in_(pages)))
    connection.execute(
        update(PAGES)
        .where(PAGES.c.scan_id.in_(scans))
        .values(state=State.PENDING, failure_stage=None, failure_reason=None, issues=None, detail=None)
    )
