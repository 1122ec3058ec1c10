"""The working side of fuzzing: draws inputs and gives them to a target, one after the other, until it is told to stop.

Run by `support.fuzzing.campaign` as `python -m support.fuzzing.child ORDER FOLDER`.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from support.fuzzing.campaign import NO_INPUT_CODE
from support.fuzzing.progress import Progress
from support.fuzzing.target import Target, chance_of, make_target

MAX_ADDRESS_BYTES = 8 << 30
"""The whole of a child's memory: a guard for the machine, far above any target's own bound."""

KILL_FACTOR = 2
"""How many times the seconds of an input that counts as hung may pass before the watcher ends the child."""


class Worker:
    """Gives inputs to a target and keeps count."""

    def __init__(self, name: str, seed: int, folder: Path) -> None:
        self.name, self.seed, self.folder = name, seed, folder
        self.progress = Progress.opened(folder / "progress")
        self.progress.again = 0
        self.target: Target = make_target(name, folder / "work")
        self.memory = _Memory()

    def one(self, number: int) -> bool:
        """The input of that number. Says whether this process can take more."""
        try:
            drawn = self.target.draw(chance_of(self.name, self.seed, number))
        except Exception:  # noqa: BLE001 - told by the campaign, as a fault of the fuzzer's own
            traceback.print_exc()
            sys.exit(NO_INPUT_CODE)
        return self.given(number, drawn)

    def given(self, number: int, given: Any) -> bool:
        """Give one input. Says whether this process can take more."""
        before = _spent()
        self.progress.allowed = before + KILL_FACTOR * self.target.max_seconds
        self.progress.begun = number + 1
        try:
            self.target.check(given)
        except Exception as error:  # noqa: BLE001 - the finding
            self._tell("crash", _place_of(error), number, given)
        spent = _spent() - before
        peak = self.memory.peak_mb()
        self.progress.slowest = max(self.progress.slowest, spent)
        self.progress.peak_mb = max(self.progress.peak_mb, peak)
        if spent > self.target.max_seconds:
            self._tell("hang", f"{spent:.1f} s of the processor", number, given)
        if peak > self.target.max_mb:
            self._tell("memory", f"more than {self.target.max_mb} MB", number, given)
            self.progress.again = 1  # the peak stays for as long as the process
            return False
        return True

    def _tell(self, kind: str, what: str, number: int, given: Any) -> None:
        kept = self.folder / f"found-{number}-{kind}{self.target.suffix}"
        kept.write_bytes(self.target.written(given))
        with (self.folder / "findings.jsonl").open("a", encoding="utf-8") as told:
            told.write(json.dumps({"kind": kind, "what": what, "number": number, "input": str(kept)}) + "\n")


def main(order: dict[str, Any], folder: Path) -> None:
    """Work through an order: a name, a seed, the first input's number, how many, for how long."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES))
    worker = Worker(order["name"], order["seed"], folder)
    until = None if order["seconds"] is None else time.monotonic() + order["seconds"]
    number, inputs = order["first"], order["inputs"]
    if inputs is not None:
        inputs += number
    guided = getattr(worker.target, "guided", None)
    if guided is not None and guided(worker, number, inputs, until):
        return
    while (inputs is None or number < inputs) and (until is None or time.monotonic() < until):
        if not worker.one(number):
            return
        number += 1


def _place_of(error: BaseException) -> str:
    """The error and where in ocrfill it arose, or at the end; the same for findings that are alike."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/ocrfill/" in frame.filename] or frames
    chain = "" if error.__cause__ is None else f" from {type(error.__cause__).__name__}"
    last = ours[-1]
    said = str(error).partition("\n")[0][:300] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__}{chain} at {Path(last.filename).name}:{last.lineno} in {last.name} {said}".strip()


def _spent() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


class _Memory:
    """The most memory of this process, and of programs that it ran.

    What `getrusage` says of a process itself begins with what its parent had: here with all that pytest has loaded.
    """

    def __init__(self) -> None:
        self._status = os.open("/proc/self/status", os.O_RDONLY)

    def peak_mb(self) -> float:
        """In megabytes."""
        found = re.search(rb"VmHWM:\s+(\d+) kB", os.pread(self._status, 4096, 0))
        own = int(found[1]) if found else 0
        return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
