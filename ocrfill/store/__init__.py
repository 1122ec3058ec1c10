"""The store: SQLite by default, one file a workspace; PostgreSQL by URL."""

from ocrfill.store.nouns import (
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
from ocrfill.store.store import Store

__all__ = [
    "BookStatus",
    "CorrectedField",
    "FailedPage",
    "PageNote",
    "State",
    "Store",
    "StoredPage",
    "StoredScan",
    "Todo",
    "natural",
]
