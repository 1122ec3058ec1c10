"""Every command disturbed at its every step: started again, it leaves what an undisturbed one leaves, and says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.faults import disturbances as d
from support.faults.plans import PLANS, tried, with_wrong_clocks
from support.faults.scenes import COMMANDS, Command, command
from support.faults.system_calls import no_strace
from support.faults.tally import Tally, Verdict
from support.faults.trials import Trials

NIGHTLY = [pytest.mark.nightly, pytest.mark.timeout(7200)]

BY_NAME = pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.name)

SAMPLES = {d.KILLED: 2, d.FAILING_CALL: 1, d.DISK_FULL: 1, d.SHORT_WRITE: 1}
"""So many disturbances of each kind that every command goes through in CI; nightly it is all of them."""


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    if reason := no_strace():
        pytest.skip(reason)
    made = Trials(tmp_path_factory.mktemp("faults"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def clocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    if reason := no_strace():
        pytest.skip(reason)
    made = Trials(tmp_path_factory.mktemp("clocks"), wrong_clock=True)
    yield made
    made.close()


def judged(verdicts: Iterator[Verdict]) -> Tally:
    """The tally of trials in which nothing went wrong; fails with what did."""
    tally = Tally()
    tally.add(verdicts)
    assert not tally.harmed, f"{len(tally.harmed)} of {tally.tried}:\n" + "\n".join(map(str, tally.harmed[:10]))
    return tally


@pytest.mark.slow
@BY_NAME
def test_a_sample_of_its_steps(trials: Trials, one: Command) -> None:
    tally = judged(v for kind, most in SAMPLES.items() for v in tried(trials, one, kind, most))
    assert tally.tried + tally.missed.total() >= SAMPLES[d.KILLED] + 1
    assert tally.missed.total() == 0


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", PLANS)
@BY_NAME
def test_every_step(trials: Trials, one: Command, kind: str) -> None:
    tally = judged(tried(trials, one, kind))
    assert tally.missed.total() <= tally.tried // 20, "the points are no longer those that were counted"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["export", pytest.param("review pull", marks=NIGHTLY)])
def test_a_clock_that_was_set(clocks: Trials, name: str) -> None:
    judged(with_wrong_clocks(clocks, command(name), 2 if name == "export" else None))
