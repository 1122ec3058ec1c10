"""Files that are either whole or not there: the one way in which ocrfill puts a file in the place of another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ocrfill.errors import OutputError


@contextmanager
def whole(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A path to write to; what was written becomes `path` on leaving, or nothing does if writing failed.

    It is on the disk before it takes the place of what was there, so that a power cut leaves the one or the other.
    `private`: the file is its owner's alone, from before its first byte. Raises OutputError where the file system
    refuses: no space, no permission, a folder in the way.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if private:
            part.unlink(missing_ok=True)  # of a process of this number that was killed
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        yield part
        _to_disk(part)
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; "
            "close the file if another program has it open, free some space, or choose another place"
        ) from error
    finally:
        with suppress(OSError):  # gone already, or beyond reach: then the error above is the one to tell
            part.unlink()


def _to_disk(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
