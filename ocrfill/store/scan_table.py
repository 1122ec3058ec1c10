"""The table of scans, on an open connection: what lies under a path, what took its place, what could not be opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from ocrfill.store.book_table import BOOK_COLUMNS, book_id, book_in
from ocrfill.store.page_rows import check_text, number_in, read_back, text_in
from ocrfill.store.page_table import add_pages, reset_pages
from ocrfill.store.paths import place_of
from ocrfill.store.rows_out import FailedPage, StoredScan, natural_path_key
from ocrfill.store.schema import BOOKS, SCANS, next_id

_SCANS = select(SCANS, *BOOK_COLUMNS).join(BOOKS).order_by(SCANS.c.id)
_FAILED = (SCANS.c.failure.is_not(None), SCANS.c.replaced == 0)


def list_scans(
    connection: Connection, folder: Path, path: str | None = None, sha256: str | None = None
) -> tuple[StoredScan, ...]:
    """Scans by their path or their content, in the order they were added; replaced ones too."""
    query = _SCANS
    if path is not None:
        query = query.where(SCANS.c.path == path)
    if sha256 is not None:
        query = query.where(SCANS.c.sha256 == sha256)
    return tuple(_scan(row, folder) for row in connection.execute(query).mappings())


def list_failed_scans(connection: Connection, folder: Path, book: str) -> tuple[StoredScan, ...]:
    """Files of a book that could not be opened, in order of path."""
    query = _SCANS.where(*_FAILED, SCANS.c.book_id == book_id(connection, book))
    found = [_scan(row, folder) for row in connection.execute(query).mappings()]
    return tuple(sorted(found, key=lambda scan: natural_path_key(scan.path)))


def scan_failures(connection: Connection, folder: Path, condition: ColumnElement[bool]) -> list[FailedPage]:
    """Files that could not be opened, in no order. Raises StoreError at a damaged row."""
    found = []
    for row in connection.execute(_SCANS.where(*_FAILED, condition)).mappings():
        scan = _scan(row, folder)
        with read_back("the table of scans"):
            check_text(scan.path + (scan.failure or ""))
        found.append(FailedPage(scan.book, str(scan.file), None, "scan", scan.failure or ""))
    return found


def _scan(row: RowMapping, folder: Path) -> StoredScan:
    with read_back("the table of scans"):
        return StoredScan(
            id=number_in(row["id"]),
            book=book_in(row).key,
            path=text_in(row["path"]),
            file=place_of(folder, row["path"]),
            sha256=None if row["sha256"] is None else text_in(row["sha256"]),
            failure=None if row["failure"] is None else text_in(row["failure"]),
            replaced=bool(number_in(row["replaced"])),
        )


def add_scan(
    connection: Connection, book: str, path: str, sha256: str | None, pages: int, *, failure: str | None
) -> None:
    """Add a scan with its pages, all pending; other content that was under this path counts as replaced."""
    scan = next_id(connection, SCANS.c.id)
    retire_scans(connection, path)
    connection.execute(
        insert(SCANS).values(
            id=scan, book_id=book_id(connection, book), path=path, sha256=sha256, failure=failure, replaced=0
        )
    )
    add_pages(connection, scan, pages)


def move_scan(connection: Connection, scan: StoredScan, book: str, path: str) -> None:
    """A known scan stands under another path now; in another book its pages are read again."""
    retire_scans(connection, path)
    moved = update(SCANS).where(SCANS.c.id == scan.id)
    connection.execute(moved.values(path=path, replaced=0, book_id=book_id(connection, book)))
    if book != scan.book:
        reset_pages(connection, select(SCANS.c.id).where(SCANS.c.id == scan.id))


def retire_scans(connection: Connection, path: str, keep: int | None = None) -> None:
    """What was under this path counts as replaced, but for the scan `keep`."""
    others = update(SCANS).where(SCANS.c.path == path, SCANS.c.replaced == 0)
    connection.execute(others.where(SCANS.c.id != (keep or 0)).values(replaced=1))


def reopen_scan(connection: Connection, scan: StoredScan, pages: int, failure: str | None) -> None:
    """A file that could not be opened was tried again: it has pages now, or another reason why not."""
    connection.execute(update(SCANS).where(SCANS.c.id == scan.id).values(failure=failure))
    add_pages(connection, scan.id, pages)
