"""Reading what is pending: on any executor, written by the parent alone, one page a transaction, in the plan's order.

The order matters: the store of an interrupted run that went on is byte for byte that of a run never disturbed, with
one worker or with many. A page that is ready early waits until those before it are written.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from itertools import islice

from ocrfill.batch.page_job import Attempt, Job, WorkerStart, attempt_page
from ocrfill.document.result import PageResult
from ocrfill.pipeline.process_pool import TaskTimeout, WorkerDied
from ocrfill.store import PendingPage, Store

LOG = logging.getLogger(__name__)

PAGES_AHEAD_PER_WORKER = 4
"""Pages under way or waiting to be written, for each worker: enough that one slow page does not idle the others."""


def read_pending(
    store: Store,
    pages: Iterable[PendingPage],
    job: Callable[[PendingPage], Job],
    start: WorkerStart,
    executor: Executor,
    *,
    jobs: int,
    tell: Callable[[PendingPage, PageResult], None],
) -> None:
    """Read pages and store each; `job` makes the work of each, `tell` is called after each.

    Whatever stops it (an error, Ctrl+C) ends the executor's tasks at once; the store then lacks only what was not yet
    written.
    """
    todo = list(pages)
    try:
        attempts = _in_order(map(job, todo), start, executor, jobs * PAGES_AHEAD_PER_WORKER)
        for page, done in zip(todo, attempts, strict=True):
            if done.trace is not None:
                LOG.error("%s, page %d: %s", page.source, page.number, done.trace)
            store.put(page.id, done.result)
            tell(page, done.result)
    except BaseException:
        executor.shutdown(cancel_futures=True)
        raise


def _in_order(jobs: Iterable[Job], start: WorkerStart, executor: Executor, ahead: int) -> Iterator[Attempt]:
    rest = iter(jobs)
    flying: deque[tuple[Job, Future[Attempt]]] = deque()
    while True:
        for job in islice(rest, ahead - len(flying)):
            flying.append((job, executor.submit(attempt_page, start, job)))
        if not flying:
            return
        job, future = flying.popleft()
        try:
            yield future.result()
        except TaskTimeout as error:
            yield Attempt(job.failed("read", f"reading it took longer than {error}"))
        except WorkerDied:
            wait(other for _, other in flying)  # again, but alone: it may have fallen to another page's hunger
            yield _again(start, job, executor)


def _again(start: WorkerStart, job: Job, executor: Executor) -> Attempt:
    try:
        return executor.submit(attempt_page, start, job).result()
    except TaskTimeout as error:
        return Attempt(job.failed("read", f"reading it took longer than {error}"))
    except WorkerDied as error:
        return Attempt(job.failed("read", f"the process that read it ended twice ({error}); is there memory enough?"))
