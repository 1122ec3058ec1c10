"""Commands started warm: one process loads ocrfill once, and forks for every command.

As a program it takes orders as lines of JSON on standard input and answers so: `start` forks and tells the number of a
process that waits, so that it can be watched from its first call on; `go` lets it go on and tells how it ended.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.faults import clock
from support.paths import ROOT, TESTS

PR_SET_PTRACER, ANY_PROCESS = 0x59616D61, -1

LOADED_BEFOREHAND = ("ocrfill.cli", "ocrfill.batch", "ocrfill.review", "ocrfill.export", "ocrfill.acceptance")
"""Packages whose modules are loaded before the first command."""

THREADS_OF_NUMBERS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
"""A process that forks must have no threads."""

UNFLUSHED = 120
"""The interpreter's exit code where standard output cannot be written at its end."""

MAX_COMMAND_SECONDS = 120.0
"""After so long a command hangs."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit status (negative: the signal that killed it) and what it said.

    `hung` ones were ended by us. `left` counts processes of its group that were still there a moment after it.
    """

    status: int
    out: str
    err: str
    seconds: float
    hung: bool
    left: int


@dataclass(frozen=True, slots=True)
class Order:
    """A command to start: its words, where, with which variables besides, and under which limits.

    `file_bytes` is the largest file it may write, `clock` by how many seconds its clock is wrong, from its n-th look at
    it on; `output` is a file in the place of standard output.
    """

    words: Sequence[str]
    folder: Path
    environment: dict[str, str]
    file_bytes: int | None = None
    clock: tuple[float, int] | None = None
    output: str | None = None
    seconds: float = MAX_COMMAND_SECONDS


class WarmProcesses:
    """Starts commands warm, one at a time. With `wrong_clock` their clock can be turned."""

    def __init__(self, *, wrong_clock: bool = False) -> None:
        path = os.pathsep.join([str(ROOT), str(TESTS), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.faults.warm_process", *(["--clock"] if wrong_clock else [])],
            env=os.environ | THREADS_OF_NUMBERS | {"PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, order: Order) -> int:
        """The number of a process that waits before the command's first step."""
        told = self._ask(
            do="start",
            words=list(order.words),
            folder=str(order.folder),
            environment=order.environment,
            file_bytes=order.file_bytes,
            clock=order.clock,
            output=order.output,
            seconds=order.seconds,
        )
        return int(told["pid"])

    def go(self) -> Ended:
        """Let it go on, and wait for its end."""
        return Ended(**self._ask(do="go"))

    def run(self, order: Order) -> Ended:
        """A command from beginning to end."""
        self.start(order)
        return self.go()

    def close(self) -> None:
        """End the process that forks."""
        self._process.communicate(timeout=30)

    def _ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the process that starts commands has ended")
        found: dict[str, Any] = json.loads(answer)
        return found


# the process that forks


@dataclass(slots=True)
class _Started:
    pid: int
    gate: int
    pipes: tuple[int, int]
    seconds: float


def _load() -> None:
    for name in LOADED_BEFOREHAND:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if ".local" not in module.name:  # runs in Label Studio's own environment
                importlib.import_module(module.name)
    for name in ("ocrfill.store.migrations", "alembic.command", "openpyxl", "pikepdf", "label_studio_sdk.base_client"):
        importlib.import_module(name)
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("trio")  # of other tests; httpx loads it where it is there, and it starts ldconfig


def _serve(orders: Any, answers: Any) -> None:
    """Take orders until there are none. In a forked process it returns by the command's own way out."""
    started: _Started | None = None
    for line in orders:
        order = json.loads(line)
        if order["do"] == "start":
            started = _forked(order, [orders.fileno(), answers.fileno()])
            told: dict[str, object] = {"pid": started.pid}
        else:
            assert started is not None
            told = _awaited(started)
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _forked(order: dict[str, Any], ours: Sequence[int]) -> _Started:
    gate, key = os.pipe()
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        for handle in (key, out, err, *ours):
            os.close(handle)
        _become(order, gate, out_end, err_end)
    for handle in (gate, out_end, err_end):
        os.close(handle)
    return _Started(pid, key, (out, err), float(order["seconds"]))


def _become(order: dict[str, Any], gate: int, out: int, err: int) -> None:
    """The forked process: what a shell and the interpreter would set up, then the command. Never comes back."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANY_PROCESS, 0, 0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(order["output"], os.O_WRONLY) if order["output"] else out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - by number
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    sys.stderr.reconfigure(line_buffering=True)
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    tempfile.tempdir = None
    if order["file_bytes"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_bytes"], order["file_bytes"]))
    os.read(gate, 1)
    os.close(gate)
    if order["clock"] is not None:
        clock.turn(*order["clock"])
    program, *arguments = order["words"]
    sys.argv = [program, *arguments]
    _end(_code_of(importlib.import_module("ocrfill.cli" if program == "ocrfill" else program).main))


def _code_of(main: Callable[[], int | None]) -> int:
    """The exit code of a program, as the interpreter makes it of how its function ends."""
    try:
        return main() or 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - told as the interpreter tells it
        traceback.print_exc()
        return 1


def _end(code: int) -> None:
    """What the interpreter does at its end, but for taking all modules apart, which takes most of the time."""
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError as error:
        print(f"Exception ignored in: stdout\n{error}", file=sys.stderr)
        code = UNFLUSHED
    sys.stderr.flush()
    os._exit(code)


def _awaited(started: _Started) -> dict[str, object]:
    os.close(started.gate)
    began = time.monotonic()
    until = began + started.seconds
    said, hung = _read(started.pipes, until)
    if hung:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(started.pid, 0)[1])
    seconds = time.monotonic() - began
    out, err = (text.decode("utf-8", "replace") for text in said)
    return {
        "status": status,
        "out": out,
        "err": err,
        "seconds": seconds,
        "hung": hung,
        "left": _left(started.pid),
    }


def _read(pipes: tuple[int, int], until: float) -> tuple[list[bytes], bool]:
    """What comes through the pipes until all who hold them have ended, and whether that took too long."""
    said: dict[int, bytes] = dict.fromkeys(pipes, b"")
    hung = False
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map() and not hung:
            ready = selector.select(max(until - time.monotonic(), 0))
            hung = not ready
            for key, _ in ready:
                some = os.read(key.fd, 65536)
                said[key.fd] += some
                if not some:
                    selector.unregister(key.fd)
    for pipe in pipes:
        os.close(pipe)
    return list(said.values()), hung


def _left(group: int) -> int:
    """Processes of a session that outlive its leader by more than a moment; they are ended."""
    until = time.monotonic() + 10
    while True:
        there = [pid for pid in _processes() if _session(pid) == group]
        if not there or time.monotonic() > until:
            break
        time.sleep(0.02)
    for pid in there:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(there)


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def main() -> None:
    orders, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    _load()
    if "--clock" in sys.argv:
        clock.install()
    gc.collect()
    gc.freeze()  # what is loaded is not looked through again in every forked process
    _serve(orders, answers)


if __name__ == "__main__":
    main()
