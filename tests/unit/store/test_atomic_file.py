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
from ocrfill.store.atomic_file import sweep_parts, whole


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
    assert seen[0] == (5, "old")
    assert [text for _, text in seen[1:]] == ["newer"], "then its name, in the folder"


def test_a_folder_that_cannot_be_brought_to_the_disk_does_not_matter(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    write(target, "new")
    assert target.read_text() == "new"


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


HALF = """
import os, signal, sys, time
from pathlib import Path
from ocrfill.store.atomic_file import whole
with whole(Path(sys.argv[1])) as part:
    part.write_text("Lê Thị Ba")
    print("half", flush=True)
    time.sleep(600)
"""


def half_written(target: Path) -> subprocess.Popen[str]:
    """A process in the midst of writing."""
    process = subprocess.Popen([sys.executable, "-c", HALF, target], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    return process


def test_what_a_killed_process_left_goes_with_the_next_writing(target: Path) -> None:
    with half_written(target) as process:
        process.kill()
    (left,) = set(target.parent.iterdir()) - {target}
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    write(target, "new")
    assert list(target.parent.iterdir()) == [target]


def test_what_another_process_is_writing_stays(target: Path) -> None:
    with half_written(target) as process:
        write(target, "new")
        assert len(list(target.parent.iterdir())) == 2
        process.kill()
    write(target, "newer")
    assert list(target.parent.iterdir()) == [target]


def test_no_other_file_is_taken_for_a_left_one(target: Path) -> None:
    names = {".file.part", ".file.12a.part", ".file.x.1.part", ".other.1.part", "file.1.part", ".file.1.part.bak"}
    for name in names:
        (target.parent / name).touch()
    (target.parent / ".file.3.part").mkdir()
    (target.parent / ".file.4.part").symlink_to(target)
    write(target, "new")
    assert {file.name for file in target.parent.iterdir()} == names | {"file", ".file.3.part", ".file.4.part"}
    assert target.read_text() == "new"


def test_what_was_left_of_all_files_of_a_name_goes(tmp_path: Path) -> None:
    for name in (".KS.2006.01.zip.1.part", ".KS.2006.01.contractor.xlsx.22.part", ".KS.2006.011.zip.1.part", "a"):
        (tmp_path / name).touch()
    sweep_parts(tmp_path, "KS.2006.01.")
    assert {file.name for file in tmp_path.iterdir()} == {".KS.2006.011.zip.1.part", "a"}
    sweep_parts(tmp_path / "none", "KS.2006.01.")


def test_folders_that_are_made_are_their_owner_s_alone_and_others_stay_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    mask = os.umask(0)
    try:
        write(tmp_path / "a" / "b" / "file", "new")
        with whole(tmp_path / "open" / "layout.yaml", private=False) as part:
            part.write_text("no personal data")
    finally:
        os.umask(mask)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path, *tmp_path.rglob("*"))}
    assert modes == {
        tmp_path.name: 0o755,
        "a": 0o700,
        "b": 0o700,
        "file": 0o600,
        "open": 0o777,
        "layout.yaml": 0o666,
    }


@pytest.mark.parametrize("before", [None, 0o644])
def test_a_private_file_is_its_owner_s_alone_before_its_first_byte(tmp_path: Path, before: int | None) -> None:
    target = tmp_path / "secret"
    if before is not None:
        target.write_text("old")
        target.chmod(before)
    mask = os.umask(0)
    try:
        with whole(target) as part:
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
            part.write_text("word")
    finally:
        os.umask(mask)
    assert target.read_text() == "word"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_private_file_is_not_written_into_what_another_has_put_there(tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "secret", tmp_path / "elsewhere"
    (tmp_path / f".secret.{os.getpid()}.part").symlink_to(elsewhere)
    with whole(target) as part:
        part.write_text("word")
    assert not elsewhere.exists()
    assert not target.is_symlink()
    assert target.read_text() == "word"
