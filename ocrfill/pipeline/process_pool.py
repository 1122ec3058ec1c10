"""Worker processes behind the interface of `concurrent.futures`.

The standard pool breaks as a whole when one of its processes dies, says not at which task, and cannot stop a task that
hangs. This one knows which task each process has: a death or too long a time is the fault of that one task, gets its
own error, and only that process is replaced. A worker ends with its parent, however the parent ends. What a task may
take of memory is limited too, for the worker and for each program that it starts.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, ParamSpec, TypeVar

from ocrfill.pipeline.private_folder import sweep_private_folders

P = ParamSpec("P")
T = TypeVar("T")

MAX_STILLBORN_WORKERS = 3
"""So many workers in a row that die before their first task mean that none will live."""


WORKER_MEMORY_BYTES = 8 << 30
"""The address space of a worker that reads pages. What is reserved counts, used or not; an A2 page in colour at 600
dots an inch, the largest that is decoded, takes 3 GB with the network beside it."""


class WorkerDied(Exception):
    """The process ended in the midst of the task; the message says how."""


class TaskTimeout(Exception):
    """The task took longer than the pool's limit and was stopped."""


@dataclass(slots=True, eq=False)
class _Task:
    future: Future[Any]
    message: bytes
    seconds: float
    deadline: float = 0.0


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection
    ready: bool = False
    task: _Task | None = None


class WorkerPool(Executor):
    """An executor of `jobs` processes; a task may take `seconds`. Tasks start in the order they were submitted.

    Each process, and each program it starts, has an address space of `memory_bytes`.
    """

    def __init__(self, jobs: int, seconds: float, memory_bytes: int = WORKER_MEMORY_BYTES) -> None:
        self._jobs = jobs
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._context: SpawnContext = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._waiting: deque[_Task] = deque()
        self._lock = threading.Lock()  # of _waiting, _closing and _killing, which the caller's thread changes too
        self._closing = self._killing = False
        self._stillborn = 0
        self._bell, self._ring = self._context.Pipe(duplex=False)
        self._keeper = threading.Thread(target=self._keep, name="worker pool", daemon=True)
        self._keeper.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args)` in a worker. Its future may also raise WorkerDied or TaskTimeout."""
        return self.submit_within(self._seconds, fn, *args, **kwargs)

    def submit_within(self, seconds: float, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As `submit`, for a task that may take so many seconds."""
        future: Future[T] = Future()
        message = pickle.dumps((fn, args, kwargs))
        with self._lock:
            if self._closing:
                raise RuntimeError("the pool is closed")
            self._waiting.append(_Task(future, message, seconds))
            self._ring.send_bytes(b"!")
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - Executor's
        """Take no more tasks; with `cancel_futures` also kill those under way, otherwise they are finished."""
        with self._lock:
            self._closing = True
            self._killing |= cancel_futures
            with suppress(OSError):  # a second call, when the keeper has gone
                self._ring.send_bytes(b"!")
        if wait:
            self._keeper.join()

    # the keeper's thread: it alone touches the workers

    def _keep(self) -> None:
        # workers inherit the blocked signal: Ctrl+C at the terminal is the parent's to handle, in its own order
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            while not self._done():
                self._hand_out()
                self._listen()
        finally:
            for worker in self._workers:
                _kill(worker)
            with self._lock:
                self._closing = True
                left = [task for worker in self._workers if (task := worker.task)] + list(self._waiting)
                self._waiting.clear()
                self._ring.close()
            for task in left:
                if not task.future.cancel():
                    task.future.set_exception(WorkerDied("stopped"))

    def _done(self) -> bool:
        with self._lock:
            busy = bool(self._waiting) or any(worker.task for worker in self._workers)
            return self._killing or (self._closing and not busy)

    def _hand_out(self) -> None:
        with self._lock:
            free = [worker for worker in self._workers if worker.ready and worker.task is None]
            while free and self._waiting:
                task = self._waiting.popleft()
                if task.future.set_running_or_notify_cancel():
                    worker = free.pop()
                    worker.task = task
                    task.deadline = time.monotonic() + task.seconds
                    with suppress(OSError):  # it has just died; its sentinel says so next
                        worker.connection.send_bytes(task.message)
            starting = sum(not worker.ready for worker in self._workers)
            wanted = min(len(self._waiting) - starting, self._jobs - len(self._workers))
        for _ in range(wanted):
            self._workers.append(self._started())

    def _started(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads are set once, when a worker imports it
        process = self._context.Process(target=worker_loop, args=(theirs, self._memory_bytes), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _listen(self) -> None:
        """Wait for a task, an answer, a death or a deadline, and act on it."""
        deadlines = [worker.task.deadline for worker in self._workers if worker.task]
        rest = max(min(deadlines) - time.monotonic(), 0) if deadlines else None
        sources = [s for worker in self._workers for s in (worker.connection, worker.process.sentinel)]
        heard = set(wait([self._bell, *sources], rest))
        if self._bell in heard:
            self._bell.recv_bytes()
        for worker in list(self._workers):
            if worker.connection in heard or worker.process.sentinel in heard:
                self._hear(worker)
            elif worker.task and worker.task.deadline <= time.monotonic():
                task, worker.task = worker.task, None
                self._bury(worker)
                task.future.set_exception(TaskTimeout(f"{task.seconds:g} s"))

    def _hear(self, worker: _Worker) -> None:
        try:
            answer = worker.connection.recv() if worker.connection.poll() else None
        except (EOFError, OSError):
            answer = None
        if answer is None:
            self._died(worker)
        elif not worker.ready:
            worker.ready = True
            self._stillborn = 0
        elif worker.task is not None:
            task, worker.task = worker.task, None
            value, error = answer
            if error is None:
                task.future.set_result(value)
            else:
                task.future.set_exception(error)

    def _died(self, worker: _Worker) -> None:
        self._bury(worker)
        how = _how(worker.process.exitcode)
        if worker.task is not None:
            worker.task.future.set_exception(WorkerDied(how))
        elif not worker.ready:
            self._stillborn += 1
            if self._stillborn >= MAX_STILLBORN_WORKERS:
                raise_to_all = RuntimeError(f"worker processes end before their first task ({how})")
                with self._lock:
                    left, self._waiting = list(self._waiting), deque()
                for task in left:
                    if task.future.set_running_or_notify_cancel():
                        task.future.set_exception(raise_to_all)

    def _bury(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        _kill(worker)


def _kill(worker: _Worker) -> None:
    """End a worker with the programs it started, and collect it."""
    pid = worker.process.pid
    if pid is not None and worker.ready:  # only then does it lead a group of its own
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    worker.process.kill()
    worker.process.join()
    worker.connection.close()
    sweep_private_folders()  # what it was killed over


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def worker_loop(connection: Connection, memory_bytes: int) -> None:
    """A worker's life: tasks in, answers out, until the parent closes the connection or ends."""
    os.setpgid(0, 0)  # so that it can be ended together with a Tesseract it may wait for
    limit_memory(memory_bytes)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection.send("ready")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            fn, args, kwargs = connection.recv()
            connection.send_bytes(_answer(fn, args, kwargs))


def limit_memory(memory_bytes: int) -> None:
    """Let this process, and programs that it starts from now on, have so large an address space; never more than they
    were given. Where the system has no such limit (macOS) nothing changes.
    """
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _answer(fn: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    try:
        return pickle.dumps((fn(*args, **kwargs), None))
    except Exception as error:  # noqa: BLE001 - it goes to the caller, through the future
        answer = pickle.dumps((None, error))
        try:
            pickle.loads(answer)  # noqa: S301 - made two lines above
        except Exception:  # noqa: BLE001 - an exception whose class cannot be made from its message
            answer = pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}")))
        return answer
