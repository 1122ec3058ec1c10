"""What can go wrong in words a user can act on, and the exit code of each kind."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar
from unicodedata import category

MAX_TOLD_KEY_CHARACTERS = 60
"""Of a key out of a file: as much as helps to find it."""

MAX_TOLD_FAULTS = 100
"""Faults of a layout that its message lists: nobody reads more at a time, and a damaged file may have thousands."""


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


def seen_text(text: str) -> str:
    """The text with what is not seen (control and format characters, half surrogates) named, like <U+001B>; line
    breaks and spaces of all kinds stay.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" or category(c) == "Zs" else f"<U+{ord(c):04X}>" for c in text)


def place_in_file(path: Iterable[object]) -> str:
    """Keys and places in lists, from the top of a file down, as people write them: `body.lines.3.y`."""
    keys = (str(key) for key in path)
    most = MAX_TOLD_KEY_CHARACTERS
    return ".".join(key if len(key) <= most else f"{key[: most - 1]}…" for key in keys)


class OcrfillError(Exception):
    """The base of all errors a user can act on: the message says what is wrong, where, and what to do next.

    A message may name what stands in a file (a key, a path); what is unseen in it never reaches a terminal as it is.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __str__(self) -> str:
        return seen_text(super().__str__())

    def without_path(self, path: object) -> str:
        """The message without the path at its beginning, for where the file is named anyway."""
        return seen_text(super().__str__().removeprefix(f"{path}: "))


class BadInput(OcrfillError):
    """A scan, a truth file or an argument that cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class BadLayout(OcrfillError):
    """A layout file with faults; `faults` holds each with its path in the file."""

    exit_code = ExitCode.BAD_LAYOUT

    def __init__(self, name: str, faults: tuple[str, ...]) -> None:
        self.faults = faults
        told = [f"  {fault}" for fault in faults[:MAX_TOLD_FAULTS]]
        if len(faults) > MAX_TOLD_FAULTS:
            told.append(f"  and {len(faults) - MAX_TOLD_FAULTS} more")
        super().__init__(f"layout {name} has {len(faults)} fault(s):\n" + "\n".join(told))


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
