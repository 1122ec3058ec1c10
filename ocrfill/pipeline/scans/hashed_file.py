"""A scan file by the hash of its bytes: what is read of it later is read of just these bytes, or fails."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans.file_types import HEAD_BYTES

T = TypeVar("T")

CHANGED_WHILE_READ: Final = "the file changed while it was read; give it to `ocrfill run` again"
SETTLED_NS: Final = 2_000_000_000
"""A file written so long before it was hashed has another time if it is written again: no file system counts time more
coarsely than by two seconds (FAT)."""
_ATTEMPTS: Final = 3
_BLOCK: Final = 1 << 20

_Stamp = tuple[int, int, int, int, int]
"""Which file it is (device and number), its length, when it was written, when anything of it was changed."""


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file's path as given, the hash of its bytes, the first of them, and what the file system said of it then."""

    path: Path
    sha256: str
    head: bytes
    stamp: _Stamp
    hashed_ns: int

    def read_by(self, read: Callable[[], T]) -> T:
        """What `read` gives, which reads this path, made of the bytes that were hashed and no others.

        Raises PageError where they changed, also where the file was exchanged and put back meanwhile.
        """
        for _ in range(_ATTEMPTS):
            before = self._stamp_now()
            if before is None:
                return read()  # it cannot be opened: the reader says why
            if before != self.stamp and not self._holds_at(before):
                raise PageError("scan", CHANGED_WHILE_READ)
            try:
                made = read()
            except PageError as e:
                if self._stamp_now() in {before, None}:
                    raise
                raise PageError("scan", CHANGED_WHILE_READ) from e
            if self._stamp_now() == before and (self._is_settled(before) or self._holds_at(before)):
                return made
        raise PageError("scan", CHANGED_WHILE_READ)

    def _is_settled(self, stamp: _Stamp) -> bool:
        return stamp == self.stamp and max(stamp[-2:]) < self.hashed_ns - SETTLED_NS

    def _holds_at(self, stamp: _Stamp) -> bool:
        """Whether the file of this stamp has the bytes that were hashed."""
        if self._is_settled(stamp):
            return True
        try:
            with self.path.open("rb") as stream:
                return _digest(stream)[0] == self.sha256 and _stamp(stream) == stamp
        except OSError:
            return False

    def _stamp_now(self) -> _Stamp | None:
        try:
            with self.path.open("rb") as stream:  # opened: file systems of a network look at the server only then
                return _stamp(stream)
        except OSError:
            return None


def hash_file(path: Path) -> HashedFile:
    """Hash a file. Raises BadInput where it cannot be read, or does not hold still."""
    try:
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise BadInput(f"{path}: this is no file (a pipe, or a device); save it as a file")
        with path.open("rb") as stream:
            hashed_ns, stamp = time.time_ns(), _stamp(stream)
            sha256, head = _digest(stream)
            if _stamp(stream) != stamp:
                raise BadInput(f"{path}: the file changed while it was read; again when nobody writes it any more")
    except FileNotFoundError as e:
        raise BadInput(f"{path}: there is no such file") from e
    except IsADirectoryError as e:
        raise BadInput(f"{path}: this is a folder, not a scan") from e
    except OSError as e:
        raise BadInput(f"{path}: the file cannot be read: {e.strerror}") from e
    except ValueError as e:  # a NUL in it, which no system takes
        raise BadInput(f"{path}: this is no path of a file") from e
    return HashedFile(path, sha256, head, stamp, hashed_ns)


def _digest(stream: BinaryIO) -> tuple[str, bytes]:
    """The hash of a stream's bytes, and the first of them."""
    digest = hashlib.sha256()
    head = stream.read(HEAD_BYTES)
    digest.update(head)
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest(), head


def _stamp(stream: BinaryIO) -> _Stamp:
    told = os.fstat(stream.fileno())
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns
