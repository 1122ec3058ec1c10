"""A process's system calls watched with strace; before one of them it is killed, or one ends in an error."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHANGING = (
    "openat", "write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate", "rename",
    "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink",
    "symlinkat", "fchmod", "chmod", "fchmodat", "sendto", "sendmsg",
)  # fmt: skip
"""Calls that change what outlives a process, or send something to another one; of `openat` those that make a file."""

WATCHED = ",".join(f"?{name}" for name in (*CHANGING, "execve"))

STANDARD = {"1": "standard output", "2": "standard error"}

ATTACH_SECONDS = 20

_CALL = re.compile(r"^(\d+)\s+(\w+)\((.*)")
_HANDLE = re.compile(r"^(\d+)<([^>]*)>")
_TEMPORARY = re.compile(r"^tmp/(ocrfill-process-)?\w+")
_NAME = re.compile(r'"([^"]*)"')


@cache
def no_strace() -> str:
    """Why system calls cannot be watched here, empty where they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace cannot watch here: {tried.stderr.strip()}"


@dataclass(frozen=True, slots=True)
class CallPoint:
    """The n-th call of a name in one thread; `file` is what it is about, where the call says."""

    call: str
    nth: int
    file: str

    def __str__(self) -> str:
        return f"{self.call} {self.nth} ({self.file})" if self.file else f"{self.call} {self.nth}"


@dataclass(frozen=True, slots=True)
class Injection:
    """What is done to a call: "signal=KILL" or "error=ENOSPC"; with `onward` to all after it too."""

    point: CallPoint
    what: str
    onward: bool = False

    def option(self) -> str:
        """As strace takes it."""
        return f"inject={self.point.call}:{self.what}:when={self.point.nth}{'+' if self.onward else ''}"


def watch(pid: int, log: Path, injection: Injection | None = None) -> subprocess.Popen[bytes]:
    """A strace on a process that waits, with all that it will start; returns when it watches."""
    calls = f"trace={WATCHED if injection is None else injection.point.call}"
    options = ["-e", calls, *(["-e", injection.option()] if injection is not None else [])]
    strace = subprocess.Popen(
        ["strace", "-f", "-qq", "-y", "-s", "0", "-e", "signal=none", *options, "-o", log, "-p", str(pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + ATTACH_SECONDS
    while not _is_watched(pid):
        if strace.poll() is not None or time.monotonic() > until:
            strace.kill()
            raise RuntimeError(f"strace cannot watch: {strace.communicate()[1].decode()}")
        time.sleep(0.002)
    return strace


def _is_watched(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return re.search(r"^TracerPid:\t0$", status, re.MULTILINE) is None


def points_in(log: Path, folder: Path, thread: str | None = None) -> list[CallPoint]:
    """The crash points of a watched command, in the order they came up, by the thread that makes most calls of a name.

    Files are told relative to `folder`. With `thread` only that one's calls count; never those of another program that
    the command starts.
    """
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    others = {line.split(maxsplit=1)[0] for line in lines if " execve(" in line}
    counts: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, int], CallPoint] = {}
    for line in lines:
        found = _CALL.match(line)
        if found is None:
            continue
        caller, call, rest = found.groups()
        if thread not in (None, caller) or (caller in others and caller != thread):
            continue
        counts[caller, call] += 1
        nth = counts[caller, call]
        if call == "openat" and "O_CREAT" not in rest:
            continue
        seen.setdefault((call, nth), CallPoint(call, nth, _named(rest, folder)))
    return list(seen.values())


def struck(log: Path, folder: Path, point: CallPoint) -> bool:
    """Whether the first call that got an error was the one that was meant: a library may have opened a file less."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _CALL.match(line)
        if found is not None and "(INJECTED)" in line:
            return _named(found[3], folder) == point.file
    return False


def _named(arguments: str, folder: Path) -> str:
    """What a call is about, relative to a folder; of a temporary file's name only that it is one."""
    return _TEMPORARY.sub("tmp/NAME", _file_of(arguments).replace(f"{folder}/", ""))


def _file_of(arguments: str) -> str:
    """What a call is about: the name it gives, else what stands behind its handle."""
    name, handle = _NAME.search(arguments), _HANDLE.search(arguments)
    if name is not None and name[1]:
        return re.sub(r"\.\d+\.part$", ".PID.part", name[1])
    if handle is None:
        return ""
    return STANDARD.get(handle[1]) or re.sub(r"\.\d+\.part$", ".PID.part", handle[2])
