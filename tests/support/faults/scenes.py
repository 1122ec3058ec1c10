"""The commands that are disturbed, and the folders in which they begin: one line a command in `COMMANDS`.

A scene is made once and copied for every trial to the same place, so that no path differs between two trials.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from support.builders.book import KS, made_workspace
from support.builders.reviewed import reviewed_workspace
from support.fakes.label_studio import TOKEN, FakeLabelStudio
from support.fakes.reader import draw_scan
from support.faults.remains import TEMPORARY_FOLDER_NAME

from ocrfill.cli.calibrate import calibrate
from ocrfill.cli.review.push import push
from ocrfill.errors import ExitCode
from ocrfill.review.server_access import Access, keep

SceneMaker = Callable[[Path, FakeLabelStudio], None]
"""Fills an empty folder; its workspace is `work`, its exports go to `out`."""

REVIEWED_PAGES = 20
"""So many reviewed pages are enough that something is accepted."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is typed in a scene, and the exit codes of its undisturbed end.

    `words` begin with the program: `ocrfill`, or a module of the tests that stands for it; after `--url` at their end
    comes the server's.
    """

    name: str
    scene: SceneMaker
    words: str
    codes: frozenset[int] = frozenset({ExitCode.OK})
    serves: bool = False
    """Whether it speaks to the reviewing server."""


def scans_alone(folder: Path, _: FakeLabelStudio) -> None:
    """Two books of 7 pages, among them pages and files that fail; no workspace yet."""
    scans = folder / "scans"
    for number in range(1, 4):
        draw_scan(scans / KS.key / f"{number}.png", number)
    draw_scan(scans / KS.key / "6-bad.png", 6)
    draw_scan(scans / KS.key / "7-bug.png", 7)
    (scans / KS.key / "8.pdf").write_bytes(b"%PDF-1.4 nothing of use")
    (scans / KS.key / "9.png").write_bytes((scans / KS.key / "1.png").read_bytes())
    draw_scan(scans / "KS.2007.01" / "1.tif", 20, pages=2)


def scans_read(folder: Path, server: FakeLabelStudio) -> None:
    """The books of `scans_alone` after a run."""
    from support.faults.run_here import read_here

    scans_alone(folder, server)
    read_here(folder / "work", [folder / "scans"])


def mended_scans(folder: Path, server: FakeLabelStudio) -> None:
    """The same after a run; then what failed was mended, a file renamed and one exchanged."""
    scans_read(folder, server)
    scans = folder / "scans" / KS.key
    (scans / "6-bad.png").rename(scans / "6.png")
    (scans / "8.pdf").unlink()
    draw_scan(scans / "8.png", 8)
    draw_scan(scans / "2.png", 200)


def read_book(folder: Path, server: FakeLabelStudio) -> None:
    """A book with pages read, failed and pending, and a given server that knows nothing of it."""
    made_workspace(folder)
    keep(folder / "work", Access(server.url, TOKEN, "given"))


def answered_book(folder: Path, server: FakeLabelStudio) -> None:
    """The same after a push; a person has answered every task, skipped some, and answered one twice."""
    read_book(folder, server)
    with redirect_stdout(StringIO()):
        push.main(["--workspace", str(folder / "work"), "--batch", "15"], standalone_mode=False)
    for number, task in sorted(server.tasks.items()):
        skipped = number % 7 == 0
        server.annotate(number, None if skipped else f"{task['data']['prefilled']} x", skipped=skipped)
    server.annotate(min(server.tasks), "hai lần", who=2)


def reviewed_book(folder: Path, _: FakeLabelStudio) -> None:
    """A book whose every field a person has settled."""
    reviewed_workspace(folder, pages=REVIEWED_PAGES)


def judged_book(folder: Path, server: FakeLabelStudio) -> None:
    """The same after `calibrate`."""
    reviewed_book(folder, server)
    with redirect_stdout(StringIO()):
        words = ["--workspace", str(folder / "work"), "--target", "0.05", "--together"]
        calibrate.main(words, standalone_mode=False)


def earlier_store(folder: Path, _: FakeLabelStudio) -> None:
    """A workspace as the first version of the store left it."""
    import sqlite3

    from support.paths import TESTS

    (folder / "work").mkdir()
    statements = TESTS / "unit" / "store" / "earlier_stores" / "version_1.sql"
    with sqlite3.connect(folder / "work" / "ocrfill.sqlite") as connection:
        connection.executescript(statements.read_text(encoding="utf-8"))
    connection.close()


SOME_FAILED = frozenset({ExitCode.SOME_PAGES_FAILED})
GONE_OR_GONE_BEFORE = frozenset({ExitCode.OK, ExitCode.BAD_INPUT})

RUN = "support.faults.run_here scans --workspace work --layout ks_2006_2015"

COMMANDS = (
    Command("run", scans_alone, RUN, SOME_FAILED),
    Command("run --retry-failed", mended_scans, f"{RUN} --retry-failed", SOME_FAILED),
    Command("run --place", scans_read, f"{RUN} --place Xã_B", SOME_FAILED),
    Command("export", read_book, "ocrfill export --workspace work --out out"),
    Command("review push", read_book, "ocrfill review push --workspace work --batch 15", serves=True),
    Command("review pull", answered_book, "ocrfill review pull --workspace work", serves=True),
    Command("review start --url", read_book, "ocrfill review start --workspace work --url", serves=True),
    Command("calibrate", reviewed_book, "ocrfill calibrate --workspace work --target 0.05 --together"),
    Command("trust --html", judged_book, "ocrfill trust --workspace work --html trust.html"),
    Command("purge", answered_book, "ocrfill purge --workspace work --book KS.2006.01 --yes", GONE_OR_GONE_BEFORE),
    Command("a store of version 1", earlier_store, "ocrfill status --workspace work"),
    Command("show -o", read_book, "ocrfill show --workspace work --book KS.2006.01 -o book.html"),
)
"""A new command that writes is one line here."""


def command(name: str) -> Command:
    """The command of that name."""
    return next(one for one in COMMANDS if one.name == name)


def empty_folder(folder: Path) -> Path:
    """The folder, made anew, with a temporary folder in it."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / TEMPORARY_FOLDER_NAME).mkdir(parents=True)
    return folder
