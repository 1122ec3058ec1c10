"""A file is whole or not there, whatever stops the writing."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ocrfill.errors import OutputError
from ocrfill.store.atomic_file import whole


def write(target: Path, text: str, stopped_by: BaseException | None = None) -> None:
    with whole(target) as part:
        part.write_text(text)
        if stopped_by is not None:
            raise stopped_by


@pytest.fixture
def target(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_text("old")
    return file


def test_what_was_written_takes_the_place_of_what_was_there(target: Path) -> None:
    write(target, "new")
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "file", "new")
    assert (tmp_path / "a" / "b" / "file").read_text() == "new"


def test_nothing_half_written_stays(target: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write(target, "half", KeyboardInterrupt())
    assert target.read_text() == "old"
    assert list(target.parent.iterdir()) == [target]


def test_no_space_is_told_and_leaves_the_old_file(target: Path) -> None:
    with pytest.raises(OutputError, match="free some space"):
        write(target, "half", OSError(28, "No space left on device"))
    assert target.read_text() == "old"
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*file"):
        write(tmp_path / "file", "new")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_file_is_on_the_disk_before_it_takes_the_place(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, str]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append((os.fstat(handle).st_size, target.read_text())))
    write(target, "newer")
    assert seen == [(5, "old")]


def test_a_disk_that_fails_late_leaves_the_old_file(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="Input/output error"):
        write(target, "new")
    assert target.read_text() == "old"
    assert list(target.parent.iterdir()) == [target]


def test_a_kill_leaves_the_old_file(target: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from ocrfill.store.atomic_file import whole\n"
        "with whole(Path(sys.argv[1])) as part:\n"
        "    part.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, target], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert target.read_text() == "old"


@pytest.mark.parametrize("before", [None, 0o644])
def test_a_private_file_is_its_owner_s_alone_before_its_first_byte(tmp_path: Path, before: int | None) -> None:
    target = tmp_path / "secret"
    if before is not None:
        target.write_text("old")
        target.chmod(before)
    mask = os.umask(0)
    try:
        with whole(target, private=True) as part:
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
            part.write_text("word")
    finally:
        os.umask(mask)
    assert target.read_text() == "word"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_private_file_is_not_written_into_what_another_has_put_there(tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "secret", tmp_path / "elsewhere"
    (tmp_path / f".secret.{os.getpid()}.part").symlink_to(elsewhere)
    with whole(target, private=True) as part:
        part.write_text("word")
    assert not elsewhere.exists()
    assert not target.is_symlink()
    assert target.read_text() == "word"
