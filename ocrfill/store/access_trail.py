"""Who saw or changed what of a workspace: a line an access, appended beside the store and never rewritten.

It holds the moment, the user of the computer, the command, the book, and numbers of pages and records; nothing that is
written in a register. What is not in the workspace's hands is not in it: who opens an exported file, or looks at a task
in Label Studio without answering.
"""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ocrfill.errors import OutputError
from ocrfill.store.atomic_file import PRIVATE_FILE_MODE, make_folders

TRAIL_FILE_NAME = "trail.jsonl"

MAX_LINE_BYTES = 65_536
"""A line has some 200 bytes; what is longer was not written by ocrfill."""


class Act(StrEnum):
    """What was done with a book's records."""

    SAW = "saw"
    """They were shown, or drawn into a file."""
    GAVE = "gave"
    """They were written into files for others, or sent to a reviewing server."""
    CHANGED = "changed"
    """They were read, judged or corrected."""
    BEGAN_PURGE = "began_purge"
    PURGED = "purged"
    """They were taken out for good."""


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One access. `book` "" stands for all books of the workspace, `page` "" for all pages of the book.

    `files` are the files or the server that the records went to, `counts` how many of what.
    """

    when: datetime
    who: str
    act: Act
    command: str
    book: str = ""
    page: str = ""
    files: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


_ENTRY: TypeAdapter[TrailEntry] = TypeAdapter(TrailEntry)


def note_access(
    workspace: Path,
    act: Act,
    command: str,
    book: str = "",
    *,
    page: str = "",
    files: tuple[str, ...] = (),
    counts: Mapping[str, int] | None = None,
) -> None:
    """Append an access of this computer's user, of now. Raises OutputError where it cannot be kept."""
    entry = TrailEntry(datetime.now(UTC), computer_user(), act, command, book, page, files, dict(counts or {}))
    document: dict[str, Any] = _ENTRY.dump_python(entry, mode="json")
    line = (json.dumps({name: kept for name, kept in document.items() if kept not in ("", [], {})}) + "\n").encode()
    file = workspace / TRAIL_FILE_NAME
    try:
        make_folders(workspace)  # with a store in PostgreSQL it may not be there
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(file, flags, PRIVATE_FILE_MODE)
        try:
            size = os.fstat(handle).st_size
            cut = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # a power cut in the midst of a line
            os.write(handle, b"\n" * cut + line)  # at once: what others append stands before or after it
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise OutputError(
            f"cannot write {file}: {error.strerror}; nothing of a register is given out without a line there: "
            "check the folder, its permissions and its space"
        ) from error


def trail_of(workspace: Path) -> Iterator[TrailEntry]:
    """The accesses in the order in which they were kept; a line that is none (a power cut's) is left out.

    Raises OutputError where the file cannot be read.
    """
    file = workspace / TRAIL_FILE_NAME
    try:
        with file.open("rb") as opened:
            while line := opened.readline(MAX_LINE_BYTES):
                try:
                    yield _ENTRY.validate_json(line)
                except ValidationError:
                    continue
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"cannot read {file}: {error.strerror}; check its permissions") from error


def computer_user() -> str:
    """The user who runs this process, by the system's own word: an environment variable could name anybody."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"


def last_handed_over(workspace: Path) -> dict[str, datetime]:
    """When each book was last exported; books that never were, or were purged since, are not in it."""
    handed: dict[str, datetime] = {}
    for entry in trail_of(workspace):
        if entry.act is Act.GAVE and entry.command == "export":
            handed[entry.book] = entry.when
        elif entry.act is Act.PURGED:
            handed.pop(entry.book, None)
    return handed


def unfinished_purges(workspace: Path) -> tuple[str, ...]:
    """The books whose purge was begun and never came to its end."""
    open_: dict[str, None] = {}
    for entry in trail_of(workspace):
        if entry.act is Act.BEGAN_PURGE:
            open_[entry.book] = None
        elif entry.act is Act.PURGED:
            open_.pop(entry.book, None)
    return tuple(open_)


def files_given(workspace: Path, book: str) -> tuple[str, ...]:
    """The files that records of a book, or of all, were drawn or written into, as they were named then."""
    given = (e for e in trail_of(workspace) if e.act in (Act.SAW, Act.GAVE) and e.book in (book, ""))
    return tuple(dict.fromkeys(file for entry in given for file in entry.files))


def due_books(workspace: Path, retention_days: int | None, now: datetime) -> dict[str, datetime]:
    """The books whose time is over, and since when: so many days after they were last exported. None: no end."""
    if retention_days is None:
        return {}
    until = {book: when + timedelta(days=retention_days) for book, when in last_handed_over(workspace).items()}
    return {book: when for book, when in until.items() if when <= now}
