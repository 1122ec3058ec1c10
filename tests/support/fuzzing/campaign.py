"""The watching side of fuzzing: child processes do the work, and whatever becomes of one is seen here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from support.fuzzing.progress import Progress
from support.fuzzing.report import FuzzFinding, FuzzReport
from support.fuzzing.target import chance_of, make_target
from support.paths import ROOT

MAX_WAITING_SECONDS = 180.0
"""Seconds by the clock after which a child that has not come to its next input is killed, whatever it waits for."""

START_SECONDS = 180.0
"""The same for its first input: the libraries have to be loaded, on a machine that may be busy."""

POLL_SECONDS = 0.05

NO_INPUT_CODE = 3
"""The exit code of a child that could not draw an input: a fault of the fuzzer's own."""

MAX_KEPT = 3
"""Inputs kept of findings that are alike."""

FINDINGS = ROOT / "out" / "fuzzing"
"""Where inputs are kept that made a finding."""


def run_campaign(name: str, seconds: float | None = None, inputs: int | None = None, seed: int = 0) -> FuzzReport:
    """Fuzz one entry until the time is over or so many inputs were given. ValueError where neither is said."""
    if seconds is None and inputs is None:
        raise ValueError("say for how many seconds, or how many inputs")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="ocrfill-fuzz-", dir=memory if memory.is_dir() else None) as folder:
        return _Campaign(name, seconds, inputs, seed, Path(folder)).run()


class _Campaign:
    def __init__(self, name: str, seconds: float | None, inputs: int | None, seed: int, folder: Path) -> None:
        self.name, self.seed, self.folder = name, seed, folder
        self.until = None if seconds is None else time.monotonic() + seconds
        self.inputs = inputs
        self.progress = Progress.made(folder / "progress")
        self.findings: list[FuzzFinding] = []
        self.kinds: Counter[str] = Counter()
        self.alike: Counter[str] = Counter()

    def run(self) -> FuzzReport:
        while self._child_worked_on():
            pass
        done = self.progress
        return FuzzReport(
            self.name,
            done.begun,
            crashes=sum(self.kinds.values()) - self.kinds["hang"],
            hangs=self.kinds["hang"],
            slowest_seconds=round(done.slowest, 3),
            peak_mb=round(done.peak_mb, 1),
            findings=tuple(self.findings),
        )

    def _child_worked_on(self) -> bool:
        """One child from its start to its end. Says whether another must follow: it ended before its time."""
        first = self.progress.begun
        left = None if self.inputs is None else self.inputs - first
        rest = None if self.until is None else self.until - time.monotonic()
        if (left is not None and left <= 0) or (rest is not None and rest <= 0):
            return False
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        told = self.folder / "findings.jsonl"
        told.unlink(missing_ok=True)
        order = {"name": self.name, "seed": self.seed, "first": first, "inputs": left, "seconds": rest}
        self.progress.allowed = float("inf")  # till the new child says
        command = [sys.executable, "-m", "support.fuzzing.child", json.dumps(order), str(self.folder)]
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = os.environ | {"PYTHONPATH": paths, "OMP_THREAD_LIMIT": "1", "PYTHONHASHSEED": "0"}
        with (self.folder / "stderr").open("wb") as stderr:
            child = subprocess.Popen(
                command, cwd=work, env=environment, stdout=stderr, stderr=stderr, stdin=subprocess.DEVNULL
            )
            hung = self._watched(child)
        self._take(told)
        if hung or child.returncode != 0:
            if self.progress.begun == first or child.returncode == NO_INPUT_CODE:
                raise RuntimeError(
                    f"the child of {self.name} cannot go on ({_end_of(child.returncode)}): {self._last_words()}"
                )
            what = "no end" if hung else f"signal or exit {_end_of(child.returncode)}: {self._last_words()}"
            self._found("hang" if hung else "crash", what, self.progress.begun - 1)
            return True
        return bool(self.progress.again)

    def _watched(self, child: subprocess.Popen[bytes]) -> bool:
        """Wait for a child's end. True where it had to be killed."""
        begun, since = self.progress.begun, time.monotonic()
        first = begun
        try:
            while True:
                try:
                    child.wait(POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    now = self.progress.begun
                    if now != begun:
                        begun, since = now, time.monotonic()
                    patience = START_SECONDS if begun == first else MAX_WAITING_SECONDS
                    if time.monotonic() - since > patience or _processor_seconds(child.pid) > self.progress.allowed:
                        child.kill()
                        return True
                else:
                    return False
        finally:
            child.kill()
            child.wait()

    def _take(self, told: Path) -> None:
        """What the child found itself."""
        for line in told.read_text(encoding="utf-8").splitlines() if told.exists() else []:
            found = json.loads(line)
            self._found(found["kind"], found["what"], found["number"], Path(found["input"]))

    def _found(self, kind: str, what: str, number: int, kept: Path | None = None) -> None:
        self.kinds[kind] += 1
        self.alike[what] += 1
        if self.alike[what] > MAX_KEPT:
            return
        current = self.folder / "work" / "input"
        if kept is None and current.exists():  # of a child that died: as it had it before it
            kept = current
        FINDINGS.mkdir(parents=True, exist_ok=True)
        place = FINDINGS / f"{self.name}-{self.seed}-{number}-{kind}{kept.suffix if kept else '.txt'}"
        if kept is not None:
            shutil.copyfile(kept, place)
        else:
            target = make_target(self.name, Path(tempfile.mkdtemp(dir=self.folder)))
            place.write_bytes(target.written(target.draw(chance_of(self.name, self.seed, number))))
        self.findings.append(FuzzFinding(kind, what, place))

    def _last_words(self) -> str:
        return (self.folder / "stderr").read_bytes()[-2000:].decode("utf-8", "replace").strip()


def _end_of(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else str(code)


def _processor_seconds(process: int) -> float:
    """What a process and its children that ended have taken of the processor; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
