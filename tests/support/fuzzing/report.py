"""What came of fuzzing one entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FuzzFinding:
    """An input that ocrfill must not answer so: what happened, and where the input is kept to do it again."""

    kind: str
    what: str
    input: Path


@dataclass(frozen=True, slots=True)
class FuzzReport:
    """How an entry of ocrfill stood so many inputs.

    `crashes` are tracebacks, signals, errors that are not in plain words, and memory above the bound; `hangs` inputs
    that took longer than the target's `max_seconds`. `slowest_seconds` is of the processor's time, `peak_mb` the
    most memory of the process with the input.
    """

    name: str
    inputs: int
    crashes: int
    hangs: int
    slowest_seconds: float
    peak_mb: float
    findings: tuple[FuzzFinding, ...] = ()
