"""The processes apart of a run killed at each of their own calls: the file is opened again, the page read again, and
nothing tells of it.
"""

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


RUN = "support.faults.run_with_workers scans --workspace work --layout ks_2006_2015 --reader tesseract --jobs 1"
UNFINISHED = " = ?"
"""So ends the line of the call in which a process was killed."""

APART = (Command("run, what opens files", one_page, RUN), Command("run, its worker", one_page, RUN))
"""Tesseract is a stand-in: what is tried is what becomes of the crops that it is given."""


def worker_kills(folder: Path, most: int | None = None) -> Iterator[Verdict]:
    """Each process apart killed at each of its calls, or at so many of them, evenly."""
    install_fake(folder)
    script = watched_python(folder)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    trials = Trials(folder, PATH=path, FAULTS_PYTHON=str(script), FAULTS_MARK=str(folder / "none"), FAULTS_WHICH="0")
    try:
        for which, command in enumerate(APART, 1):
            log = folder / f"process-{which}.txt"
            watching = variables(which, script, log, folder / f"mark-{which}")
            watched = trials.disturb(command, Disturbance(WORKER_KILLED, "none", environment=watching))
            if not watched.is_well:
                raise RuntimeError(f"under a watch alone it is disturbed: {watched}")
            process = log.read_text(encoding="utf-8").split(maxsplit=1)[0]
            points = points_in(log, folder / "scene", thread=process)
            for number, point in enumerate(evenly(points, most)):
                ended = folder / f"ended-{which}-{number}.txt"
                killing = Injection(point, "signal=KILL")
                disturbing = variables(which, script, ended, folder / f"mark-{which}-{number}", killing)
                verdict = trials.disturb(command, Disturbance(WORKER_KILLED, str(point), environment=disturbing))
                yield replace(verdict, reached=UNFINISHED in ended.read_text(encoding="utf-8"))
    finally:
        trials.close()
