"""What a worker reads pages with: the pipeline and its readers, made once in each process."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import cv2

from ocrfill.batch.page_job import Job
from ocrfill.document.result import PageResult
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts import Layout, load_layout
from ocrfill.layouts.model import WritingReader
from ocrfill.pipeline.locate import PrintSeen
from ocrfill.pipeline.print_seen import print_seen
from ocrfill.pipeline.read_page import read_page
from ocrfill.pipeline.recognition import Reader, make_readers
from ocrfill.pipeline.scans import Scan, open_scan


@dataclass(frozen=True, slots=True)
class PageReader:
    """Reads pages with the readers of `ocrfill.pipeline.recognition`.

    `languages` are Tesseract's, `writing` is who reads writing.

    `model` is the folder of the handwriting model; None for the one that came with ocrfill.
    """

    languages: str
    writing: WritingReader = "auto"
    model: Path | None = None

    def __call__(self) -> Callable[[Job], PageResult]:
        """What reads a page, with one thread and readers of its own."""
        cv2.setNumThreads(1)  # as many processes as cores, one thread each
        os.environ["OMP_THREAD_LIMIT"] = "1"
        return partial(read_job, make_readers(self.languages, self.writing, self.model))


def look_at_print(job: Job) -> PrintSeen | None:
    """What a page tells of its book's print; None where it tells nothing. It needs no reader."""
    cv2.setNumThreads(1)
    try:
        return print_seen(_opened(job.file, job.sha256).page(job.number), _layout(job.layout))
    except (BadInput, PageError):  # told when the page is read
        return None


def read_job(readers: Mapping[str, Reader], job: Job) -> PageResult:
    """A page of a book read with these readers. Raises PageError and BadInput where it cannot be."""
    scan = _opened(job.file, job.sha256)
    return read_page(scan.page(job.number), _layout(job.layout), readers, prints=job.prints)


@lru_cache(maxsize=2)
def _opened(file: Path, sha256: str) -> Scan:
    """A worker often gets several pages of one file: its hash is taken once, and each page looks whether it holds."""
    scan = open_scan(file)
    if scan.sha256 != sha256:
        raise PageError("scan", "the file has changed since it was added; give it to `ocrfill run` again")
    return scan


@lru_cache(maxsize=8)
def _layout(name: str) -> Layout:
    return load_layout(name)
