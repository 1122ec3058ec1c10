"""What `status` shows, counted inside the database: quick for 100,000 pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, select

from ocrfill.document.result import Decision
from ocrfill.store.page_rows import read_back
from ocrfill.store.rows_out import State
from ocrfill.store.schema import BOOKS, FIELDS, PAGES, SCANS


@dataclass(slots=True)
class CountedBook:
    """A book's row and what was counted for it."""

    row: Mapping[str, Any] | RowMapping
    scans: int = 0
    failed_scans: int = 0
    replaced: int = 0
    records: int = 0
    pages: dict[State, int] = field(default_factory=dict)
    fields: dict[Decision, int] = field(default_factory=dict)


def book_statuses(connection: Connection) -> tuple[CountedBook, ...]:
    """The counts of every book; replaced scans count only as such. Raises StoreError where rows are damaged."""
    with read_back("its counts of pages and fields"):
        return _counted(connection)


def _counted(connection: Connection) -> tuple[CountedBook, ...]:
    counted = {row["id"]: CountedBook(row) for row in connection.execute(select(BOOKS)).mappings()}
    current = SCANS.c.replaced == 0
    scans = select(
        SCANS.c.book_id,
        func.sum(1 - SCANS.c.replaced).label("scans"),
        func.sum(case((current & SCANS.c.failure.is_not(None), 1), else_=0)).label("failed"),
        func.sum(SCANS.c.replaced).label("replaced"),
    ).group_by(SCANS.c.book_id)
    for book, good, failed, replaced in connection.execute(scans):
        counted[book].scans = int(good)
        counted[book].failed_scans = int(failed)
        counted[book].replaced = int(replaced)
    pages = (
        select(SCANS.c.book_id, PAGES.c.state, func.count())
        .select_from(PAGES)
        .join(SCANS)
        .where(current)
        .group_by(SCANS.c.book_id, PAGES.c.state)
    )
    for book, state, number in connection.execute(pages):
        counted[book].pages[State(state)] = int(number)
    # a page at a time first, which the index answers in its own order, then the few sums by book
    each = (
        select(
            FIELDS.c.page_id,
            FIELDS.c.decision,
            func.count().label("fields"),
            func.sum(case((FIELDS.c.position == 1, 1), else_=0)).label("records"),
        )
        .group_by(FIELDS.c.page_id, FIELDS.c.decision)
        .subquery()
    )
    fields = (
        select(SCANS.c.book_id, each.c.decision, func.sum(each.c.fields), func.sum(each.c.records))
        .select_from(each)
        .join(PAGES, PAGES.c.id == each.c.page_id)
        .join(SCANS)
        .where(current)
        .group_by(SCANS.c.book_id, each.c.decision)
    )
    for book, decision, number, records in connection.execute(fields):
        counted[book].fields[Decision(decision)] = int(number)
        counted[book].records += int(records)
    return tuple(counted.values())
