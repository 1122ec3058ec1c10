"""One `run` at a time on a workspace: a lock that the system frees when its holder ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from ocrfill.errors import OutputError, StoreError
from ocrfill.store.atomic_file import PRIVATE_FILE_MODE

ADVISORY_LOCK = {"key": 0x6F637266}
"""PostgreSQL's locks go by number; this one reads "ocrf"."""


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold `ocrfill.lock` in the folder. Raises StoreError, naming the holder, where another process has it."""
    file = folder / "ocrfill.lock"
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE_MODE)
    except OSError as error:
        raise OutputError(
            f"cannot write in {folder}: {error.strerror}; check the folder and its permissions"
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise OutputError(f"cannot lock {file}: {error.strerror}") from error
            holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "not known yet"
            raise StoreError(
                f"another ocrfill is at work on {folder} ({holder}); wait for it to end, or stop it"
            ) from error
        with suppress(OSError):  # the name is for others to read: on a full disk the lock holds without it
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)  # frees the lock; the file stays, for taking it away would race with the next holder


@contextmanager
def database_lock(engine: Engine) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock of ocrfill on this database; StoreError where another connection has it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), ADVISORY_LOCK).scalar_one():
            holder = connection.execute(
                text(
                    "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) "
                    "WHERE locktype = 'advisory' AND granted AND objid = :key AND pg_locks.database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())"
                ),
                ADVISORY_LOCK,
            ).scalar()
            raise StoreError(
                f"another ocrfill is at work on this database ({holder or 'just ended'}); wait for it, or stop it"
            )
        try:
            yield
        finally:
            with suppress(SQLAlchemyError, OSError, struct.error):  # the server has gone, and the lock with it
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), ADVISORY_LOCK)
            connection.invalidate()  # ends here; given back to the pool it would talk to the server once more
