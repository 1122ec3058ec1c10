"""Scan files read one page after the other, with no state kept."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ocrfill.document.page import shown_path
from ocrfill.document.result import Failure, PageResult
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts.model import Layout
from ocrfill.pipeline.read_page import read_page_of_any
from ocrfill.pipeline.recognition import Reader
from ocrfill.pipeline.scans import open_scan


def read_files(
    paths: Iterable[Path],
    layouts: Sequence[Layout],
    readers: Mapping[str, Reader],
    numbers: Container[int] | None = None,
) -> Iterator[PageResult]:
    """The result of each page of scan files, one after the other, with no state kept; `numbers` picks pages, from 1.

    Of several layouts each page is read with the one it is most like.

    A page that cannot be read gives a result with `failure`, and so does, as page 0, a file that cannot be opened or
    has none of the wanted pages.
    """
    for path in paths:
        try:
            scan = open_scan(path)
        except BadInput as error:
            yield failed_page(shown_path(path), 0, layouts, PageError("scan", error.without_path(path)))
            continue
        wanted = [number for number in range(1, scan.pages + 1) if numbers is None or number in numbers]
        if not wanted:
            reason = f"it has none of the wanted pages, only 1 to {scan.pages}"
            yield failed_page(shown_path(path), 0, layouts, PageError("scan", reason))
        for number in wanted:
            try:
                yield read_page_of_any(scan.page(number), layouts, readers)
            except PageError as error:
                yield failed_page(shown_path(path), number, layouts, error)


def failed_page(source: str, number: int, layouts: Sequence[Layout], error: PageError) -> PageResult:
    """The result of a page that could not be read; a page number of 0 stands for the whole file.

    It names its layout where only one was possible.
    """
    name, version = (layouts[0].name, layouts[0].version) if len(layouts) == 1 else ("", 0)
    return PageResult(source, number, name, version, failure=Failure(error.stage, error.reason))
