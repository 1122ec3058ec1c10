"""What a process must put into files for a while is nobody else's, and goes with the process."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrfill.pipeline.private_folder import PREFIX, private_folder, sweep_private_folders

HOLDER = """
import sys, time
from ocrfill.pipeline.private_folder import private_folder
with private_folder() as folder:
    (folder / "crop").write_text("Lê Thị Ba")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def holder(temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has a folder, which it has told."""
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(str(temporary / PREFIX))
        yield process
        process.kill()


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_it_is_closed_to_others_whatever_the_mask(temporary: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with private_folder() as folder:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.parent == temporary
    finally:
        os.umask(before)


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), SystemExit()])
def test_it_goes_however_it_is_left(temporary: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), private_folder() as folder:  # noqa: PT012 - it is left from within
        (folder / "inner").mkdir()
        (folder / "inner" / "crop").touch()
        raise error
    assert list(temporary.iterdir()) == []


def test_two_at_once_are_two(temporary: Path) -> None:
    with private_folder() as one, private_folder() as other:
        sweep_private_folders()
        assert one != other
        assert one.exists()
        assert other.exists()


def test_that_of_a_killed_process_is_swept_by_the_next(temporary: Path, holder: subprocess.Popen[str]) -> None:
    (left,) = temporary.iterdir()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (left / "crop").exists(), "a killed process cannot clean up"
    with private_folder() as folder:
        code = "from ocrfill.pipeline.private_folder import private_folder\nwith private_folder(): pass"
        subprocess.run([sys.executable, "-c", code], check=True)
        assert list(temporary.iterdir()) == [folder]


def test_that_of_a_living_process_stays(temporary: Path, holder: subprocess.Popen[str]) -> None:
    (held,) = temporary.iterdir()
    sweep_private_folders()
    assert (held / "crop").exists()


def test_nothing_else_is_swept(temporary: Path) -> None:
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (temporary / f"{PREFIX}link").symlink_to(elsewhere)
    (temporary / f"{PREFIX}file").touch()
    (temporary / "ocrfill-postgres-x").mkdir()
    before = {file.name for file in temporary.rglob("*")}
    sweep_private_folders()
    assert {file.name for file in temporary.rglob("*")} == before


def test_a_folder_of_a_dead_process_is_swept_but_not_what_a_link_in_it_leads_to(temporary: Path) -> None:
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / "file").touch()
    (temporary / f"{PREFIX}dead").mkdir()
    (temporary / f"{PREFIX}dead" / "link").symlink_to(temporary / "elsewhere")
    sweep_private_folders()
    assert [file.name for file in temporary.iterdir()] == ["elsewhere"]
    assert (temporary / "elsewhere" / "file").exists()
