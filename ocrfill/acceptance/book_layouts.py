"""The layouts of books in a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ocrfill.civil_status.book import Book
from ocrfill.errors import BadInput
from ocrfill.layouts import Layout, load_layout
from ocrfill.store import Store


def layouts_of(store: Store, keys: Iterable[str]) -> Mapping[str, Layout]:
    """The layouts of these books by the name that loads them. Raises BadInput where one changed since."""
    layouts: dict[str, Layout] = {}
    for key in sorted(set(keys)):
        known = store.book(key)
        if known is None:
            raise BadInput(f"there is no book {key} in this workspace")
        book, version = known
        layout = layouts.setdefault(book.layout, load_layout(book.layout))
        if layout.version != version:
            raise BadInput(another_layout(book, version, layout, book.layout))
    return layouts


def another_layout(book: Book, version: int, layout: Layout, name: str) -> str:
    """The message for a book that is to be read with another layout than it has."""
    return (
        f"book {book.key} is read with layout {book.layout}, version {version}, not with {name}, version "
        f"{layout.version}; to read all its pages again with that one: "
        f"ocrfill run --book {book.key} --layout {name} --change-layout"
    )
