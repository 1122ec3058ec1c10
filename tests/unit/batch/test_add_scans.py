"""Scans given to a run: repaired ones are healed, odd names are held, and two books of one name stay apart."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.fakes.executor import HereExecutor
from support.fakes.reader import FakeReading, draw_scan, no_progress

from ocrfill.batch import BookOptions, RunReport, ScanOutcome, execute_plan, plan_run
from ocrfill.batch.worker import _opened
from ocrfill.errors import BadInput, PageError
from ocrfill.store import Store

KEY = "KS.2006.01"
LAYOUT = BookOptions("ks_2006_2015")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    folder = tmp_path / "scans" / KEY
    draw_scan(folder / "1.png", 1)
    return folder


def run(store: Store, *paths: Path, key: str | None = None, again: bool = False) -> RunReport:
    order = plan_run(paths, key, LAYOUT if paths else BookOptions(), retry_failed=again)
    return execute_plan(order, store, Checking(), lambda _: HereExecutor(), no_progress)


class Checking(FakeReading):
    """Fails, as ocrfill's own reader does, where a file is not the one that was added."""

    def read(self, job):
        _opened(job.file, job.sha256)
        return super().read(job)


def outcomes(report: RunReport) -> dict[str, ScanOutcome]:
    return {added.file.name: added.outcome for added in report.added}


def failed(report: RunReport) -> dict[str, str]:
    return {Path(failure.scan).name: failure.reason for failure in report.failures}


# ---- repaired files


@pytest.mark.parametrize("damage", [b"", b"a text", b"%PDF-1.4 cut off"])
def test_a_repaired_file_is_healed_when_asked(store: Store, book: Path, damage: bytes) -> None:
    file = book / "2.png"
    file.write_bytes(damage)
    assert outcomes(run(store, book)) == {"1.png": ScanOutcome.NEW, "2.png": ScanOutcome.FAILED}
    assert failed(run(store))["2.png"]
    draw_scan(file, 2)
    assert run(store).pages == 0, "not before one asks"
    healed = run(store, again=True)
    assert (healed.pages, healed.failures) == (1, ())
    assert outcomes(healed) == {"2.png": ScanOutcome.CHANGED}
    assert run(store, again=True).added == []
    assert len(list(store.pages(KEY))) == 2


def test_so_is_one_that_changed_after_it_was_added(store: Store, book: Path) -> None:
    file = draw_scan(book / "2-bad.tif", 2, pages=3)
    assert len(run(store, book).failures) == 3
    draw_scan(file, 22, pages=2)
    told = run(store, again=True)
    assert outcomes(told) == {"2-bad.tif": ScanOutcome.CHANGED}
    assert len(list(store.pages(KEY))) == 1 + 2
    assert set(failed(told).values()) == {"no frame of this form"}
    file.unlink()
    gone = run(store, again=True)
    assert failed(gone)["2-bad.tif"]
    assert gone.added == []


def test_a_worker_does_not_take_one_content_for_another(store: Store, book: Path) -> None:
    run(store, book)
    (page,) = store.pages(KEY)
    assert _opened(Path(page.scan), page.sha256).sha256 == page.sha256
    draw_scan(book / "1.png", 11)
    with pytest.raises(PageError, match="changed since it was added; give it to `ocrfill run` again"):
        _opened(Path(page.scan), "0" * 64)
    assert run(store, book).failures == ()


def test_a_broken_file_that_was_moved_is_not_told_twice(store: Store, book: Path) -> None:
    (book / "2.pdf").write_bytes(b"%PDF-1.4 cut off")
    assert set(failed(run(store, book))) == {"2.pdf"}
    (book / "2.pdf").rename(book / "3.pdf")
    assert set(failed(run(store, book))) == {"3.pdf"}


# ---- names

ODD = os.fsdecode(b"k\xe8.png")
NAMES = [
    "two\nlines.png", "\x1b[31mred.png", "tab\t.png", "100%25 %s.png", "-r.png", " space .png", "a\\b.png",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.png", "\N{RIGHT-TO-LEFT MARK}.png", "quote'\".png", "=1+1.png", "💾.png",
    "x" * 251 + ".png", "ổ" * 83 + ".png",
    "ô\u0323.png", ";|&$(true).png", "%(name)s{0}.png", "nul.png", "...png", "trailing.png ",
]  # fmt: skip


def test_names_that_a_file_system_allows_are_read(store: Store, book: Path) -> None:
    for n, name in enumerate(NAMES):
        draw_scan(book / "2.png", 2 + n).rename(book / name)
    hidden = {name for name in NAMES if name.startswith(".")}
    report = run(store, book)
    assert report.failures == ()
    read = {Path(page.scan).name for page in store.pages(KEY) if page.result}
    assert read == {"1.png", *NAMES} - hidden
    assert set(outcomes(run(store, book)).values()) == {ScanOutcome.KNOWN}


@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_name_that_is_no_text_fails_alone(store: Store, book: Path, where: str) -> None:
    odd = book / ODD if where == "file" else book / os.fsdecode(b"t\xea\xff") / "2.png"
    draw_scan(book / "2.png", 2)
    odd.parent.mkdir(exist_ok=True)
    (book / "2.png").rename(odd)
    draw_scan(book / "z.png", 3)
    for _ in range(2):
        report = run(store, book)
        (failure,) = report.failures
        assert "the file's name is not UTF-8, so it cannot be named; rename it" in failure.reason
        failure.scan.encode()
        assert "\\xe8" in failure.scan or "\\xea\\xff" in failure.scan
        assert outcomes(report)["z.png"] in (ScanOutcome.NEW, ScanOutcome.KNOWN)
    assert run(store, again=True).failures[0].reason == failure.reason
    odd.rename(book / "renamed.png")
    assert run(store, book).failures == (), "what was renamed is no failure any more"
    assert {Path(page.scan).name for page in store.pages(KEY)} == {"1.png", "renamed.png", "z.png"}


def test_a_name_that_is_no_text_is_not_taken_for_the_one_it_is_shown_as(store: Store, book: Path) -> None:
    draw_scan(book / "2.png", 2).rename(book / ODD)
    draw_scan(book / "k\\xe8.png", 3)
    for _ in range(3):
        report = run(store, book)
        assert len(report.failures) == 1
        assert {Path(page.scan).name for page in store.pages(KEY)} == {"1.png", "k\\xe8.png"}
    assert run(store, again=True).pages == 0
    (book / "copy.png").write_bytes((book / ODD).read_bytes())
    assert run(store, book).failures == ()
    assert outcomes(run(store, book))[ODD] is ScanOutcome.DUPLICATE


# ---- two books of one name


def test_books_of_two_places_with_one_name_are_refused(store: Store, tmp_path: Path) -> None:
    for n, place in enumerate(("Xã A", "Xã B")):
        draw_scan(tmp_path / place / KEY / "1.png", n)
    with pytest.raises(BadInput, match=rf"book {KEY}: its scans lie in 2 folders: .*Xã A.*Xã B.*workspace of its own"):
        run(store, tmp_path / "Xã A", tmp_path / "Xã B")
    with pytest.raises(BadInput, match="2 folders"):
        run(store, tmp_path)
    assert store.books() == (), "nothing is stored"
    assert run(store, tmp_path / "Xã A").pages == 1
    with pytest.raises(BadInput, match="2 folders"):
        run(store, tmp_path / "Xã B")
    assert run(store, tmp_path / "Xã B", key=KEY).pages == 1, "one book, as the user says"


def test_so_are_files_that_bear_the_books_name(store: Store, tmp_path: Path) -> None:
    for n, place in enumerate(("A", "B")):
        draw_scan(tmp_path / place / f"{KEY}.001.png", n)
    with pytest.raises(BadInput, match="2 folders"):
        run(store, tmp_path / "A", tmp_path / "B")


def test_one_book_in_folders_within_its_own_or_moved_is_one(store: Store, tmp_path: Path, book: Path) -> None:
    draw_scan(book / "part 2" / "1.png", 2)
    draw_scan(book / f"{KEY} (cont.)" / "1.png", 3)
    draw_scan(book.parent / f"{KEY}.png", 4)
    assert run(store, book.parent).pages == 4
    book.parent.rename(tmp_path / "elsewhere")
    assert run(store, tmp_path / "elsewhere").pages == 0
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    draw_scan(link / KEY / "9.png", 9)
    assert run(store, link / KEY).pages == 1


def test_reasons_can_be_written_as_json(store: Store, book: Path) -> None:
    draw_scan(book / "2.png", 2).rename(book / ODD)
    report = run(store, book)
    json.dumps([failure.scan for failure in report.failures], ensure_ascii=False).encode()
