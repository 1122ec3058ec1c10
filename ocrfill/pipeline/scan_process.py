"""Scan files are others' work: commands look into them in a process apart, with limits of memory and time.

A file may be made, or damaged, so that its reading takes hours or all memory there is. `ocrfill run` reads pages in its
workers, which have their own limits; all else that a command opens goes this way while `scan_process` lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, ParamSpec, TypeVar

from ocrfill.errors import PageError
from ocrfill.pipeline.process_pool import TaskTimeout, WorkerDied, WorkerPool, limit_memory

P = ParamSpec("P")
T = TypeVar("T")

OPENING_SECONDS: Final = 60.0
"""How long counting a file's pages may take; a thousand pages take one second."""
OPENING_MEMORY_BYTES: Final = 2 << 30
"""The address space in which a file's pages are counted: 1 GB is reserved by libraries before any is used."""
PAGE_SECONDS: Final = 180.0
"""How long one page may take to be decoded, or drawn by poppler, which has a limit of its own below it."""
PAGE_MEMORY_BYTES: Final = 6 << 30
"""The address space in which a page is decoded: for an A2 page in colour at 600 dots an inch, several times over."""

_ADVICE: Final = "save it anew with another program, or scan it again"
_pool: list[WorkerPool | None] = []
"""One entry for each `scan_process` that lasts: its process, None until there is something to look into."""


@contextmanager
def scan_process() -> Iterator[None]:
    """Inside, scan files are looked into in a process apart, begun with the first of them, ended on leaving."""
    _pool.append(None)
    try:
        yield
    finally:
        pool = _pool.pop()
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def look_apart(seconds: float, memory_bytes: int, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `read(*args)` gives or raises: within `scan_process` in the process apart, else here.

    A process that ends is followed by one more: another program may have ended it. Raises PageError where it takes
    longer than `seconds`, more than `memory_bytes`, or both processes with it.
    """
    if not _pool:
        return read(*args, **kwargs)
    pool = _pool[-1] = _pool[-1] or WorkerPool(1, PAGE_SECONDS, PAGE_MEMORY_BYTES)

    def look() -> T:
        return pool.submit_within(seconds, _within, memory_bytes, read, args, kwargs).result()

    try:
        with suppress(WorkerDied):
            return look()
        return look()
    except TaskTimeout as e:
        raise PageError("scan", f"looking into the file took longer than {e}; {_ADVICE}") from e
    except WorkerDied as e:
        raise PageError("scan", f"the process that looked into the file ended twice ({e}); {_ADVICE}") from e
    except MemoryError as e:
        raise PageError("scan", f"it takes more than {memory_bytes >> 30} GB of memory; {_ADVICE}") from e


def _within(memory_bytes: int, read: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    limit_memory(memory_bytes)
    return read(*args, **kwargs)
