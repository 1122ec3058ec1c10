"""How a Label Studio is spoken to: nothing is sent twice, nowhere else, and every fault is told without a secret."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from support.fakes.label_studio import FAIL, FAIL_AFTER, LOSE_ANSWER, LOSE_REQUEST, TOKEN, FakeLabelStudio, Said

from ocrfill.errors import ReviewError
from ocrfill.review import connection
from ocrfill.review.label_studio import TASKS_PER_PAGE, ReviewServer
from ocrfill.review.server_errors import NotThere, Unanswered

TASK = {"data": {"key": "1", "prefilled": "Lê <b> Bà", "options": [{"value": "Lê", "hotkey": "1", "selected": True}]}}

READS: dict[str, Callable[[ReviewServer], Any]] = {
    "whoami": lambda server: server.whoami(),
    "people": lambda server: server.people(),
    "projects": lambda server: server.projects(),
    "uploads": lambda server: server.uploads(1),
    "keys": lambda server: server.keys(1),
    "answered_tasks": lambda server: server.answered_tasks(1, None),
    "annotations": lambda server: server.annotations(1),
    "key_of": lambda server: server.key_of(1),
}
WRITES: dict[str, Callable[[ReviewServer], Any]] = {
    "make_project": lambda server: server.make_project("KS.2006.01 001", "ocrfill x", "<View/>"),
    "add_tasks": lambda server: server.add_tasks(1, [TASK]),
    "upload": lambda server: server.upload(1, {"a.jpg": b"x"}),
}


@pytest.fixture
def fake() -> Iterator[FakeLabelStudio]:
    server = FakeLabelStudio()
    server.answer("POST", "/api/projects/", {}, b'{"title": "abc", "description": ""}', "application/json")
    yield server
    server.close()


@pytest.fixture
def other() -> Iterator[FakeLabelStudio]:
    server = FakeLabelStudio()
    yield server
    server.close()


def speaking(fake: FakeLabelStudio, token: str = TOKEN, tries: int = 1) -> ReviewServer:
    return ReviewServer(fake.url, token, patience=10, tries=tries)


@pytest.mark.slow
def test_the_sdk_is_loaded_only_where_a_server_is_spoken_to() -> None:
    """It takes as long to load as all the rest of a quick command."""
    program = """
import sys
from click.testing import CliRunner
from ocrfill.cli import ocrfill
for words in (["--help"], ["review", "--help"], ["review", "push", "--help"], ["review", "status", "--workspace", "x"]):
    CliRunner().invoke(ocrfill, words)
import ocrfill.authoring.edit.session, ocrfill.review.local_server, ocrfill.review.pull, ocrfill.review.push
from ocrfill.review.label_studio import ReviewServer
server = ReviewServer("http://127.0.0.1:9", "x", tries=1)
loaded = {"label_studio_sdk", "httpx"} & set(sys.modules)
try:
    server.whoami()
except Exception as error:
    slow = "label_studio_sdk.label_interface"
    print(sorted(loaded), type(error).__name__, "label_studio_sdk" in sys.modules, slow in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout == "[] Unanswered True False\n"
    assert ran.stderr == ""


@pytest.mark.parametrize("fault", [LOSE_REQUEST, LOSE_ANSWER, FAIL, FAIL_AFTER])
@pytest.mark.parametrize("write", WRITES)
def test_what_changes_the_server_is_sent_once(fake: FakeLabelStudio, write: str, fault: str) -> None:
    fake.faults[0] = fault
    with pytest.raises(Unanswered, match="nothing is lost or doubled"):
        WRITES[write](speaking(fake, tries=4))
    assert len(fake.calls) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 503])
@pytest.mark.parametrize("write", WRITES)
def test_what_is_to_be_sent_later_is_not_sent_again_by_itself(fake: FakeLabelStudio, write: str, status: int) -> None:
    fake.instead = Said(status, b"{}", {"Retry-After": "0"})
    with pytest.raises(ReviewError):
        WRITES[write](speaking(fake, tries=4))
    assert len(fake.calls) == 1


def test_what_only_reads_is_asked_again(fake: FakeLabelStudio) -> None:
    fake.faults |= {0: LOSE_ANSWER, 1: FAIL}
    assert speaking(fake, tries=3).whoami() == "a@xa.example"
    assert len(fake.calls) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_no_redirect_is_followed(fake: FakeLabelStudio, other: FakeLabelStudio, call: str, status: int) -> None:
    fake.instead = Said(status, b"", {"Location": f"{other.url}/api/current-user/whoami"})
    with pytest.raises(ReviewError, match=rf"on to another address \({status}\)"):
        (READS | WRITES)[call](speaking(fake))
    assert other.received == []
    assert len(fake.calls) == 1


SHAPES = (b"", b"<html>Bi mat</html>", b"null", b"1", b'"Bi mat"', b"[]", b"[1]", b"{}", b'{"id": "Bi mat"}')
SHAPES += (b'{"results": 1, "tasks": 1}', b'{"results": [1], "tasks": [1], "total": 1}', b"\xff\xfe", b"[" * 100_000)
EMPTY = {("people", b"[]"), ("uploads", b"[]"), ("upload", None)}
"""Answers that say: there is none. Of an upload only the status counts: what is there is looked up afterwards."""


@pytest.mark.parametrize("call", [*READS, *WRITES])
@pytest.mark.parametrize("body", SHAPES, ids=lambda body: body[:20].decode(errors="replace"))
def test_an_answer_of_another_shape_is_told_and_not_repeated(fake: FakeLabelStudio, call: str, body: bytes) -> None:
    if {(call, body), (call, None)} & EMPTY:
        return
    fake.instead = Said(200, body, {"Content-Type": "application/json"})
    with pytest.raises(ReviewError, match=r"is it Label Studio 1\.23\?") as error:
        (READS | WRITES)[call](speaking(fake))
    assert fake.url in str(error.value)
    assert "Bi mat" not in str(error.value)
    assert len(fake.calls) == 1


def test_a_refusal_is_told_with_its_reason_and_not_the_values(fake: FakeLabelStudio) -> None:
    fake.instead = Said(400, json.dumps({"detail": "Validation error", "given": "Bi mat"}).encode())
    with pytest.raises(ReviewError, match="refuses POST /api/projects/1/import with 400: Validation error") as error:
        WRITES["add_tasks"](speaking(fake))
    assert "Bi mat" not in str(error.value)


def test_what_is_not_there_is_told_apart(fake: FakeLabelStudio) -> None:
    assert speaking(fake).key_of(77) is None
    with pytest.raises(NotThere, match="has no /api/tasks/77/"):
        speaking(fake).annotations(77)


@pytest.mark.parametrize("token", ["", "two words", "Bi\nmat", "Bi mật", "Bi\x7fmat"])
def test_a_token_that_cannot_be_sent_is_told_and_not_shown(fake: FakeLabelStudio, token: str) -> None:
    with pytest.raises(ReviewError, match=r"the token for .* copy it from the page") as error:
        speaking(fake, token).whoami()
    assert not token or token not in str(error.value)
    assert fake.calls == []


NO_ADDRESSES = ("127.0.0.1:8290", "ftp://xa.example", "http://", "http:///x", "//xa.example", "http://[::1", "")
NO_ADDRESSES += ("http://xa.example:99999999", "http://xa.example:x", "http://xa\n.example", "http://\ud800.example")


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(ReviewError, match="is no address of a server"):
        ReviewServer(url, TOKEN).whoami()


def test_this_computer_is_not_asked_for_over_a_proxy(
    fake: FakeLabelStudio, other: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert speaking(fake).whoami() == "a@xa.example"
    assert other.received == []
    assert ReviewServer("http://label-studio.example", TOKEN, tries=1).whoami() == "a@xa.example"
    assert other.received[0].path == "http://label-studio.example/api/current-user/whoami"


def test_a_proxy_that_cannot_be_used_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks9://me:secret@proxy.example")
    with pytest.raises(ReviewError, match="name the server in NO_PROXY") as error:
        ReviewServer("http://label-studio.example", TOKEN).whoami()
    assert "secret" not in str(error.value)


def personal(name: str, seconds: float) -> str:
    """A personal token, or the access token it is changed for, that runs out so many seconds from now."""
    return jwt.encode({"exp": time.time() + seconds, "token_type": name}, "k" * 32, algorithm="HS256")


def test_a_personal_token_is_changed_for_one_that_lasts_minutes(
    fake: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, access = personal("refresh", 1e6), personal("access", 300)
    fake.personal[token] = access
    server = speaking(fake, token)
    server.whoami()
    server.people()
    refresh = "POST /api/token/refresh/"
    assert fake.calls == [refresh, "GET /api/current-user/whoami", "GET /api/users/"]
    assert [call.head.get("Authorization") for call in fake.received] == [None, *[f"Bearer {access}"] * 2]
    monkeypatch.setattr(connection, "ACCESS_TOKEN_SECONDS", -1.0)
    later = speaking(fake, token)
    later.whoami()
    later.whoami()
    assert fake.calls.count(refresh) == 3, "by our own clock, whatever the server's says"


def test_a_personal_token_stays_below_a_path_in_the_address(fake: FakeLabelStudio) -> None:
    with pytest.raises(ReviewError, match="does not take this token"):
        ReviewServer(f"{fake.url}/studio/", personal("refresh", 1e6), tries=1).whoami()
    assert fake.calls == ["POST /studio/api/token/refresh/"]


@pytest.mark.parametrize(("seconds", "calls"), [(1e6, 1), (-5, 0)])
def test_a_personal_token_that_is_not_taken_is_told_and_not_shown(
    fake: FakeLabelStudio, seconds: float, calls: int
) -> None:
    token = personal("refresh", seconds)
    with pytest.raises(ReviewError, match=r"does not take this token \(401\)") as error:
        speaking(fake, token).whoami()
    assert token not in str(error.value)
    assert len(fake.calls) == calls


@pytest.mark.parametrize("said", [Said(200, b"{}"), Said(200, b"<html>"), Said(200, b'{"access": "a\\nb"}')])
def test_what_a_stranger_gives_for_a_personal_token_is_no_access(fake: FakeLabelStudio, said: Said) -> None:
    token = personal("refresh", 1e6)
    fake.instead = said
    with pytest.raises(ReviewError) as error:
        speaking(fake, token).whoami()
    assert token not in str(error.value)


def test_no_cookie_is_kept_and_no_connection(fake: FakeLabelStudio) -> None:
    server = speaking(fake)
    server.whoami()
    server.whoami()
    assert all("Cookie" not in call.head for call in fake.received)
    assert fake.connections == 2, "the server may be closing one that was kept, and nobody knows what became of a POST"


def test_whether_a_server_is_up_is_asked_without_the_token(fake: FakeLabelStudio) -> None:
    assert speaking(fake).is_up()
    assert fake.calls == ["GET /health"]
    assert TOKEN not in str(fake.received)
    fake.instead = Said(503)
    assert not speaking(fake).is_up()
    fake.close()
    assert not speaking(fake).is_up()


def test_nothing_of_what_is_asked_goes_into_a_log(fake: FakeLabelStudio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = speaking(fake)
    server.answered_tasks(1, "2026-03-04T01:00:00.000000Z")
    assert TOKEN not in caplog.text
    assert "filter" not in caplog.text


def test_a_project_and_its_tasks_arrive_as_they_were_given(fake: FakeLabelStudio) -> None:
    server = speaking(fake)
    project = server.make_project("KS.2006.01 001", "ocrfill x", "<View/>")
    assert server.add_tasks(project, [TASK, TASK]) == [1, 2]
    server.upload(project, {"a-1.jpg": b"\xff\xd8\r\n--x", "a-2.jpg": b"y"})
    made, added, uploaded = fake.received
    assert json.loads(made.body) == {
        "title": "KS.2006.01 001",
        "description": "ocrfill x",
        "label_config": "<View/>",
        "sampling": "Sequential sampling",
    }
    assert json.loads(added.body) == [TASK, TASK]
    assert added.path == f"/api/projects/{project}/import?return_task_ids=true"
    assert uploaded.path == f"/api/projects/{project}/import?commit_to_project=false"
    assert b'filename="a-1.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--x\r\n' in uploaded.body
    assert server.uploads(project) == [f"/data/upload/{project}/0123abcd-{name}" for name in ("a-1.jpg", "a-2.jpg")]


@pytest.mark.parametrize("count", [0, 1, TASKS_PER_PAGE, TASKS_PER_PAGE + 1])
def test_a_listing_of_several_pages_is_read_to_its_end(fake: FakeLabelStudio, count: int) -> None:
    server = speaking(fake)
    numbers = server.add_tasks(1, [{"data": {"key": str(i)}} for i in range(count)])
    assert server.keys(1) == [(number, str(i)) for i, number in enumerate(numbers)]
    for number in numbers:
        fake.annotate(number, "A")
    answered = server.answered_tasks(1, None)
    assert [task.number for task in answered] == numbers
    assert [task.annotations for task in answered] == [tuple(fake.tasks[n]["annotations"]) for n in numbers]


def test_a_task_is_deleted_unless_somebody_has_answered_it(fake: FakeLabelStudio) -> None:
    server = speaking(fake)
    first, second = server.add_tasks(1, [TASK, TASK])
    fake.annotate(first, "A")
    for number in (first, second):
        server.delete_unanswered(number)
    assert list(fake.tasks) == [first]


def test_a_server_that_always_names_another_page_is_not_asked_for_ever(fake: FakeLabelStudio) -> None:
    project = {"id": 1, "description": "token", "task_number": 2}
    always = {"count": 1, "next": "http://more", "results": [project], "total": 10**9, "tasks": [{"id": 1, "data": {}}]}
    fake.instead = Said(200, json.dumps(always).encode(), {"Content-Type": "application/json"})
    for ask in (
        speaking(fake).projects,
        lambda: speaking(fake).keys(1),
        lambda: speaking(fake).answered_tasks(1, None),
    ):
        with pytest.raises(ReviewError, match="answers with something that is not a list with an end"):
            ask()
    assert len(fake.calls) == 6  # of each two pages


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "-1", "1" + "0" * 30, "9" * 5000])
def test_a_number_that_no_database_can_hold_is_told(fake: FakeLabelStudio, number: str) -> None:
    for body, ask in (
        (f'{{"id": {number}}}', lambda server: server.make_project("title", "token", "<View/>")),
        (f'{{"task_ids": [{number}]}}', lambda server: server.add_tasks(1, [{}])),
    ):
        fake.instead = Said(200, body.encode(), {"Content-Type": "application/json"})
        with pytest.raises(ReviewError, match=r"is it Label Studio 1\.23\?"):
            ask(speaking(fake))


def test_a_number_without_end_among_those_listed_is_told(fake: FakeLabelStudio) -> None:
    project = '{"id": 1e999, "description": "token", "task_number": 2}'
    body = f'{{"count": 1, "next": null, "results": [{project}], "total": 1e999, "tasks": [{{"id": 1, "data": {{}}}}]}}'
    fake.instead = Said(200, body.encode(), {"Content-Type": "application/json"})
    for ask in (speaking(fake).projects, lambda: speaking(fake).keys(1)):
        with pytest.raises(ReviewError, match=r"is it Label Studio 1\.23\?"):
            ask()
    fake.instead = Said(200, b'[{"id": 1e999, "email": "a"}]', {"Content-Type": "application/json"})
    with pytest.raises(ReviewError, match=r"is it Label Studio 1\.23\?"):
        speaking(fake).people()
