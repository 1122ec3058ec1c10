"""The batch with a fake reader: results, failures, deaths and time limits, order of writing."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.fakes.reader import SECRET, FakeReading, draw_scan, no_progress

from ocrfill.batch import (
    BookOptions,
    RunPlan,
    RunReport,
    ScanOutcome,
    TaskTimeout,
    WorkerDied,
    WorkerPool,
    book_key,
    execute_plan,
    plan_run,
)
from ocrfill.errors import BadInput, MissingProgram, PageError
from ocrfill.store import State, Store

KEY = "KS.2006.01"
LAYOUT = BookOptions("ks_2006_2015")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A folder named after a book, with five small scans of one page and one of three."""
    folder = tmp_path / "scans" / KEY
    for number in range(1, 6):
        draw_scan(folder / f"{number}.png", number)
    draw_scan(folder / "10.tif", 10, pages=3)
    return folder


def do(store: Store, order: RunPlan, seconds: float = 60, pause: float = 0) -> RunReport:
    return execute_plan(order, store, FakeReading(pause), lambda jobs: WorkerPool(jobs, seconds), no_progress)


def in_threads(store: Store, order: RunPlan) -> RunReport:
    """As `do`, without processes of its own: for what does not depend on them."""
    return execute_plan(order, store, FakeReading(), ThreadPoolExecutor, no_progress)


def states(store: Store, key: str = KEY) -> list[tuple[str, int, str]]:
    return [(Path(p.scan).name, p.number, p.state.value) for p in store.pages(key)]


def test_new_pages_are_read_and_a_second_run_finds_nothing_to_do(store: Store, book: Path) -> None:
    report = do(store, plan_run([book], None, LAYOUT, jobs=2), pause=0.05)
    assert (report.pages, report.failed_pages, report.failures) == (8, 0, ())
    assert [a.outcome for a in report.added] == [ScanOutcome.NEW] * 6
    assert states(store) == [
        *((f"{n}.png", 1, "done") for n in range(1, 6)),
        *(("10.tif", n, "done") for n in range(1, 4)),
    ]
    before = list(store.pages(KEY))
    again = do(store, plan_run([book], None, LAYOUT))
    assert again.pages == 0
    assert [a.outcome for a in again.added] == [ScanOutcome.KNOWN] * 6
    assert list(store.pages(KEY)) == before


def test_results_name_the_scan_as_it_is_stored(store: Store, book: Path) -> None:
    in_threads(store, plan_run([book], None, LAYOUT))
    sources = {p.result.source for p in store.pages(KEY) if p.result}
    assert sources == {f"../scans/{KEY}/{n}.png" for n in range(1, 6)} | {f"../scans/{KEY}/10.tif"}


@pytest.mark.slow
def test_each_failure_is_recorded_and_the_rest_is_done(
    store: Store, book: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number, how in ((3, "bad"), (4, "crash"), (6, "bug"), (7, "hang"), (8, "once")):
        draw_scan(book / f"{number}-{how}.png", 100 + number)
    (book / "11.pdf").write_bytes(b"%PDF-1.4 and then nothing of use")
    (book / "12.jpg").write_text("a text named .jpg")
    (book / "13.png").touch()
    (book / "14.png").touch()
    with caplog.at_level(logging.ERROR):
        report = do(store, plan_run([book], None, LAYOUT, jobs=2), seconds=3)
    assert report.pages == 13
    failed = {(Path(f.scan).name, f.number): (f.stage, f.reason) for f in report.failures}
    assert failed["3-bad.png", 1] == ("locate", "no frame of this form")
    assert failed["4-crash.png", 1][0] == "read"
    assert "ended twice (killed by SIGKILL)" in failed["4-crash.png", 1][1]
    assert failed["6-bug.png", 1][0] == "bug"
    assert "KeyError at misbehave in reader.py" in failed["6-bug.png", 1][1]
    assert failed["7-hang.png", 1] == ("read", "reading it took longer than 3 s")
    assert failed["11.pdf", None][0] == "scan"
    for name in ("12.jpg", "13.png", "14.png"):
        assert failed[name, None][0] == "scan", "two empty files are two failures, not one and its copy"
    assert len(failed) == 8
    assert all(state == "done" for name, _, state in states(store) if "-" not in name or "once" in name)
    assert "KeyError" in caplog.text
    assert "reader.py" in caplog.text
    assert SECRET not in caplog.text + str(failed)
    assert not any(str(book) in reason for _, reason in failed.values()), "the same wherever the workspace lies"


def test_failed_pages_and_files_are_tried_again_when_asked(store: Store, book: Path) -> None:
    (book / "7.png").touch()
    bad = draw_scan(book / "8-bad.png", 8)
    report = in_threads(store, plan_run([book], None, LAYOUT))
    assert len(report.failures) == 2
    assert in_threads(store, plan_run([], None, BookOptions())).pages == 0, "what failed stays so until asked for"
    report = in_threads(store, plan_run([], None, BookOptions(), retry_failed=True))
    assert (report.pages, len(report.failures)) == (1, 2)
    draw_scan(book / "7.png", 7)
    bad.unlink()
    report = in_threads(store, plan_run([book], None, LAYOUT, retry_failed=True))
    outcomes = {a.file.name: a.outcome for a in report.added}
    assert outcomes["7.png"] is ScanOutcome.CHANGED
    assert [(Path(f.scan).name, f.stage) for f in report.failures] == [("8-bad.png", "locate")]


def test_a_missing_program_stops_the_run_and_what_was_read_stays(store: Store, book: Path) -> None:
    draw_scan(book / "3-missing.png", 33)
    with pytest.raises(MissingProgram):
        do(store, plan_run([book], None, LAYOUT, jobs=1))
    done = [name for name, _, state in states(store) if state == "done"]
    assert done == ["1.png", "2.png"]


def test_the_same_content_is_taken_once(store: Store, book: Path, tmp_path: Path) -> None:
    copy = tmp_path / "scans" / "KS.2007.01" / "copy.png"
    copy.parent.mkdir()
    copy.write_bytes((book / "2.png").read_bytes())
    (book / "again.png").write_bytes((book / "1.png").read_bytes())
    report = in_threads(store, plan_run([book.parent], None, LAYOUT))
    notes = {a.file.name: (a.outcome, Path(a.note).name) for a in report.added if a.outcome is not ScanOutcome.NEW}
    assert notes == {"again.png": (ScanOutcome.DUPLICATE, "1.png"), "copy.png": (ScanOutcome.DUPLICATE, "2.png")}
    assert report.pages == 8
    assert states(store, "KS.2007.01") == []


def test_a_changed_file_is_read_anew(store: Store, book: Path) -> None:
    in_threads(store, plan_run([book], None, LAYOUT))
    old = (book / "2.png").read_bytes()
    draw_scan(book / "2.png", 222)
    report = in_threads(store, plan_run([book], None, LAYOUT))
    assert [(a.file.name, a.outcome) for a in report.added if a.outcome is not ScanOutcome.KNOWN] == [
        ("2.png", ScanOutcome.CHANGED)
    ]
    assert report.pages == 1
    assert len(states(store)) == 8
    (book / "2.png").write_bytes(old)
    report = in_threads(store, plan_run([book], None, LAYOUT))
    assert report.pages == 0, "its old content was read already"
    assert [a.outcome for a in report.added if a.outcome is not ScanOutcome.KNOWN] == [ScanOutcome.CHANGED]
    assert len(states(store)) == 8


def test_moved_and_exchanged_files_keep_their_results(store: Store, book: Path) -> None:
    in_threads(store, plan_run([book], None, LAYOUT))
    contents = {p.sha256: p.result.records for p in store.pages(KEY) if p.result}
    first, second = (book / "1.png").read_bytes(), (book / "2.png").read_bytes()
    (book / "1.png").write_bytes(second)
    (book / "2.png").write_bytes(first)
    (book / "3.png").rename(book / "30.png")
    report = in_threads(store, plan_run([book], None, LAYOUT))
    assert report.pages == 0
    assert {a.file.name for a in report.added if a.outcome is ScanOutcome.MOVED} == {"1.png", "2.png", "30.png"}
    assert [name for name, _, _ in states(store)] == [
        *("1.png", "2.png", "4.png", "5.png", "10.tif", "10.tif", "10.tif", "30.png")
    ]
    assert {p.sha256: p.result.records for p in store.pages(KEY) if p.result} == contents
    again = in_threads(store, plan_run([book], None, LAYOUT))
    assert {a.outcome for a in again.added} == {ScanOutcome.KNOWN}


def test_damaged_tiffs_do_not_stop_the_batch(store: Store, book: Path) -> None:
    """Each tag of the list of pages made wrong in turn: some are read, the others fail, and the last file is added."""
    draw_scan(book / "11.tif", 11)
    whole = (book / "11.tif").read_bytes()
    start = int.from_bytes(whole[4:8], "little")
    tags = int.from_bytes(whole[start : start + 2], "little")
    for n in range(tags):
        at = start + 2 + 12 * n
        damaged = whole[: at + 2] + b"\x07\0\xff\xff\xff\x7f" + whole[at + 8 :]  # another type, and far too many
        (book / f"damaged-{n}.tif").write_bytes(damaged + bytes([n]))
    draw_scan(book / "zz.png", 99)
    report = in_threads(store, plan_run([book], None, LAYOUT))
    outcomes = {added.file.name: added.outcome for added in report.added}
    assert outcomes["zz.png"] is ScanOutcome.NEW
    failed = {name for name, outcome in outcomes.items() if outcome is ScanOutcome.FAILED}
    assert failed
    assert failed < {f"damaged-{n}.tif" for n in range(tags)}
    again = in_threads(store, plan_run([book], None, LAYOUT))
    assert {added.outcome for added in again.added} == {ScanOutcome.KNOWN, ScanOutcome.FAILED}


def test_books_and_layouts_must_agree(store: Store, book: Path, tmp_path: Path) -> None:
    loose = draw_scan(tmp_path / "scans" / "loose.png", 77)
    with pytest.raises(BadInput, match=r"loose\.png: which book is it of\?.*--book KS\.2006\.01"):
        plan_run([loose], None, LAYOUT)
    with pytest.raises(BadInput, match="is no name of a book"):
        in_threads(store, plan_run([loose], "Birth 2006", LAYOUT))
    with pytest.raises(BadInput, match=r"KS\.2006\.01 is new: say which printed form"):
        in_threads(store, plan_run([book], None, BookOptions()))
    with pytest.raises(BadInput, match="of kind KS, but layout kt_2006_2015 is for KT"):
        in_threads(store, plan_run([book], None, BookOptions("kt_2006_2015")))
    assert store.books() == (), "nothing is written before all is settled"
    in_threads(store, plan_run([book], None, LAYOUT))
    with pytest.raises(BadInput, match=r"is read with layout ks_2006_2015.*--change-layout"):
        in_threads(store, plan_run([book], None, BookOptions("ks_2016_2020")))
    assert in_threads(store, plan_run([book], None, BookOptions())).pages == 0, "a known book needs no --layout"
    changed = in_threads(store, plan_run([], KEY, BookOptions("ks_2016_2020", "UBND xã Hải Lệ", change_layout=True)))
    assert changed.pages == 8
    assert {p.result.layout for p in store.pages(KEY) if p.result} == {"ks_2016_2020"}
    assert store.books()[0].place == "UBND xã Hải Lệ"
    assert in_threads(store, plan_run([], KEY, BookOptions("ks_2016_2020", change_layout=True))).pages == 0


def test_the_book_is_that_of_the_nearest_name(tmp_path: Path) -> None:
    assert book_key(tmp_path / "KS.2006.01" / "scan" / "a.jpg") == "KS.2006.01"
    assert book_key(tmp_path / "KS.2006.01" / "KS.2006.02.pdf") == "KS.2006.02"
    assert book_key(tmp_path / "KT.1999-2001.03 (Hải Lệ)" / "a.jpg") == "KT.1999-2001.03"
    assert book_key(tmp_path / "KS.2006.01.2006-03-04.001.pdf") == "KS.2006.01"
    assert book_key(tmp_path / "KS.2006.01" / "a.jpg", "KH.2010.02") == "KH.2010.02"
    with pytest.raises(BadInput):
        book_key(tmp_path / "KS.2006.011" / "a.jpg")


@pytest.mark.slow
def test_a_pool_names_the_guilty_and_loses_nothing_else(tmp_path: Path) -> None:
    with WorkerPool(2, seconds=2) as pool:
        good = [pool.submit(abs, -n) for n in range(5)]
        dead = pool.submit(os._exit, 3)
        late = pool.submit(time.sleep, 600)
        more = [pool.submit(abs, -n) for n in range(5)]
        with pytest.raises(WorkerDied, match="ended with code 3"):
            dead.result(30)
        with pytest.raises(TaskTimeout):
            late.result(30)
        assert [f.result(30) for f in good + more] == [*range(5), *range(5)]
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result(30)
        with pytest.raises(PageError, match="locate: x"):
            pool.submit(raise_page_error).result(30)
        with pytest.raises(RuntimeError, match="NotMadeAgain: 1 2"):
            pool.submit(raise_not_made_again).result(30)


def raise_page_error() -> None:
    raise PageError("locate", "x")


class NotMadeAgain(Exception):
    """It cannot be made again from its message: pickle fails on it."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} {second}")


def raise_not_made_again() -> None:
    raise NotMadeAgain(1, 2)


def test_a_pool_that_is_stopped_ends_what_runs() -> None:
    began = time.monotonic()
    pool = WorkerPool(1, seconds=600)
    pool.submit(abs, 1).result(30)
    running, waiting = pool.submit(time.sleep, 600), pool.submit(abs, 1)
    time.sleep(0.3)
    pool.shutdown(cancel_futures=True)
    assert time.monotonic() - began < 20
    assert running.done()
    assert waiting.cancelled()
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(abs, 1)


def test_state_of_failed_pages_is_kept(store: Store, book: Path) -> None:
    draw_scan(book / "6-bad.png", 6)
    in_threads(store, plan_run([book], None, LAYOUT))
    (failed,) = [p for p in store.pages(KEY) if p.state is State.FAILED]
    assert failed.result is not None
    assert failed.result.failure is not None
    assert failed.result.layout == "ks_2006_2015"
