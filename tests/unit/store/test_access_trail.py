"""The access trail: a line an access, whole, in order, its owner's alone, without anything of a register."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.builders.book import TEXTS, made_workspace
from support.builders.reviewed import reviewed_workspace

from ocrfill.cli import ocrfill
from ocrfill.errors import OutputError
from ocrfill.store.access_trail import TRAIL_FILE_NAME, Act, note_access, trail_of


def command(*words: str | Path) -> str:
    ran = CliRunner().invoke(ocrfill, [str(word) for word in words], standalone_mode=False)
    if ran.exception is not None:
        raise ran.exception
    return ran.stdout


def test_each_access_is_kept_and_none_of_what_was_seen(tmp_path: Path) -> None:
    work, out = made_workspace(tmp_path), tmp_path / "out"
    of_book = ("--workspace", work, "--book", "KS.2006.01")
    command("show", *of_book, "--page", "1", "-o", out / "page.png")
    command("export", *of_book, "--out", out, "--format", "csv")
    command("trace", *of_book, "--row", "1")
    command("run", "--workspace", work)
    kept = [(e.who, e.act, e.command, e.book, e.page, e.files) for e in trail_of(work)]
    me = pwd.getpwuid(os.geteuid()).pw_name
    assert kept == [
        (me, Act.SAW, "show", "KS.2006.01", "1", (str(out / "page.png"),)),
        (me, Act.GAVE, "export", "KS.2006.01", "", (str(out / "KS.2006.01.csv"),)),
        (me, Act.SAW, "trace", "KS.2006.01", "row 1", ()),
        (me, Act.CHANGED, "run", "", "", ()),
    ]
    written = (work / TRAIL_FILE_NAME).read_text(encoding="utf-8")
    assert not [text for texts in TEXTS.values() for text in texts if len(text) > 4 and text in written]
    assert stat.S_IMODE((work / TRAIL_FILE_NAME).stat().st_mode) == 0o600
    told = command("trail", "--workspace", work)
    assert len(told.splitlines()) == 4
    assert f"{me}  gave  export  KS.2006.01, 2 records, to {out / 'KS.2006.01.csv'}" in told


def test_reviewers_answers_are_told_in_order_of_time(tmp_path: Path) -> None:
    work, truths = reviewed_workspace(tmp_path, pages=1)
    told = command("trail", "--workspace", work, "--book", "KS.2006.01").splitlines()
    assert len(told) == len(truths[1])
    assert told[0].startswith("2026-01-01T00:00:00+00:00  Lan  answered  test  KS.2006.01, page scans/0001.jpg:1")
    assert not [value for value in truths[1].values() if len(value) > 3 and value in "".join(told)]


def test_nothing_is_given_out_where_the_trail_cannot_be_written(tmp_path: Path) -> None:
    work = made_workspace(tmp_path, failed=0, pending=0, broken=0)
    (work / TRAIL_FILE_NAME).mkdir()
    for words in (("show", "-o", tmp_path / "book.html"), ("export", "--out", tmp_path / "out")):
        with pytest.raises(OutputError, match="without a line there"):
            command(words[0], "--workspace", work, "--book", "KS.2006.01", *words[1:])
    assert not (tmp_path / "book.html").exists()
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True


@pytest.mark.parametrize("cut", ['{"when": "2026-', "\0\0\0", "[]", "{}", "[" * 100_000])
def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path, cut: str) -> None:
    note_access(tmp_path, Act.SAW, "show", "KS.2006.01")
    with (tmp_path / TRAIL_FILE_NAME).open("a") as file:
        file.write(cut)
    note_access(tmp_path, Act.GAVE, "export", "KS.2006.02")
    assert [entry.book for entry in trail_of(tmp_path)] == ["KS.2006.01", "KS.2006.02"]


def test_the_user_is_the_system_s_word_not_the_environment_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    note_access(tmp_path, Act.SAW, "show")
    assert "somebody-else" not in (tmp_path / TRAIL_FILE_NAME).read_text()


def test_a_trail_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    (tmp_path / TRAIL_FILE_NAME).symlink_to(elsewhere)
    with pytest.raises(OutputError):
        note_access(tmp_path, Act.SAW, "show")
    assert elsewhere.read_bytes() == b""
