"""Where a child stands, in memory that its watcher sees too, whatever becomes of the child."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Self

_FORM = struct.Struct("=qqddd")


class Progress:
    """Numbers shared through a small file.

    `begun` counts the inputs that were begun, `again` is 1 where the child asks for another one to go on in its place,
    `slowest` is of one input in seconds, `peak_mb` of the process, and `allowed` the processor seconds that the child
    may have taken when its present input is done.
    """

    def __init__(self, shared: mmap.mmap) -> None:
        self._shared = shared

    @classmethod
    def made(cls, file: Path) -> Self:
        """In a new file."""
        file.write_bytes(_FORM.pack(0, 0, 0.0, 0.0, float("inf")))
        return cls.opened(file)

    @classmethod
    def opened(cls, file: Path) -> Self:
        """In a file that was made."""
        with file.open("r+b") as stream:
            return cls(mmap.mmap(stream.fileno(), _FORM.size))

    def _get(self, place: int) -> int | float:
        return _FORM.unpack_from(self._shared)[place]

    def _set(self, place: int, value: float) -> None:
        values = list(_FORM.unpack_from(self._shared))
        values[place] = value
        _FORM.pack_into(self._shared, 0, *values)

    begun = property(lambda self: int(self._get(0)), lambda self, value: self._set(0, value))
    again = property(lambda self: int(self._get(1)), lambda self, value: self._set(1, value))
    slowest = property(lambda self: self._get(2), lambda self, value: self._set(2, value))
    peak_mb = property(lambda self: self._get(3), lambda self, value: self._set(3, value))
    allowed = property(lambda self: self._get(4), lambda self, value: self._set(4, value))
