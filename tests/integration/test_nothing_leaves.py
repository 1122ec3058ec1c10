"""No command looks up or connects to anything: shown by the system calls of each, its libraries and its programs."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image
from support.builders.book import made_workspace
from support.faults.system_calls import no_strace
from support.label_studio_database import made_beforehand
from support.label_studio_session import label_studio_environment
from support.paths import ROOT

from ocrfill.batch import WorkerPool
from ocrfill.cli import ocrfill
from ocrfill.review.local_server import stop_server
from ocrfill.store import Ledger, Store

NO_HOME_OF_OURS = {"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "ORT_DISABLE_TELEMETRY"}

REACHED_OUT = re.compile(r"socket\(AF_(?!UNIX)|sa_family=AF_INET|sun_path=\"[^\"]*resolve")
"""A call that opens a way out, names an address, or asks the system's own service for one. Tesseract reads
/etc/resolv.conf when it starts (a library of its own does), and opens no socket."""

CALLED = re.compile(r"^\d+ +(?:connect|bind|sendto|sendmsg|sendmmsg)\(")
ADDRESS = re.compile(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]*)"')
DNS_PORT = re.compile(r"port=htons\(53\)")

WATCHING = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o")

PAGE = ROOT / "samples" / "KS.2006.01" / "0001.jpg"

Watched = Callable[..., list[str]]


def leaves_this_computer(call: str) -> bool:
    """Whether a system call of a program that has a server on this computer goes, or listens, beyond it."""
    if re.search(r'sun_path="[^"]*resolve', call):
        return True
    if not CALLED.search(call):
        return False
    own = all(re.fullmatch(r"127(\.\d+){3}|::1", address) for address in ADDRESS.findall(call))
    return not own or bool(DNS_PORT.search(call))


def environment(home: Path) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in NO_HOME_OF_OURS} | {"HOME": str(home)}


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """Runs Python with arguments and gives the system calls of it and its children that reach out."""
    if reason := no_strace():
        pytest.skip(reason)
    home = tmp_path / "home"
    home.mkdir()

    def call(*arguments: str | Path, codes: Sequence[int] = (0,), loopback: bool = False) -> list[str]:
        calls = tmp_path / "calls.txt"
        done = subprocess.run(
            [*WATCHING, calls, sys.executable, *arguments],
            capture_output=True,
            text=True,
            env=environment(home),
            timeout=300,
            check=False,
        )
        assert done.returncode in codes, done.stderr
        assert list(home.iterdir()) == [], "something was written into the user's own folder"
        wrong = leaves_this_computer if loopback else REACHED_OUT.search
        return [line for line in calls.read_text(errors="replace").splitlines() if wrong(line)]

    return call


def test_the_watch_sees_a_look_up_and_a_connect(watched: Watched) -> None:
    """Without this, a watch that sees nothing would prove nothing."""
    code = "import socket, contextlib\nwith contextlib.suppress(OSError): {}"
    assert watched("-c", code.format("socket.getaddrinfo('ocrfill.invalid', 443)"))
    assert watched("-c", code.format("socket.create_connection(('127.0.0.1', 9), timeout=1)"))
    assert watched("-c", "print()") == []


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ('connect(3, {sa_family=AF_INET, sin_port=htons(8290), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', False),
        ('connect(3, {sa_family=AF_INET6, sin6_port=htons(8290), inet_pton(AF_INET6, "::1", &sin6_addr)}, 28)', False),
        ('bind(3, {sa_family=AF_INET, sin_port=htons(8290), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', False),
        ("socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3", False),
        ('bind(3, {sa_family=AF_INET, sin_port=htons(8290), sin_addr=inet_addr("0.0.0.0")}, 16) = 0', True),
        ('connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("93.184.215.14")}, 16) = -1', True),
        ('connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0', True),
        ('sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("10.0.0.1")}, 16)', True),
        ('connect(3, {sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "2606:28::1", &sin6)}, 28)', True),
        ('connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0', True),
        ('connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("127.0.0.1.evil")}, 16)', True),
    ],
)
def test_what_counts_beside_the_own_server(call: str, wrong: bool) -> None:
    assert bool(leaves_this_computer(f"123 {call}")) == wrong


# which commands, each as it is typed; {work} is a workspace, {book} its scans, {out} a folder for what is written

WITH_READERS = (
    "read {page} --layout ks_2006_2015 --json",
    "run {book} --layout ks_2006_2015 --workspace {work}",
    "status --workspace {work}",
    "calibrate --workspace {work}",
    "trust --workspace {work} --html {out}/trust.html",
    "show --workspace {work} --book KS.2006.01 --page 1 -o {out}/page.png",
    "show --workspace {work} --book KS.2006.01 -o {out}/book.html",
    "export --workspace {work} --out {out}",
    "evaluate pages {samples} --workspace {work}",
    "evaluate lines {lines} --reader hand",
    "layout draft {page} -o {out}/draft.yaml",
    "trace --workspace {work} --book KS.2006.01",
    "trail --workspace {work}",
    "purge --workspace {work} --book KS.2006.01 --yes",
)
"""Each in a process of its own, with its workers and programs; one after the other on one workspace."""

ALONE = (
    "cells {page}",
    "layout list",
    "layout show ks_2006_2015 -o {out}/form.png",
    "layout check ks_2006_2015 --pages {page}",
    "doctor",
)

AT_THE_SERVER = (
    "review status --workspace {work}",
    "review push --workspace {work}",
    "review open --workspace {work}",
    "review pull --workspace {work}",
    "layout edit {out}/form.yaml {page} --workspace {work} --pull",
    "review stop --workspace {work}",
)
"""While a server that `START` has started runs, which is watched too."""

START = "review start --workspace {work} --port {port}"
TUNE = "layout tune {out}/form.yaml --truth {book} --reader hand --trials 2 --dry-run"
TRAIN = "train --workspace {work} --minutes 0.03"

MAY_END_WITH = (0, 2, 3, 5, 9)
"""Nothing to calibrate yet, no places saved yet, exports left to remove by hand: all that is watched all the same."""


def leaf_commands(command: click.Command, path: tuple[str, ...] = ()) -> set[str]:
    if not isinstance(command, click.Group):
        return {" ".join(path)}
    context = click.Context(command)
    found = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return {leaf for name, inner in found if inner is not None for leaf in leaf_commands(inner, (*path, name))}


def test_every_command_is_watched() -> None:
    """A new one must be put into a list above."""
    commands = leaf_commands(ocrfill)
    typed = {*WITH_READERS, *ALONE, *AT_THE_SERVER, START, TUNE, TRAIN}
    watched = {name for line in typed for name in commands if line.startswith(f"{name} ") or line == name}
    assert commands - watched == set()
    assert len(commands) >= 24


def words_of(line: str, places: Mapping[str, str | Path]) -> list[str]:
    return [word.format(**places) for word in line.split()]


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str | Path]:
    """A book of one page, and where to put what comes of it."""
    book, out = tmp_path / "KS.2006.01", tmp_path / "out"
    for folder in (book, out, tmp_path / "lines"):
        folder.mkdir()
    shutil.copy(PAGE, book)
    shutil.copy(ROOT / "ocrfill" / "layouts" / "library" / "ks_2006_2015.yaml", out / "form.yaml")
    line = np.full((48, 200), 255, np.uint8)
    line[20:30, 20:180:7] = 0
    Image.fromarray(line).save(tmp_path / "lines" / "1.png")
    (tmp_path / "lines" / "labels.tsv").write_text("1.png\tmột\n", encoding="utf-8")
    return {
        "book": book, "out": out, "work": tmp_path / "work", "page": PAGE, "samples": PAGE.parent,
        "lines": tmp_path / "lines",
    }  # fmt: skip


@pytest.mark.tesseract
@pytest.mark.onnx
@pytest.mark.slow
def test_the_commands_that_read_reach_nobody(watched: Watched, places: dict[str, str | Path]) -> None:
    for line in WITH_READERS:
        assert watched("-m", "ocrfill", *words_of(line, places), codes=MAY_END_WITH) == [], line
    written = {path.name for path in Path(places["out"]).iterdir()}
    assert {"page.png", "book.html", "KS.2006.01.zip"} <= written, "the commands did nothing"


@pytest.mark.slow
@pytest.mark.parametrize("line", ALONE)
def test_other_commands_reach_nobody(watched: Watched, places: dict[str, str | Path], line: str) -> None:
    assert watched("-m", "ocrfill", *words_of(line, places)) == []


@pytest.mark.tesseract
@pytest.mark.onnx
@pytest.mark.slow
def test_tuning_reaches_nobody(watched: Watched, places: dict[str, str | Path]) -> None:
    book = Path(places["book"])
    for n in range(3, 8):
        page = PAGE.with_stem(f"{2 - n % 2:04d}")
        shutil.copy(page, book / f"{n:04d}.jpg")
        truth = page.with_suffix(".json").read_text(encoding="utf-8")
        (book / f"{n:04d}.json").write_text(truth.replace(page.name, f"{n:04d}.jpg"), encoding="utf-8")
    (book / PAGE.name).unlink()
    assert watched("-m", "ocrfill", *words_of(TUNE, places)) == []


@pytest.mark.torch
@pytest.mark.onnx
@pytest.mark.slow
def test_training_reaches_nobody(watched: Watched, places: dict[str, str | Path], tmp_path: Path) -> None:
    """With all that it loads; of a workspace where persons have settled too little to learn from."""
    places["work"] = made_workspace(tmp_path / "made")
    assert watched("-m", "ocrfill", *words_of(TRAIN, places), codes=MAY_END_WITH) == []


@pytest.mark.label_studio
@pytest.mark.slow
def test_the_workspaces_own_server_talks_to_this_computer_only(
    watched: Watched, places: dict[str, str | Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server with all its processes from its start to its end, and the commands that speak to it."""
    monkeypatch.setenv("OCRFILL_LABEL_STUDIO", str(label_studio_environment()))
    work = made_workspace(tmp_path / "made")
    made_beforehand(work)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        places |= {"work": work, "port": str(free.getsockname()[1])}
    calls = tmp_path / "calls-of-the-server.txt"
    server = subprocess.Popen(
        [*WATCHING, calls, sys.executable, "-m", "ocrfill", *words_of(START, places)],
        env=environment(tmp_path / "home-of-the-server"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert "runs, for this computer only" in server.stdout.readline()
        for line in AT_THE_SERVER:
            assert watched("-m", "ocrfill", *words_of(line, places), codes=MAY_END_WITH, loopback=True) == [], line
        server.wait(timeout=60)
    finally:
        ended = server.poll() is not None
        if not ended:
            stop_server(work)
            server.kill()
            server.wait()
    assert ended, "the server did not end with `ocrfill review stop`"
    told = calls.read_text(errors="replace").splitlines()
    assert any('"127.0.0.1"' in line for line in told), "nothing was seen of the server"
    assert [line for line in told if leaves_this_computer(line)] == []
    with Store.open(work) as store:
        assert len(Ledger(store).batches()) > 0, "nothing was sent to it"


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
