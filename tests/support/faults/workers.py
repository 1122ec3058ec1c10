"""A run's worker process killed before each of its own calls: the page is read again, and nothing tells of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from support.fakes.label_studio import FakeLabelStudio
from support.fakes.tesseract import install_fake
from support.faults.disturbances import WORKER_KILLED, Disturbance, evenly
from support.faults.run_with_workers import variables, watched_python
from support.faults.scenes import Command
from support.faults.system_calls import Injection, points_in
from support.faults.tally import Verdict
from support.faults.trials import Trials
from support.paths import ROOT


def one_page(folder: Path, _: FakeLabelStudio) -> None:
    """A book of one drawn page."""
    book = folder / "scans" / "KS.2006.01"
    book.mkdir(parents=True)
    shutil.copy(ROOT / "samples" / "KS.2006.01" / "0001.jpg", book)


RUN_WITH_WORKERS = Command(
    "run, its worker",
    one_page,
    "support.faults.run_with_workers scans --workspace work --layout ks_2006_2015 --reader tesseract --jobs 1",
)
"""Tesseract is a stand-in: what is tried is what becomes of the crops that it is given."""


def worker_kills(folder: Path, most: int | None = None) -> Iterator[Verdict]:
    """The worker killed at each of its calls, or at so many of them, evenly."""
    install_fake(folder)
    script = watched_python(folder)
    log = folder / "worker.txt"
    trials = Trials(
        folder, PATH=f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", FAULTS_PYTHON=str(script), FAULTS_MARK=""
    )
    try:
        watching = variables(script, log, folder / "mark")
        watched = trials.disturb(RUN_WITH_WORKERS, Disturbance(WORKER_KILLED, "none", environment=watching))
        if not watched.is_well:
            raise RuntimeError(f"under a watch alone it is disturbed: {watched}")
        worker = log.read_text(encoding="utf-8").split(maxsplit=1)[0]
        points = points_in(log, folder / "scene", thread=worker)
        for number, point in enumerate(evenly(points, most)):
            mark = folder / f"mark-{number}"
            ended = folder / f"ended-{number}.txt"
            disturbing = variables(script, ended, mark, Injection(point, "signal=KILL"))
            verdict = trials.disturb(RUN_WITH_WORKERS, Disturbance(WORKER_KILLED, str(point), environment=disturbing))
            yield replace(verdict, reached="+++ killed by SIGKILL" in ended.read_text(encoding="utf-8"))
    finally:
        trials.close()
