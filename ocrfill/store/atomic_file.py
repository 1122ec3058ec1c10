"""Files that are either whole or not there: the one way in which ocrfill puts a file in the place of another."""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ocrfill.errors import OutputError

PRIVATE_FOLDER_MODE, PRIVATE_FILE_MODE = 0o700, 0o600
"""Permissions of what may hold personal data: its owner's alone."""

OTHERS_MODE = 0o077
"""The permissions of everybody but the owner."""


@contextmanager
def whole(path: Path, *, private: bool = True) -> Iterator[Path]:
    """A path to write to; what was written becomes `path` on leaving, or nothing does if writing failed.

    It is on the disk before it takes the place of what was there, so that a power cut leaves the one or the other.
    Missing folders are made. `private`: these and the file are their owner's alone, from before the first byte. What a
    killed process left half written of this file is taken away. Raises OutputError where the file system refuses: no
    space, no permission, a folder in the way.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = None
    try:
        make_folders(path.parent, private=private)
        sweep_parts(path.parent, path.name)
        part.unlink(missing_ok=True)  # of a process of this number that was killed
        mode = PRIVATE_FILE_MODE if private else 0o666
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with suppress(OSError):  # a file system without locks: then nobody can sweep there
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield part
        _to_disk(part)
        part.replace(path)
        with suppress(OSError):  # some file systems cannot; the file itself is on the disk
            _to_disk(path.parent)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; "
            "close the file if another program has it open, free some space, or choose another place"
        ) from error
    finally:
        with suppress(OSError):  # gone already, or beyond reach: then the error above is the one to tell
            part.unlink()
        if handle is not None:
            os.close(handle)


def make_folders(folder: Path, *, private: bool = True) -> None:
    """Make a folder and the missing ones above it; those that are there keep their permissions. Raises OSError."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_folders(folder.parent, private=private)
    folder.mkdir(mode=PRIVATE_FOLDER_MODE if private else 0o777, exist_ok=True)


def is_open_to_others(file: Path) -> bool:
    """Whether other users of the computer may read or write a file that is there."""
    try:
        return bool(stat.S_IMODE(file.stat().st_mode) & OTHERS_MODE)
    except OSError:  # not there, or out of reach: reading it says so
        return False


def sweep_parts(folder: Path, name: str) -> None:
    """Take away what killed processes left half written of the file `name` in a folder.

    A name that ends in a full stop stands for all files whose names begin so. What a process is still writing stays.
    """
    written = re.escape(name) + (".+" if name.endswith(".") else "")
    left = re.compile(rf"\.{written}\.[0-9]+\.part", re.DOTALL)
    with suppress(OSError):
        for file in list(folder.iterdir()):
            if left.fullmatch(file.name):
                _remove_unlocked(file)


def _remove_unlocked(file: Path) -> None:
    """Remove a file of ours that no process holds: the system frees a lock when its holder ends, however it ends."""
    with suppress(OSError):
        handle = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if os.fstat(handle).st_uid == os.geteuid():
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.unlink()
        finally:
            os.close(handle)


def _to_disk(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
