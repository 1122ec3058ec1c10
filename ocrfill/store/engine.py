"""Connecting to SQLite or PostgreSQL, and their errors in words a user can act on."""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    PendingRollbackError,
    ResourceClosedError,
)
from sqlalchemy.pool import NullPool

from ocrfill.errors import OcrfillError, OutputError, StoreError, install_extra
from ocrfill.store.atomic_file import PRIVATE_FILE_MODE

BUSY_SECONDS = 60
"""How long a write waits for readers of the same SQLite file (an export under way) before it gives up."""

MAX_PORT = 65_535

LOST_CONNECTION = (OSError, struct.error, PendingRollbackError, ResourceClosedError)
"""What pg8000, or SQLAlchemy after it, raises besides its own errors where a server ends in the midst of an answer."""

LOST_TO_PG8000 = "network error"
"""All that pg8000 says where the server ends while it is asked or answers."""

DAMAGED_VALUES = (OverflowError, UnicodeDecodeError)
"""What Python's SQLite raises besides its own errors where a number has no number after it, or SQLite's own words quote
bytes of a damaged file.
"""

PRAGMAS = (
    "journal_mode = DELETE",  # a WAL file's content depends on when it was last merged, this does not
    "synchronous = FULL",
    "secure_delete = ON",  # freed space is zeroed: no leftovers of personal data, no leftovers that differ by history
    "foreign_keys = ON",
)

DISK_FULL_CODES = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE"})
READ_ONLY_CODES = frozenset({"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"})
DAMAGED_CODES = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


def sqlite_engine(file: Path) -> Engine:
    """An engine for one SQLite file; its transactions begin where SQLAlchemy's do, writing ones with the lock.

    The path is taken as it stands, whatever is in it, and stays the same file when the current folder changes.
    """
    # never a URL as text: "?", "#" and "%" of the path would speak in it, and the store land in another folder
    url = URL.create("sqlite", database=os.path.abspath(file))  # noqa: PTH100 - links stay as they are
    # no pool: a connection kept open would keep its view of a file that the user has put in its place since
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None, "uri": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("bare", False):  # VACUUM stands in no transaction
            return
        writes = options.get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def make_private(file: Path) -> None:
    """Make an SQLite file that is its owner's alone, or close one that is there to others; its journal follows it.

    Raises OutputError where the folder cannot be written.
    """
    try:
        # one that is there is never opened here: closing it would free the locks of all its connections in this process
        if not file.exists():
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE_MODE))
        elif file.stat().st_uid == os.geteuid() and stat.S_IMODE(file.stat().st_mode) != PRIVATE_FILE_MODE:
            file.chmod(PRIVATE_FILE_MODE)
    except FileExistsError:  # another process has just made it
        pass
    except OSError as error:
        raise OutputError(
            f"{file} cannot be written or opened ({error.strerror}); check the folder and its permissions"
        ) from error


def url_engine(url: str) -> Engine:
    """An engine for a database by URL; PostgreSQL through pg8000 is what is tested."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "postgresql":
            raise StoreError(f"a store is a folder or a URL postgresql+pg8000://..., not {parsed.get_backend_name()}:")
        if parsed.port is not None and not 0 < parsed.port <= MAX_PORT:
            raise StoreError(f"not the URL of a database: {parsed.port} is no port")
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+pg8000")
        # with a traceback it tells that a lost connection could not be closed in order: `clear_errors` says it in words
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
        whoami = f"ocrfill {os.getpid()} on {socket.gethostname()}"
        return create_engine(parsed, connect_args={"application_name": whoami})
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError(f"not the URL of a database: {error}") from error
    except ModuleNotFoundError as error:
        raise StoreError(f"PostgreSQL needs the Python package {error.name}: {install_extra('postgres')}") from error


@contextmanager
def clear_errors(where: str) -> Iterator[None]:
    """Turn a database's errors into StoreError or OutputError; `where` names the store in the message."""
    try:
        yield
    except DBAPIError as error:
        raise _translated(where, error.orig) from error
    except LOST_CONNECTION as error:
        raise _lost(where) from error
    except DAMAGED_VALUES as error:
        raise _damaged(where, type(error).__name__) from error


def _lost(where: str) -> StoreError:
    return StoreError(
        f"the connection to the database {where} was lost; nothing that was stored is lost: run the same command "
        "again when it answers"
    )


def _damaged(where: str, cause: object) -> StoreError:
    return StoreError(f"{where} is damaged or no ocrfill store ({cause}); put its last copy in its place")


def _translated(where: str, cause: Any) -> OcrfillError:
    if not isinstance(cause, sqlite3.Error):
        # the server's own words hold no values of the statement: those stand in its detail, which is left out
        said = cause.args[0] if getattr(cause, "args", ()) else cause
        message = said.get("M", "") if isinstance(said, dict) else said
        return _lost(where) if said == LOST_TO_PG8000 else StoreError(f"the database {where} answers: {message}")
    name = getattr(cause, "sqlite_errorname", "")
    codes = (*DISK_FULL_CODES, *READ_ONLY_CODES, *DAMAGED_CODES)
    code = next((known for known in codes if name == known or name.startswith(f"{known}_")), "")
    if code in DISK_FULL_CODES:
        return OutputError(
            f"{where} cannot grow: the disk is full or a size limit is reached ({cause}). Nothing that was stored is "
            "lost; make room and run the same command again"
        )
    if code in READ_ONLY_CODES:
        return OutputError(f"{where} cannot be written or opened ({cause}); check the folder and its permissions")
    if code in DAMAGED_CODES:
        return _damaged(where, cause)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(f"{where} is in use by another program for more than {BUSY_SECONDS} s; try again later")
    return StoreError(f"{where}: {cause} ({name or type(cause).__name__})")
