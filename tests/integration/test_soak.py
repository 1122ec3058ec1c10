"""A book in a loop: memory, file handles, threads, child processes and temporary files stay flat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.paths import ROOT, TESTS
from support.soak import LEAKS, MAX_GROWTH_MB_AN_HOUR, MIN_ROUNDS, Held, soak

SOAK_SECONDS = float(os.environ.get("OCRFILL_SOAK_SECONDS", "3600"))
"""How long the soak of the night is."""


def soaked(folder: Path, *words: str, timeout: float = 500) -> dict[str, object]:
    path = os.pathsep.join([str(ROOT), str(TESTS)])
    done = subprocess.run(
        [sys.executable, "-m", "support.soak", str(folder / "soak"), *words],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_planted_leaks_are_seen(tmp_path: Path) -> None:
    leaking = soaked(tmp_path, "--rounds", "20", "--work", "none", "--leak", *LEAKS)
    assert sorted(leaking["growing"]) == sorted(LEAKS)


@pytest.mark.slow
def test_some_rounds_of_drawn_pages_leak_nothing(tmp_path: Path) -> None:
    assert soaked(tmp_path, "--rounds", str(MIN_ROUNDS), "--work", "drawn")["growing"] == []


@pytest.mark.nightly
@pytest.mark.onnx
@pytest.mark.timeout(SOAK_SECONDS + 1200)
def test_an_hour_of_the_sample_book_leaks_nothing(tmp_path: Path) -> None:
    found = soaked(tmp_path, "--seconds", str(SOAK_SECONDS), "--work", "book", timeout=SOAK_SECONDS + 1000)
    assert found["growing"] == [], found


FLAT = Held(seconds=0, memory_mb=200, handles=6, threads=1, children=0, temporary=0)


def hours(count: int, **grows: float) -> list[Held]:
    """A round each half minute; what grows does so by so much a round."""
    return [
        replace(FLAT, seconds=30.0 * n, **{name: getattr(FLAT, name) + by * n for name, by in grows.items()})
        for n in range(count)
    ]


def test_what_is_flat_or_swings_is_no_leak() -> None:
    assert soak(hours(120)).growing == ()
    swinging = [replace(held, memory_mb=200 + 15 * (n % 3), handles=6 + n % 2) for n, held in enumerate(hours(120))]
    assert soak(swinging).growing == ()


@pytest.mark.parametrize("name", ["handles", "threads", "children", "temporary"])
def test_one_more_in_a_hundred_rounds_is_a_leak(name: str) -> None:
    more = [replace(held, **{name: getattr(held, name) + n // 60}) for n, held in enumerate(hours(120))]
    assert soak(more).growing == (name,)


def test_slow_growth_of_memory_is_seen_in_a_long_soak() -> None:
    a_round = MAX_GROWTH_MB_AN_HOUR / 120
    assert soak(hours(40, memory_mb=a_round * 1.2)).growing == ("memory",)
    assert soak(hours(40, memory_mb=a_round * 0.5)).growing == ()
    assert soak(hours(40, memory_mb=a_round * 1.2)).memory_mb_an_hour == pytest.approx(1.2 * MAX_GROWTH_MB_AN_HOUR)


def test_too_few_rounds_say_nothing() -> None:
    with pytest.raises(ValueError, match="rounds say nothing"):
        soak(hours(MIN_ROUNDS - 1))
