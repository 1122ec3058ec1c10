"""A folder for what a process must put into files for a while: nobody else's, and gone with the process."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

PREFIX = "ocrfill-process-"
"""How the folders' names begin; no others are swept."""

_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder below the system's temporary folder, closed to other users; it goes on leaving.

    Where the process is killed instead, the next one that asks for such a folder takes it away, and so does the pool of
    a killed worker. Raises OSError where no folder can be made.
    """
    _sweep_once(os.getpid())
    folder, handle = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def sweep_private_folders() -> None:
    """Take away the folders of this user's processes that have ended, however they ended."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            handle = os.open(folder, _OPEN_FOLDER)
            try:
                if os.fstat(handle).st_uid == os.geteuid():
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)


@cache
def _sweep_once(_process: int) -> None:
    sweep_private_folders()


def _made() -> tuple[Path, int]:
    """A folder and the handle that locks it: the system frees the lock when the process ends, however it ends."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):  # another process has swept it before it was locked
            handle = os.open(folder, _OPEN_FOLDER)
            if _is_locked(handle) and folder.exists():
                return folder, handle
            os.close(handle)


def _is_locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # where a file system knows no locks, none can be had by who sweeps either
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True
