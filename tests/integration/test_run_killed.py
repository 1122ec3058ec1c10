"""A run that is killed and started again leaves the same store, byte for byte, as one never disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import sqlalchemy
from support.builders.stored_book import digest
from support.fakes.executor import HereExecutor
from support.fakes.reader import FakeReading, draw_scan, no_progress
from support.paths import TESTS

from ocrfill.batch import BookOptions, WorkerPool, execute_plan, plan_run
from ocrfill.errors import ExitCode
from ocrfill.store import State, Store

KEY = "KS.2006.01"
DRIVER = TESTS / "support" / "fakes" / "reader.py"


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two books with 13 pages, among them pages and files that fail."""
    folder = tmp_path_factory.mktemp("killed") / "scans"
    for number in range(1, 6):
        draw_scan(folder / KEY / f"{number}.png", number)
    draw_scan(folder / KEY / "6-bad.png", 6)
    draw_scan(folder / KEY / "7-bug.png", 7)
    (folder / KEY / "8.pdf").write_bytes(b"%PDF-1.4 nothing of use")
    (folder / KEY / "9.png").write_bytes((folder / KEY / "1.png").read_bytes())
    draw_scan(folder / "KS.2007.01" / "1.tif", 20, pages=6)
    return folder


def work(workspace: Path, scans: Path, *, retry: bool = False) -> None:
    """A run within this process."""
    order = plan_run([scans], None, BookOptions("ks_2006_2015"), retry_failed=retry)
    with Store.open(workspace, create=True) as store:
        execute_plan(order, store, FakeReading(), lambda _: HereExecutor(), no_progress)


@pytest.fixture(scope="module")
def undisturbed(scans: Path) -> str:
    workspace = scans.with_name("undisturbed")
    work(workspace, scans)
    with Store.open(workspace) as store:
        states = [page.state for book in store.books() for page in store.pages(book.key)]
        assert (states.count(State.DONE), states.count(State.FAILED)) == (11, 2)
        assert len(store.failures()) == 3
    return digest(workspace)


def in_child(act: Callable[[], None]) -> int:
    """Do something in a child process made by fork; its exit status, negative for the signal that killed it."""
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - it must not go on as a second pytest
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@contextmanager
def killed_at(statement: int) -> Iterator[list[int]]:
    """Kill this process before it sends the database its n-th statement or end of transaction; gives the count."""
    count = [0]

    def tick(*_: object) -> None:
        count[0] += 1
        if count[0] == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit", "close"):
        sqlalchemy.event.listen(sqlalchemy.Engine if moment != "close" else sqlalchemy.Pool, moment, tick)
    yield count
    for moment in ("before_cursor_execute", "commit", "close"):
        sqlalchemy.event.remove(sqlalchemy.Engine if moment != "close" else sqlalchemy.Pool, moment, tick)


def test_running_again_changes_no_byte(scans: Path, undisturbed: str) -> None:
    workspace = scans.with_name("undisturbed")
    before = (workspace / "ocrfill.sqlite").stat().st_mtime_ns
    work(workspace, scans)
    work(workspace, scans, retry=True)
    assert digest(workspace) == undisturbed
    assert (workspace / "ocrfill.sqlite").stat().st_mtime_ns == before, "not even written"


@pytest.mark.slow
@pytest.mark.parametrize("every", [51, pytest.param(1, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)])])
def test_killed_before_any_statement(scans: Path, undisturbed: str, every: int) -> None:
    """Of the statements of a run, one in so many is one before which it is killed; nightly, each of them."""
    with killed_at(0) as count:
        work(scans.with_name(f"counted-{every}"), scans)
    assert count[0] > 200
    for statement in range(1, count[0] + 1, every):
        workspace = scans.with_name(f"statement-{every}-{statement}")

        def disturbed(workspace: Path = workspace, statement: int = statement) -> None:
            with killed_at(statement):
                work(workspace, scans)

        assert in_child(disturbed) == -signal.SIGKILL
        work(workspace, scans)
        assert digest(workspace) == undisturbed, f"killed before statement {statement}"


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [3, pytest.param(40, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)])])
def test_killed_in_the_midst_of_writing(scans: Path, undisturbed: str, wanted: int) -> None:
    """While SQLite's journal is there, a transaction is under way: it must be taken back by the next run."""
    left_behind = 0
    dice = random.Random(7)
    for trial in range(10 * wanted):
        if left_behind == wanted:
            break
        workspace = scans.with_name(f"journal-{wanted}-{trial}")
        nth, pause = dice.randint(1, 20), dice.random() * 0.0003

        def disturbed(workspace: Path = workspace, nth: int = nth, pause: float = pause) -> None:
            threading.Thread(target=kill_with_journal, args=(workspace, nth, pause), daemon=True).start()
            work(workspace, scans)

        in_child(disturbed)
        left_behind += (workspace / "ocrfill.sqlite-journal").exists()
        work(workspace, scans)
        assert digest(workspace) == undisturbed
    assert left_behind == wanted, "too few kills met a transaction under way for this test to say anything"


def kill_with_journal(workspace: Path, nth: int, pause: float) -> None:
    sys.setswitchinterval(0.0001)  # look as often as the run goes on: in memory a transaction takes a millisecond
    journal = workspace / "ocrfill.sqlite-journal"
    seen, there = 0, False
    while True:
        now = journal.exists()
        seen += now and not there
        there = now
        if now and seen >= nth:
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGKILL)


class Run:
    """A run in a process of its own, with workers; its group can be killed as a terminal or the system would."""

    def __init__(self, workspace: Path, scans: Path, jobs: int = 2, pause: float = 0.05, flags: str = "-") -> None:
        command = [sys.executable, str(DRIVER), str(workspace), str(jobs), str(pause), "60", flags, str(scans)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)

    def wait_for(self, step: str, times: int) -> None:
        """Wait until it has told a step so often (or has ended)."""
        for line in self.process.stdout or ():
            times -= line.startswith(step)
            if times <= 0:
                return

    def kill(self) -> None:
        children = psutil.Process(self.process.pid).children(recursive=True)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        _, left = psutil.wait_procs(children, timeout=20)
        assert not left, "workers must end with their parent"

    def finish(self) -> int:
        self.process.communicate(timeout=120)
        return self.process.returncode


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_workers_write_what_one_writes(scans: Path, undisturbed: str, jobs: int) -> None:
    workspace = scans.with_name(f"workers-{jobs}")
    assert Run(workspace, scans, jobs).finish() == ExitCode.SOME_PAGES_FAILED
    assert digest(workspace) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(("step", "times"), [("adding", 1), ("adding", 6), ("reading", 1), ("reading", 9)])
def test_killed_at_a_chosen_step(scans: Path, undisturbed: str, step: str, times: int) -> None:
    workspace = scans.with_name(f"chosen-{step}-{times}")
    run = Run(workspace, scans)
    run.wait_for(step, times)
    run.kill()
    assert Run(workspace, scans).finish() == ExitCode.SOME_PAGES_FAILED, "as the undisturbed run: what failed is told"
    assert digest(workspace) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("trials", [2, pytest.param(20, marks=pytest.mark.nightly)])
def test_killed_again_and_again_at_any_moment(scans: Path, undisturbed: str, trials: int) -> None:
    dice = random.Random(11)
    for trial in range(trials):
        workspace = scans.with_name(f"random-{trials}-{trial}")
        for _ in range(3):
            run = Run(workspace, scans, jobs=1 + trial % 2)
            time.sleep(dice.uniform(0.3, 2.5))
            if run.process.poll() is None:
                run.kill()
            run.process.communicate()
        assert Run(workspace, scans).finish() == ExitCode.SOME_PAGES_FAILED
        assert digest(workspace) == undisturbed


@pytest.mark.slow
def test_interrupted_from_the_keyboard(scans: Path, undisturbed: str) -> None:
    workspace = scans.with_name("interrupted")
    run = Run(workspace, scans, pause=0.6)
    run.wait_for("reading", 2)
    children = psutil.Process(run.process.pid).children(recursive=True)
    began = time.monotonic()
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.finish() == ExitCode.INTERRUPTED
    assert time.monotonic() - began < 10
    assert not psutil.wait_procs(children, timeout=10)[1]
    with Store.open(workspace) as store:
        assert 0 < len(store.todo()) < 12
    assert Run(workspace, scans).finish() == ExitCode.SOME_PAGES_FAILED
    assert digest(workspace) == undisturbed


def test_a_second_run_beside_the_first_is_refused(scans: Path) -> None:
    workspace = scans.with_name("beside")
    first = Run(workspace, scans, pause=2)
    first.wait_for("adding", 10)
    second = Run(workspace, scans)
    assert second.finish() == ExitCode.STORE
    first.kill()


@pytest.mark.slow
def test_a_killed_worker_loses_no_page(scans: Path, undisturbed: str) -> None:
    workspace = scans.with_name("worker")
    run = Run(workspace, scans, pause=0.6)
    run.wait_for("reading", 1)
    for child in psutil.Process(run.process.pid).children():
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
    assert run.finish() == ExitCode.SOME_PAGES_FAILED
    assert digest(workspace) == undisturbed


@pytest.mark.slow
def test_a_crashing_and_a_hanging_page_are_failures_in_any_run(tmp_path: Path) -> None:
    folder = tmp_path / "scans" / KEY
    for number, how in enumerate(("", "-crash", "-hang", "", "")):
        draw_scan(folder / f"{number}{how}.png", number)
    digests = set()
    for jobs in (1, 2):
        order = plan_run([folder], None, BookOptions("ks_2006_2015"), jobs=jobs)
        with Store.open(tmp_path / f"work{jobs}", create=True) as store:
            report = execute_plan(order, store, FakeReading(), lambda n: WorkerPool(n, 8), no_progress)
        assert (report.pages, report.failed_pages) == (5, 2)
        digests.add(digest(tmp_path / f"work{jobs}"))
    assert len(digests) == 1
