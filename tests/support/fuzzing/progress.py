"""Where a child stands, in memory that its watcher sees too, whatever becomes of the child."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Self

_PLACES = 5
_BYTES = 8
_BEGUN, _AGAIN, _SLOWEST, _PEAK, _ALLOWED = range(_PLACES)


class Progress:
    """Numbers shared through a small file, each written at once: whoever reads meanwhile sees the old or the new one.

    `begun` counts the inputs that were begun, `again` is 1 where the child asks for another one to go on in its place,
    `slowest` is of one input in seconds, `peak_mb` of the process, and `allowed` the processor seconds that the child
    may have taken when its present input is done.
    """

    def __init__(self, shared: mmap.mmap) -> None:
        self._whole, self._real = memoryview(shared).cast("q"), memoryview(shared).cast("d")

    @classmethod
    def made(cls, file: Path) -> Self:
        """In a new file."""
        file.write_bytes(bytes(_PLACES * _BYTES))
        found = cls.opened(file)
        found.allowed = float("inf")
        return found

    @classmethod
    def opened(cls, file: Path) -> Self:
        """In a file that was made."""
        with file.open("r+b") as stream:
            return cls(mmap.mmap(stream.fileno(), _PLACES * _BYTES))

    def _set(self, numbers: memoryview, place: int, value: float) -> None:
        numbers[place] = value

    begun = property(lambda self: self._whole[_BEGUN], lambda self, value: self._set(self._whole, _BEGUN, value))
    again = property(lambda self: self._whole[_AGAIN], lambda self, value: self._set(self._whole, _AGAIN, value))
    slowest = property(lambda self: self._real[_SLOWEST], lambda self, value: self._set(self._real, _SLOWEST, value))
    peak_mb = property(lambda self: self._real[_PEAK], lambda self, value: self._set(self._real, _PEAK, value))
    allowed = property(lambda self: self._real[_ALLOWED], lambda self, value: self._set(self._real, _ALLOWED, value))
