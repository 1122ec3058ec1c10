"""`ocrfill run` and `ocrfill status` as commands: what they print, exit codes, settings; with the real readers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.builders.stored_book import digest
from support.fakes.executor import HereExecutor
from support.fakes.reader import FakeReading, draw_scan, no_progress
from support.paths import ROOT

from ocrfill.batch import BookOptions, execute_plan, plan_run
from ocrfill.batch.page_job import Job, attempt_page
from ocrfill.batch.worker import PageReader
from ocrfill.cli.settings import Settings, load_settings
from ocrfill.errors import BadInput, ExitCode
from ocrfill.store import Store

KEY = "KS.2006.01"


def ocrfill(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ocrfill", *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=os.environ | environment, timeout=300
    )


@pytest.fixture
def read_workspace(tmp_path: Path) -> Path:
    """A workspace in which a fake reader read a book of two good pages, a bad one and a broken file."""
    folder = tmp_path / "scans" / KEY
    draw_scan(folder / "1.tif", 1, pages=2)
    draw_scan(folder / "2-bad.png", 2)
    (folder / "3.pdf").write_bytes(b"%PDF-1.4")
    with Store.open(tmp_path / "work", create=True) as store:
        order = plan_run([folder], None, BookOptions("ks_2006_2015", "UBND xã Hải Lệ"))
        execute_plan(order, store, FakeReading(), lambda _: HereExecutor(), no_progress)
    return tmp_path / "work"


@pytest.mark.slow
def test_status_for_people_and_for_programs(read_workspace: Path) -> None:
    before = digest(read_workspace)
    told = ocrfill("status", "--workspace", read_workspace)
    assert told.returncode == ExitCode.OK, told.stderr
    assert f"{KEY}  layout ks_2006_2015, version 1, UBND xã Hải Lệ" in told.stdout
    assert "scans: 3, 1 of them could not be opened" in told.stdout
    assert "pages: 2 done, 0 pending, 1 failed" in told.stdout
    assert "2-bad.png, page 1: locate: no frame of this form" in told.stdout
    (book,) = json.loads(ocrfill("status", "--workspace", read_workspace, "--json").stdout)["books"]
    assert (book["book"], book["scans"], book["scans_failed"]) == (KEY, 3, 1)
    assert book["pages"] == {"pending": 0, "done": 2, "failed": 1}
    assert book["records"] >= 2
    assert sum(book["fields"].values()) == 3 * book["records"]
    assert [(Path(f["file"]).name, f["page"], f["stage"]) for f in book["failed"]] == [
        ("2-bad.png", 1, "locate"),
        ("3.pdf", None, "scan"),
    ]
    assert digest(read_workspace) == before


@pytest.mark.slow
def test_a_run_with_nothing_to_do_tells_what_failed_before(read_workspace: Path) -> None:
    told = ocrfill("run", "--workspace", read_workspace, "--json")
    assert told.returncode == ExitCode.SOME_PAGES_FAILED, told.stderr
    document = json.loads(told.stdout)
    assert (document["pages_done"], document["pages_failed"], len(document["failed"])) == (0, 0, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--workspace", "none"], ExitCode.STORE, "there is no none/ocrfill.sqlite"),
        (["nowhere", "--workspace", "w"], ExitCode.BAD_INPUT, "nowhere: there is no such file or folder"),
        (["empty", "--workspace", "w"], ExitCode.BAD_INPUT, "no scan among the given paths"),
        (["page.png", "--workspace", "w"], ExitCode.BAD_INPUT, "which book is it of?"),
        (["page.png", "--book", KEY, "--workspace", "w"], ExitCode.BAD_INPUT, "--layout; there are"),
        (["page.png", "--book", "X", "--layout", "ks_2006_2015", "--workspace", "w"], ExitCode.BAD_INPUT, "'X' is no"),
        (["page.png", "--book", KEY, "--layout", "bad.yaml", "--workspace", "w"], ExitCode.BAD_LAYOUT, "bad.yaml"),
        (["--workspace", "w", "--layout", "ks_2006_2015"], ExitCode.USAGE, "which book is meant"),
        (["--workspace", "w", "--jobs", "0"], ExitCode.USAGE, "--jobs"),
        (["--workspace", "set"], ExitCode.BAD_INPUT, "set/ocrfill.toml: job: no such setting"),
        (
            ["page.png", "--book", KEY, "--layout", "ks_2006_2015", "--workspace", "page.png"],
            ExitCode.OUTPUT,
            "page.png",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: ExitCode, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("empty", "set"):
        (tmp_path / folder).mkdir()
    (tmp_path / "set" / "ocrfill.toml").write_text("job = 3\n")
    (tmp_path / "bad.yaml").write_text("name: x\n")
    draw_scan(tmp_path / "page.png", 1)
    told = ocrfill("run", *arguments)
    assert (told.returncode, told.stdout) == (code, ""), told.stderr
    assert words in told.stderr
    assert "Traceback" not in told.stderr


def test_settings_come_from_file_and_environment(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == Settings()
    (tmp_path / "ocrfill.toml").write_text('jobs = 2\nlanguages = "vie+eng"\n')
    assert load_settings(tmp_path, {"PATH": "x"}) == Settings(jobs=2, languages="vie+eng")
    assert load_settings(tmp_path, {"OCRFILL_JOBS": "5"}).jobs == 5
    (tmp_path / "ocrfill.toml").write_text("jobs = 0\npage_secs = 1\n")
    with pytest.raises(BadInput) as told:
        load_settings(tmp_path, {"OCRFILL_PAGE_SECONDS": "long", "OCRFILL_JOB": "1"})
    lines = str(told.value).splitlines()
    assert len(lines) == 5
    for words in ("ocrfill.toml: jobs: ", "ocrfill.toml: page_secs: no such setting; there are store, jobs"):
        assert any(words in line for line in lines)
    for name in ("OCRFILL_PAGE_SECONDS: ", "OCRFILL_JOB: no such setting"):
        assert any(f"environment variable {name}" in line for line in lines)
    (tmp_path / "ocrfill.toml").write_text("jobs = \n")
    with pytest.raises(BadInput, match="is no TOML file"):
        load_settings(tmp_path, {})


@pytest.mark.postgres
def test_the_settings_name_the_database(postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "ocrfill.toml").write_text(f'store = "{postgres_url}"\n')
    told = ocrfill("status", "--workspace", tmp_path)
    assert told.returncode == ExitCode.STORE
    assert "is empty; `ocrfill run` fills it" in told.stderr
    Store.open(postgres_url, tmp_path, create=True).close()
    told = ocrfill("status", "--workspace", tmp_path)
    assert told.stdout == "no book yet; `ocrfill run` adds one\n", told.stderr
    assert not (tmp_path / "ocrfill.sqlite").exists()


@pytest.mark.tesseract
def test_a_file_that_changed_before_it_was_read_is_told(tmp_path: Path) -> None:
    scan = draw_scan(tmp_path / "1.png", 1)
    job = Job("1.png", scan, "another", 1, "ks_2006_2015", "ks_2006_2015", 1)
    failure = attempt_page(PageReader("vie"), job).result.failure
    assert failure is not None
    assert "has changed since it was added" in failure.reason


@pytest.mark.tesseract
@pytest.mark.slow
def test_good_bad_blank_and_turned_pages_in_one_folder(tmp_path: Path) -> None:
    """The folder of the acceptance list: all is reported with file, page and reason, the rest is done."""
    book = tmp_path / "scans" / KEY
    make = [
        sys.executable,
        ROOT / "scripts" / "make_samples.py",
        "--layout",
        "ks_2006_2015",
        "--pages",
        "2",
        "--dpi",
        "150",
    ]
    subprocess.run(
        [*make, "--seed", "3", "--damage", "clean", "--out", tmp_path / "scans"], check=True, capture_output=True
    )
    first, _ = sorted(book.glob("*.jpg"))
    turned = cv2.rotate(cv2.imread(str(first)), cv2.ROTATE_180)
    cv2.imwrite(str(book / "upside_down.jpg"), turned)
    cv2.imwrite(str(book / "blank.png"), np.full((1754, 1240, 3), 250, np.uint8))
    (book / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    (book / "empty.jpg").touch()
    (book / "text.jpg").write_text("a text named .jpg")
    told = ocrfill(
        *("run", book, "--layout", "ks_2006_2015", "--workspace", tmp_path / "work", "--jobs", "2", "--json")
    )
    assert told.returncode == ExitCode.SOME_PAGES_FAILED, told.stderr
    document = json.loads(told.stdout)
    failed = {(Path(f["file"]).name, f["page"]): f for f in document["failed"]}
    assert set(failed) == {("blank.png", 1), ("broken.pdf", None), ("empty.jpg", None), ("text.jpg", None)}
    assert all(f["reason"] for f in failed.values())
    assert document["pages_done"] == 3
    assert [(Path(n["file"]).name, n["page"], n["code"]) for n in document["notes"]] == [
        ("upside_down.jpg", 1, "page.turned")
    ]
    whole = digest(tmp_path / "work")
    assert ocrfill("run", "--workspace", tmp_path / "work").returncode == ExitCode.SOME_PAGES_FAILED
    assert digest(tmp_path / "work") == whole
    again = ocrfill("run", book, "--layout", "ks_2006_2015", "--workspace", tmp_path / "again", "--jobs", "1")
    assert "upside_down.jpg, page 1: Trang" in again.stdout
    assert "Traceback" not in again.stderr
    assert digest(tmp_path / "again") == whole, "one worker or two, a first time or a second"
