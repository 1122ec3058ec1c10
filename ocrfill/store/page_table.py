"""The tables of pages and their fields, on an open connection: listed, read on, put, made pending again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, insert, select, true, update

from ocrfill.document.result import PageResult
from ocrfill.errors import StoreError
from ocrfill.store.book_table import BOOK_COLUMNS, book_in
from ocrfill.store.page_rows import ResultRows, check_text, from_rows, number_in, read_back, text_in
from ocrfill.store.rows_out import State, natural_path_key
from ocrfill.store.schema import BOOKS, FIELDS, PAGES, SCANS, next_id

_LIST = (
    select(
        PAGES.c.id,
        PAGES.c.number,
        PAGES.c.state,
        PAGES.c.failure_stage,
        PAGES.c.failure_reason,
        PAGES.c.issues,
        SCANS.c.path,
        SCANS.c.sha256,
        *BOOK_COLUMNS,
    )
    .select_from(PAGES)
    .join(SCANS)
    .join(BOOKS)
    .where(SCANS.c.replaced == 0)
)


def list_pages(connection: Connection, condition: ColumnElement[bool] | None = None) -> list[RowMapping]:
    """Rows of pages (without their JSON) in order of book, path and number; those of replaced scans are left out.

    Raises StoreError at a row that is not as ocrfill wrote it.
    """
    rows = list(connection.execute(_LIST.where(true() if condition is None else condition)).mappings())
    with read_back("the tables of scans and pages"):
        by_path = {path: natural_path_key(text_in(path)) for path in {row["path"] for row in rows}}
        for row in rows:
            _check_listed(row)
    return sorted(rows, key=lambda r: (natural_path_key(book_in(r).key), by_path[r["path"]], r["number"]))


def _check_listed(row: RowMapping) -> None:
    """Raise ValueError or TypeError where a row of the listing is not as ocrfill writes one."""
    if number_in(row["number"]) < 1 or not (row["sha256"] is None or text_in(row["sha256"])):
        raise ValueError("no page of a scan")
    if State(row["state"]) is State.FAILED:
        text_in(row["failure_stage"])
        text_in(row["failure_reason"])
    check_text(row["path"] + (row["sha256"] or "") + (row["failure_stage"] or "") + (row["failure_reason"] or ""))


def page_results(
    connection: Connection, pages: Sequence[int], aside: set[int] | None = None
) -> Mapping[int, PageResult]:
    """The results of pages by id; pages without one are left out.

    Raises StoreError at damaged rows; where `aside` is given, the ids of such pages are put there instead.
    """
    whole = select(PAGES, SCANS.c.path).join(SCANS).where(PAGES.c.id.in_(pages), PAGES.c.detail.is_not(None))
    fields = select(FIELDS).where(FIELDS.c.page_id.in_(pages)).order_by(*FIELDS.primary_key.columns)
    rows = list(connection.execute(whole).mappings())
    by_page: dict[int, list[RowMapping]] = {}
    for field in connection.execute(fields).mappings():
        by_page.setdefault(field["page_id"], []).append(field)
    results = {}
    for row in rows:
        try:
            results[row["id"]] = from_rows(row["path"], row["number"], row, by_page.get(row["id"], ()))
        except StoreError:
            if aside is None:
                raise
            aside.add(row["id"])
    return results


def page_with_result(connection: Connection, path: str, number: int) -> int | None:
    """The id of a page of the scan that stands under this path now; None where it has no result yet."""
    query = select(PAGES.c.id).join(SCANS)
    query = query.where(SCANS.c.path == path, SCANS.c.replaced == 0, PAGES.c.number == number)
    found = connection.execute(query.where(PAGES.c.detail.is_not(None))).scalar()
    return None if found is None else int(found)


def put_result(connection: Connection, page: int, result: PageResult, rows: ResultRows) -> None:
    """Put a result, whose rows these are, in the place of what was read on the page before.

    Raises ValueError where the result is not of that page.
    """
    where = select(SCANS.c.path, PAGES.c.number).join(PAGES).where(PAGES.c.id == page)
    if connection.execute(where).one() != (result.source, result.page):
        raise ValueError(f"a result of page {result.page} of {result.source} is not that of page id {page}")
    connection.execute(delete(FIELDS).where(FIELDS.c.page_id == page))
    state = State.DONE if result.failure is None else State.FAILED
    connection.execute(update(PAGES).where(PAGES.c.id == page).values(state=state, **rows.page))
    if rows.fields:
        connection.execute(insert(FIELDS), [{"page_id": page, **field} for field in rows.fields])


def add_pages(connection: Connection, scan: int, pages: int) -> None:
    """Add the pages of a scan, all pending."""
    first = next_id(connection, PAGES.c.id)
    rows = [{"id": first + i, "scan_id": scan, "number": i + 1, "state": State.PENDING} for i in range(pages)]
    if rows:
        connection.execute(insert(PAGES), rows)


def reset_pages(connection: Connection, scans: Select[Any]) -> None:
    """Make all pages of these scans pending, without results."""
    pages = select(PAGES.c.id).where(PAGES.c.scan_id.in_(scans))
    connection.execute(delete(FIELDS).where(FIELDS.c.page_id.in_(pages)))
    connection.execute(
        update(PAGES)
        .where(PAGES.c.scan_id.in_(scans))
        .values(state=State.PENDING, failure_stage=None, failure_reason=None, issues=None, detail=None)
    )
