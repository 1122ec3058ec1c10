"""The store of a workspace: books, scans, pages and what was read on them. One process writes, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, RowMapping, Select, delete, insert, select, update

from ocrfill.civil_status.book import Book
from ocrfill.document.correction import Correction
from ocrfill.document.result import Decision, PageResult
from ocrfill.errors import StoreError
from ocrfill.store.corrections import add_corrections, list_corrections, said_by_field, withdraw_corrections
from ocrfill.store.counts import book_statuses
from ocrfill.store.engine import clear_errors, sqlite_engine, url_engine
from ocrfill.store.lock import database_lock, folder_lock
from ocrfill.store.page_rows import from_rows, issues_of, to_rows
from ocrfill.store.paths import make_folder, place_of, stored_path
from ocrfill.store.rows_out import (
    BookStatus,
    CorrectedField,
    FailedPage,
    PageNote,
    State,
    StoredPage,
    StoredScan,
    Todo,
    natural,
)
from ocrfill.store.schema import BOOKS, FIELDS, PAGES, SCANS, VERSION, version_of
from ocrfill.store.transactions import add_pages, book_id, book_in, is_book, next_id, reset, retire

FILE = "ocrfill.sqlite"

AT_ONCE = 100
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
            file = Path(where) if Path(where).suffix == ".sqlite" and not Path(where).is_dir() else Path(where) / FILE
            if create:
                make_folder(file.parent)
            elif not file.exists():
                raise StoreError(f"there is no {file}; `ocrfill run` makes it")
            store = cls(sqlite_engine(file), folder or file.parent, str(file))
        with store.reads() as connection:
            try:
                version = version_of(connection)
            except StoreError as error:
                raise StoreError(f"{store._name}: {error}") from error
        if version > VERSION:
            raise StoreError(
                f"{store._name} was made by a newer ocrfill (its version is {version}, this ocrfill knows {VERSION}); "
                "install the newer one"
            )
        if version == 0 and not create:
            raise StoreError(f"{store._name} is empty; `ocrfill run` fills it")
        if version < VERSION:
            from ocrfill.store.migrations import migrate  # noqa: PLC0415 - Alembic costs time, and few stores need it

            with store.writes() as connection:
                migrate(connection)
        return store

    def close(self) -> None:
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
            found = [book_in(row) for row in connection.execute(select(BOOKS)).mappings()]
        return tuple(sorted(found, key=lambda book: natural(book.key)))

    def book(self, key: str) -> tuple[Book, int] | None:
        """The book of that key and the version of its layout, None where there is none."""
        with self.reads() as connection:
            row = connection.execute(select(BOOKS).where(is_book(key))).mappings().first()
        return None if row is None else (book_in(row), int(row["layout_version"]))

    def add_book(self, book: Book, layout_version: int) -> None:
        """Add a book that is not there yet."""
        with self.writes() as connection:
            connection.execute(
                insert(BOOKS).values(
                    id=next_id(connection, BOOKS.c.id),
                    kind=book.kind,
                    first_year=book.years[0],
                    last_year=book.years[1],
                    volume=book.volume,
                    layout=book.layout,
                    layout_version=layout_version,
                    place=book.place,
                )
            )

    def change_place(self, key: str, place: str) -> None:
        with self.writes() as connection:
            connection.execute(update(BOOKS).where(BOOKS.c.id == book_id(connection, key)).values(place=place))

    def change_layout(self, key: str, layout: str, layout_version: int) -> None:
        """Give a book another layout: what was read with the old one goes, all its pages are pending again."""
        with self.writes() as connection:
            book = book_id(connection, key)
            connection.execute(
                update(BOOKS).where(BOOKS.c.id == book).values(layout=layout, layout_version=layout_version)
            )
            reset(connection, select(SCANS.c.id).where(SCANS.c.book_id == book))

    # scans

    def scans(self, *, path: str | None = None, sha256: str | None = None) -> tuple[StoredScan, ...]:
        """Scans by their path or their content, in the order they were added; replaced ones too."""
        query = select(SCANS, *_KEY_COLUMNS).join(BOOKS).order_by(SCANS.c.id)
        if path is not None:
            query = query.where(SCANS.c.path == path)
        if sha256 is not None:
            query = query.where(SCANS.c.sha256 == sha256)
        with self.reads() as connection:
            return tuple(self._scan(row) for row in connection.execute(query).mappings())

    def failed_scans(self, book: str) -> tuple[StoredScan, ...]:
        """Files of a book that could not be opened, in order of path."""
        query = select(SCANS, *_KEY_COLUMNS).join(BOOKS).where(SCANS.c.failure.is_not(None), SCANS.c.replaced == 0)
        with self.reads() as connection:
            query = query.where(SCANS.c.book_id == book_id(connection, book))
            found = [self._scan(row) for row in connection.execute(query).mappings()]
        return tuple(sorted(found, key=lambda scan: natural(scan.path)))

    def add_scan(self, book: str, path: str, sha256: str | None, pages: int, failure: str | None = None) -> None:
        """Add a scan with its pages, all pending; other content that was under this path counts as replaced."""
        with self.writes() as connection:
            scan = next_id(connection, SCANS.c.id)
            retire(connection, path)
            connection.execute(
                insert(SCANS).values(
                    id=scan,
                    book_id=book_id(connection, book),
                    path=path,
                    sha256=sha256,
                    failure=failure,
                    replaced=0,
                )
            )
            add_pages(connection, scan, pages)

    def move_scan(self, scan: StoredScan, book: str, path: str) -> None:
        """A known scan stands under another path now; in another book its pages are read again."""
        with self.writes() as connection:
            retire(connection, path)
            moved = update(SCANS).where(SCANS.c.id == scan.id)
            connection.execute(moved.values(path=path, replaced=0, book_id=book_id(connection, book)))
            if book != scan.book:
                reset(connection, select(SCANS.c.id).where(SCANS.c.id == scan.id))

    def retire_scans(self, path: str, keep: int | None = None) -> None:
        """What was under this path counts as replaced, but for the scan `keep`."""
        with self.writes() as connection:
            retire(connection, path, keep)

    def reopen_scan(self, scan: StoredScan, pages: int, failure: str | None) -> None:
        """A file that could not be opened was tried again: it has pages now, or another reason why not."""
        with self.writes() as connection:
            connection.execute(update(SCANS).where(SCANS.c.id == scan.id).values(failure=failure))
            add_pages(connection, scan.id, pages)

    # pages

    def pages(self, book: str) -> Iterator[StoredPage]:
        """The pages of a book in order of scan path and page number."""
        listed = self._listed(_LIST.where(is_book(book)))
        for chunk in _chunks(listed):
            results = self._results([row["id"] for row in chunk])
            for row in chunk:
                yield StoredPage(
                    scan=str(self.file(row["path"])),
                    sha256=row["sha256"],
                    number=row["number"],
                    state=State(row["state"]),
                    result=results.get(row["id"]),
                )

    def todo(self, books: Collection[str] | None = None, *, failed: bool = False) -> tuple[Todo, ...]:
        """Pages to read, in order of book, scan path and page number; with `failed` those that failed too.

        `books` are keys; None means all.
        """
        states = [State.PENDING, State.FAILED] if failed else [State.PENDING]
        rows = self._listed(_LIST.where(PAGES.c.state.in_(states)))
        found = [
            Todo(
                id=row["id"],
                book=book_in(row).key,
                layout=row["layout"],
                source=row["path"],
                file=self.file(row["path"]),
                sha256=row["sha256"],
                number=row["number"],
            )
            for row in rows
        ]
        return tuple(page for page in found if books is None or page.book in books)

    def put(self, page: int, result: PageResult) -> bool:
        """Store what was read on a page, in one transaction; False, and no write, where just that is there already.

        Raises ValueError where the result is not of that page or cannot be stored (see `to_rows`).
        """
        rows = to_rows(result)
        stored = self._results([page]).get(page)
        if stored == result:
            return False
        with self.writes() as connection:
            where = select(SCANS.c.path, PAGES.c.number).join(PAGES).where(PAGES.c.id == page)
            if connection.execute(where).one() != (result.source, result.page):
                raise ValueError(f"a result of page {result.page} of {result.source} is not that of page id {page}")
            if stored is not None:
                connection.execute(delete(FIELDS).where(FIELDS.c.page_id == page))
            state = State.DONE if result.failure is None else State.FAILED
            connection.execute(update(PAGES).where(PAGES.c.id == page).values(state=state, **rows.page))
            if rows.fields:
                connection.execute(insert(FIELDS), [{"page_id": page, **field} for field in rows.fields])
        return True

    def revise(self, result: PageResult) -> bool:
        """Put another judgement of a page in the place of the stored one; False, and no write, where it is the same.

        Raises ValueError where the page has no result yet.
        """
        query = select(PAGES.c.id).join(SCANS)
        query = query.where(SCANS.c.path == result.source, SCANS.c.replaced == 0, PAGES.c.number == result.page)
        with self.reads() as connection:
            page = connection.execute(query.where(PAGES.c.detail.is_not(None))).scalar()
        if page is None:
            raise ValueError(f"page {result.page} of {result.source} was not read yet")
        return self.put(int(page), result)

    def failures(self, books: Collection[str] | None = None) -> tuple[FailedPage, ...]:
        """Files that could not be opened and pages that could not be read, in order of book, path and page."""
        files = select(SCANS.c.path, SCANS.c.failure, *_KEY_COLUMNS).join(BOOKS)
        files = files.where(SCANS.c.failure.is_not(None), SCANS.c.replaced == 0)
        with self.reads() as connection:
            found = [
                FailedPage(book_in(row).key, str(self.file(row["path"])), None, "scan", row["failure"])
                for row in connection.execute(files).mappings()
            ]
        for row in self._listed(_LIST.where(PAGES.c.state == State.FAILED)):
            scan = str(self.file(row["path"]))
            found.append(FailedPage(book_in(row).key, scan, row["number"], row["failure_stage"], row["failure_reason"]))
        found = [f for f in found if books is None or f.book in books]
        return tuple(sorted(found, key=lambda f: (natural(f.book), natural(f.scan), f.number or 0)))

    def notes(self, books: Collection[str] | None = None) -> tuple[PageNote, ...]:
        """What a person should know of pages that were read, in order of book, path and page."""
        return tuple(
            PageNote(book_in(row).key, str(self.file(row["path"])), row["number"], issue)
            for row in self._listed(_LIST.where(PAGES.c.issues.is_not(None)))
            if books is None or book_in(row).key in books
            for issue in issues_of(row)
        )

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

    def corrections(self, book: str | None = None) -> tuple[Correction, ...]:
        """All corrections that stand, in order of time: of a book, or of all; those of replaced scans too."""
        with self.reads() as connection:
            pages = None
            if book is not None:
                query = select(PAGES.c.id).join(SCANS).where(SCANS.c.book_id == book_id(connection, book))
                pages = list(connection.execute(query).scalars())
            return tuple(correction for _, correction in list_corrections(connection, pages))

    def corrected_fields(self, books: Collection[str] | None = None) -> Iterator[CorrectedField]:
        """The fields that persons have looked at, with all they said, in order of book, path, page and record.

        A field that the page no longer has (it was read with another layout since) is left out.
        """
        with self.reads() as connection:
            said = said_by_field(list_corrections(connection))
        listed = [row for row in self._listed(_LIST) if row["id"] in said]
        for chunk in _chunks([row for row in listed if books is None or book_in(row).key in books]):
            results = self._results([row["id"] for row in chunk])
            for row in chunk:
                result, of_page = results.get(row["id"]), said[row["id"]]
                for record in () if result is None else result.records:
                    for field in record.fields:
                        if (record.number, field.name) in of_page:
                            yield CorrectedField(
                                book_in(row).key,
                                str(self.file(row["path"])),
                                row["sha256"],
                                row["number"],
                                record.number,
                                field,
                                tuple(of_page[record.number, field.name]),
                            )

    def status(self) -> tuple[BookStatus, ...]:
        """Every book in figures, counted by the database."""
        with self.reads() as connection:
            counted = book_statuses(connection)
        found = [
            BookStatus(
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
        return tuple(sorted(found, key=lambda status: natural(status.book.key)))

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

    def _scan(self, row: RowMapping) -> StoredScan:
        return StoredScan(
            id=row["id"],
            book=book_in(row).key,
            path=row["path"],
            file=self.file(row["path"]),
            sha256=row["sha256"],
            failure=row["failure"],
            replaced=bool(row["replaced"]),
        )

    def _listed(self, query: Select[Any]) -> list[RowMapping]:
        """Rows of pages (without their JSON) in order of book, path and number."""
        with self.reads() as connection:
            rows = list(connection.execute(query).mappings())
        by_path = {path: natural(path) for path in {row["path"] for row in rows}}
        return sorted(rows, key=lambda r: (natural(book_in(r).key), by_path[r["path"]], r["number"]))

    def _results(self, pages: Sequence[int]) -> Mapping[int, PageResult]:
        """The results of pages by id; pages without one are left out."""
        whole = select(PAGES, SCANS.c.path).join(SCANS).where(PAGES.c.id.in_(pages), PAGES.c.detail.is_not(None))
        fields = select(FIELDS).where(FIELDS.c.page_id.in_(pages)).order_by(*FIELDS.primary_key.columns)
        by_page: dict[int, list[RowMapping]] = {}
        with self.reads() as connection:
            rows = list(connection.execute(whole).mappings())
            for field in connection.execute(fields).mappings():
                by_page.setdefault(field["page_id"], []).append(field)
        return {row["id"]: from_rows(row["path"], row["number"], row, by_page.get(row["id"], ())) for row in rows}


_KEY_COLUMNS = (BOOKS.c.kind, BOOKS.c.first_year, BOOKS.c.last_year, BOOKS.c.volume, BOOKS.c.layout, BOOKS.c.place)

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
        *_KEY_COLUMNS,
    )
    .select_from(PAGES)
    .join(SCANS)
    .join(BOOKS)
    .where(SCANS.c.replaced == 0)
)


def _chunks(rows: Sequence[RowMapping]) -> Iterator[Sequence[RowMapping]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]
