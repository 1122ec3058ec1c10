"""Benchmark `hardening`: faults and hostile inputs, how often each was tried, and what came of it.

The harness stands with the tests (tests/support/faults, tests/support/soak.py, the fuzzers); this runs it and
counts. What went wrong is told on standard error, with the point at which it did.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

REPOSITORY_FOLDER = Path(__file__).resolve().parent.parent.parent
TESTS_FOLDER = REPOSITORY_FOLDER / "tests"
sys.path += [str(TESTS_FOLDER)] * (str(TESTS_FOLDER) not in sys.path)

if TYPE_CHECKING:
    from support.faults.tally import Verdict

TRIALS_A_KIND, KILLS_A_COMMAND = 12, 60
"""Most trials of a kind of fault on one command, and of kills, evenly from its first step to its last."""

QUICK_COMMANDS = ("export", "review start --url", "a store of version 1")

CLOCKS = ("run", "export", "review push", "review pull", "calibrate")
"""Commands that are tried with a clock that is wrong."""

WORKER_KILLS, DATABASE_KILLS_A_COMMAND, REVIEW_KILLS_A_COMMAND = 12, 12, 3
"""Kills of a run's worker, of PostgreSQL under a command, and of the real Label Studio under push and pull."""

FUZZ_SECONDS, QUICK_FUZZ_INPUTS, QUICK_ENTRIES = 120.0, 20, 3
"""How long each entry is given drawn inputs; in the quick form how many of them, and to how many entries."""

SOAK_SECONDS = 3600.0
QUICK_SOAK_ROUNDS = 8


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Faults, hostile inputs and the soak; the real handwriting is not used. Quick: one of each sort or so."""
    del data
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as name:
        folder = Path(name)
        return {**faults(folder, quick=quick), **fuzzed(seed, quick=quick), "soak": soaked(folder, quick=quick)}


def faults(folder: Path, *, quick: bool) -> dict[str, object]:
    """The rows of all faults, and how many were tried in all."""
    from support.faults.disturbances import KILLED
    from support.faults.tally import Tally

    tally = Tally()
    for verdict in _verdicts(folder, quick=quick):
        tally.add([verdict])
        if not verdict.is_well:
            print(verdict, file=sys.stderr)
    kills = sum(row.tried for (kind, _), row in tally.rows.items() if kind == KILLED)
    return {"faults in all": tally.tried, "of these crash points": kills, **tally.figures()}


def _verdicts(folder: Path, *, quick: bool) -> Iterator[Verdict]:
    from support.faults import disturbances as d
    from support.faults.label_studio import review_kills
    from support.faults.plans import PLANS, tried, with_wrong_clocks
    from support.faults.postgres import database_kills
    from support.faults.scenes import COMMANDS, command
    from support.faults.trials import Trials
    from support.faults.workers import worker_kills

    trials = Trials(_made(folder / "steps"))
    try:
        for one in [command(name) for name in QUICK_COMMANDS] if quick else COMMANDS:
            for kind in PLANS:
                most = 1 if quick else KILLS_A_COMMAND if kind == d.KILLED else TRIALS_A_KIND
                yield from tried(trials, one, kind, most)
    finally:
        trials.close()
    clocks = Trials(_made(folder / "clocks"), wrong_clock=True)
    try:
        for name in QUICK_COMMANDS[:1] if quick else CLOCKS:
            yield from with_wrong_clocks(clocks, command(name), 1 if quick else None)
    finally:
        clocks.close()
    if not quick:
        yield from worker_kills(_made(folder / "workers"), WORKER_KILLS)
        yield from database_kills(_made(folder / "postgres"), most=DATABASE_KILLS_A_COMMAND)
        yield from review_kills(_made(folder / "label-studio"), REVIEW_KILLS_A_COMMAND)


def fuzzed(seed: int, *, quick: bool) -> dict[str, object]:
    """A row for each entry that was given drawn inputs."""
    from support.fuzzing import FUZZERS

    found, inputs = {}, 0
    for name, fuzz in list(FUZZERS.items())[: QUICK_ENTRIES if quick else None]:
        report = fuzz(None, QUICK_FUZZ_INPUTS, seed) if quick else fuzz(FUZZ_SECONDS, None, seed)
        inputs += report.inputs
        found[name] = (
            f"tried {report.inputs} times: {report.crashes} crashes, {report.hangs} hangs; slowest "
            f"{report.slowest_seconds:.1f} s, at most {report.peak_mb:.0f} MB"
        )
    return {"hostile inputs in all": inputs, "hostile input": found}


def soaked(folder: Path, *, quick: bool) -> dict[str, Any]:
    """What a process that did its work again and again held at the start and at the end."""
    how = ["--rounds", str(QUICK_SOAK_ROUNDS), "--work", "drawn"] if quick else ["--seconds", str(SOAK_SECONDS)]
    path = os.pathsep.join([str(REPOSITORY_FOLDER), str(TESTS_FOLDER)])
    done = subprocess.run(
        [sys.executable, "-m", "support.soak", str(folder / "soak"), *how],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    held = {
        name: f"{found['start'][name]} at the start, {found['end'][name]} at the end"
        for name in ("memory_mb", "handles", "threads", "children", "temporary")
    }
    return {
        "rounds": found["rounds"],
        "seconds": found["seconds"],
        **held,
        "memory_mb_an_hour": found["memory_mb_an_hour"],
        "growing": ", ".join(found["growing"]) or "nothing",
    }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
