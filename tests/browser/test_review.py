"""Review through the page: a real Label Studio, a real browser, real keys; then what was pulled, to the letter."""

from __future__ import annotations

import stat
import subprocess
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import build_opener

import pytest
from click.testing import CliRunner
from label_studio_sdk import LabelStudio
from selenium.webdriver.common.keys import Keys
from support.label_studio_session import BA, CHORD, PASSWORD, SAMPLES, SKIP, THU, Reviewer, Shown, told

from ocrfill.cli.review import review
from ocrfill.document.correction import Answer, Purpose
from ocrfill.errors import ReviewError
from ocrfill.evaluation.ground_truth import load_truth
from ocrfill.layouts import load_layout
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.server_access import need
from ocrfill.store import Ledger, Store

pytestmark = [
    pytest.mark.label_studio,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.onnx,
    pytest.mark.timeout(1200),  # its server makes a database first
]

KEY = "KS.2006.01"


@pytest.fixture
def workspace(reviewing_server: Path) -> Path:
    return reviewing_server


def reviewer(workspace: Path, tmp_path: Path, email: str) -> Reviewer:
    return Reviewer(need(workspace), email, PASSWORD, tmp_path / f"profile-{email}")


def written() -> dict[tuple[str, str], str]:
    """What stands on the sample pages, by scan and by label as the reviewer sees it."""
    layout = load_layout("ks_2006_2015")
    return {
        (page.image, layout.full_label(field.name)): field.text
        for page in map(load_truth, sorted(SAMPLES.glob("*.json")))
        for field in page.records[0].fields
        if not field.unread
    }


SEX = ("Nam", "Nữ", "Không xác định")


def answer_of(turn: int, shown: Shown, right: str) -> tuple[Answer, tuple[str, ...], str | None, int]:
    """What to do with a screen: the answer, the steps, what is entered, and the most keys it may take.

    Some turns are kept for answers that must occur whatever was read; at all others the truth is entered, with as few
    keys as a careful person needs.
    """
    if shown.options[:3] == SEX:
        other = next(value for value in SEX if value != shown.box)
        return Answer.PICKED, (str(shown.options.index(other) + 1), CHORD), other, 2
    others = [value for value in shown.options if value != shown.box]
    if turn == 1 and others:
        return Answer.PICKED, (str(shown.options.index(others[-1]) + 1), CHORD), others[-1], 2
    match turn:
        case 5:
            return Answer.UNREADABLE, ("z", CHORD), None, 2
        case 6:
            return Answer.WRONGLY_CUT, ("c", CHORD), None, 2
        case 7:
            return Answer.CORRECTED, ("x", CHORD), "", 2
        case 8:
            return Answer.SKIPPED, (SKIP,), None, 1
    if shown.box == right:
        return Answer.CONFIRMED, (CHORD,), right, 1
    if right in shown.options:
        return Answer.PICKED, (str(shown.options.index(right) + 1), CHORD), right, 2
    erased = Keys.BACKSPACE * len(shown.box)
    return Answer.CORRECTED, (Keys.F2, erased, right, CHORD), right, 2 + len(shown.box) + len(right)


def test_a_book_is_reviewed_through_the_page_and_comes_back_exactly(workspace: Path, tmp_path: Path) -> None:
    assert "41 fields sent in 2 batches" in told("push", "--workspace", workspace, "--batch", "36", "--person", THU)
    assert "0 fields sent" in told("push", "--workspace", workspace, "--batch", "36", "--person", THU)
    with Store.open(workspace) as store:
        ledger = Ledger(store)
        first = ledger.batches()[0]
        tasks = ledger.tasks(first.id)
        fields = {(r.number, f.name, p.sha256): f for p in store.pages(KEY) for r in p.result.records for f in r.fields}
    truth = written()
    expected, steps, seconds = [], [], []
    person = reviewer(workspace, tmp_path, THU)
    try:
        person.open(first.project)
        started = time.time()
        for task in tasks[:-1]:
            shown = person.shown()
            field = fields[task.place.record, task.place.field, task.place.scan]
            assert shown.box == task.prefilled == field.raw
            assert shown.label == load_layout("ks_2006_2015").full_label(field.name)
            assert (shown.issue == "") == (not field.issues)
            right = truth[shown.where.removeprefix("trang "), shown.label]
            answer, keys, entered, most = answer_of(len(expected), shown, right)
            pressed, waited = person.answer(*keys)
            assert pressed <= most
            expected.append((task.place, task.prefilled, answer, entered))
            steps.append(pressed)
            seconds.append(waited)
        ended = time.time()
        hosts = person.hosts()
    finally:
        person.close()
    assert {answer for *_, answer, _ in expected} == set(Answer), "every kind of answer occurs"
    assert f"{len(expected)} new answers" in told("pull", "--workspace", workspace)
    assert "0 new answers" in told("pull", "--workspace", workspace)
    with Store.open(workspace) as store:
        found = store.corrections(KEY)
    assert [(c.place, c.prefilled, c.answer, c.entered) for c in found] == expected
    assert {c.who for c in found} == {THU}
    assert {c.purpose for c in found} == {Purpose.REVIEW}
    assert all(started - 1 < c.when.timestamp() < ended + 1 for c in found)
    assert [c.when for c in found] == sorted(c.when for c in found)
    assert all(c.seconds is not None and 0 < c.seconds < ended - started for c in found)
    assert hosts == {need(workspace).url}, "the browser spoke to nobody else"
    told_status = told("status", "--workspace", workspace)
    assert f"{len(expected)} of 36 answered" in told_status
    assert f"all: {len(expected)} fields" in told_status


def test_an_answer_is_edited_and_one_is_deleted(workspace: Path, tmp_path: Path) -> None:
    with Store.open(workspace) as store:
        before = store.corrections(KEY)
        batch = Ledger(store).batches()[0]
    edited, deleted = before[0], before[1]
    access = need(workspace)
    server = LabelStudio(base_url=access.url, api_key=access.token)

    def arrived() -> bool:
        """Whether the server has the edit; the page tells of it in a message that passes, and may be missed."""
        annotation = server.annotations.get(edited.annotation)
        texts = [text for entry in annotation.result for text in entry["value"].get("text", ())]
        return any(text.endswith(" Sửa") for text in texts)

    assert not arrived()
    person = reviewer(workspace, tmp_path, BA)
    try:
        person.open_answered(batch.project, edited.task)
        time.sleep(1)  # on a busy machine the page takes the answer over a moment after it shows the picture
        person.press(Keys.F2)
        person._until(person.in_box)
        person.press(" Sửa")
        person._until(lambda: person.typed().endswith(" Sửa"))
        person.press(CHORD)
        person._until(arrived)
    finally:
        person.close()
    server.annotations.delete(deleted.annotation)
    said = told("pull", "--workspace", workspace)
    assert "1 new answers" in said
    assert "1 answers were taken back" in said
    with Store.open(workspace) as store:
        fields = {f.corrections[0].place: f for f in store.corrected_fields()}
    assert deleted.place not in fields
    after = fields[edited.place]
    assert [c.who for c in after.corrections] == [THU, BA]
    assert after.settled.entered.endswith(" Sửa")
    assert "0 new answers" in told("pull", "--workspace", workspace)


def test_pictures_and_pages_are_for_logged_in_users_only(workspace: Path) -> None:
    access = need(workspace)
    with Store.open(workspace) as store:
        project = Ledger(store).batches()[0].project
    server = ReviewServer(access.url, access.token)
    (pictures,) = (number for number, p in server.projects().items() if p.description.startswith("ocrfill pictures "))
    (picture, *_) = server.uploads(pictures)
    for path in (picture, f"/api/projects/{project}/", f"/api/tasks?project={project}"):
        with pytest.raises(HTTPError) as error:
            build_opener().open(access.url + path, timeout=30)
        assert error.value.code in (401, 403)


def test_the_server_listens_on_loopback_only_and_its_files_are_closed(workspace: Path) -> None:
    access = need(workspace)
    port = int(access.url.rpartition(":")[2])
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            if state == "0A" and int(address.rpartition(":")[2], 16) == port:
                listening.append(address.partition(":")[0])
    assert listening == ["0100007F"]
    folder = workspace / "review"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in (folder / "server.json", folder / "label-studio.log"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    log = (folder / "label-studio.log").read_text()
    assert access.token not in log
    assert access.password not in log
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert access.token not in listed
    assert access.password not in listed
    assert access.token not in repr(access)


def test_the_server_restarts_and_nothing_is_asked_or_answered_again(workspace: Path) -> None:
    before = need(workspace)
    with Store.open(workspace) as store:
        known = store.corrections()
    told("stop", "--workspace", workspace)
    assert "stopped" in told("status", "--workspace", workspace)
    ran = CliRunner().invoke(review, ["pull", "--workspace", str(workspace)])
    assert isinstance(ran.exception, ReviewError)
    assert "does not run" in str(ran.exception)
    told("start", "--workspace", workspace)
    after = need(workspace)
    assert (after.url, after.token, after.password) == (before.url, before.token, before.password)
    assert after.process != before.process
    assert "0 fields sent" in told("push", "--workspace", workspace)
    assert "0 new answers" in told("pull", "--workspace", workspace)
    with Store.open(workspace) as store:
        assert store.corrections() == known
