"""One page in a worker process: read it, and turn whatever goes wrong with it into data."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import ocrfill
from ocrfill.document.book_print import BookPrint
from ocrfill.document.result import Failure, PageResult
from ocrfill.errors import BadInput, OcrfillError, PageError
from ocrfill.pipeline.scans.decoder_gate import is_lack_of_memory
from ocrfill.store.page_rows import to_rows

PACKAGE_FOLDER = Path(ocrfill.__file__).parent


@dataclass(frozen=True, slots=True)
class Job:
    """A page to read: its scan as stored and as it can be opened, the book's layout (`layout` loads it) and what was
    learnt of its print.
    """

    source: str
    file: Path
    sha256: str
    number: int
    layout: str
    layout_name: str
    layout_version: int
    prints: tuple[BookPrint, ...] = ()

    def failed(self, stage: str, reason: str) -> PageResult:
        """The result of this page where it could not be read."""
        return PageResult(
            self.source, self.number, self.layout_name, self.layout_version, failure=Failure(stage, reason)
        )


class WorkerStart(Protocol):
    """What a worker starts with: called once in each process, it gives what reads pages. Hashable, can be pickled."""

    def __call__(self) -> Callable[[Job], PageResult]:
        """What reads a page, made in the worker."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a page; `trace` is where a fault in ocrfill itself arose, without any text of the page."""

    result: PageResult
    trace: str | None = None


def attempt_page(start: WorkerStart, job: Job) -> Attempt:
    """Read a page. What is wrong with the page or its file becomes its failure, and so does any fault of ours.

    Raises the errors that are of the system, not of the page: a missing program, a bad layout.
    """
    read = _started(start)
    try:
        result = read(job)
        to_rows(result)  # what cannot be stored must fail here, as this page's fault, not in the parent
    except PageError as error:
        return Attempt(job.failed(error.stage, error.reason))
    except BadInput as error:
        return Attempt(job.failed("scan", error.without_path(job.file)))
    except OcrfillError:
        raise
    except Exception as error:  # noqa: BLE001 - the page boundary: one bad page must not stop a book
        if is_lack_of_memory(error):
            return Attempt(job.failed("read", "there is not enough memory for this page; scan it again at 300 dpi"))
        frames = traceback.extract_tb(error.__traceback__)[1:]  # without this function's own
        ours = [f for f in frames if Path(f.filename).is_relative_to(PACKAGE_FOLDER)] or frames
        place = f"{ours[-1].name} in {Path(ours[-1].filename).name}"
        reason = f"a fault in ocrfill itself: {type(error).__name__} at {place}; please report it"
        # the error's own text may quote what stands on the page: only its type and place are told
        trace = "".join(traceback.format_list(frames)) + type(error).__name__
        return Attempt(job.failed("bug", reason), trace)
    return Attempt(dataclasses.replace(result, source=job.source, page=job.number))


@lru_cache(maxsize=1)
def _started(start: WorkerStart) -> Callable[[Job], PageResult]:
    return start()
