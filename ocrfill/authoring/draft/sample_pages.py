"""Which pages of the given scans a layout is drafted from."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocrfill.document.page import Page
from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import Scan, open_scan

MAX_SAMPLE_PAGES = 16
"""So many pages show what repeats; more cost time and teach little."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A page of an opened scan file."""

    scan: Scan
    number: int


def choose_pages(paths: Sequence[Path], numbers: Container[int] | None = None) -> tuple[Chosen, ...]:
    """At most `MAX_SAMPLE_PAGES` of the files' pages, evenly spread; `numbers` picks pages of each file, from 1.

    Raises BadInput where there are none, or a file cannot be opened.
    """
    every = [
        Chosen(scan, number)
        for scan in map(open_scan, paths)
        for number in range(1, scan.pages + 1)
        if numbers is None or number in numbers
    ]
    if not every:
        raise BadInput(
            "there are no such pages: give scans (PDF, TIFF, JPEG, PNG) or a folder with scans, and pages they have"
        )
    which = np.unique(np.rint(np.linspace(0, len(every) - 1, min(len(every), MAX_SAMPLE_PAGES))).astype(int))
    return tuple(every[i] for i in which)


def open_pages(chosen: Sequence[Chosen]) -> Iterator[Page]:
    """The pages, one after another. Raises BadInput, with the file and page, where one cannot be read."""
    for one in chosen:
        try:
            yield one.scan.page(one.number)
        except PageError as error:
            raise BadInput(f"{one.scan.path}, page {one.number}: {error}; leave it out with --pages") from error
