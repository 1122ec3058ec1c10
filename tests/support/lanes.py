"""A pytest plugin: lanes, groups for workers, servers begun early, skips that are failures, the processor's time."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Generator

import cv2
import pytest
from hypothesis import settings
from support import servers
from support.servers import folder_of_run, is_worker
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("usual", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("nightly", max_examples=1000, deadline=None)

FIXTURES_OF_SERVERS = {"postgres_server": servers.POSTGRES, "reviewing_server": servers.LABEL_STUDIO}

ALLOWED_TO_SKIP = "shared_data"
"""The one mark whose tests may be skipped where no skip is allowed: that data is personal, and kept elsewhere."""

FIRST = (
    "test_readme",
    "test_run_killed",
    "browser",
    "test_cells",
    "test_read_tesseract",
    "test_draft",
    "test_tune",
    "test_review_faults",
    "test_faults",
    "test_hardening",
    "cli/test_run",
    "test_calibrate",
    "test_date_grammar",
)
"""Parts of the names of files that take longest: a run ends sooner if they begin first."""

APART = ("test_run_killed.py", "test_cells.py", "test_draft.py", "test_fuzzing.py")
"""Files whose tests take long and share nothing: each may go to another worker."""

WITHOUT_TORCH = "needs the extra `train`: .venv-train/bin/python -m pytest -m torch (scripts/prepare dev makes it)"

BEGAN = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ocrfill")
    group.addoption("--nightly", action="store_true", help="also the tests marked nightly, and many drawn examples")
    group.addoption("--no-skips", action="store_true", help=f"a skip is a failure, but for {ALLOWED_TO_SKIP}")
    group.addoption(
        "--most-seconds", type=float, help="fail where a worker's share of the tests takes more of the processor's time"
    )


def pytest_configure(config: pytest.Config) -> None:
    cv2.setNumThreads(1)  # as in the workers of a run; two workers with threads of their own wait for each other
    cv2.ipp.setUseIPP(False)  # as ocrfill.pipeline.preprocess does, here for drawing too
    if not is_worker(config):
        config.pluginmanager.register(Judge(config), "ocrfill-judge")
    if not config.getoption("hypothesis_profile", None):
        settings.load_profile("nightly" if config.getoption("--nightly") else "usual")


# which tests, by whom


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--nightly"):
        left_out = [item for item in items if item.get_closest_marker("nightly")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not item.get_closest_marker("nightly")]
    without_torch = importlib.util.find_spec("torch") is None
    for item in items:
        if without_torch and item.get_closest_marker("torch"):
            item.add_marker(pytest.mark.skip(reason=WITHOUT_TORCH))
    if config.getoption("numprocesses", None) or is_worker(config):
        items.sort(key=_begins)


class ByGroup(LoadScopeScheduling):
    """Gives a worker all tests of a group; pytest-xdist's own way by marks misses them in pytest 9.2's names."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(test: str) -> str:
    """Tests of a file stay with one worker, for what they make together; so do all that share Label Studio's tasks."""
    file, _, name = test.partition("::")
    if file.startswith("tests/browser/"):
        return servers.LABEL_STUDIO
    return f"{file}::{name.partition('[')[0]}" if file.endswith(APART) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    config.option.loadscopereorder = False  # the slowest first, not those with the most tests
    return ByGroup(config, log)


def _begins(item: pytest.Item) -> int:
    name = f"{item.path.parent.name}/{item.path.stem}"
    return next((place for place, part in enumerate(FIRST) if part in name), len(FIRST))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Servers that this run is going to need are started at once."""
    if session.config.getoption("collectonly"):
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    for fixture, name in FIXTURES_OF_SERVERS.items():
        if fixture in wanted and not servers.missing(name):
            servers.begin(folder_of_run(session.config), name)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not is_worker(config):
        servers.end(folder_of_run(config))


# what is counted


def _processor_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, None, None]:
    item.stash[BEGAN] = _processor_seconds()
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, None, None]:
    outcome = yield  # type: ignore[misc]
    if call.when == "teardown":
        outcome.get_result().processor_seconds = _processor_seconds() - item.stash[BEGAN]  # type: ignore[attr-defined]


class Judge:
    """Of a run's reports: what was skipped, and how much of the processor's time the tests took."""

    def __init__(self, config: pytest.Config) -> None:
        self.skipped: list[str] = []
        self.seconds: list[tuple[float, str]] = []
        self.no_skips = bool(config.getoption("--no-skips") or os.environ.get("CI") == "true")
        self.most_seconds: float | None = config.getoption("--most-seconds")
        self.workers = int(config.getoption("numprocesses", None) or 1)
        self.slowest: int = config.getoption("durations") or 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self.seconds.append((getattr(report, "processor_seconds", 0.0), report.nodeid))
        if report.skipped and not hasattr(report, "wasxfail") and ALLOWED_TO_SKIP not in report.keywords:
            self.skipped.append(report.nodeid)

    def faults(self) -> list[str]:
        """Why this run is no success though every test passed."""
        found = []
        if self.no_skips and self.skipped:
            found.append(f"skipped, and only {ALLOWED_TO_SKIP} may be: {', '.join(sorted(set(self.skipped)))}")
        share = sum(seconds for seconds, _ in self.seconds) / self.workers
        if self.most_seconds is not None and share > self.most_seconds:
            found.append(
                f"a worker took {share:.0f} s of the processor's time, over the lane's {self.most_seconds:.0f} s: "
                "make the slowest (below, with --durations) cheaper, or mark them slow"
            )
        return found

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.faults() and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        spent = sum(seconds for seconds, _ in self.seconds)
        terminalreporter.write_line(f"the tests took {spent:.0f} s of the processor's time")
        for seconds, test in sorted(self.seconds, reverse=True)[: self.slowest]:
            terminalreporter.write_line(f"{seconds:8.1f} s  {test}")
        for fault in self.faults():
            terminalreporter.write_line(f"FAILED {fault}", red=True)
