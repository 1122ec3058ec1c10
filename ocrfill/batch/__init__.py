"""Many pages: add the scans of a book to the store, read what is pending on worker processes, go on after a stop."""

from ocrfill.batch.add_scans import Added, Outcome, book_key
from ocrfill.batch.page_job import Job, Start
from ocrfill.batch.process_pool import Overtime, WorkerDied, WorkerPool
from ocrfill.batch.run import Order, Progress, Report, carry_out, plan
from ocrfill.batch.settle_books import Wanted

__all__ = [
    "Added",
    "Job",
    "Order",
    "Outcome",
    "Overtime",
    "Progress",
    "Report",
    "Start",
    "Wanted",
    "WorkerDied",
    "WorkerPool",
    "book_key",
    "carry_out",
    "plan",
]
