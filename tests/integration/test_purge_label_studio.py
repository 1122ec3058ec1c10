"""A book purged from the database of a real Label Studio, which goes on working without it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.builders.book import TEXTS, made_workspace
from support.label_studio_database import made_beforehand
from support.label_studio_session import asked, label_studio_environment

from ocrfill.cli import ocrfill
from ocrfill.review.answers import TYPED_CONTROL
from ocrfill.review.server_access import need
from ocrfill.store.byte_search import spellings

pytestmark = [pytest.mark.label_studio, pytest.mark.slow]

ENTERED = "Huỳnh Thị Được Nhập"


def command(*words: str | Path) -> str:
    ran = CliRunner().invoke(ocrfill, [str(word) for word in words], standalone_mode=False)
    if ran.exception is not None:
        raise ran.exception
    return ran.stdout


def free_port() -> str:
    """One that no other server of this run is about to take."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return str(trial.getsockname()[1])


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("OCRFILL_LABEL_STUDIO", str(label_studio_environment()))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    work = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    made_beforehand(work)
    yield work
    command("review", "stop", "--workspace", work)


def test_what_label_studio_held_of_a_book_is_gone_and_it_works_on(work: Path) -> None:
    of_work = ("--workspace", work)
    command("review", "start", *of_work, "--port", free_port())
    command("review", "push", *of_work)
    access = need(work)
    projects = asked(access, "/api/projects/?page_size=100")["results"]
    tasks = [
        task
        for project in projects
        for task in asked(access, f"/api/tasks/?project={project['id']}&fields=all&page_size=100")["tasks"]
    ]
    assert len(tasks) > 10
    for task in tasks[:3]:
        given = {
            "from_name": TYPED_CONTROL,
            "to_name": "html",
            "type": "textarea",
            "id": "a",
            "value": {"text": [ENTERED]},
        }
        asked(access, f"/api/tasks/{task['id']}/annotations/", {"result": [given], "lead_time": 2.0})
    asked(access, f"/api/tasks/{tasks[4]['id']}/drafts", {"result": [given | {"value": {"text": [ENTERED * 2]}}]})
    assert "3 new answers" in command("review", "pull", *of_work)
    command("review", "stop", *of_work)
    long = [text for texts in TEXTS.values() for text in texts if len(text) > 12]
    strings = [spelling for text in (*long, ENTERED) for spelling in spellings(text)]

    def holders() -> list[str]:
        files = [file for file in work.rglob("*") if file.is_file()]
        return [file.name for file in files if any(one in file.read_bytes() for one in strings)]

    assert {"label_studio.sqlite3", "ocrfill.sqlite"} <= set(holders())
    assert list((work / "review" / "data" / "media").rglob("*.jpg"))
    said = command("purge", *of_work, "--book", "KS.2006.01", "--yes")
    assert "nothing found" in said, said
    assert holders() == []
    assert list((work / "review" / "data" / "media").rglob("*.jpg")) == []
    command("review", "start", *of_work)
    assert asked(need(work), "/api/projects/")["count"] == 0
    assert asked(need(work), "/api/current-user/whoami")["email"] == access.user
