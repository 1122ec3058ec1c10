"""Many pages: add the scans of a book to the store, read what is pending on worker processes, go on after a stop."""

from ocrfill.batch.adding import Added, Outcome, book_key
from ocrfill.batch.books import Wanted
from ocrfill.batch.choosing import AUTO
from ocrfill.batch.page import Job, Start
from ocrfill.batch.pool import Overtime, WorkerDied, WorkerPool
from ocrfill.batch.work import Order, Progress, Report, carry_out, plan

__all__ = [
    "AUTO",
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
