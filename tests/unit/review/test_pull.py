"""A pull from a server whose answers are of any shape: bad ones are set aside and named, good ones are taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.builders.book import KS, made_workspace
from support.fakes.label_studio import TOKEN, FakeLabelStudio

from ocrfill.cli import ocrfill
from ocrfill.document.correction import Answer
from ocrfill.review.server_access import Access, keep
from ocrfill.store import Store

Break = Callable[[dict[str, Any]], None]


@pytest.fixture
def fake() -> Iterator[FakeLabelStudio]:
    server = FakeLabelStudio()
    yield server
    server.close()


@pytest.fixture
def workspace(tmp_path: Path, fake: FakeLabelStudio) -> Path:
    """A book whose fields were pushed."""
    folder = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    keep(folder, Access(fake.url, TOKEN, "given"))
    invoke("review", "push", "--workspace", str(folder))
    return folder


def invoke(*words: str) -> str:
    ran = CliRunner().invoke(ocrfill, words, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def pulled(workspace: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(invoke("review", "pull", "--workspace", str(workspace), "--json"))
    return found


def entered(workspace: Path) -> set[str | None]:
    with Store.open(workspace) as store:
        return {correction.entered for correction in store.corrections(KS.key)}


def typed(task: dict[str, Any], value: object) -> None:
    task["annotations"][0]["result"] = [{"from_name": "typed", "value": value}]


def without(task: dict[str, Any], key: str) -> None:
    del task["annotations"][0][key]


SHAPES: dict[str, Break] = {
    "NUL": lambda task: typed(task, {"text": ["Bí\0mật"]}),
    "half a surrogate": lambda task: typed(task, {"text": ["Bí\ud800mật"]}),
    "U+FFFE": lambda task: typed(task, {"text": ["Bí\ufffemật"]}),
    "U+FFFF": lambda task: typed(task, {"text": ["Bí\uffffmật"]}),
    "no id": lambda task: without(task, "id"),
    "no time": lambda task: without(task, "updated_at"),
    "a huge id": lambda task: task["annotations"][0].update(id=10**30),
    "a far date": lambda task: task["annotations"][0].update(updated_at="9999-12-31T23:59:59-14:00"),
    "text for a list": lambda task: task["annotations"][0].update(result="Bí mật"),
    "a mapping for a text": lambda task: typed(task, {"text": {"Bí mật": 1}}),
    "a list for a user": lambda task: task["annotations"][0].update(updated_by=[1]),
    "text for seconds": lambda task: task["annotations"][0].update(lead_time="Bí mật"),
    "text for annotations": lambda task: task.update(annotations="Bí mật"),
    "a text among them": lambda task: task["annotations"].append("Bí mật"),
    "nothing among them": lambda task: task["annotations"].append(None),
    "text for the task's time": lambda task: (typed(task, "Bí mật"), task.update(updated_at="Bí mật"))[0],
    "nothing for the task's time": lambda task: (typed(task, [1]), task.update(updated_at=None))[0],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_bad_answer_is_set_aside_and_named_and_the_others_are_taken(
    workspace: Path, fake: FakeLabelStudio, shape: str
) -> None:
    bad, *good = fake.tasks
    for number in (good[0], bad, good[1]):
        fake.annotate(number, f"Lê Thị {number}")
    SHAPES[shape](fake.tasks[bad])
    told = pulled(workspace)
    assert told["corrections"] - (shape in {"a text among them", "nothing among them"}) == 2
    assert {f"Lê Thị {number}" for number in good[:2]} <= entered(workspace)
    (aside,) = told["set_aside"]
    assert (aside["book"], aside["task"]) == (KS.key, bad)
    assert "mật" not in json.dumps(told, ensure_ascii=False)
    shown = invoke("review", "pull", "--workspace", str(workspace))
    assert f"an answer to task {bad} of project" in shown, "it is told until it is given again"
    assert "mật" not in shown
    invoke("export", "--workspace", str(workspace), "--out", str(workspace / "out"))


def test_an_answer_that_is_given_again_is_taken_and_told_no_more(workspace: Path, fake: FakeLabelStudio) -> None:
    bad, good = list(fake.tasks)[:2]
    fake.annotate(bad, "Lê\0Bà")
    fake.annotate(good, "Lê Tư")
    assert [one["task"] for one in pulled(workspace)["set_aside"]] == [bad]
    fake.edit(bad, "Lê Bà", who=1)
    told = pulled(workspace)
    assert (told["corrections"], told["set_aside"]) == (1, [])
    assert entered(workspace) == {"Lê Bà", "Lê Tư"}
    assert pulled(workspace) == told | {"corrections": 0}


def test_an_answer_that_was_taken_stands_while_what_it_became_is_set_aside(
    workspace: Path, fake: FakeLabelStudio
) -> None:
    task = next(iter(fake.tasks))
    fake.annotate(task, "Lê Bà")
    assert pulled(workspace)["corrections"] == 1
    fake.edit(task, "Lê\ufffe", who=1)
    without(fake.tasks[task], "id")
    told = pulled(workspace)
    assert (told["corrections"], told["withdrawn"], len(told["set_aside"])) == (0, 0, 1)
    assert entered(workspace) == {"Lê Bà"}


def test_a_far_moment_of_one_task_does_not_hide_later_answers(workspace: Path, fake: FakeLabelStudio) -> None:
    first, second = list(fake.tasks)[:2]
    fake.annotate(first, "Lê Bà")
    fake.tasks[first]["updated_at"] = "9999-01-01T00:00:00.000000Z"
    assert pulled(workspace)["corrections"] == 1
    fake.annotate(second, "Lê Tư")
    assert pulled(workspace)["corrections"] == 1
    assert entered(workspace) == {"Lê Bà", "Lê Tư"}


def test_what_is_typed_is_kept_composed_with_vietnamese_letters_and_can_be_exported(
    workspace: Path, fake: FakeLabelStudio
) -> None:
    texts = {
        "\u00d0ặng Văn \u00d0ức": "Đặng Văn Đức",
        "Ê-\u00d0ê": "Ê-Đê",
        "Le\u0302 Ba\u0300": "Lê Bà",
        "Lê\u200b\u202e Tư\x07": "Lê Tư",
    }
    for number, text in zip(fake.tasks, texts, strict=False):
        fake.annotate(number, text)
    assert pulled(workspace)["corrections"] == len(texts)
    assert entered(workspace) == set(texts.values())
    invoke("export", "--workspace", str(workspace), "--out", str(workspace / "out"))


def test_nothing_is_told_where_nothing_is_set_aside(workspace: Path, fake: FakeLabelStudio) -> None:
    fake.annotate(next(iter(fake.tasks)), "Lê Bà")
    assert invoke("review", "pull", "--workspace", str(workspace)) == "1 new answers\n"
    with Store.open(workspace) as store:
        (correction,) = store.corrections(KS.key)
    assert correction.answer is Answer.CORRECTED
