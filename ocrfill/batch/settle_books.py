"""The books of a run: which layout and place each has, settled before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ocrfill.acceptance.book_layouts import another_layout
from ocrfill.batch.choose_layout import choose_layout
from ocrfill.civil_status.book import Book
from ocrfill.errors import BadInput
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.pipeline.form_identification import AUTO_LAYOUT
from ocrfill.store import Store


@dataclass(frozen=True, slots=True)
class BookOptions:
    """What the user says of the books: their layout (a shipped one's name, a file, or `AUTO_LAYOUT`) and their place.

    None leaves what a book has. `change_layout` allows another layout, or another version of it, than a book has:
    its pages are then read again.
    """

    layout: str | None = None
    place: str | None = None
    change_layout: bool = False


def settle_books(
    store: Store, keys: Iterable[str], wanted: BookOptions, files: Sequence[tuple[Path, str]] = ()
) -> None:
    """Add the books of these keys that are not there, and change what is to change; no write where nothing is.

    `files` are scans and their books' keys: by them the layout of a new book is chosen where `AUTO_LAYOUT` is wanted.
    Raises BadInput, before any write, where a book has no layout, one of another kind, or another than is wanted.
    """
    steps = [step for key in sorted(set(keys)) for step in _steps(store, key, _decided(store, key, wanted, files))]
    for step in steps:
        step()


def _decided(store: Store, key: str, wanted: BookOptions, files: Sequence[tuple[Path, str]]) -> BookOptions:
    """What is wanted of a book, its layout chosen by its pages if need be. A book that has one keeps it."""
    if wanted.layout != AUTO_LAYOUT:
        return wanted
    if store.book(key) is not None and not wanted.change_layout:
        return replace(wanted, layout=None)
    of_book = [file for file, of in files if of == key]
    if not of_book:
        raise BadInput(f"book {key}: --layout auto needs its SCANS to choose by")
    return replace(wanted, layout=choose_layout(key, of_book))


def _steps(store: Store, key: str, wanted: BookOptions) -> list[Callable[[], None]]:
    known = store.book(key)
    name = _lasting(wanted.layout) if wanted.layout is not None else known[0].layout if known else None
    if name is None:
        raise BadInput(
            f"book {key} is new: say which printed form it is with --layout; there are {', '.join(shipped_layouts())}, "
            "or auto to let its pages tell"
        )
    layout = load_layout(name)
    book = Book.parse(key, name, wanted.place or "")
    if layout.kind != book.kind:
        raise BadInput(f"book {key} is of kind {book.kind}, but layout {layout.name} is for {layout.kind}")
    if known is None:
        return [lambda: store.add_book(book, layout.version)]
    steps: list[Callable[[], None]] = []
    had, version = known
    if (had.layout, version) != (name, layout.version):
        if not wanted.change_layout:
            raise BadInput(another_layout(had, version, layout, name))
        steps.append(lambda: store.change_layout(key, name, layout.version))
    if wanted.place is not None and wanted.place != had.place:
        steps.append(lambda: store.change_place(key, book.place))
    return steps


def _lasting(layout: str) -> str:
    """A layout's name such that it can be loaded from any folder."""
    return layout if layout in shipped_layouts() else str(Path(layout).absolute())
