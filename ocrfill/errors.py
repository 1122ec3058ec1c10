"""What can go wrong in words a user can act on, and the exit code of each kind."""

from __future__ import annotations

import shlex
import sys
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of the command line; listed with their meaning in docs/reference/commands.md."""

    OK = 0
    BUG = 1
    USAGE = 2
    BAD_INPUT = 3
    BAD_LAYOUT = 4
    SOME_PAGES_FAILED = 5
    MISSING_PROGRAM = 6
    STORE = 7
    OUTPUT = 8
    REVIEW = 9
    INTERRUPTED = 130


class OcrfillError(Exception):
    """The base of all errors a user can act on: the message says what is wrong, where, and what to do next."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG


class BadInput(OcrfillError):
    """A scan, a truth file or an argument that cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class BadLayout(OcrfillError):
    """A layout file with faults; `faults` holds each with its path in the file."""

    exit_code = ExitCode.BAD_LAYOUT

    def __init__(self, name: str, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__(f"layout {name} has {len(faults)} fault(s):\n" + "\n".join(f"  {f}" for f in faults))


class MissingProgram(OcrfillError):
    """A program, a Python package or a language file the system lacks."""

    exit_code = ExitCode.MISSING_PROGRAM


def install_extra(name: str) -> str:
    """The command that installs an extra of pyproject.toml into the Python that runs ocrfill, checkout or not."""
    return f"{shlex.quote(sys.executable)} -m pip install 'ocrfill[{name}]'"


class StoreError(OcrfillError):
    """The workspace's store cannot be opened, is locked, or was made by a newer version."""

    exit_code = ExitCode.STORE


class OutputError(OcrfillError):
    """A result that could not be written: no space, no permission, a file in the way."""

    exit_code = ExitCode.OUTPUT


class ReviewError(OcrfillError):
    """The reviewing server cannot be reached, refuses, or answers what cannot be understood."""

    exit_code = ExitCode.REVIEW


class PageError(OcrfillError):
    """A page that cannot be read; the batch records it with its stage and goes on.

    `stage` is one of "scan", "page", "locate", "read"; the message names no text of the page.
    """

    exit_code = ExitCode.SOME_PAGES_FAILED

    def __init__(self, stage: str, reason: str) -> None:
        self.stage = stage
        self.reason = reason
        super().__init__(f"{stage}: {reason}")

    def __reduce__(self) -> tuple[type[PageError], tuple[str, str]]:
        """So that it comes whole out of a worker process."""
        return PageError, (self.stage, self.reason)
