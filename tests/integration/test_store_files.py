"""The store's SQLite file when things go wrong: missing, foreign, damaged, read-only, a full disk, another program."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders.stored_book import KEY, digest, filled, write_all
from support.paths import TESTS

from ocrfill.document.result import Decision
from ocrfill.errors import OutputError, StoreError
from ocrfill.store import Store
from ocrfill.store import engine as engine_module

ROOT = os.geteuid() == 0


def test_nothing_is_made_where_nothing_is_to_be_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no .*ocrfill\.sqlite; `ocrfill run` makes it"):
        Store.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / "ocrfill.sqlite").touch()
    with pytest.raises(StoreError, match="is empty"):
        Store.open(tmp_path)


@pytest.mark.parametrize(
    "content", [b"no database at all, just a text that is somewhat long" * 100, b"SQLite format 3\0x"]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ocrfill.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged or no ocrfill store"):
        Store.open(tmp_path, create=True)
    assert (tmp_path / "ocrfill.sqlite").read_bytes() == content


def test_a_damaged_file(tmp_path: Path) -> None:
    with filled(tmp_path, 30) as store:
        write_all(store)
    file = tmp_path / "ocrfill.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match="damaged"), Store.open(tmp_path) as store:
        list(store.pages(KEY))
    noise = bytearray(whole)
    noise[8192 : len(noise) // 2] = b"\xa5" * (len(noise) // 2 - 8192)
    file.write_bytes(noise)
    with pytest.raises(StoreError, match="damaged"), Store.open(tmp_path) as store:
        list(store.pages(KEY))


def test_a_database_of_another_program(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ocrfill.sqlite") as other:
        other.execute("CREATE TABLE photos (id INTEGER)")
    other.close()
    with pytest.raises(StoreError, match="not ocrfill's"):
        Store.open(tmp_path, create=True)


def test_a_name_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot make the folder"):
        Store.open(tmp_path / "file" / "work", create=True)


def test_a_reader_that_holds_on_to_the_file_stops_a_write_with_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path).close()
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.2)
    with Store.open(tmp_path) as store:
        other = sqlite3.connect(tmp_path / "ocrfill.sqlite", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT * FROM books").fetchall()
        with pytest.raises(StoreError, match="in use by another program"):
            write_all(store)
        other.close()
        write_all(store)
        assert store.todo() == ()


def test_an_export_under_way_does_not_hold_up_a_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.2)
    with filled(tmp_path, 110) as store:
        under_way = store.pages(KEY)
        next(under_way)
        write_all(store)
        assert len(list(under_way)) == 109


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x",
        "postgresql+none://x",
        "://",
        "sqlite:///x",
        *(f"postgresql://x:{port}/y" for port in ("0", "65536", "99999999999999999999", "x", "-1", "1.5")),
    ],
)
def test_urls_that_are_no_store(url: str) -> None:
    with pytest.raises(StoreError):
        Store.open(url)


def test_a_server_that_does_not_answer() -> None:
    with pytest.raises(StoreError, match="answers:"):
        Store.open("postgresql+pg8000://tester:secret-word@127.0.0.1:1/none")


def test_a_size_limit_loses_nothing(tmp_path: Path) -> None:
    """Where no small disk can be mounted: the limit on a file's size stands for it."""
    script = f"""
import resource, sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from support.builders.stored_book import filled, write_all
from ocrfill.errors import OutputError
store = filled(Path({str(tmp_path)!r}), 60)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    write_all(store)
except OutputError as error:
    print(error)
else:
    sys.exit("no error")
"""
    told = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert "the disk is full or a size limit" in told.stdout
    _continues_as_if_never_stopped(tmp_path)


def _continues_as_if_never_stopped(workspace: Path) -> None:
    with Store.open(workspace) as store:
        left = len(store.todo())
        assert 0 < left < 60
        write_all(store)
    again = workspace.with_name("undisturbed")
    with filled(again, 60) as store:
        write_all(store)
    assert digest(workspace) == digest(again)
    shutil.rmtree(again)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB of its own."""
    if not ROOT:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "none", folder], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    with filled(small_disk, 60) as store, pytest.raises(OutputError, match=r"the disk is full .* make room"):
        write_all(store)
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    _continues_as_if_never_stopped(small_disk)


def test_a_disk_without_room_for_the_first_byte(small_disk: Path) -> None:
    with pytest.raises(OSError, match="space"):
        (small_disk / "filler").write_bytes(b"\0" * 500_000)
    with pytest.raises(OutputError, match="disk is full"):
        Store.open(small_disk, create=True)


def test_a_read_only_folder_can_be_read_and_says_so_when_written(small_disk: Path) -> None:
    with filled(small_disk) as store:
        write_all(store)
        before = digest(small_disk)
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
        assert store.status()[0].fields[Decision.REVIEW] == 120
        assert len(list(store.pages(KEY))) == 3
        with pytest.raises(OutputError, match=r"cannot be written|cannot write"):
            store.add_scan(KEY, "b", "b", 1)
        with pytest.raises(OutputError, match=r"cannot write in"), store.locked():
            pass
    assert digest(small_disk) == before


@pytest.mark.parametrize("before", [None, 0o644, 0o666])
def test_a_store_is_its_owner_s_alone_and_so_is_its_journal(tmp_path: Path, before: int | None) -> None:
    work = tmp_path / "county" / "work"
    mask = os.umask(0)
    try:
        if before is not None:
            work.mkdir(parents=True, mode=0o755)
            (work / "ocrfill.sqlite").touch(mode=before)
        with filled(work) as store, store.locked(), store.writes() as connection:
            connection.exec_driver_sql("UPDATE books SET place = 'Hải Lệ'")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in work.parent.rglob("*")}
    finally:
        os.umask(mask)
    assert modes.pop("work") == (0o700 if before is None else 0o755), "a folder of the user's keeps its permissions"
    assert modes == dict.fromkeys(("ocrfill.sqlite", "ocrfill.sqlite-journal", "ocrfill.lock"), 0o600)


def test_freed_space_holds_nothing_of_what_stood_there(tmp_path: Path) -> None:
    with filled(tmp_path, 20) as store:
        write_all(store)
        assert "Lê Thị Ba".encode() in (tmp_path / "ocrfill.sqlite").read_bytes()
        store.change_layout(KEY, "ks_2016_2020", 1)
    assert "Lê Thị Ba".encode() not in (tmp_path / "ocrfill.sqlite").read_bytes()
