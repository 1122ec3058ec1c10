"""What can happen to a command: one object each, told apart by `kind`, and the points at which it can happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from support.faults.system_calls import STANDARD, CallPoint, Injection

KILLED, FAILING_CALL, DISK_FULL, SHORT_WRITE = "killed", "a call fails", "disk full", "file cut short"
CLOCK_BACK, OUTPUT_FULL, SERVER_FAILS = "clock set", "standard output full", "server fails"
WORKER_KILLED, DATABASE_KILLED, REVIEW_KILLED = "worker killed", "PostgreSQL killed", "Label Studio killed"

ERRORS = {
    "openat": ("ENOSPC", "EACCES", "EROFS"),
    "write": ("ENOSPC", "EIO"),
    "pwrite64": ("EIO", "ENOSPC"),
    "fsync": ("EIO",),
    "fdatasync": ("EIO",),
    "ftruncate": ("EIO",),
    "rename": ("EIO", "ENOSPC", "EACCES"),
    "renameat": ("EIO",),
    "renameat2": ("EIO",),
    "unlink": ("EIO", "EACCES"),
    "unlinkat": ("EIO",),
    "mkdir": ("ENOSPC", "EACCES"),
    "mkdirat": ("ENOSPC",),
    "sendto": ("ECONNRESET", "EPIPE"),
}
"""Errors that a call may end in, the likeliest first."""

FULL_DISK_CALLS = ("pwrite64", "fallocate", "ftruncate")
"""Calls that only a store's file is written with: these can fail from a point on and leave messages alone."""

HOUR, YEAR = 3600.0, 365.25 * 86400
CLOCKS = {"an hour back": -HOUR, "a year back": -YEAR, "to before 1980": -50 * YEAR, "ten years ahead": 10 * YEAR}

BYTES_BETWEEN_LIMITS = 997
"""Steps of the largest size that a file may have; odd, so that writes are cut in their midst too."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One fault. What is None or empty does not happen."""

    kind: str
    where: str
    injection: Injection | None = None
    file_bytes: int | None = None
    clock: tuple[float, int] | None = None
    output: str | None = None
    server: tuple[int, str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def kills(self) -> bool:
        """Whether the command is killed: then it says nothing."""
        return self.kind == KILLED


def kills(points: Sequence[CallPoint]) -> list[Disturbance]:
    """The process is killed before each of its calls."""
    return [Disturbance(KILLED, str(point), Injection(point, "signal=KILL")) for point in points]


def failing_calls(points: Sequence[CallPoint]) -> list[Disturbance]:
    """Each call fails once, but those by which the command says what is wrong."""
    return [
        Disturbance(FAILING_CALL, f"{point} {error}", Injection(point, f"error={error}"))
        for point in points
        if not _says_what_is_wrong(point)
        for error in ERRORS.get(point.call, ())
    ]


def full_disks(points: Sequence[CallPoint]) -> list[Disturbance]:
    """From each write of the store on there is no space."""
    return [
        Disturbance(DISK_FULL, f"from {point} on", Injection(point, "error=ENOSPC", onward=True))
        for point in points
        if point.call in FULL_DISK_CALLS
    ]


def short_writes(largest: int) -> list[Disturbance]:
    """No file may grow over a limit: the write that would cross it is cut short, the next one fails."""
    return [
        Disturbance(SHORT_WRITE, f"at byte {limit}", file_bytes=limit)
        for limit in range(0, largest, max(BYTES_BETWEEN_LIMITS, largest // 400))
    ]


def turned_clocks() -> list[Disturbance]:
    """The clock goes wrong before the command, and in its midst."""
    return [
        Disturbance(CLOCK_BACK, f"{name}, after {looks} looks at it", clock=(seconds, looks))
        for name, seconds in CLOCKS.items()
        for looks in (0, 1, 3, 10)
    ]


def full_output() -> list[Disturbance]:
    """What the command prints goes to a full disk."""
    return [Disturbance(OUTPUT_FULL, "/dev/full", output="/dev/full")]


def failing_server(calls: int, faults: Sequence[str]) -> list[Disturbance]:
    """Each call of the server goes wrong in each way."""
    return [
        Disturbance(SERVER_FAILS, f"call {call}: {fault}", server=(call, fault))
        for call in range(calls)
        for fault in faults
    ]


Item = TypeVar("Item")


def evenly(items: Sequence[Item], most: int | None) -> list[Item]:
    """So many of them at most, from the first to the last, the same distance apart."""
    if most is None or len(items) <= most:
        return list(items)
    if most == 1:
        return [items[len(items) // 2]]
    return [items[round(n * (len(items) - 1) / (most - 1))] for n in range(most)]


def _says_what_is_wrong(point: CallPoint) -> bool:
    return point.file == STANDARD["2"]
