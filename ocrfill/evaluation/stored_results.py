"""Results to be measured, from a workspace's store."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ocrfill.document.result import PageResult
from ocrfill.store import Store


def results_in_workspace(workspace: Path) -> tuple[PageResult, ...]:
    """All pages of all books of a workspace that were done or failed. Raises StoreError."""
    with Store.open(workspace) as store:
        return tuple(
            dataclasses.replace(page.result, source=page.scan)
            for book in store.books()
            for page in store.pages(book.key)
            if page.result is not None
        )
