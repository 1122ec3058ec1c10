"""The secrets of a reviewing server, its environment and its port: without a server."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.builders.book import made_workspace
from support.fakes.label_studio import TOKEN, FakeLabelStudio

from ocrfill.cli.review import review
from ocrfill.errors import MissingProgram, ReviewError
from ocrfill.review import label_studio_env as environment
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.local_server import _free_port, stop_server
from ocrfill.review.server_access import LOCAL_SERVER_NAME, Access, folder_of, keep, load, need
from ocrfill.review.server_process import LAUNCHER_FILE, alive

ACCESS = Access("http://127.0.0.1:8290", "secret-token", LOCAL_SERVER_NAME, "a@b.c", "secret-word", os.getpid())


def test_secrets_are_kept_for_the_owner_alone_even_where_the_folder_was_open(tmp_path: Path):
    (tmp_path / "review").mkdir(mode=0o777)
    old = os.umask(0)
    try:
        keep(tmp_path, ACCESS)
        keep(tmp_path, ACCESS)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "review").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "review" / "server.json").stat().st_mode) == 0o600
    assert load(tmp_path) == ACCESS
    assert [f.name for f in (tmp_path / "review").iterdir()] == ["server.json"]


def test_secrets_stand_in_no_text_about_them():
    for secret in ("secret-token", "secret-word"):
        assert secret not in repr(ACCESS)
        assert secret not in repr(ReviewServer(ACCESS.url, ACCESS.token))


SOUND = '"url": "http://127.0.0.1:8290", "token": "t", "name": "local"'


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"url": "x"}', "[" * 100_000, f'{{{SOUND}, "process": "self"}}', f'{{{SOUND}, "process": 1.5}}',
        f'{{{SOUND}, "process": [1]}}', '{"url": 1, "token": "t", "name": "local"}', f'{{{SOUND}, "user": null}}',
        SOUND.replace("8290", "829000").join("{}"), SOUND.replace("8290", "eight").join("{}"), "\udce8",
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_without_its_content(tmp_path: Path, text: str):
    (folder_of(tmp_path) / "server.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ReviewError, match=r"server\.json cannot be read .*review start"):
        load(tmp_path)


def test_review_that_was_never_started_says_how_to(tmp_path: Path):
    assert load(tmp_path) is None
    with pytest.raises(ReviewError, match="ocrfill review start"):
        need(tmp_path)
    assert not stop_server(tmp_path)


def test_another_process_of_that_number_is_not_the_server():
    assert not alive(ACCESS), "this very process is no Label Studio"


def test_a_wanted_port_that_is_taken_is_told_and_else_the_next_free_one_is_used():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ReviewError, match=f"port {port} is taken"):
            _free_port(port, None)
        assert _free_port(None, port) != port
    assert _free_port(port, None) == port


def test_the_environment_is_ready_only_as_the_lock_file_says(tmp_path: Path):
    assert "label-studio==" in environment.lock_file().read_text()
    assert "--hash=sha256:" in environment.lock_file().read_text()
    assert not environment.ready(tmp_path)
    (tmp_path / ".ocrfill").write_text("another lock file")
    assert not environment.ready(tmp_path)


def test_an_installation_that_fails_is_told_with_pips_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'No space left on device' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    with pytest.raises(MissingProgram, match=r"No space left on device\ncheck the network and the free space"):
        environment.install(tmp_path / "there", lambda _: None)
    assert not environment.ready(tmp_path / "there")


def test_a_given_server_is_remembered_after_its_token_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    workspace = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    fake = FakeLabelStudio()
    try:
        monkeypatch.setenv("LABEL_STUDIO_API_KEY", "wrong")
        command = ["start", "--workspace", str(workspace), "--url", fake.url + "/"]
        assert isinstance(CliRunner().invoke(review, command).exception, ReviewError)
        assert load(workspace) is None
        monkeypatch.setenv("LABEL_STUDIO_API_KEY", TOKEN)
        ran = CliRunner().invoke(review, command)
        assert f"{fake.url}: reached as a@xa.example" in ran.output
        assert TOKEN not in ran.output
        assert need(workspace) == Access(fake.url, TOKEN, fake.url)
        ran = CliRunner().invoke(review, ["status", "--workspace", str(workspace), "--json"])
        assert json.loads(ran.stdout)["server"] == f"{fake.url}, answers"
        assert TOKEN not in ran.output
    finally:
        fake.close()


def test_a_server_just_started_is_alive_and_one_that_ended_is_not():
    for _ in range(20):  # between fork and exec a process has no command line: some 10 ms, asked at once
        command = [sys.executable, "-c", "import time; time.sleep(30)", str(LAUNCHER_FILE), "8290"]
        with subprocess.Popen(command, start_new_session=True, umask=0o077) as process:
            access = replace(ACCESS, process=process.pid)
            try:
                assert alive(access)
            finally:
                process.kill()
            process.wait()
            assert not alive(access)
