"""A book in a loop: what a process holds must stay flat, however often it does its work.

    python -m support.soak FOLDER --seconds 3600 [--rounds N] [--work KIND] [--leak KIND...]

A round is a run into a fresh workspace, the same again with what failed tried anew, export, and pictures, by the
library in this process; what the process holds is counted after each, and the figures go to standard output as JSON.
The work is `book` (the sample book, read by the network; now and then by commands), `drawn` (small drawn pages and a
stand-in for the readers) or `none`. `--leak` plants a leak: it shows that one is seen.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from support.builders.book import made_workspace
from support.fakes.reader import draw_scan
from support.faults.run_here import read_here
from support.paths import ROOT

WARM_UP_SHARE = 0.25
"""Of the rounds, so many come before anything is compared: caches fill, libraries take what they need."""

MIN_ROUNDS = 8

MAX_GROWTH_MB = 24.0
"""How much more memory the last quarter of the rounds may hold than the first one after the warm-up: an allocator's
own ups and downs are smaller, a page image kept in each of a hundred rounds is not."""

MAX_GROWTH_MB_AN_HOUR = 60.0
"""The same for the slope, in a soak of at least ten minutes: a day's work stays below 1.5 GB."""

LONG_SOAK_SECONDS = 600.0

COMMANDS_EVERY_ROUNDS, PICTURES_EVERY_ROUNDS = 20, 4

LEAKS = ("memory", "handles", "threads", "children", "temporary")


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds after a round: seconds since the start, resident memory in MB, and counts."""

    seconds: float
    memory_mb: float
    handles: int
    threads: int
    children: int
    temporary: int


@dataclass(frozen=True, slots=True)
class Soak:
    """The figures of a soak: what was held at the start (after the warm-up) and at the end, and the slope an hour."""

    rounds: int
    seconds: float
    start: Held
    end: Held
    memory_mb_an_hour: float
    growing: tuple[str, ...]


def soak(held: Sequence[Held]) -> Soak:
    """What the rounds say: `growing` names what is not flat. Raises ValueError for too few rounds."""
    if len(held) < MIN_ROUNDS:
        raise ValueError(f"{len(held)} rounds say nothing; {MIN_ROUNDS} are needed")
    rest = held[round(len(held) * WARM_UP_SHARE) :]
    quarter = max(len(rest) // 4, 2)
    first, last = rest[:quarter], rest[-quarter:]
    growing = [
        name
        for name in ("handles", "threads", "children", "temporary")
        if min(getattr(h, name) for h in last) > max(getattr(h, name) for h in first)
    ]
    grown = _median(last) - _median(first)
    slope = 3600 * _slope([h.seconds for h in rest], [h.memory_mb for h in rest])
    is_long = rest[-1].seconds - rest[0].seconds >= LONG_SOAK_SECONDS
    if grown > MAX_GROWTH_MB or (is_long and slope > MAX_GROWTH_MB_AN_HOUR):
        growing.append("memory")
    return Soak(len(held), held[-1].seconds, rest[0], rest[-1], round(slope, 1), tuple(growing))


def _median(held: Sequence[Held]) -> float:
    return statistics.median(h.memory_mb for h in held)


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    """By which line they lie: the median of the slopes between the two halves, which no single round can bend."""
    half = len(x) // 2
    return statistics.median((y[i + half] - y[i]) / max(x[i + half] - x[i], 1e-6) for i in range(len(x) - half))


def run(folder: Path, seconds: float, rounds: int | None, one_round: Callable[[Path, int], None]) -> list[Held]:
    """Do rounds in a folder until the time is up, or so many; what was held after each."""
    began = time.monotonic()
    held: list[Held] = []
    process = psutil.Process()
    while (len(held) < rounds) if rounds else (time.monotonic() - began < seconds or len(held) < MIN_ROUNDS):
        place = folder / "round"
        one_round(place, len(held))
        shutil.rmtree(place)
        gc.collect()
        held.append(
            Held(
                seconds=round(time.monotonic() - began, 2),
                memory_mb=round(process.memory_info().rss / 1e6, 1),
                handles=process.num_fds(),
                threads=process.num_threads(),
                children=len(process.children(recursive=True)),
                temporary=sum(1 for _ in Path(tempfile.gettempdir()).iterdir()),
            )
        )
    return held


def drawn(place: Path, number: int) -> None:
    """A round whose pages a stand-in reads."""
    scans = place / "scans" / "KS.2006.01"
    for number in range(3):
        draw_scan(scans / f"{number}.png", number)
    draw_scan(scans / "3-bad.png", 3)
    (scans / "4.pdf").write_bytes(b"%PDF-1.4 nothing of use")
    for retry in (False, True):
        read_here(place / "run", [place / "scans"], retry=retry)
    made_workspace(place / "book", read=1)
    _look_at(place / "book" / "work", place, pictures=number % PICTURES_EVERY_ROUNDS == 0)


def none(place: Path, _: int) -> None:
    """A round without any work."""
    place.mkdir()


def book(place: Path, number: int) -> None:
    """A round that reads the pages of the sample book; now and then by commands."""
    from support.fakes.executor import HereExecutor
    from support.fakes.reader import no_progress

    from ocrfill.batch import BookOptions, execute_plan, plan_run
    from ocrfill.batch.worker import PageReader
    from ocrfill.store import Store

    scans = place / "scans" / "KS.2006.01"
    scans.mkdir(parents=True)
    for page in (ROOT / "samples" / "KS.2006.01").glob("*.jpg"):
        shutil.copy(page, scans)
    (scans / "damaged.jpg").write_bytes((scans / "0001.jpg").read_bytes()[:30_000])
    if number % COMMANDS_EVERY_ROUNDS == 0:
        _by_commands(place)
        return
    for retry in (False, True):
        order = plan_run([place / "scans"], None, BookOptions("ks_2006_2015"), retry_failed=retry)
        with Store.open(place / "work", create=True) as store:
            execute_plan(order, store, PageReader("vie", "hand"), lambda _: HereExecutor(), no_progress)
    _look_at(place / "work", place, pictures=True)


WORK = {"book": book, "drawn": drawn, "none": none}
"""The kinds of rounds."""


def _look_at(workspace: Path, place: Path, *, pictures: bool) -> None:
    """Export and pictures, by the commands' own functions."""
    from click.testing import CliRunner

    from ocrfill.cli import ocrfill

    of_work = ("--workspace", str(workspace))
    shown = (("-o", str(place / "book.html")), ("--page", "1", "-o", str(place / "page.png")))
    for words in (
        ("export", *of_work, "--out", str(place / "out")),
        ("status", *of_work),
        *(("show", *of_work, "--book", "KS.2006.01", *more) for more in shown if pictures),
    ):
        done = CliRunner().invoke(ocrfill, words)
        if done.exit_code:
            raise RuntimeError(f"{words}: {done.output}")


def _by_commands(place: Path) -> None:
    of_work = ("--workspace", str(place / "work"))
    book = (str(place / "scans"), "--layout", "ks_2006_2015", "--reader", "hand", "--jobs", "1")
    for words in (
        ("run", *book, *of_work),
        ("run", *of_work, "--retry-failed"),
        ("export", *of_work, "--out", str(place / "out")),
        ("show", *of_work, "--book", "KS.2006.01", "-o", str(place / "book.html")),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ocrfill", *words], capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode not in (0, 5):
            raise RuntimeError(f"{words}: {done.stderr}")


def leaking(kinds: Sequence[str], one_round: Callable[[Path, int], None]) -> Callable[[Path, int], None]:
    """The round with planted leaks."""
    kept: list[object] = []

    def leaks(place: Path, number: int) -> None:
        one_round(place, number)
        if "memory" in kinds:
            kept.append(os.urandom(6_000_000))
        if "handles" in kinds:
            kept.append(open(os.devnull))  # noqa: PTH123, SIM115 - left open, that is the leak
        if "threads" in kinds:
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        if "children" in kinds:
            kept.append(subprocess.Popen(["sleep", "300"]))
        if "temporary" in kinds:
            tempfile.mkstemp()

    return leaks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--work", choices=WORK, default="book")
    parser.add_argument("--leak", nargs="*", choices=LEAKS, default=())
    options = parser.parse_args()
    temporary = options.folder / "temporary"
    temporary.mkdir(parents=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    one_round = leaking(options.leak, WORK[options.work])
    try:
        held = run(options.folder, options.seconds, options.rounds, one_round)
    finally:
        for child in psutil.Process().children():
            child.kill()
    print(json.dumps(asdict(soak(held))))


if __name__ == "__main__":
    main()
