"""A whole run on a workspace: books settled, new scans added, pending pages read; and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from ocrfill.acceptance import Trust
from ocrfill.acceptance.book_layouts import layouts_of
from ocrfill.acceptance.decide_books import decide_stored_books
from ocrfill.batch.add_scans import AddedScan, add_scans, retry_scans
from ocrfill.batch.book_folders import book_key, check_one_folder_each
from ocrfill.batch.learn_print import PrintLearner
from ocrfill.batch.page_job import Job, WorkerStart
from ocrfill.batch.read_pending import read_pending
from ocrfill.batch.settle_books import BookOptions, settle_books
from ocrfill.batch.work_progress import Progress
from ocrfill.document.result import Decision, PageResult
from ocrfill.errors import BadInput
from ocrfill.pipeline.scans import FoundScans, find_scans
from ocrfill.store import FailedPage, PageNote, PendingPage, Store


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is to be done: scans found and the book of each, what is wanted of these books and of `book`."""

    found: FoundScans
    files: tuple[tuple[Path, str], ...]
    book: str | None
    wanted: BookOptions
    retry_failed: bool
    jobs: int


@dataclass(slots=True)
class RunReport:
    """What a run did. `failures` and `notes` are all there are in the books it was about, older ones too."""

    added: list[AddedScan] = field(default_factory=list)
    pages: int = 0
    failed_pages: int = 0
    fields: Counter[Decision] = field(default_factory=Counter)
    seconds: float = 0.0
    failures: Sequence[FailedPage] = ()
    notes: Sequence[PageNote] = ()


def plan_run(
    scans: Sequence[Path], book: str | None, wanted: BookOptions, *, retry_failed: bool = False, jobs: int = 1
) -> RunPlan:
    """The order for these paths (none: go on with what is pending). Raises BadInput before anything is touched."""
    found = find_scans(scans)
    if scans and not found.scans:
        raise BadInput("no scan among the given paths: give PDF, TIFF, JPEG, PNG, BMP or WebP files, or their folder")
    files = tuple((file, book_key(file, book)) for file in found.scans)
    return RunPlan(found, files, book, wanted, retry_failed, jobs)


def execute_plan(
    order: RunPlan,
    store: Store,
    start: WorkerStart,
    executor: Callable[[int], Executor],
    progress: Progress,
    *,
    trust: Trust | None = None,
) -> RunReport:
    """Do it, alone on this store. `start` gives a worker what it reads with, `executor` so many workers.

    When all is read, the books concerned are judged as wholes; with `trust` values may be accepted.
    """
    named = {key for _, key in order.files} | ({order.book} if order.book is not None else set())
    report = RunReport()
    with store.locked():
        if order.book is None:
            check_one_folder_each(store, order.files)
        settle_books(store, named, order.wanted, order.files)
        with progress("adding", len(order.files)) as step:
            for added in add_scans(store, order.files):
                report.added.append(added)
                step()
        if order.retry_failed:
            report.added += retry_scans(store)
        todo = store.todo(failed=order.retry_failed)
        if todo:
            began = time.monotonic()
            with executor(min(order.jobs, len(todo))) as workers:
                _read(order, store, todo, start, workers, progress=progress, report=report)
            report.seconds = time.monotonic() - began
        about = named | {page.book for page in todo} if named else None
        read = {(page.source, page.number) for page in todo}
        # all books where there was nothing else to do: corrections or a calibration may have come in
        judged = named | {page.book for page in todo} or {book.key for book in store.books()}
        with progress("judging", len(judged)) as step:
            for result in decide_stored_books(store, trust, judged, step):
                if (result.source, result.page) in read:
                    report.fields.update(f.decision for record in result.records for f in record.fields)
        report.failures, report.notes = store.failures(about), store.notes(about)
    return report


def _read(
    order: RunPlan,
    store: Store,
    todo: Sequence[PendingPage],
    start: WorkerStart,
    workers: Executor,
    *,
    progress: Progress,
    report: RunReport,
) -> None:
    """Read these pages, with what is learnt of their books' print; told in `report`."""
    layouts = layouts_of(store, {page.book for page in todo})
    books = {page.book: page.layout for page in todo}
    learner = PrintLearner(store, workers, books, layouts, progress)
    prints = {key: learner.before_reading(key) for key in books}

    def job(page: PendingPage) -> Job:
        where, layout = (page.source, page.file, page.sha256, page.number), layouts[page.layout]
        return Job(*where, page.layout, layout.name, layout.version, prints[page.book])

    with progress("reading", len(todo)) as step:

        def tell(_: PendingPage, result: PageResult) -> None:
            report.pages += 1
            report.failed_pages += result.failure is not None
            step()

        read_pending(store, todo, job, start, workers, jobs=min(order.jobs, len(todo)), tell=tell)
    for key in books:
        learner.after_reading(key)
