"""Fuzzing: inputs that no program should have to take, given to ocrfill's entries by the thousand, in child processes.

`FUZZERS` has a function an entry: it draws inputs for so many seconds, or so many of them, from a seed, and says what
came of them. An input must give a result or an error in plain words; a traceback, a signal, a hang and memory without
bound are findings, and the input that made one is kept (`FuzzReport.findings` tells where).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from support.fuzzing.campaign import run_campaign
from support.fuzzing.report import FuzzReport
from support.fuzzing.target import SELF_TEST, TARGET_MODULES

FUZZERS: Mapping[str, Callable[[float | None, int | None, int], FuzzReport]] = MappingProxyType(
    {name: partial(run_campaign, name) for name in TARGET_MODULES if name != SELF_TEST}
)
"""Name → `run(seconds, inputs, seed)`: until the time is over or so many inputs were given, whichever comes first."""

__all__ = ["FUZZERS", "FuzzReport"]
