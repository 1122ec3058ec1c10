"""Crops and what Tesseract has read lie open to nobody, and stay nowhere, however a command ends."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.fakes.tesseract import install_fake
from support.paths import ROOT

from ocrfill.errors import ExitCode

pytestmark = [pytest.mark.slow, pytest.mark.onnx]

PAGE = ROOT / "samples" / "KS.2006.01" / "0001.jpg"

READ = ("read", PAGE, "--layout", "ks_2006_2015", "--reader", "tesseract")


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The temporary folder of commands started here."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def started(tmp_path: Path, *arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
    """A command with the stand-in for Tesseract, under a mask that hides nothing."""
    own = {"PATH": str(tmp_path / "bin"), "TMPDIR": str(tmp_path / "temporary")}
    return subprocess.Popen(
        [sys.executable, "-m", "ocrfill", *arguments],
        env=os.environ | own | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0,
    )


def wait_for_crops(folder: Path) -> Path:
    """The folder in which a Tesseract has got its list."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for listing in folder.glob("*/crops.txt"):
            if listing.stat().st_size:
                return listing.parent
        time.sleep(0.05)
    raise AssertionError(f"no list of crops in {folder}")


def heal(tmp_path: Path) -> None:
    """From now on the stand-in answers at once."""
    shutil.rmtree(tmp_path / "bin")
    install_fake(tmp_path)


@pytest.fixture
def reading(tmp_path: Path, temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """`ocrfill read` while its Tesseract is at work."""
    install_fake(tmp_path, sleep="all")
    with started(tmp_path, *READ) as process:
        wait_for_crops(temporary)
        yield process
        process.kill()


def test_nobody_else_may_look(reading: subprocess.Popen[str], temporary: Path) -> None:
    (own,) = temporary.iterdir()
    assert stat.S_IMODE(own.stat().st_mode) == 0o700


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_asked_to_end_leaves_nothing(
    reading: subprocess.Popen[str], temporary: Path, number: signal.Signals
) -> None:
    reading.send_signal(number)
    _, told = reading.communicate(timeout=60)
    assert reading.returncode == ExitCode.INTERRUPTED
    assert "interrupted; run the same command again" in told
    assert list(temporary.iterdir()) == []


def test_what_a_kill_leaves_is_gone_after_the_next_start(
    reading: subprocess.Popen[str], tmp_path: Path, temporary: Path
) -> None:
    reading.kill()
    reading.communicate(timeout=60)
    assert len(list(temporary.iterdir())) == 1
    heal(tmp_path)
    again = started(tmp_path, *READ)
    _, told = again.communicate(timeout=120)
    assert again.returncode == ExitCode.OK, told
    assert list(temporary.iterdir()) == []


def run_of_one_page(tmp_path: Path, **settings: str) -> subprocess.Popen[str]:
    scan = (PAGE, "--book", "KS.2006.01", "--layout", "ks_2006_2015", "--reader", "tesseract")
    return started(tmp_path, "run", *scan, "--jobs", "1", "--workspace", tmp_path / "work", **settings)


def test_a_page_given_up_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    install_fake(tmp_path, sleep="all")
    with run_of_one_page(tmp_path, OCRFILL_PAGE_SECONDS="12") as process:
        told, errors = process.communicate(timeout=120)
    assert process.returncode == ExitCode.SOME_PAGES_FAILED, told + errors
    assert list(temporary.iterdir()) == []


def test_a_run_that_is_asked_to_end_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    install_fake(tmp_path, sleep="all")
    with run_of_one_page(tmp_path) as process:
        wait_for_crops(temporary)
        process.terminate()
        told, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, told + errors
    assert list(temporary.iterdir()) == []


def test_a_worker_that_is_killed_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    install_fake(tmp_path, sleep="all")
    with run_of_one_page(tmp_path) as process:
        wait_for_crops(temporary)
        heal(tmp_path)
        for child in psutil.Process(process.pid).children():
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
        told, errors = process.communicate(timeout=120)
    assert process.returncode == ExitCode.OK, told + errors  # the page was tried again
    assert list(temporary.iterdir()) == []


def test_all_that_commands_write_is_its_owner_s_alone(tmp_path: Path, temporary: Path) -> None:
    install_fake(tmp_path)
    with run_of_one_page(tmp_path) as process:
        process.communicate(timeout=120)
    of_work, out = ("--workspace", tmp_path / "work"), tmp_path / "made" / "out"
    for command in (
        ("export", *of_work, "--out", out),
        ("show", *of_work, "--book", "KS.2006.01", "-o", out / "book.html"),
        ("show", *of_work, "--book", "KS.2006.01", "--page", "1", "-o", out / "page.png"),
        ("cells", PAGE, "-o", out / "cells.png"),
        ("layout", "check", "ks_2006_2015", "--pages", PAGE, "--html", out / "check.html"),
    ):
        with started(tmp_path, *command) as process:
            told = process.communicate(timeout=120)
        assert process.returncode == ExitCode.OK, told
    written = [*(tmp_path / "work").rglob("*"), *(tmp_path / "made").rglob("*")]
    assert {file.suffix for file in written} >= {".sqlite", ".zip", ".xlsx", ".csv", ".jsonl", ".html", ".png"}
    for path in (tmp_path / "work", tmp_path / "made", *written):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
