"""Adding scans to the store: each content once, whatever its name; a changed or moved file is noticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ocrfill.errors import BadInput, seen_text
from ocrfill.pipeline.scans import HashedFile, hash_file, open_hashed
from ocrfill.store import Store, StoredScan
from ocrfill.store.paths import is_odd_path


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


NAME_IS_NO_TEXT = "the file's name is not UTF-8, so it cannot be named; rename it, and give it to `ocrfill run` again"


def add_scans(store: Store, files: Iterable[tuple[Path, str]]) -> Iterator[AddedScan]:
    """Add each file to the book of that key, one transaction a file, none where nothing is new; tells what it did."""
    for file, book in files:
        yield _add(store, file, book)


def retry_scans(store: Store) -> Iterator[AddedScan]:
    """Look again at the files that could not be opened, and at those of pages that failed: where one has other content
    now it is added anew, under the path it had.
    """
    for book in store.books():
        for scan in store.failed_scans(book.key):
            if not scan.has_odd_name:
                yield _retried(store, scan)
    of_pages = {(page.file, page.sha256, page.book) for page in store.todo(failed=True)}
    for file, sha256, key in sorted(of_pages):
        now = _sha256(file)
        if now is not None and now != sha256:
            yield _add(store, file, key)


def _retried(store: Store, scan: StoredScan) -> AddedScan:
    hashed, reason = _hashed(scan.file, scan.path)
    if hashed is not None and hashed.sha256 != scan.sha256:
        return _add(store, scan.file, scan.book)
    pages = 0
    if hashed is not None:
        pages, reason = _pages(hashed, scan.path)
    if reason != scan.failure:
        store.reopen_scan(scan, pages, reason)
    return AddedScan(scan.file, ScanOutcome.NEW if reason is None else ScanOutcome.FAILED, reason or "")


def _add(store: Store, file: Path, book: str) -> AddedScan:
    path = store.path_in_store(file)
    hashed, unread = _hashed(file, path)
    sha256 = None if hashed is None else hashed.sha256
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
    odd = is_odd_path(path)
    if elsewhere is not None and not odd:
        store.move_scan(elsewhere, book, path)
        changed_back = elsewhere.path == path
        return AddedScan(
            file, *((ScanOutcome.CHANGED, "") if changed_back else (ScanOutcome.MOVED, str(elsewhere.file)))
        )
    if odd:
        pages, failure = 0, NAME_IS_NO_TEXT
    else:
        pages, failure = (0, unread) if hashed is None else _pages(hashed, path)
    for gone in [] if odd else _failed_and_gone(store, sha256):
        store.retire_scans(gone.path)
    store.add_scan(book, path, sha256, pages, failure)
    added = ScanOutcome.CHANGED if here else ScanOutcome.NEW
    return AddedScan(file, added if failure is None else ScanOutcome.FAILED, failure or "")


def _elsewhere(store: Store, sha256: str | None) -> StoredScan | None:
    """The scan of that content under another path, or one replaced since; files that failed count by path alone."""
    if sha256 is None:
        return None
    return next((scan for scan in store.scans(sha256=sha256) if scan.failure is None), None)


def _failed_and_gone(store: Store, sha256: str | None) -> list[StoredScan]:
    """Files of that content that could not be opened and have another name now, or none, or are there under a name."""
    if sha256 is None:
        return []
    failed = [scan for scan in store.scans(sha256=sha256) if scan.failure is not None and not scan.replaced]
    return [scan for scan in failed if scan.has_odd_name or not scan.file.exists()]


def _still_there(scan: StoredScan, path: str) -> bool:
    return not scan.replaced and scan.path != path and _sha256(scan.file) == scan.sha256


def _hashed(file: Path, path: str) -> tuple[HashedFile | None, str | None]:
    """The file by its hash, or why it cannot be read."""
    try:
        return hash_file(file), None
    except BadInput as error:
        return None, _reason(error, file, path)


def _pages(hashed: HashedFile, path: str) -> tuple[int, str | None]:
    """The number of pages of a scan file, and why it has none."""
    try:
        return open_hashed(hashed).pages, None
    except BadInput as error:
        return 0, _reason(error, hashed.path, path)


def _reason(error: BadInput, file: Path, path: str) -> str:
    """The same wherever the workspace lies."""
    return error.without_path(file).replace(seen_text(str(file)), path)


def _sha256(file: Path) -> str | None:
    """The hash of a file's bytes, None where it cannot be read."""
    try:
        return hash_file(file).sha256
    except BadInput:
        return None
