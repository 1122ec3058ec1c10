"""The table of books, on an open connection: a row and its book, found by its key, added, changed."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, insert, select, update

from ocrfill.civil_status.book import Book
from ocrfill.errors import BadInput
from ocrfill.store.page_rows import Row, check_text, number_in, read_back, text_in
from ocrfill.store.schema import BOOKS, next_id

BOOK_COLUMNS = (BOOKS.c.kind, BOOKS.c.first_year, BOOKS.c.last_year, BOOKS.c.volume, BOOKS.c.layout, BOOKS.c.place)
"""What `book_in` needs."""


def book_in(row: Row) -> Book:
    """The book whose columns are in this row. Raises StoreError where they are no book's: files are named after it."""
    columns = (row["kind"], row["first_year"], row["last_year"], row["volume"], row["layout"], row["place"])
    with read_back("the table of books"):
        return _book_of(columns)


@lru_cache(maxsize=64)  # every row of a page has its book beside it
def _book_of(columns: tuple[object, ...]) -> Book:
    kind, first, last, volume, layout, place = columns
    book = Book(text_in(kind), (number_in(first), number_in(last)), number_in(volume), text_in(layout), text_in(place))
    check_text(book.layout + book.place)
    if Book.parse(book.key, book.layout, book.place) != book:
        raise ValueError("no key of a book")
    return book


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


def list_books(connection: Connection) -> list[Book]:
    """All books, in no order."""
    return [book_in(row) for row in connection.execute(select(BOOKS)).mappings()]


def find_book(connection: Connection, key: str) -> tuple[Book, int] | None:
    """The book of that key and the version of its layout, None where there is none."""
    row = connection.execute(select(BOOKS).where(is_book(key))).mappings().first()
    if row is None:
        return None
    with read_back("the table of books"):
        return book_in(row), number_in(row["layout_version"])


def add_book(connection: Connection, book: Book, layout_version: int) -> None:
    """Add a book that is not there yet."""
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


def change_book(connection: Connection, key: str, **columns: str | int) -> None:
    """Set some columns of a book. Raises BadInput where there is no such book."""
    connection.execute(update(BOOKS).where(BOOKS.c.id == book_id(connection, key)).values(**columns))
