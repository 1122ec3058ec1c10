"""The benchmark `hardening` in its quick form: the table is there, and nothing in it went wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench import flat
from benchmarks import hardening
from support.faults.system_calls import no_strace

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if reason := no_strace():
        pytest.skip(reason)
    return tmp_path


def test_a_few_faults_of_each_kind(folder: Path) -> None:
    rows = dict(flat(hardening.faults(folder, quick=True)))
    assert rows["faults in all"] > rows["of these crash points"] > 0
    counted = [value for name, value in rows.items() if " · " in name]
    assert len(counted) > 8
    assert [
        v for v in counted if not re.fullmatch(r"tried \d+ times: 0 lost, 0 doubled, 0 hangs, 0 without .*", v)
    ] == []


def test_some_hostile_inputs() -> None:
    rows = dict(flat(hardening.fuzzed(1, quick=True)))
    assert rows.pop("hostile inputs in all") > 0
    assert [v for v in rows.values() if ": 0 crashes, 0 hangs" not in v] == []


def test_a_short_soak(tmp_path: Path) -> None:
    assert hardening.soaked(tmp_path, quick=True)["growing"] == "nothing"
