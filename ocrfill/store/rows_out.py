"""What the store hands out: pages with their place and state, work to do, counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ocrfill.civil_status.book import Book
from ocrfill.document.correction import Correction, FieldPlace, Purpose
from ocrfill.document.geometry import Polygon
from ocrfill.document.result import Decision, Field, Issue, PageResult
from ocrfill.document.settlement import settled_correction
from ocrfill.store.paths import is_odd_path


class State(StrEnum):
    """Where a page stands."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StoredScan:
    """A scan file of a book. `path` is as stored, `file` where it can be opened; `failure` why it could not be."""

    id: int
    book: str
    path: str
    file: Path
    sha256: str | None
    failure: str | None
    replaced: bool

    @property
    def has_odd_name(self) -> bool:
        """Whether its name is not UTF-8, so that it cannot be opened by what is stored."""
        return is_odd_path(self.path)


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page of a scan. `scan` is a path that can be opened; `result` is there for pages done or failed."""

    scan: str
    sha256: str
    number: int
    state: State
    result: PageResult | None


@dataclass(frozen=True, slots=True)
class CorrectedField:
    """A field as it was last read, and all that persons said of it, in order of time.

    `scan` is a path that can be opened, `page` its page, `record` the record's number on the page.
    """

    book: str
    scan: str
    sha256: str
    page: int
    record: int
    field: Field
    corrections: tuple[Correction, ...]

    @property
    def settled(self) -> Correction | None:
        """The correction that counts; None while two persons disagree (see `ocrfill.document.settlement`)."""
        return settled_correction(self.corrections)


class BatchState(StrEnum):
    """Where a batch of review tasks stands: not (wholly) on its server yet, there, or gone with its database."""

    PLANNED = "planned"
    SENT = "sent"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """A field that a person is asked about; `position` counts from 1 in its batch, `task` is its row on the server."""

    position: int
    place: FieldPlace
    purpose: Purpose
    prefilled: str
    outline: Polygon
    task: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewBatch:
    """Tasks that go to one project of a reviewing server, for one person or unit ("" for whoever comes).

    `token` stands in the project's description. `seen` is the server's own time of the last change that was pulled.
    """

    id: int
    book: str
    server: str
    person: str
    state: BatchState
    token: str
    project: int | None
    seen: str | None
    size: int


@dataclass(frozen=True, slots=True)
class PendingPage:
    """A page to read: its id in the store, its book's key and layout, its scan as stored and where it can be opened."""

    id: int
    book: str
    layout: str
    source: str
    file: Path
    sha256: str
    number: int


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A page that failed, or a whole file: then `number` is None and the stage is "scan"."""

    book: str
    scan: str
    number: int | None
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class PageNote:
    """A page that was read, and what a person should know of it: that it was turned, for one."""

    book: str
    scan: str
    number: int
    issue: Issue


@dataclass(frozen=True, slots=True)
class BookCounts:
    """A book in figures. `failed_scans` are files that could not be opened, `replaced` those whose content changed."""

    book: Book
    layout_version: int
    scans: int
    failed_scans: int
    replaced: int
    pages: Mapping[State, int]
    records: int
    fields: Mapping[Decision, int]


def natural_path_key(path: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """A key to sort paths as people do: `2.jpg` before `10.jpg`, a folder's files together, capitals like small."""
    parts = re.split(r"([0-9]+)", path.casefold().replace("/", "\0"))
    key = tuple((0, int(part), part) if part[0] in "0123456789" else (1, 0, part) for part in parts if part)
    return key, path
