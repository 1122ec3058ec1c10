"""No command looks up or connects to anything: shown by the system calls of each, its libraries and its programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from support.paths import ROOT

from ocrfill.batch import WorkerPool

NO_HOME_OF_OURS = {"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "ORT_DISABLE_TELEMETRY"}

REACHED_OUT = re.compile(r"socket\(AF_(?!UNIX)|sa_family=AF_INET|sun_path=\"[^\"]*resolve")
"""A call that opens a way out, names an address, or asks the system's own service for one. Tesseract reads
/etc/resolv.conf when it starts (a library of its own does), and opens no socket."""

PAGE = ROOT / "samples" / "KS.2006.01" / "0001.jpg"

Watched = Callable[..., list[str]]


@cache
def no_strace() -> str:
    """Why system calls cannot be watched here, empty where they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace cannot watch here: {tried.stderr.strip()}"


def environment(home: Path) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in NO_HOME_OF_OURS} | {"HOME": str(home)}


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """Runs Python with arguments and gives the system calls of it and its children that reach out."""
    if reason := no_strace():
        pytest.skip(reason)
    home = tmp_path / "home"
    home.mkdir()

    def call(*arguments: str | Path, codes: Sequence[int] = (0,)) -> list[str]:
        calls = tmp_path / "calls.txt"
        watching = ["strace", "-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o", calls]
        done = subprocess.run(
            [*watching, sys.executable, *arguments],
            capture_output=True,
            text=True,
            env=environment(home),
            timeout=300,
            check=False,
        )
        assert done.returncode in codes, done.stderr
        assert list(home.iterdir()) == [], "something was written into the user's own folder"
        return [line for line in calls.read_text(errors="replace").splitlines() if REACHED_OUT.search(line)]

    return call


def test_the_watch_sees_a_look_up_and_a_connect(watched: Watched) -> None:
    """Without this, a watch that sees nothing would prove nothing."""
    code = "import socket, contextlib\nwith contextlib.suppress(OSError): {}"
    assert watched("-c", code.format("socket.getaddrinfo('ocrfill.invalid', 443)"))
    assert watched("-c", code.format("socket.create_connection(('127.0.0.1', 9), timeout=1)"))
    assert watched("-c", "print()") == []


@pytest.mark.tesseract
@pytest.mark.onnx
@pytest.mark.slow
def test_reading_reaches_nobody(watched: Watched) -> None:
    assert watched("-m", "ocrfill", "read", PAGE, "--layout", "ks_2006_2015", "--json") == []


@pytest.mark.tesseract
@pytest.mark.onnx
@pytest.mark.slow
def test_the_commands_of_a_workspace_reach_nobody(watched: Watched, tmp_path: Path) -> None:
    """One after the other on one workspace, with its worker processes; the page is a whole book."""
    book, work, out = tmp_path / "KS.2006.01", tmp_path / "work", tmp_path / "out"
    book.mkdir()
    shutil.copy(PAGE, book)
    of_work = ("--workspace", work)
    page = out / "page.png"
    for command in (
        ("run", book, "--layout", "ks_2006_2015", *of_work),
        ("status", *of_work),
        ("calibrate", *of_work),
        ("trust", *of_work, "--html", out / "trust.html"),
        ("show", *of_work, "--book", book.name, "--page", "1", "-o", page),
        ("show", *of_work, "--book", book.name, "-o", out / "book.html"),
        ("export", *of_work, "--out", out),
        ("evaluate", "pages", PAGE.parent, *of_work),
        ("review", "status", *of_work),
        ("trace", *of_work, "--book", book.name),
        ("trail", *of_work),
        ("purge", *of_work, "--book", book.name, "--yes"),
    ):
        assert watched("-m", "ocrfill", *command, codes=(0, 2, 3, 5, 9)) == [], command
    assert page.exists()
    assert (out / f"{book.name}.zip").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [("cells", PAGE), ("layout", "list"), ("layout", "check", "ks_2006_2015", "--pages", PAGE), ("doctor",), ("-h",)],
    ids=lambda command: command[0],
)
def test_other_commands_reach_nobody(watched: Watched, command: tuple[str | Path, ...]) -> None:
    assert watched("-m", "ocrfill", *command) == []


@pytest.mark.onnx
def test_the_network_s_library_keeps_no_number_of_this_computer(tmp_path: Path) -> None:
    """Also where ocrfill is a library, and where the user's environment says otherwise."""
    code = "import ocrfill.pipeline.recognition.ctc_reader, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    for before in ({}, {"ORT_DISABLE_TELEMETRY": "0"}, {"ORT_DISABLE_TELEMETRY": ""}):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(tmp_path) | before,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "1\n"
        assert list(tmp_path.iterdir()) == []


def test_a_worker_process_sends_nothing_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    with WorkerPool(1, seconds=60) as pool:
        assert pool.submit(os.getenv, "ORT_DISABLE_TELEMETRY").result() == "1"
