"""The store of a workspace: books, scans, pages and what was read on them. One process writes, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, false, or_, select, true

from ocrfill.civil_status.book import Book
from ocrfill.document.correction import Correction
from ocrfill.document.result import Decision, PageResult
from ocrfill.document.settlement import corrections_by_field
from ocrfill.errors import StoreError
from ocrfill.store.book_table import add_book, book_id, book_in, change_book, find_book, is_book, list_books
from ocrfill.store.corrections import (
    add_corrections,
    corrected_on_page,
    list_corrections,
    reviewed_kinds,
    withdraw_corrections,
)
from ocrfill.store.counts import book_statuses
from ocrfill.store.engine import clear_errors, make_private, sqlite_engine, url_engine
from ocrfill.store.lock import database_lock, folder_lock
from ocrfill.store.page_rows import issues_of, read_back, to_rows
from ocrfill.store.page_table import list_pages, page_results, page_with_result, put_result, reset_pages
from ocrfill.store.paths import make_folder, place_of, stored_path
from ocrfill.store.rows_out import (
    BookCounts,
    CorrectedField,
    FailedPage,
    PageNote,
    PendingPage,
    State,
    StoredPage,
    StoredScan,
    natural_path_key,
)
from ocrfill.store.scan_table import (
    add_scan,
    list_failed_scans,
    list_scans,
    move_scan,
    reopen_scan,
    retire_scans,
    scan_failures,
)
from ocrfill.store.schema import PAGES, SCANS, SCHEMA_VERSION, version_of

STORE_FILE_NAME = "ocrfill.sqlite"

DAMAGED_STAGE = "store"
DAMAGED_PAGE = "what was read or answered on it is damaged in the store; put the store's last copy in its place"

MAX_PAGES_A_TRANSACTION = 100
"""Pages fetched in one transaction: readers hold a lock on SQLite's file, and a `run` beside them waits for it."""


class Store:
    """An open store. Open it with `Store.open`; it holds no connection between calls to SQLite."""

    def __init__(self, engine: Engine, folder: Path, name: str) -> None:
        self._engine = engine
        self.folder = folder
        self._name = name

    @classmethod
    def open(cls, where: str | Path, folder: Path | None = None, *, create: bool = False) -> Self:
        """The store in a workspace folder, an SQLite file, or a PostgreSQL database by URL.

        Paths of scans are relative to `folder`: by default the workspace, for a database the current folder. With
        `create` a missing folder, file or schema is made, an older schema is always brought up to date. Raises
        StoreError for a missing, newer or foreign store, OutputError where it cannot be written.
        """
        if "://" in str(where):
            store = cls(url_engine(str(where)), folder or Path(), "PostgreSQL")
        else:
            file = Path(where)
            if file.suffix != ".sqlite" or file.is_dir():
                file /= STORE_FILE_NAME
            if create:
                make_folder(file.parent)
                make_private(file)
            elif not file.exists():
                raise StoreError(f"there is no {file}; `ocrfill run` makes it")
            store = cls(sqlite_engine(file), folder or file.parent, str(file))
        with store.reads() as connection:
            try:
                version = version_of(connection)
            except StoreError as error:
                raise StoreError(f"{store._name}: {error}") from error
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{store._name} was made by a newer ocrfill (its version is {version}, this ocrfill knows "
                f"{SCHEMA_VERSION}); install the newer one"
            )
        if version == 0 and not create:
            raise StoreError(f"{store._name} is empty; `ocrfill run` fills it")
        if create:
            make_folder(store.folder)
        if version < SCHEMA_VERSION:
            from ocrfill.store.migrations import migrate  # noqa: PLC0415 - Alembic costs time, and few stores need it

            with store.writes() as connection:
                migrate(connection)
        return store

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other writer out, on this machine and in the database. Raises StoreError naming the holder."""
        with ExitStack() as held:
            held.enter_context(folder_lock(self.folder))
            if self._engine.dialect.name == "postgresql":
                with clear_errors(self._name):
                    held.enter_context(database_lock(self._engine))
            yield

    def path_in_store(self, file: Path) -> str:
        """How a scan's path is kept: relative to the workspace where it lies in or beside it, absolute otherwise."""
        return stored_path(self.folder, file)

    def file(self, path: str) -> Path:
        """Where a scan's stored path can be opened."""
        return place_of(self.folder, path)

    # books

    def books(self) -> tuple[Book, ...]:
        """All books in order of their keys."""
        with self.reads() as connection:
            return tuple(sorted(list_books(connection), key=lambda book: natural_path_key(book.key)))

    def book(self, key: str) -> tuple[Book, int] | None:
        """The book of that key and the version of its layout, None where there is none."""
        with self.reads() as connection:
            return find_book(connection, key)

    def add_book(self, book: Book, layout_version: int) -> None:
        """Add a book that is not there yet."""
        with self.writes() as connection:
            add_book(connection, book, layout_version)

    def change_place(self, key: str, place: str) -> None:
        """Set the place of a book, as it stands in exports."""
        with self.writes() as connection:
            change_book(connection, key, place=place)

    def change_layout(self, key: str, layout: str, layout_version: int) -> None:
        """Give a book another layout: what was read with the old one goes, all its pages are pending again."""
        with self.writes() as connection:
            change_book(connection, key, layout=layout, layout_version=layout_version)
            reset_pages(connection, select(SCANS.c.id).where(SCANS.c.book_id == book_id(connection, key)))

    # scans

    def scans(self, *, path: str | None = None, sha256: str | None = None) -> tuple[StoredScan, ...]:
        """Scans by their path or their content, in the order they were added; replaced ones too."""
        with self.reads() as connection:
            return list_scans(connection, self.folder, path, sha256)

    def failed_scans(self, book: str) -> tuple[StoredScan, ...]:
        """Files of a book that could not be opened, in order of path."""
        with self.reads() as connection:
            return list_failed_scans(connection, self.folder, book)

    def add_scan(self, book: str, path: str, sha256: str | None, pages: int, failure: str | None = None) -> None:
        """Add a scan with its pages, all pending; other content that was under this path counts as replaced."""
        with self.writes() as connection:
            add_scan(connection, book, path, sha256, pages, failure=failure)

    def move_scan(self, scan: StoredScan, book: str, path: str) -> None:
        """A known scan stands under another path now; in another book its pages are read again."""
        with self.writes() as connection:
            move_scan(connection, scan, book, path)

    def retire_scans(self, path: str, keep: int | None = None) -> None:
        """What was under this path counts as replaced, but for the scan `keep`."""
        with self.writes() as connection:
            retire_scans(connection, path, keep)

    def reopen_scan(self, scan: StoredScan, pages: int, failure: str | None) -> None:
        """A file that could not be opened was tried again: it has pages now, or another reason why not."""
        with self.writes() as connection:
            reopen_scan(connection, scan, pages, failure)

    # pages

    def pages(self, book: str, damaged: list[FailedPage] | None = None) -> Iterator[StoredPage]:
        """The pages of a book in order of scan path and page number.

        Raises StoreError at a page whose rows are damaged. With `damaged` it is told there, and comes as one that
        failed, without a result.
        """
        aside: set[int] | None = None if damaged is None else set()
        for row, result in self._with_results(self._listed(is_book(book)), aside):
            scan, state = str(self.file(row["path"])), State(row["state"])
            if damaged is not None and aside is not None and row["id"] in aside:
                damaged.append(FailedPage(book, scan, row["number"], DAMAGED_STAGE, DAMAGED_PAGE))
                state = State.FAILED
            yield StoredPage(scan, row["sha256"], row["number"], state, result)

    def todo(self, books: Collection[str] | None = None, *, failed: bool = False) -> tuple[PendingPage, ...]:
        """Pages to read, in order of book, scan path and page number; with `failed` those that failed too.

        `books` are keys; None means all.
        """
        states = [State.PENDING, State.FAILED] if failed else [State.PENDING]
        found = [
            PendingPage(
                id=row["id"],
                book=book_in(row).key,
                layout=row["layout"],
                source=row["path"],
                file=self.file(row["path"]),
                sha256=row["sha256"],
                number=row["number"],
            )
            for row in self._listed(PAGES.c.state.in_(states))
        ]
        return tuple(page for page in found if books is None or page.book in books)

    def put(self, page: int, result: PageResult) -> bool:
        """Store what was read on a page, in one transaction; False, and no write, where just that is there already.

        Raises ValueError where the result is not of that page or cannot be stored (see `to_rows`).
        """
        rows = to_rows(result)
        with self.reads() as connection:
            stored = page_results(connection, [page]).get(page)
        if stored == result:
            return False
        with self.writes() as connection:
            put_result(connection, page, result, rows)
        return True

    def revise(self, result: PageResult) -> bool:
        """Put another judgement of a page in the place of the stored one; False, and no write, where it is the same.

        Raises ValueError where the page has no result yet.
        """
        with self.reads() as connection:
            page = page_with_result(connection, result.source, result.page)
        if page is None:
            raise ValueError(f"page {result.page} of {result.source} was not read yet")
        return self.put(page, result)

    def failures(self, books: Collection[str] | None = None) -> tuple[FailedPage, ...]:
        """Files that could not be opened and pages that could not be read, in order of book, path and page."""
        of_these = true() if books is None else or_(false(), *map(is_book, books))
        with self.reads() as connection:
            found = scan_failures(connection, self.folder, of_these)
        for row in self._listed((PAGES.c.state == State.FAILED) & of_these):
            scan = str(self.file(row["path"]))
            found.append(FailedPage(book_in(row).key, scan, row["number"], row["failure_stage"], row["failure_reason"]))
        return tuple(sorted(found, key=lambda f: (natural_path_key(f.book), natural_path_key(f.scan), f.number or 0)))

    def notes(self, books: Collection[str] | None = None) -> tuple[PageNote, ...]:
        """What a person should know of pages that were read, in order of book, path and page."""
        found = []
        for row in self._listed(PAGES.c.issues.is_not(None)):
            book, scan, number = book_in(row).key, str(self.file(row["path"])), row["number"]
            if books is None or book in books:
                with read_back(f"page {number} of {row['path']}"):
                    found += [PageNote(book, scan, number, issue) for issue in issues_of(row)]
        return tuple(found)

    # corrections

    def add_corrections(self, corrections: Iterable[Correction]) -> int:
        """Add those that are not there yet, in one transaction, and say how many; the same again changes nothing.

        Raises BadInput where a page is not in this store.
        """
        with self.writes() as connection:
            return add_corrections(connection, corrections)

    def withdraw_corrections(self, source: str, annotations: Collection[int]) -> int:
        """Answers that a person has taken back in the reviewing server count no more. Says how many did."""
        with self.writes() as connection:
            return withdraw_corrections(connection, source, annotations)

    def corrections(
        self, book: str | None = None, damaged: set[tuple[str, int]] | None = None
    ) -> tuple[Correction, ...]:
        """All corrections that stand, in order of time: of a book, or of all; those of replaced scans too.

        Raises StoreError at one that is damaged. With `damaged`, scan and number of its page are told there.
        """
        with self.reads() as connection:
            pages = None
            if book is not None:
                query = select(PAGES.c.id).join(SCANS).where(SCANS.c.book_id == book_id(connection, book))
                pages = list(connection.execute(query).scalars())
            return tuple(correction for _, correction in list_corrections(connection, pages, damaged))

    def reviewed_kinds(self) -> Counter[str]:
        """How many fields persons have answered, by the fields' type; "" for those to be read again."""
        with self.reads() as connection:
            return reviewed_kinds(connection)

    def corrected_fields(self, books: Collection[str] | None = None) -> Iterator[CorrectedField]:
        """The fields that persons have looked at, with all they said, in order of book, path, page and record.

        A field that the page no longer has (it was read with another layout since) is left out.
        """
        by_page: dict[int, list[Correction]] = {}
        with self.reads() as connection:
            for page, correction in list_corrections(connection):
                by_page.setdefault(page, []).append(correction)
        listed = [row for row in self._listed() if row["id"] in by_page]
        listed = [row for row in listed if books is None or book_in(row).key in books]
        for row, result in self._with_results(listed):
            yield from corrected_on_page(
                row, result, str(self.file(row["path"])), corrections_by_field(by_page[row["id"]])
            )

    def status(self) -> tuple[BookCounts, ...]:
        """Every book in figures, counted by the database."""
        with self.reads() as connection:
            counted = book_statuses(connection)
        found = [
            BookCounts(
                book=book_in(c.row),
                layout_version=c.row["layout_version"],
                scans=c.scans,
                failed_scans=c.failed_scans,
                replaced=c.replaced,
                pages={state: c.pages.get(state, 0) for state in State},
                records=c.records,
                fields={decision: c.fields.get(decision, 0) for decision in Decision},
            )
            for c in counted
        ]
        return tuple(sorted(found, key=lambda status: natural_path_key(status.book.key)))

    # inside

    @contextmanager
    def reads(self) -> Iterator[Connection]:
        """A transaction that only reads; for this package."""
        with clear_errors(self._name), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writes(self) -> Iterator[Connection]:
        """A transaction that writes, all or nothing; for this package."""
        with (
            clear_errors(self._name),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def bare(self) -> Iterator[Connection]:
        """A connection outside any transaction, for what the database does to itself; for this package."""
        with (
            clear_errors(self._name),
            self._engine.connect().execution_options(bare=True, isolation_level="AUTOCOMMIT") as connection,
        ):
            yield connection

    def _listed(self, condition: ColumnElement[bool] | None = None) -> list[RowMapping]:
        with self.reads() as connection:
            return list_pages(connection, condition)

    def _with_results(
        self, listed: Sequence[RowMapping], aside: set[int] | None = None
    ) -> Iterator[tuple[RowMapping, PageResult | None]]:
        """Rows of pages, each with its result where it has one; damaged ones go to `aside` where it is given."""
        for start in range(0, len(listed), MAX_PAGES_A_TRANSACTION):
            rows = listed[start : start + MAX_PAGES_A_TRANSACTION]
            with self.reads() as connection:
                results = page_results(connection, [row["id"] for row in rows], aside)
            for row in rows:
                yield row, results.get(row["id"])
