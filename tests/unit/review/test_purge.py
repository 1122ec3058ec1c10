"""A purged book is in no file of its workspace any more, another one is untouched; a killed purge is gone on with."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.builders.purgeable import (
    CORRECTED,
    FATHER,
    GONE,
    KEPT,
    MOTHER,
    SHARED,
    TOKENS,
    purge_of,
    purgeable_workspace,
)

from ocrfill.cli import ocrfill
from ocrfill.document.correction import FieldPlace
from ocrfill.errors import BadInput, ExitCode, OutputError, ReviewError, StoreError
from ocrfill.review.purge import SOUGHT_FILE_NAME, PurgedBook
from ocrfill.review.server_access import Access, keep
from ocrfill.review.server_process import LAUNCHER_FILE
from ocrfill.store import Ledger, Store
from ocrfill.store.access_trail import Act, trail_of, unfinished_purges
from ocrfill.store.byte_search import spellings
from ocrfill.store.lock import folder_lock

OF_BOTH = (MOTHER, FATHER, CORRECTED)


def holders(work: Path, texts: tuple[str, ...] = OF_BOTH) -> list[str]:
    """The files of the workspace in which one of the texts stands, however it is written."""
    strings = [spelling for text in texts for spelling in spellings(text)]
    files = [file for file in sorted(work.rglob("*")) if file.is_file()]
    return [str(file.relative_to(work)) for file in files if any(s in file.read_bytes() for s in strings)]


def purged(work: Path, **wishes: bool) -> PurgedBook:
    with Store.open(work) as store:
        return purge_of(work, store).carry_out(**wishes)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return purgeable_workspace(tmp_path)


def test_a_purged_book_is_in_no_file_of_the_workspace(work: Path) -> None:
    before = holders(work)
    assert {"ocrfill.sqlite", "review/data/label_studio.sqlite3"} <= set(before)
    done = purged(work)
    assert holders(work) == []
    assert done.left == ()
    assert done.sought > 10
    assert done.files >= 3
    assert done.server_rows >= 12
    assert len(list((work / "review" / "data" / "media").rglob("*.jpg"))) == 1
    assert [f.name for f in (work / "review" / "data" / "export").iterdir()] == ["project-20-at-2026.json"]
    assert not (work / SOUGHT_FILE_NAME).exists()
    assert [f.name for f in (work / "prints").iterdir()] == [f"{KEPT}.json"]


def test_another_book_is_untouched(work: Path) -> None:
    with Store.open(work) as store:
        before = (list(store.pages(KEPT)), store.corrections(KEPT), Ledger(store).batches(book=KEPT))
    done = purged(work)
    with Store.open(work) as store:
        assert [book.key for book in store.books()] == [KEPT]
        assert (list(store.pages(KEPT)), store.corrections(KEPT), Ledger(store).batches(book=KEPT)) == before
        assert len(before[0]) == len(before[1]) == len(before[2]) == 1
    assert done.elsewhere >= 1, f"{SHARED} stands in both books"
    with closing(sqlite3.connect(work / "review" / "data" / "label_studio.sqlite3")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counted = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
    halves = ("project", "task_completion", "data_manager_filter")
    assert counted == dict.fromkeys(tables, 1) | dict.fromkeys(halves, 2)
    assert len(list((work / "review" / "data" / "media" / "upload" / "21").iterdir())) == 1


def test_the_scans_stay_unless_they_are_to_go_and_are_what_was_read(work: Path) -> None:
    scan = work.parent / "scans" / GONE / "0001.jpg"
    other = work.parent / "scans" / KEPT / "0001.jpg"
    assert purged(work).scans_left == (str(scan),)
    assert scan.exists()
    work_again = purgeable_workspace(work.parent / "again")
    scan, other = (work_again.parent / "scans" / key / "0001.jpg" for key in (GONE, KEPT))
    done = purged(work_again, scans=True)
    assert (done.scans_removed, done.scans_left) == (1, ())
    assert not scan.exists()
    assert other.exists()


def test_a_scan_that_has_changed_since_is_not_deleted(work: Path) -> None:
    scan = work.parent / "scans" / GONE / "0001.jpg"
    scan.write_bytes(b"another file")
    done = purged(work, scans=True)
    assert (done.scans_removed, done.scans_left) == (0, (str(scan),))


def test_what_ocrfill_cannot_remove_is_named(work: Path) -> None:
    notes, crops = work / "notes.txt", work / "crops.bin"
    notes.write_text(f"call {MOTHER}", encoding="utf-8")
    picture = (work.parent / "scans" / GONE / "0001.jpg").read_bytes()
    crops.write_bytes(b"before" + picture + b"after")
    (work / "out").mkdir()
    (work / "out" / f"{GONE}.zip").write_bytes(b"no zip at all")
    left = {Path(one.path).name: one.strings for one in purged(work).left}
    assert left.pop(f"{GONE}.zip") == 0, "by its name alone"
    assert left.keys() == {"notes.txt", "crops.bin"}
    assert all(left.values())


def test_exports_are_named_and_searched_inside(work: Path) -> None:
    out, apart = work / "out", work.parent / "apart"
    for folder in (out, apart):
        ran = CliRunner().invoke(ocrfill, ["export", "--workspace", str(work), "--out", str(folder)])
        assert ran.exit_code == 0
    done = purged(work)
    left = {Path(one.path).name: one.strings for one in done.left}
    assert left.keys() == {f"{GONE}{end}" for end in (".xlsx", ".contractor.xlsx", ".csv", ".jsonl", ".zip")}
    assert left[f"{GONE}.xlsx"] > 0, "its values are deflated"
    assert {Path(file) for file in done.given} == {apart / name for name in left}


def test_freed_places_hold_nothing_though_an_earlier_version_left_some(work: Path) -> None:
    with closing(sqlite3.connect(work / "ocrfill.sqlite")) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE more (text)")
        connection.executemany("INSERT INTO more VALUES (?)", [(f"{MOTHER} {n}",) for n in range(2000)])
        connection.commit()
        connection.execute("DROP TABLE more")
        connection.commit()
    assert "ocrfill.sqlite" in holders(work)
    assert purged(work).left == ()
    assert holders(work) == []


def test_lines_to_learn_from_go_where_some_are_the_book_s(work: Path) -> None:
    with Store.open(work) as store:
        (page,) = store.pages(GONE)
    lines = work / "training" / "lines"
    (lines / "images").mkdir(parents=True)
    (lines / "images" / "00001.png").write_bytes(b"\x89PNG of a strip")
    (lines / "labels.tsv").write_text(f"images/00001.png\t{CORRECTED}\n", encoding="utf-8")
    (lines / "writers.tsv").write_text(f"images/00001.png\t{page.sha256} 1\n", encoding="utf-8")
    (work / "models" / "hand" / "2").mkdir(parents=True)
    done = purged(work)
    assert not lines.exists()
    assert [Path(model).name for model in done.taught] == ["2"]


def test_tasks_of_a_page_that_was_moved_here_go_from_the_other_book_s_project(work: Path) -> None:
    with Store.open(work) as store:
        (scan,) = [scan for scan in store.scans() if scan.book == KEPT]
        store.move_scan(scan, GONE, "../scans/moved.jpg")
    purged(work)
    with Store.open(work) as store:
        assert store.scans() == ()
        assert Ledger(store).batches() == ()
    with closing(sqlite3.connect(work / "review" / "data" / "label_studio.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM task").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM project WHERE id = 20").fetchone() == (1,)


def test_a_given_server_is_told_and_left_alone(work: Path) -> None:
    with Store.open(work) as store:
        (page,) = store.pages(GONE)
        field = page.result.records[0].field("cha_ho_ten")
        place = FieldPlace(page.sha256, 1, 1, field.name)
        (task,) = Ledger(store).tasks(1)
        Ledger(store).plan(GONE, "http://127.0.0.1:9", [("", "c" * 32, [replace(task, place=place)])])
        Ledger(store).placed(3, 77)
    (server,) = purged(work).servers
    assert (server.url, server.projects) == ("http://127.0.0.1:9", (77,))


@pytest.mark.postgres
def test_a_book_in_postgresql_goes_too(tmp_path: Path, postgres_url: str) -> None:
    work = purgeable_workspace(tmp_path, postgres_url)
    with Store.open(postgres_url, work) as store:
        done = purge_of(work, store).carry_out()
        assert [book.key for book in store.books()] == [KEPT]
        assert len(store.corrections()) == len(list(store.pages(KEPT))) == 1
        with store.reads() as connection:
            held = connection.exec_driver_sql("SELECT count(*) FROM fields WHERE raw = %s", (MOTHER,)).scalar_one()
    assert (held, done.left) == (0, ())
    assert holders(work) == []
    (work / "ocrfill.toml").write_text(f'store = "{postgres_url}"\n')
    (work / "ocrfill.toml").chmod(0o600)
    _, said, _ = run("purge", "--workspace", work, "--book", KEPT, "--yes")
    assert "log, replicas and backups keep what was deleted" in said


# who else is at work


def test_a_run_or_a_push_at_work_is_not_disturbed(work: Path) -> None:
    before = (work / "ocrfill.sqlite").read_bytes()
    for folder in (work, work / "review"):
        with folder_lock(folder), pytest.raises(StoreError, match="another ocrfill is at work"):
            purged(work)
    assert (work / "ocrfill.sqlite").read_bytes() == before


def test_a_damaged_list_of_what_is_sought_stops_it(work: Path) -> None:
    (work / SOUGHT_FILE_NAME).write_text("{")
    with pytest.raises(OutputError, match="remove it, then purge again"):
        purged(work)
    (work / SOUGHT_FILE_NAME).write_text(json.dumps({"book": KEPT}))
    with pytest.raises(BadInput, match=f"a purge of {KEPT} was not finished"):
        purged(work)


def test_a_book_that_is_not_there(work: Path) -> None:
    with Store.open(work) as store, pytest.raises(BadInput, match=r"no book KS\.1999\.01"):
        purge_of(work, store, "KS.1999.01").carry_out()
    assert list(trail_of(work)) == []


# killed


def die_at(work: Path, event: int) -> bool:
    """Purge in a process that ends, as `kill -9` would end it, at so many-th thing it asks of the system; False where
    it came to its end before.
    """
    child = os.fork()
    if child == 0:
        left = [event]

        def count(name: str, arguments: tuple[object, ...]) -> None:
            if name in ("open", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree", "sqlite3.connect"):
                left[0] -= 1
                if left[0] < 0:
                    os._exit(9)

        try:
            with Store.open(work) as store:
                sys.addaudithook(count)
                purge_of(work, store).carry_out()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def points(every: int) -> Iterator[int]:
    yield from range(0, 10_000, every)


@pytest.mark.parametrize("every", [pytest.param(9, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.nightly)])
def test_killed_anywhere_it_is_gone_on_with(tmp_path: Path, every: int) -> None:
    killed = 0
    for event in points(every):
        work = purgeable_workspace(tmp_path / str(event))
        if not die_at(work, event):
            break
        killed += 1
        with Store.open(work) as store:
            there = [book.key for book in store.books()]
            waits = (work / SOUGHT_FILE_NAME).exists()
        assert KEPT in there
        if GONE in there or (waits and (work / SOUGHT_FILE_NAME).read_bytes().strip(b"\0")):
            done = purged(work)
            assert done.left == (), event
        assert holders(work) == [] or (work / SOUGHT_FILE_NAME).exists(), event
        assert unfinished_purges(work) == () or there != [KEPT], event
    assert killed > 3


# the command


def run(*words: str | Path, typed: str = "") -> tuple[int, str, str]:
    ran = CliRunner().invoke(ocrfill, [str(word) for word in words], input=typed, standalone_mode=False)
    if isinstance(ran.exception, click.UsageError):
        return ExitCode.USAGE, ran.stdout, ran.stderr + ran.exception.format_message()
    if ran.exception is not None:
        raise ran.exception
    return ran.return_value or 0, ran.stdout, ran.stderr


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


def test_the_command_asks_first(work: Path) -> None:
    purge = ("purge", "--workspace", work, "--book", GONE)
    _, said, asked = run(*purge, typed="n\n")
    assert "nothing was removed" in said
    assert "its 1 scans are kept" in asked
    code, _, asked = run(*purge)
    assert code == ExitCode.USAGE
    assert "--yes" in asked
    assert holders(work) != []
    code, said, _ = run(*purge, typed="y\n")
    assert code == 0
    assert "nothing found" in said
    assert MOTHER not in said
    assert holders(work) == []


def test_the_command_tells_what_is_left_with_its_code(work: Path) -> None:
    (work / "notes.txt").write_text(MOTHER, encoding="utf-8")
    code, said, _ = run("purge", "--workspace", work, "--book", GONE, "--yes", "--json")
    assert code == ExitCode.SOME_PAGES_FAILED
    (book,) = json.loads(said)["books"]
    assert [Path(one["path"]).name for one in book["left"]] == ["notes.txt"]


def test_the_server_must_be_stopped(work: Path) -> None:
    idle = "import time; time.sleep(60)"
    server = subprocess.Popen([sys.executable, "-c", idle, str(LAUNCHER_FILE), "8290"])
    try:
        keep(work, Access("http://127.0.0.1:8290", "t" * 40, "local", process=server.pid))
        with pytest.raises(ReviewError, match="runs; stop it first: `ocrfill review stop"):
            run("purge", "--workspace", work, "--book", GONE, "--yes")
    finally:
        server.kill()
        server.wait()
    assert holders(work) != []
    assert run("purge", "--workspace", work, "--book", GONE, "--yes")[0] == 0


def test_the_trail_keeps_which_book_when_and_by_whom(work: Path) -> None:
    purged(work)
    *_, begun, ended = trail_of(work)
    assert (begun.act, ended.act, ended.book) == (Act.BEGAN_PURGE, Act.PURGED, GONE)
    assert ended.counts["records"] == 1
    assert ended.counts["reviewed"] == 1
    assert "Lan" not in (work / "trail.jsonl").read_text(), "no person, not even the reviewer"
    assert TOKENS[GONE] not in (work / "trail.jsonl").read_text()
    assert stat.S_IMODE((work / "trail.jsonl").stat().st_mode) == 0o600


def test_books_are_due_some_days_after_they_were_handed_over(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="retention_days"):
        run("purge", "--workspace", work, "--due", "--yes")
    (work / "ocrfill.toml").write_text("retention_days = 30\n")
    assert "no book is due" in run("purge", "--workspace", work, "--due", "--yes")[1]
    run("export", "--workspace", work, "--book", GONE, "--out", work.parent / "out")
    assert "due" not in run("status", "--workspace", work)[1]
    trail = work / "trail.jsonl"
    trail.write_text(trail.read_text().replace('"when": "20', '"when": "19'))
    assert "due to be purged" in run("status", "--workspace", work)[1]
    _, said, _ = run("purge", "--workspace", work, "--due", "--yes")
    assert f"{GONE}: removed" in said
    assert KEPT not in said
    assert "no book is due" in run("purge", "--workspace", work, "--due", "--yes")[1]
