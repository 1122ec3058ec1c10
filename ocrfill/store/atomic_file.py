"""Files that are either whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ocrfill.errors import OutputError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to; what was written becomes `path` on leaving, or nothing does if writing failed.

    Raises OutputError where the file system refuses: no space, no permission, a folder in the way.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; "
            "close the file if another program has it open, free some space, or choose another place"
        ) from error
    finally:
        with suppress(OSError):  # gone already, or beyond reach: then the error above is the one to tell
            part.unlink()
