"""The database of a workspace's own server is found again, however the workspace is spelt: without a server."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ocrfill.errors import ReviewError
from ocrfill.review.local_server import start_server
from ocrfill.review.server_access import LOCAL_SERVER_NAME, Access, folder_of, keep
from ocrfill.review.server_database import data_folder

TOKEN = "0123456789abcdef0123456789abcdef01234567"
ACCESS = Access("http://127.0.0.1:8290", TOKEN, LOCAL_SERVER_NAME, "a@b.c", "secret-word")


def made_database(place: Path, answers: int, token: str = TOKEN) -> Path:
    """A database as Label Studio names its tables, with so many answers."""
    place.mkdir(parents=True)
    with closing(sqlite3.connect(place / "label_studio.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE task_completion (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE authtoken_token (key TEXT)")
        connection.execute("INSERT INTO authtoken_token VALUES (?)", (token,))
        connection.executemany("INSERT INTO task_completion VALUES (?)", [(n,) for n in range(answers)])
    return place


def answers_in(place: Path) -> int:
    with closing(sqlite3.connect(place / "label_studio.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM task_completion").fetchone()[0])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace some folders down, with characters that a URL or a shell would take for something else."""
    folder = tmp_path / "Số hộ tịch" / "v?a%20b" / "work"
    folder.mkdir(parents=True)
    folder_of(folder)
    return folder


def earlier_place(workspace: Path, spelt: Path) -> Path:
    """Where an earlier version's server had its data, with the workspace spelt so."""
    return Path(os.path.normpath(workspace / "review" / spelt / "review" / "data"))


OUTSIDE = "Số hộ tịch/v?a%20b"
"""The folder that holds the workspace, in the temporary one."""

WORK = f"{OUTSIDE}/work"

SPELLINGS = {
    "work": OUTSIDE,
    "v?a%20b/work": "Số hộ tịch",
    WORK: ".",
    ".": WORK,
    "../work": f"{OUTSIDE}/scans",
    "../../v?a%20b/work": "Số hộ tịch/x/y",
    "..": f"{WORK}/scans",
    "../..": f"{WORK}/scans/2006",
}
"""How a command may name the workspace, and from which folder."""


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_the_server_gets_absolute_paths_however_the_workspace_is_spelt(
    tmp_path: Path, workspace: Path, spelt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "environment" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\n{ pwd; echo "$LABEL_STUDIO_BASE_DATA_DIR"; } > "$HOME/told"\n')
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / SPELLINGS[spelt]).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / SPELLINGS[spelt])
    environment = Path(os.path.relpath(tmp_path / "environment"))
    with pytest.raises(ReviewError, match="ended while starting"):
        start_server(Path(spelt), environment)
    folder = workspace.resolve() / "review"
    assert (tmp_path / "told").read_text().splitlines() == [str(folder), str(folder / "data")]


@pytest.mark.parametrize("now", ["absolute", "relative"])
@pytest.mark.parametrize("spelt", SPELLINGS)
def test_answers_that_lie_where_an_earlier_spelling_led_are_found_told_and_put_in_their_place(
    tmp_path: Path, workspace: Path, spelt: str, now: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = earlier_place(workspace, Path(spelt))
    made_database(earlier, 3)
    monkeypatch.chdir(workspace.parent)
    told: list[str] = []
    found = data_folder(workspace if now == "absolute" else Path("work"), TOKEN, told.append)
    assert found == workspace.resolve() / "review" / "data"
    assert answers_in(found) == 3
    assert [str(earlier) in line for line in told] == ([True] if earlier != found else [])
    assert data_folder(workspace, TOKEN, told.append) == found, "once is enough"
    assert len(told) == (earlier != found)


def test_answers_are_found_where_the_workspace_was_named_over_a_link(tmp_path: Path, workspace: Path) -> None:
    made_database(workspace / "review" / "link" / "review" / "data", 2)
    assert answers_in(data_folder(workspace, TOKEN)) == 2


def test_an_empty_database_is_put_aside_for_one_with_answers_and_kept(workspace: Path) -> None:
    made_database(workspace / "review" / "data", 0)
    made_database(earlier_place(workspace, Path("work")), 5)
    assert answers_in(data_folder(workspace, TOKEN)) == 5
    assert answers_in(workspace / "review" / "data-without-answers") == 0


def test_of_databases_without_answers_the_one_in_its_place_stays(workspace: Path) -> None:
    home = made_database(workspace / "review" / "data", 0)
    astray = made_database(earlier_place(workspace, Path("work")), 0)
    told: list[str] = []
    assert data_folder(workspace, TOKEN, told.append) == home.resolve()
    assert told == []
    assert astray.exists()


def test_answers_in_two_databases_are_told_and_neither_is_touched(workspace: Path) -> None:
    home = made_database(workspace / "review" / "data", 1)
    astray = made_database(earlier_place(workspace, Path("work")), 7)
    with pytest.raises(ReviewError, match=r"several databases .*7 answers.*1 answers.*pull") as error:
        data_folder(workspace, TOKEN)
    assert str(home) in str(error.value)
    assert (answers_in(home), answers_in(astray)) == (1, 7)


def test_a_database_whose_making_was_cut_off_does_not_hide_one_with_answers(workspace: Path) -> None:
    home = workspace / "review" / "data"
    home.mkdir()
    (home / "label_studio.sqlite3").touch()
    made_database(earlier_place(workspace, Path("work")), 4)
    assert answers_in(data_folder(workspace, TOKEN)) == 4


def test_another_workspaces_database_is_left_alone(workspace: Path) -> None:
    """The workspace around this one: `../..` from two folders down would have meant its place."""
    other = made_database(workspace.parent / "review" / "data", 9, token="another")
    assert data_folder(workspace, TOKEN) == workspace.resolve() / "review" / "data"
    assert data_folder(workspace, None) == workspace.resolve() / "review" / "data"
    assert answers_in(other) == 9


def test_a_start_uses_what_was_found(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_database(earlier_place(workspace, Path("work")), 3)
    keep(workspace, replace(ACCESS, process=None))
    program = tmp_path / "environment" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    told: list[str] = []
    with pytest.raises(ReviewError, match="ended while starting"):
        start_server(workspace, tmp_path / "environment", tell=told.append)
    assert answers_in(workspace / "review" / "data") == 3
    assert len(told) == 1
