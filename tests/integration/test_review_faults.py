"""Push and pull under kills, failures and silences of the server: no field lost, none doubled, no answer either."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.builders.book import KS, made_workspace
from support.fakes.label_studio import FAIL, FAIL_AFTER, HANG, LOSE_ANSWER, LOSE_REQUEST, TOKEN, FakeLabelStudio

from ocrfill.cli.review import review
from ocrfill.document.correction import Answer, Purpose
from ocrfill.errors import ReviewError, StoreError
from ocrfill.layouts import load_layout
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.pull import Pull, Pulled
from ocrfill.review.push import Push
from ocrfill.review.server_access import Access, folder_of, keep
from ocrfill.review.task_selection import ReviewOptions
from ocrfill.store import BatchState, Ledger, Store
from ocrfill.store.lock import folder_lock

FIELDS = 40
"""Filled fields on the two pages of the made book."""


IN_15S = ReviewOptions(batch=15)


@pytest.fixture
def fake() -> Iterator[FakeLabelStudio]:
    server = FakeLabelStudio()
    yield server
    server.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_workspace(tmp_path_factory.mktemp("made")).parent


@pytest.fixture
def workspace(made: Path, tmp_path: Path, fake: FakeLabelStudio) -> Path:
    folder = shutil.copytree(made, tmp_path / "book") / "work"
    keep(folder, Access(fake.url, TOKEN, "given"))
    return folder


def client(fake: FakeLabelStudio, **options: float) -> ReviewServer:
    return ReviewServer(fake.url, TOKEN, **{"patience": 10, "tries": 1} | options)


def push(workspace: Path, fake: FakeLabelStudio, wishes: ReviewOptions = IN_15S, **options: float) -> int:
    """Plan and send; says how many tasks were sent."""
    with Store.open(workspace) as store:
        pushing = Push(store, client(fake, **options), "given", KS, load_layout(KS.layout), settle_seconds=2)
        pushing.plan(wishes)
        return pushing.send().tasks


def pull(workspace: Path, fake: FakeLabelStudio) -> Pulled:
    with Store.open(workspace) as store:
        return Pull(store, client(fake), "given").once()


def told_by(act: Callable[[], object]) -> str:
    """What the error says that an act ends in; nothing where it gets through."""
    try:
        act()
    except ReviewError as error:
        return str(error)
    return ""


def whole(workspace: Path, fake: FakeLabelStudio) -> None:
    """Every field is on the server once, in the right project, and the ledger knows its task."""
    with Store.open(workspace) as store:
        ledger = Ledger(store)
        batches = [b for b in ledger.batches() if b.state is not BatchState.LOST]
        assert {b.state for b in batches} == {BatchState.SENT}
        places = Counter(task.place for b in batches for task in ledger.tasks(b.id))
        for batch in batches:
            assert fake.projects[batch.project]["description"] == f"ocrfill {batch.token}", "in another one's project"
            found = fake.by_key(batch.project)
            assert {key: numbers for key, numbers in found.items() if len(numbers) > 1} == {}
            assert {int(key): numbers[0] for key, numbers in found.items()} == {
                task.position: task.task for task in ledger.tasks(batch.id)
            }
    assert len(places) == FIELDS
    assert set(places.values()) == {1}
    descriptions = Counter(p["description"] for p in fake.projects.values())
    assert set(descriptions.values()) == {1}
    assert len(descriptions) == len(batches) + 1, "the batches' projects and the pictures'"
    files = [name.partition("-")[2] for names in fake.uploads.values() for name in names]
    assert len(files) == len(set(files)) == 2


def test_a_quiet_push_sends_every_field_once_and_a_second_one_nothing(workspace: Path, fake: FakeLabelStudio) -> None:
    assert push(workspace, fake) == FIELDS
    whole(workspace, fake)
    assert push(workspace, fake) == 0
    whole(workspace, fake)


CALLS = 15
"""Calls of a push of three batches; a test checks that it is right."""


def test_the_number_of_calls(workspace: Path, fake: FakeLabelStudio) -> None:
    push(workspace, fake)
    assert len(fake.calls) == CALLS, fake.calls


@pytest.mark.parametrize("fault", [LOSE_REQUEST, LOSE_ANSWER, FAIL, FAIL_AFTER])
@pytest.mark.parametrize("call", range(CALLS))
def test_a_call_goes_wrong(workspace: Path, fake: FakeLabelStudio, call: int, fault: str) -> None:
    fake.faults[call] = fault
    told = told_by(lambda: push(workspace, fake))
    assert told == "" or (fake.url in told and "run the same command again" in told)
    push(workspace, fake)
    whole(workspace, fake)


@pytest.mark.parametrize("call", [2, 6])
def test_no_answer_for_too_long(workspace: Path, fake: FakeLabelStudio, call: int) -> None:
    fake.faults[call] = HANG
    fake.hang_seconds = 1.5
    told = told_by(lambda: push(workspace, fake, patience=0.5))
    assert told == "" or "does not answer" in told
    push(workspace, fake)
    whole(workspace, fake)


def killed(workspace: Path, fake: FakeLabelStudio, command: list[str], call: int, *, after: bool) -> int:
    """Run a command of `ocrfill review` and kill it when the server gets that call, or when it has carried it out."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrfill", "review", *command, "--workspace", str(workspace)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )

    def kill(number: int) -> None:
        if number == call:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    fake.reset()
    if after:
        fake.faults[call] = LOSE_ANSWER
        answer = fake.answer

        def answer_then_kill(*given: object) -> object:
            found = answer(*given)
            kill(len(fake.calls) - 1)
            return found

        fake.answer = answer_then_kill
    else:
        fake.before = kill
        fake.faults[call] = LOSE_REQUEST
    try:
        process.communicate(timeout=60)
    finally:
        fake.before = lambda number: None
        fake.__dict__.pop("answer", None)
        fake.reset()
    return process.returncode


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_push_is_killed_at_every_call(workspace: Path, fake: FakeLabelStudio, *, after: bool) -> None:
    """One push after the other, each killed one call later than the last, until one gets through."""
    for call in range(1, 60):
        if killed(workspace, fake, ["push", "--batch", "15"], call, after=after) == 0:
            break
    else:
        pytest.fail("no push came to its end")
    assert call > 3
    whole(workspace, fake)


def answers(workspace: Path, fake: FakeLabelStudio) -> dict[tuple[str, int], str | None]:
    """What the store holds of the answers, by scan and annotation."""
    with Store.open(workspace) as store:
        found = store.corrections()
        assert len({(c.source, c.annotation, c.when) for c in found}) == len(found)
        return {(c.place.field, c.annotation): c.entered for c in found}


def answer_all(fake: FakeLabelStudio) -> dict[tuple[str, int], str]:
    given = {}
    for number, task in sorted(fake.tasks.items()):
        text = f"{task['data']['prefilled']} x"
        given[number] = (fake.annotate(number, text), text)
    return given


@pytest.mark.slow
def test_pull_is_killed_at_every_call(workspace: Path, fake: FakeLabelStudio) -> None:
    push(workspace, fake)
    given = answer_all(fake)
    for call in range(30):
        if killed(workspace, fake, ["pull"], call, after=True) == 0:
            break
    assert call >= 3
    found = answers(workspace, fake)
    assert sorted((a, text) for (_, a), text in found.items()) == sorted(given.values())
    assert pull(workspace, fake) == Pulled()


@pytest.mark.parametrize("fault", [LOSE_ANSWER, FAIL])
def test_pull_meets_a_failing_server(workspace: Path, fake: FakeLabelStudio, fault: str) -> None:
    push(workspace, fake)
    given = answer_all(fake)
    for call in range(5):
        fake.reset()
        fake.faults[call] = fault
        told = told_by(lambda: pull(workspace, fake))
        assert fake.url in told
    pull(workspace, fake)
    assert sorted((a, text) for (_, a), text in answers(workspace, fake).items()) == sorted(given.values())


def test_answers_are_edited_taken_back_skipped_and_given_twice(workspace: Path, fake: FakeLabelStudio) -> None:
    push(workspace, fake)
    one, two, three, four = sorted(fake.tasks)[:4]
    for task in (one, two):
        fake.annotate(task, "A")
    fake.annotate(three, None, skipped=True)
    fake.annotate(four, "A", who=1)
    fake.annotate(four, "B", who=2)
    assert pull(workspace, fake) == Pulled(corrections=5)
    fake.edit(one, "A2", who=2)
    fake.take_back(two)
    fake.annotate(three, "C")
    assert pull(workspace, fake) == Pulled(corrections=2, withdrawn=1)
    assert pull(workspace, fake) == Pulled()
    with Store.open(workspace) as store:
        by_task = {f.corrections[0].task: f for f in store.corrected_fields()}
    assert [(c.entered, c.who) for c in by_task[one].corrections] == [("A", "a@xa.example"), ("A2", "b@xa.example")]
    assert two not in by_task
    assert [c.answer for c in by_task[three].corrections] == [Answer.SKIPPED, Answer.CORRECTED]
    assert by_task[three].settled.entered == "C"
    assert {c.entered for c in by_task[four].corrections} == {"A", "B"}


def test_a_submit_that_changes_nothing_is_no_new_answer(workspace: Path, fake: FakeLabelStudio) -> None:
    push(workspace, fake)
    task = min(fake.tasks)
    fake.annotate(task, "A")
    pull(workspace, fake)
    fake.edit(task, "A", who=1)
    assert pull(workspace, fake) == Pulled()


def test_a_task_that_is_there_twice_loses_no_answer(workspace: Path, fake: FakeLabelStudio) -> None:
    """An import that the server carried out after all, when the push had been repeated already."""
    push(workspace, fake)
    with Store.open(workspace) as store:
        project = Ledger(store).batches()[0].project
    body = json.dumps([{"data": fake.tasks[number]["data"]} for number in sorted(fake.tasks)[:15]]).encode()
    fake.answer("POST", f"/api/projects/{project}/import", {}, body, "application/json")
    late = max(fake.tasks)
    fake.annotate(late, "Đúng")
    assert pull(workspace, fake) == Pulled(corrections=1)
    with Store.open(workspace) as store:
        (found,) = store.corrected_fields()
        asked = {t.position: t.place for t in Ledger(store).tasks(1)}
    assert found.settled.place == asked[15]
    assert pull(workspace, fake) == Pulled()


def test_the_server_lost_its_database(workspace: Path, fake: FakeLabelStudio) -> None:
    push(workspace, fake)
    for number in sorted(fake.tasks)[:10]:
        fake.annotate(number, "A")
    pull(workspace, fake)
    before = answers(workspace, fake)
    fake.forget()
    assert pull(workspace, fake) == Pulled(lost_batches=3)
    assert push(workspace, fake) == FIELDS - 10, "what was answered is not asked again"
    assert answers(workspace, fake) == before
    for number in sorted(fake.tasks):
        fake.annotate(number, "B")
    assert pull(workspace, fake).corrections == FIELDS - 10
    with Store.open(workspace) as store:
        fields = list(store.corrected_fields())
    assert len(fields) == FIELDS
    assert Counter(f.settled.entered for f in fields) == {"A": 10, "B": FIELDS - 10}


def test_tasks_that_somebody_deleted_are_sent_again_unless_answered(workspace: Path, fake: FakeLabelStudio) -> None:
    push(workspace, fake)
    first, second, *_ = sorted(fake.tasks)
    fake.annotate(first, "A")
    pull(workspace, fake)
    for number in (first, second):
        del fake.tasks[number]
    assert push(workspace, fake) == 1
    assert push(workspace, fake) == 0
    assert len(fake.tasks) == FIELDS - 1
    assert len(answers(workspace, fake)) == 1


def test_a_wrong_token_is_told_and_never_shown(workspace: Path, fake: FakeLabelStudio) -> None:
    secret = "f" * 40
    with Store.open(workspace) as store, pytest.raises(ReviewError, match="does not take this token") as error:
        Pull(store, ReviewServer(fake.url, secret), "given").once()
    assert secret not in str(error.value)


def test_a_server_that_is_not_there(workspace: Path, fake: FakeLabelStudio) -> None:
    fake.close()
    with pytest.raises(ReviewError, match=r"does not answer.*nothing is lost or doubled"):
        push(workspace, fake)


def test_a_second_person_and_a_checker(workspace: Path, fake: FakeLabelStudio) -> None:
    wishes = ReviewOptions(batch=100, people=("a@xa.example", "b@xa.example"), second=True, checker="tu@xa.example")
    push(workspace, fake, wishes)
    for number, task in sorted(fake.tasks.items()):
        fake.annotate(number, task["data"]["prefilled"], who=1)
    pull(workspace, fake)
    sent = push(workspace, fake, wishes)
    assert 0 < sent < FIELDS
    with Store.open(workspace) as store:
        batch = Ledger(store).batches()[-1]
        seconds = Ledger(store).tasks(batch.id)
    assert batch.person == "b@xa.example"
    assert {t.purpose for t in seconds} == {Purpose.SECOND}
    for task in seconds:
        fake.annotate(task.task, "Khác" if task.position == 1 else task.prefilled, who=2)
    pull(workspace, fake)
    assert push(workspace, fake, wishes) == 1
    with Store.open(workspace) as store:
        check = Ledger(store).batches()[-1]
        (task,) = Ledger(store).tasks(check.id)
        field = next(f for f in store.corrected_fields() if f.corrections[0].place == task.place)
    assert (check.person, task.purpose) == ("tu@xa.example", Purpose.CHECK)
    assert field.settled is None
    offered = [o["value"] for o in fake.tasks[task.task]["data"]["options"]]
    assert {"Khác", field.field.raw} <= set(offered)
    fake.annotate(task.task, "Khác", who=1)
    pull(workspace, fake)
    with Store.open(workspace) as store:
        field = next(f for f in store.corrected_fields() if f.corrections[0].place == task.place)
    assert field.settled.entered == "Khác"
    assert push(workspace, fake, wishes) == 0


def test_two_pushes_at_once_are_one_too_many(workspace: Path, fake: FakeLabelStudio) -> None:
    with folder_lock(folder_of(workspace)):
        ran = CliRunner().invoke(review, ["push", "--workspace", str(workspace)])
    assert isinstance(ran.exception, StoreError)
    assert "another ocrfill is at work" in str(ran.exception)
    assert fake.tasks == {}
    ran = CliRunner().invoke(review, ["push", "--workspace", str(workspace), "--json"], catch_exceptions=False)
    assert json.loads(ran.stdout)["books"] == [{"book": KS.key, "batches": 1, "fields": FIELDS, "lost_batches": 0}]
    whole(workspace, fake)


def test_a_push_by_lot_asks_about_so_many_fields_and_the_next_one_about_the_rest(
    workspace: Path, fake: FakeLabelStudio
) -> None:
    def sent(*options: str) -> int:
        command = ["push", "--workspace", str(workspace), "--json", *options]
        ran = CliRunner().invoke(review, command, catch_exceptions=False)
        (book,) = json.loads(ran.stdout)["books"]
        return int(book["fields"])

    drawn = sent("--by-lot", "20")
    assert 0 < drawn <= 20
    assert sent("--by-lot", "20") == 0
    assert sent() == FIELDS - drawn
    whole(workspace, fake)
    both = CliRunner().invoke(review, ["push", "--workspace", str(workspace), "--by-lot", "20", "--audit", "0.1"])
    assert both.exit_code == 2
    assert "leave out --book and --audit" in both.output
