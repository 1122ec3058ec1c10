"""The real Label Studio killed at a request of push or pull, started again: each field and answer is there once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

from support import servers
from support.builders.book import made_workspace
from support.faults.disturbances import REVIEW_KILLED, evenly
from support.faults.middleman import Middleman
from support.faults.tally import Verdict
from support.label_studio_database import made_beforehand

from ocrfill.errors import ExitCode
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.server_access import Access, keep, need
from ocrfill.store import Ledger, Store

REQUESTS = (b"GET ", b"POST ", b"DELETE ", b"PATCH ")

COMMAND_SECONDS = 300.0


class KilledServer:
    """A Label Studio of its own, spoken to over a middleman; `book` makes fresh books of 20 fields for it."""

    def __init__(self, folder: Path) -> None:
        os.environ["OCRFILL_LABEL_STUDIO"] = str(servers.label_studio_folder())
        self._folder = folder
        self._home = folder / "server"
        self._home.mkdir()
        made_beforehand(self._home)
        Store.open(self._home, create=True).close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.start()
        self.between = Middleman(("127.0.0.1", self._port), REQUESTS)
        self.direct = ReviewServer(need(self._home).url, need(self._home).token)
        self._made = made_workspace(folder / "made", read=1).parent
        self._books = 0

    def start(self) -> None:
        """Start it, or start it again."""
        servers.review(self._home, "start", "--port", str(self._port))

    def kill(self) -> None:
        """End it and all that it started, in the midst of what they do."""
        os.killpg(need(self._home).process or 0, signal.SIGKILL)

    def close(self) -> None:
        """End it in order."""
        self.between.close()
        servers.review(self._home, "stop")

    def book(self) -> Path:
        """A workspace that nothing was sent from; its server is the middleman."""
        self._books += 1
        workspace = shutil.copytree(self._made, self._folder / f"book-{self._books}") / "work"
        keep(workspace, Access(f"http://127.0.0.1:{self.between.port}", need(self._home).token, "given"))
        return workspace

    def answer(self, workspace: Path) -> dict[int, str]:
        """Answer every task of a book, as the page does; by task what was entered."""
        entered = {}
        with Store.open(workspace) as store:
            tasks = [task for batch in Ledger(store).batches() for task in Ledger(store).tasks(batch.id)]
        for task in tasks:
            text = f"{task.prefilled} x"
            typed = {"from_name": "typed", "to_name": "page", "type": "textarea", "value": {"text": [text]}}
            request = Request(
                f"{self.direct.url}/api/tasks/{task.task}/annotations/",
                json.dumps({"result": [typed]}).encode(),
                {"Authorization": f"Token {need(self._home).token}", "Content-Type": "application/json"},
            )
            urlopen(request, timeout=60).close()
            entered[task.task or 0] = text
        return entered


def review_kills(folder: Path, most: int) -> Iterator[Verdict]:
    """Label Studio killed at so many requests of a push, and of a pull, evenly."""
    server = KilledServer(folder)
    try:
        quiet = server.book()
        server.between.reset()
        _must_be_well(_review(quiet, "push"))
        pushed = server.between.count
        server.answer(quiet)
        server.between.reset()
        _must_be_well(_review(quiet, "pull"))
        pulled = server.between.count
        for nth in evenly(range(1, pushed + 1), most):
            workspace = server.book()
            faults = _killed(server, workspace, "push", nth)
            asked, there = _asked(server, workspace)
            yield _verdict("push", nth, faults, asked, there)
        for nth in evenly(range(1, pulled + 1), most):
            workspace = server.book()
            _must_be_well(_review(workspace, "push"))
            wanted = [f"{task} {text}" for task, text in server.answer(workspace).items()]
            faults = _killed(server, workspace, "pull", nth)
            with Store.open(workspace) as store:
                found = [f"{c.task} {c.entered}" for c in store.corrections()]
            yield _verdict("pull", nth, faults, wanted, found)
    finally:
        server.close()


def _killed(server: KilledServer, workspace: Path, command: str, nth: int) -> list[str]:
    """What is wrong with how the command ended, and with its second start."""
    server.between.reset(nth, server.kill)
    first = _review(workspace, command)
    server.between.reset()
    server.start()
    again = _review(workspace, command)
    faults = [f"ended with a traceback: {one.stderr[-600:]}" for one in (first, again) if "Traceback" in one.stderr]
    if first.returncode not in (ExitCode.OK, ExitCode.REVIEW) or (first.returncode and not first.stderr):
        faults.append(f"exit code {first.returncode}: {first.stderr[-300:]}")
    if again.returncode:
        faults.append(f"started again: exit code {again.returncode}: {again.stderr[-300:]}")
    return faults


def _asked(server: KilledServer, workspace: Path) -> tuple[list[str], list[str]]:
    """The tasks that the ledger knows, and those that are on the server in the books' projects."""
    projects = server.direct.projects()
    known, there = [], []
    with Store.open(workspace) as store:
        batches = Ledger(store).batches()
        for batch in batches:
            known += [f"{batch.token} {task.position} {task.task}" for task in Ledger(store).tasks(batch.id)]
    for batch in batches:
        for number in (n for n, project in projects.items() if project.description == f"ocrfill {batch.token}"):
            there += [f"{batch.token} {key} {task}" for task, key in server.direct.keys(number)]
    return known, there


def _verdict(command: str, nth: int, faults: list[str], wanted: Iterable[str], found: Iterable[str]) -> Verdict:
    should, there = Counter(wanted), Counter(found)
    return Verdict(
        f"review {command}",
        REVIEW_KILLED,
        f"request {nth}",
        lost=tuple((should - there).elements()),
        doubled=tuple((there - should).elements()),
        faults=tuple(faults),
    )


def _review(workspace: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ocrfill", "review", command, "--workspace", str(workspace)],
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def _must_be_well(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        raise RuntimeError(f"undisturbed: {done.stderr}")
