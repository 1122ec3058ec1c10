"""A book in a store, without scans: for tests of the store and of its file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ocrfill.civil_status.book import Book
from ocrfill.document.result import Decision, Failure, Field, PageResult, Record
from ocrfill.store import Store

KEY = "KS.2006.01"
BOOK = Book.parse(KEY, "ks_2006_2015", "UBND xã Hải Lệ")


def field(name: str, decision: Decision = Decision.REVIEW) -> Field:
    return Field(name, "Họ và tên", "name", "Lê Thị Ba", None, 0.5, decision, (), "tesseract", ((1.0, 2.5),))


def result(source: str, page: int, *records: Record, failure: Failure | None = None) -> PageResult:
    return PageResult(source, page, "ks_2006_2015", 1, 100, 200, 300.0, records=records, failure=failure)


def digest(workspace: Path) -> str:
    """Of the store's file, which must not be in the midst of a write."""
    assert not (workspace / "ocrfill.sqlite-journal").exists()
    return hashlib.sha256((workspace / "ocrfill.sqlite").read_bytes()).hexdigest()


def filled(workspace: Path, pages: int = 3) -> Store:
    store = Store.open(workspace, create=True)
    store.add_book(BOOK, 1)
    store.add_scan(KEY, "a.pdf", "a", pages)
    return store


def write_all(store: Store) -> None:
    for page in store.todo():
        store.put(page.id, result("a.pdf", page.number, Record(1, tuple(field(str(i)) for i in range(40)))))
