"""The store: SQLite by default, one file a workspace; PostgreSQL by URL."""

from ocrfill.store.review_ledger import Ledger
from ocrfill.store.rows_out import (
    BatchState,
    BookCounts,
    CorrectedField,
    FailedPage,
    PageNote,
    PendingPage,
    ReviewBatch,
    ReviewTask,
    State,
    StoredPage,
    StoredScan,
    natural_path_key,
)
from ocrfill.store.store import Store

__all__ = [
    "BatchState",
    "BookCounts",
    "CorrectedField",
    "FailedPage",
    "Ledger",
    "PageNote",
    "PendingPage",
    "ReviewBatch",
    "ReviewTask",
    "State",
    "Store",
    "StoredPage",
    "StoredScan",
    "natural_path_key",
]
