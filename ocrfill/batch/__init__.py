"""Many pages: add the scans of a book to the store, read what is pending on worker processes, go on after a stop."""

from ocrfill.batch.add_scans import AddedScan, ScanOutcome
from ocrfill.batch.book_folders import book_key
from ocrfill.batch.page_job import Job, WorkerStart
from ocrfill.batch.run import RunPlan, RunReport, execute_plan, plan_run
from ocrfill.batch.settle_books import BookOptions
from ocrfill.batch.work_progress import Progress
from ocrfill.pipeline.process_pool import TaskTimeout, WorkerDied, WorkerPool

__all__ = [
    "AddedScan",
    "BookOptions",
    "Job",
    "Progress",
    "RunPlan",
    "RunReport",
    "ScanOutcome",
    "TaskTimeout",
    "WorkerDied",
    "WorkerPool",
    "WorkerStart",
    "book_key",
    "execute_plan",
    "plan_run",
]
