"""Adding scans to the store: each content once, whatever its name; a changed or moved file is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ocrfill.civil_status.book import KEY_PATTERN
from ocrfill.errors import BadInput, seen_text
from ocrfill.pipeline.scans import Scan, open_scan
from ocrfill.store import Store, StoredScan


class ScanOutcome(StrEnum):
    """What became of a given file."""

    NEW = "new"
    KNOWN = "known"
    DUPLICATE = "duplicate"
    MOVED = "moved"
    CHANGED = "changed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AddedScan:
    """A given file and what became of it.

    `note` is where a duplicate was taken from, where a moved file was before, or why a file could not be opened.
    """

    file: Path
    outcome: ScanOutcome
    note: str = ""


def book_key(file: Path, given: str | None = None) -> str:
    """The key of the book a scan belongs to: the one given, else the one its name or its nearest folder begins with.

    Raises BadInput where there is none.
    """
    if given is not None:
        return given
    names = [file.name, *(folder.name for folder in file.absolute().parents)]
    for name in names:
        found = KEY_PATTERN.match(name)
        if found is not None and name[found.end() : found.end() + 1] in ("", ".", " ", "_", "-"):
            return found[0]
    raise BadInput(
        f"{file}: which book is it of? Put the scans in a folder named like KS.2006.01 (kind, year, volume), "
        "or say --book KS.2006.01"
    )


def add_scans(
    store: Store, files: Iterable[tuple[Path, str]], opened: Callable[[Path], Scan] = open_scan
) -> Iterator[AddedScan]:
    """Add each file to the book of that key, one transaction a file, none where nothing is new; tells what it did."""
    for file, book in files:
        yield _add(store, file, book, opened)


def retry_scans(store: Store, opened: Callable[[Path], Scan] = open_scan) -> Iterator[AddedScan]:
    """Open again the files that could not be opened."""
    for book in store.books():
        for scan in store.failed_scans(book.key):
            pages, reason = _pages(scan.file, scan.path, opened)
            if reason != scan.failure:
                store.reopen_scan(scan, pages, reason)
            yield AddedScan(scan.file, ScanOutcome.NEW if reason is None else ScanOutcome.FAILED, reason or "")


def _add(store: Store, file: Path, book: str, opened: Callable[[Path], Scan]) -> AddedScan:
    path = store.path_in_store(file)
    sha256 = _sha256(file)
    here = [scan for scan in store.scans(path=path) if not scan.replaced]
    same = [scan for scan in here if scan.sha256 == sha256]
    if same:
        if same[0].book != book:
            store.move_scan(same[0], book, path)
            return AddedScan(file, ScanOutcome.MOVED, f"book {same[0].book}")
        failure = same[0].failure
        return AddedScan(file, ScanOutcome.KNOWN if failure is None else ScanOutcome.FAILED, failure or "")
    elsewhere = _elsewhere(store, sha256)
    if elsewhere is not None and _still_there(elsewhere, path):
        if here:
            store.retire_scans(path)
        return AddedScan(file, ScanOutcome.DUPLICATE, str(elsewhere.file))
    if elsewhere is not None:
        store.move_scan(elsewhere, book, path)
        changed_back = elsewhere.path == path
        return AddedScan(
            file, *((ScanOutcome.CHANGED, "") if changed_back else (ScanOutcome.MOVED, str(elsewhere.file)))
        )
    pages, failure = _pages(file, path, opened)
    store.add_scan(book, path, sha256, pages, failure)
    if failure is not None:
        return AddedScan(file, ScanOutcome.FAILED, failure)
    return AddedScan(file, ScanOutcome.CHANGED if here else ScanOutcome.NEW)


def _elsewhere(store: Store, sha256: str | None) -> StoredScan | None:
    """The scan of that content under another path, or one replaced since; files that failed count by path alone."""
    if sha256 is None:
        return None
    return next((scan for scan in store.scans(sha256=sha256) if scan.failure is None), None)


def _still_there(scan: StoredScan, path: str) -> bool:
    return not scan.replaced and scan.path != path and _sha256(scan.file) == scan.sha256


def _pages(file: Path, path: str, opened: Callable[[Path], Scan]) -> tuple[int, str | None]:
    """The number of pages of a scan file, and why it has none."""
    try:
        return opened(file).pages, None
    except BadInput as error:
        # the same reason wherever the workspace lies
        return 0, error.without_path(file).replace(seen_text(str(file)), path)


def _sha256(file: Path) -> str | None:
    """The hash of a file's bytes, None where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
