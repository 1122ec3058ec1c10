"""Results to be measured: from a file that `ocrfill read --json` wrote, or from a workspace's store."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from ocrfill.document import from_document
from ocrfill.errors import BadInput
from ocrfill.records import PageResult
from ocrfill.store import Store


def results_in_file(path: Path) -> tuple[PageResult, ...]:
    """From .json (what `ocrfill read --json` prints) or .jsonl (what `ocrfill export` writes, a line a record).

    Raises BadInput.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    return _merged(from_document(document) for document in _documents(text, path))


def results_in_workspace(workspace: Path) -> tuple[PageResult, ...]:
    """All pages of all books of a workspace that were done or failed. Raises StoreError."""
    with Store.open(workspace) as store:
        return tuple(
            dataclasses.replace(page.result, source=page.scan)
            for book in store.books()
            for page in store.pages(book.key)
            if page.result is not None
        )


def _merged(results: Iterable[PageResult]) -> tuple[PageResult, ...]:
    """Results of the same page as one, with the records of all."""
    pages: dict[tuple[str, int], PageResult] = {}
    for result in results:
        before = pages.get((result.source, result.page))
        records = (*before.records, *result.records) if before else result.records
        pages[result.source, result.page] = dataclasses.replace(result, records=records)
    return tuple(pages.values())


def _documents(text: str, path: Path) -> Iterator[object]:
    try:
        if path.suffix == ".jsonl":
            yield from (json.loads(line) for line in text.splitlines() if line.strip())
            return
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}: line {error.lineno}: not JSON: {error.msg}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("pages"), list):
        raise BadInput(f"{path}: want what `ocrfill read --json` prints: an object with a list `pages`")
    yield from whole["pages"]
