"""Every command disturbed at its every step: started again, it leaves what an undisturbed one leaves, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.hardening import QUICK_COMMANDS
from support.faults import disturbances as d
from support.faults.label_studio import review_kills
from support.faults.plans import PLANS, tried, with_wrong_clocks
from support.faults.postgres import SCENES, database_kills
from support.faults.scenes import COMMANDS, Command, command
from support.faults.system_calls import no_strace
from support.faults.tally import Tally, Verdict
from support.faults.trials import Trials
from support.faults.workers import worker_kills
from support.servers import LABEL_STUDIO, missing, no_postgres

BY_NAME = pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.name)

SAMPLES = {d.KILLED: 1, d.FAILING_CALL: 1}
"""So many disturbances that a command goes through in CI; some go through all kinds, in test_hardening.py."""

DEAR_COMMANDS = ("show -o", "calibrate")
"""They draw pages, or learn, each time they are started: too dear for CI."""

MOST_A_NIGHT = 200
"""Disturbances of a kind that a command goes through in a night, evenly: a run makes 800 writes, all much alike."""


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


CARELESS = Command("careless", lambda *_: None, "support.faults.careless")


@pytest.mark.slow
def test_the_harness_sees_what_goes_wrong(trials: Trials, tmp_path: Path) -> None:
    """Without this, a harness that sees nothing would prove nothing."""
    killed, failing = list(tried(trials, CARELESS, d.KILLED)), list(tried(trials, CARELESS, d.FAILING_CALL))
    assert any(v.lost and "file one" in v.lost[0] for v in killed)
    assert any("file many" in line for v in killed for line in v.doubled)
    assert any(v.strays for v in killed)
    assert any("without a word" in fault for v in failing for fault in v.faults)
    assert any(v.is_well for v in killed), "and not everything is wrong to it"
    hanging = Trials(tmp_path, seconds=0.5)
    with closing(hanging), pytest.raises(RuntimeError, match="ends with -9 by itself"):
        hanging.undisturbed(replace(CARELESS, words=f"{CARELESS.words} hang"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "one",
    [
        pytest.param(c, id=c.name, marks=[pytest.mark.nightly] if c.name in DEAR_COMMANDS else [])
        for c in COMMANDS
        if c.name not in QUICK_COMMANDS
    ],
)
def test_a_sample_of_its_steps(trials: Trials, one: Command) -> None:
    tally = judged(v for kind, most in SAMPLES.items() for v in tried(trials, one, kind, most))
    assert tally.tried + tally.missed.total() == len(SAMPLES)
    assert tally.tried > 0


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", PLANS)
@BY_NAME
def test_its_steps(trials: Trials, one: Command, kind: str) -> None:
    tally = judged(tried(trials, one, kind, MOST_A_NIGHT))
    assert tally.missed.total() <= tally.tried // 10, "the points are no longer those that were counted"


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", ["run", "export", "review push", "review pull", "calibrate"])
def test_a_clock_that_was_set(clocks: Trials, name: str) -> None:
    judged(with_wrong_clocks(clocks, command(name)))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.onnx
def test_a_run_s_worker_is_killed(tmp_path: Path) -> None:
    if reason := no_strace():
        pytest.skip(reason)
    tally = judged(worker_kills(tmp_path, 30))
    assert tally.tried >= 25


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.postgres
def test_postgresql_is_killed(tmp_path: Path) -> None:
    """test_lost_database.py cuts the line to it at any time of the day."""
    if reason := no_strace() or no_postgres():
        pytest.skip(reason)
    assert judged(database_kills(tmp_path, most=40)).tried == 40 * len(SCENES)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.label_studio
def test_the_real_label_studio_is_killed(tmp_path: Path) -> None:
    if missing(LABEL_STUDIO):
        pytest.skip("Label Studio is not installed in .label-studio; `scripts/prepare dev` does it")
    assert judged(review_kills(tmp_path, 6)).tried > 6
