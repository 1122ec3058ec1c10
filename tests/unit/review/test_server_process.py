"""The token goes to the server that this workspace started and to nobody else who listens at its port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from support.builders.book import KS, made_workspace
from support.fakes.label_studio import TOKEN, FakeLabelStudio
from support.paths import ROOT, TESTS

from ocrfill.cli.review import review
from ocrfill.errors import ReviewError
from ocrfill.layouts import load_layout
from ocrfill.review.push import Push
from ocrfill.review.server_access import LOCAL_SERVER_NAME, Access, keep, need
from ocrfill.review.server_process import LAUNCHER_FILE, check_ours, server_at
from ocrfill.review.task_selection import ReviewOptions
from ocrfill.store import Store

Start = Callable[..., Access]

LISTENING = """
import sys, time
import support.fakes.label_studio as fakes
class There(fakes.ThreadingHTTPServer):
    def __init__(self, where, handler):
        super().__init__((where[0], int(sys.argv[-1])), handler)
fakes.ThreadingHTTPServer = There
server = fakes.FakeLabelStudio()
print(flush=True)
time.sleep(60)
"""
WAITING = "import time; print(flush=True); time.sleep(60)"


@pytest.fixture
def stranger() -> Iterator[FakeLabelStudio]:
    """Another program that would take any token."""
    server = FakeLabelStudio()
    yield server
    server.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process that calls itself the workspace's server at that port."""
    running: list[subprocess.Popen[str]] = []

    def started(program: str = WAITING, port: int = 8290, shell: str = sys.executable, **options: object) -> Access:
        command = [shell, "-c", program, str(LAUNCHER_FILE), str(port)]
        paths = os.pathsep.join(map(str, (ROOT, TESTS)))
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": paths}, **options
        )
        running.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return Access(f"http://127.0.0.1:{port}", TOKEN, LOCAL_SERVER_NAME, "a@b.c", "secret-word", process.pid)

    yield started
    for process in running:
        process.kill()
        process.communicate()


def ours(start: Start) -> Access:
    """A process that listens at the port that it was started for."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return start(LISTENING, port)


def test_the_workspaces_own_server_is_spoken_to_while_it_runs(start: Start) -> None:
    access = ours(start)
    check_ours(access)
    server = server_at(access, tries=1)
    assert server.is_up()
    assert server.whoami() == "a@xa.example"
    os.kill(access.process or 0, 9)
    os.waitpid(access.process or 0, 0)
    with pytest.raises(ReviewError, match=r"does not run at .*`ocrfill review start`"):
        server.whoami()


def gone(_: Start, url: str) -> Access:
    """The computer was started again: there is no such process."""
    return Access(url, TOKEN, LOCAL_SERVER_NAME, process=4_000_000)


def reused(_: Start, url: str) -> Access:
    """The process's number is another program's now."""
    return Access(url, TOKEN, LOCAL_SERVER_NAME, process=os.getpid())


def deaf(start: Start, url: str) -> Access:
    """The process is there and another one holds its port."""
    return start(port=urlsplit(url).port)


def unknown(_: Start, url: str) -> Access:
    """Nobody remembers the process."""
    return Access(url, TOKEN, LOCAL_SERVER_NAME)


@pytest.mark.parametrize("case", [gone, reused, deaf, unknown])
@pytest.mark.parametrize("command", ["push", "pull", "open", "status"])
def test_whoever_else_holds_the_port_gets_nothing(
    tmp_path: Path, start: Start, stranger: FakeLabelStudio, command: str, case: Callable[[Start, str], Access]
) -> None:
    workspace = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    with Store.open(workspace) as store:
        elsewhere = Push(store, server_at(Access(stranger.url, TOKEN, "given")), "local", KS, load_layout(KS.layout))
        elsewhere.plan(ReviewOptions())
        elsewhere.send()
    stranger.reset()
    keep(workspace, case(start, stranger.url))
    ran = CliRunner().invoke(review, [command, "--workspace", str(workspace)])
    assert stranger.received == []
    if command != "status":
        assert isinstance(ran.exception, ReviewError)
        assert "another program answers" in str(ran.exception)
        assert "`ocrfill review start`" in str(ran.exception)
    else:
        assert "stopped" in ran.output or "another program answers" in ran.output
    assert TOKEN not in ran.output + str(ran.exception)


def test_not_even_whether_it_is_up_is_asked_of_a_stranger(start: Start, stranger: FakeLabelStudio) -> None:
    assert not server_at(deaf(start, stranger.url)).is_up()
    assert stranger.received == []


def test_a_stranger_that_listens_at_all_addresses_gets_nothing(start: Start) -> None:
    with socket.socket() as listening:
        listening.bind(("0.0.0.0", 0))
        listening.listen()
        access = start(port=listening.getsockname()[1])
        with pytest.raises(ReviewError, match="another program answers"):
            server_at(access, tries=1).whoami()
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_an_own_server_is_on_this_computer(start: Start, stranger: FakeLabelStudio) -> None:
    access = ours(start)
    port = urlsplit(access.url).port
    with pytest.raises(ReviewError, match="`ocrfill review start`"):
        server_at(replace(access, url=f"http://192.0.2.1:{port}"), tries=1, patience=1).whoami()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start another user's process")
def test_another_users_process_is_not_ours_whatever_it_calls_itself(start: Start) -> None:
    access = start("echo; read -r until", shell="/bin/sh", user=65534, stdin=subprocess.PIPE)
    assert Path(f"/proc/{access.process}").stat().st_uid == 65534
    with pytest.raises(ReviewError, match="does not run"):
        check_ours(access)


def test_a_given_server_is_spoken_to_as_it_was_given(tmp_path: Path, stranger: FakeLabelStudio) -> None:
    access = Access(stranger.url, TOKEN, stranger.url)
    keep(tmp_path, access)
    assert server_at(need(tmp_path)).whoami() == "a@xa.example"
