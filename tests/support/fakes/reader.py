"""Stands in for the readers in tests of the batch: quick, deterministic, and on wish slow, wrong, hanging or deadly.

What it does with a page is in the scan's file name: `0003-crash.png`. Run as a program it is `ocrfill run` with this
in place of the readers, so that a test can kill a whole run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ocrfill.batch import BookOptions, Job, WorkerPool, execute_plan, plan_run
from ocrfill.document.result import Character, Decision, Field, PageResult, Reading, Record
from ocrfill.errors import ExitCode, MissingProgram, OcrfillError, PageError
from ocrfill.pipeline.scans import open_scan
from ocrfill.store import Store

SECRET = "Lê Thị Bí Mật"


@dataclass(frozen=True, slots=True)
class FakeReading:
    """`pause` is the longest a page takes, in seconds; which takes how long follows from its content."""

    pause: float = 0.0

    def __call__(self) -> Callable[[Job], PageResult]:
        return self.read

    def read(self, job: Job) -> PageResult:
        self.misbehave(job.file)
        scan = open_scan(job.file)
        page = scan.page(job.number)
        seed = hashlib.sha256(f"{scan.sha256}{job.number}".encode()).digest()
        time.sleep(self.pause * seed[0] / 255)
        records = tuple(
            Record(number, tuple(made_field(name, seed[number + i]) for i, name in enumerate(("so", "ho_ten", "noi"))))
            for number in range(1, 2 + seed[1] % 3)
        )
        return PageResult(
            str(job.file), job.number, job.layout_name, job.layout_version, page.width, page.height, records=records
        )

    def misbehave(self, file: Path) -> None:
        _, _, how = file.stem.partition("-")
        match how:
            case "bad":
                raise PageError("locate", "no frame of this form")
            case "bug":
                raise KeyError(SECRET)
            case "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            case "once":
                marker = file.with_suffix(".died")
                if not marker.exists():
                    marker.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                time.sleep(10_000)
            case "missing":
                raise MissingProgram("tesseract is gone")


def made_field(name: str, seed: int) -> Field:
    """A field whose text is short or runs over several database pages, by its seed."""
    text = ("Nguyễn Văn Đức " * (1 + seed % 7) * (60 if seed % 11 == 0 else 1)).strip()
    reading = Reading(text, seed / 255, "fake", tuple(Character(c, seed / 300) for c in text))
    decision = Decision.REVIEW if seed % 4 else Decision.EMPTY
    raw = text if decision is Decision.REVIEW else ""
    return Field(name, "Tên", "text", raw, None, seed / 255, decision, (), "fake", ((0.0, 1.5),), (), (reading,))


def draw_scan(file: Path, seed: int, pages: int = 1) -> Path:
    """A small PNG, or TIFF of several pages, with content of its own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    drawn = [Image.fromarray(random.integers(0, 255, (12, 9), dtype=np.uint8)) for _ in range(pages)]
    if pages == 1:
        drawn[0].save(file)
    else:
        drawn[0].save(file, save_all=True, append_images=drawn[1:])
    return file


def no_progress(_: str, __: int) -> contextlib.AbstractContextManager[Callable[[], None]]:
    return contextlib.nullcontext(lambda: None)


def main() -> int:
    """`reader.py WORKSPACE JOBS PAUSE PAGE_SECONDS FLAGS SCAN...`: what `ocrfill run` does; prints each step."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background makes its children ignore it
    workspace, jobs, pause, seconds, flags, *scans = sys.argv[1:]
    order = plan_run(
        [Path(s) for s in scans],
        None,
        BookOptions("ks_2006_2015"),
        retry_failed="retry" in flags,
        jobs=int(jobs),
    )

    @contextlib.contextmanager
    def progress(what, length):
        yield lambda: print(what, flush=True)

    try:
        with Store.open(Path(workspace), create=True) as store:
            report = execute_plan(
                order, store, FakeReading(float(pause)), lambda n: WorkerPool(n, float(seconds)), progress
            )
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OcrfillError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print("pages", report.pages, "failed", len(report.failures))
    return ExitCode.SOME_PAGES_FAILED if report.failures else ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
