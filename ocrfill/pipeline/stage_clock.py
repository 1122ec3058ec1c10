"""How long each stage of a page took, told to who wants to know."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

StageClock = Callable[[str, float], None]
"""Told each stage's name ("page", "locate", "crop", "read", "fields") and its seconds; "page" and "locate" once for
each way of turning the page that is tried."""


@contextmanager
def timed(stage: str, tell: StageClock) -> Iterator[None]:
    """Tell how long what is done within took; nothing where it fails."""
    start = time.perf_counter()
    yield
    tell(stage, time.perf_counter() - start)


def no_clock(stage: str, seconds: float) -> None:
    """Where nobody wants to know."""
