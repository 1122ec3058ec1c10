"""The servers that the tests of one run share: each started once, in the background, and stopped when the run ends.

A run may have several workers. Whoever is first to need a server leaves a mark and starts `python -m support.servers`
for it; that process writes how to reach the server into NAME.json of the run's folder, or why there is none into
NAME.log. All others wait for the first file.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.paths import ROOT, TESTS

POSTGRES, LABEL_STUDIO = "postgres", "label-studio"

START_SECONDS = 900
"""How long a server may take: Label Studio makes a database at its very first start, on a busy machine for minutes."""

STOP_SECONDS = 120

State = dict[str, Any]


class NoServer(RuntimeError):
    """A server did not come up."""


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of several that run tests, and another one reports."""
    return hasattr(config, "workerinput")


def folder_of_run(config: pytest.Config) -> Path:
    """The folder that all workers of this run share."""
    base = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    return base.parent if is_worker(config) else base


def begin(folder: Path, name: str) -> None:
    """Start the server in the background, if nobody of this run has."""
    folder.mkdir(exist_ok=True)
    try:
        mark = os.open(folder / f"{name}.begun", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        return
    path = os.pathsep.join([str(ROOT), str(TESTS), os.environ.get("PYTHONPATH", "")])
    with (folder / f"{name}.log").open("wb") as log:
        starter = subprocess.Popen(
            [sys.executable, "-m", "support.servers", name, str(folder)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    os.write(mark, str(starter.pid).encode())
    os.close(mark)


def awaited(folder: Path, name: str) -> State:
    """How to reach the server, once it runs. Raises NoServer with the end of its log where it does not come up."""
    begin(folder, name)
    if _settled(folder, name, START_SECONDS):
        found: State = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        if "failed" not in found:
            return found
    log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    raise NoServer(f"{name} did not start within {START_SECONDS} s; its log ends:\n{log[-2000:]}")


def end(folder: Path) -> None:
    """Stop all servers of the run; one that is still starting is waited for, so that it cannot outlive the run."""
    for name, (_, stop) in SERVERS.items():
        if (folder / f"{name}.begun").exists() and _settled(folder, name, STOP_SECONDS):
            found: State = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            if "failed" not in found:
                stop(found)


def _settled(folder: Path, name: str, seconds: float) -> bool:
    """Wait until the starter has told how it went; False where it ended without a word, or takes too long."""
    until = time.monotonic() + seconds
    told = folder / f"{name}.json"
    while not told.exists():
        if time.monotonic() > until or (_ended(folder / f"{name}.begun") and not told.exists()):
            return False
        time.sleep(0.1)
    return True


def _ended(mark: Path) -> bool:
    pid = mark.read_text(encoding="ascii")
    try:
        return bool(pid) and psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


# PostgreSQL


def initdb() -> str | None:
    """PostgreSQL's program that makes a cluster of databases."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return str(programs[-1]) if programs else shutil.which("initdb")


def other_user() -> str | None:
    """Who can run PostgreSQL, which refuses to run as root."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known and shutil.which("runuser")), None)


def no_postgres() -> str:
    """Why PostgreSQL cannot run here; nothing where it can."""
    if initdb() is None:
        return "PostgreSQL's server programs are not installed (Debian: postgresql)"
    if os.geteuid() == 0 and other_user() is None:
        return "root cannot run PostgreSQL, and there is no other user or no runuser to run it as"
    return ""


def missing(name: str) -> bool:
    """Whether the server's programs are not here: tests that need it are skipped."""
    if name == POSTGRES:
        return bool(no_postgres())
    from ocrfill.review.label_studio_env import ready

    return not ready(label_studio_folder())


def label_studio_folder() -> Path:
    """Where Label Studio is installed for the tests."""
    return Path(os.environ.get("OCRFILL_LABEL_STUDIO") or ROOT / ".label-studio")


def _start_postgres(_: Path) -> State:
    program = initdb()
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="ocrfill-postgres-"))
    as_other: list[str] = []
    if os.geteuid() == 0:
        user = other_user()
        assert user is not None
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        as_other = ["runuser", "-u", user, "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    control = [*as_other, str(Path(program).with_name("pg_ctl")), "-D", f"{folder}/data", "-w", "-t", "60"]
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=60"
    make = [*as_other, program, "-D", f"{folder}/data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C"]
    try:
        _quietly([*make, "--no-sync"], folder)
        _quietly([*control, "-l", f"{folder}/log", "-o", options, "start"], folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return {"url": f"postgresql+pg8000://tester@127.0.0.1:{port}", "folder": str(folder), "control": control}


def _stop_postgres(state: State) -> None:
    try:
        _quietly([*state["control"], "-m", "immediate", "stop"], Path(state["folder"]))
    finally:
        shutil.rmtree(state["folder"], ignore_errors=True)


def _quietly(command: list[str], folder: Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=120)


# Label Studio, with the sample book read and two persons who may log in


def _start_label_studio(folder: Path) -> State:
    from support.label_studio_database import made_beforehand
    from support.label_studio_session import BA, PASSWORD, THU, join, sample_workspace

    from ocrfill.review.server_access import need

    os.environ["OCRFILL_LABEL_STUDIO"] = str(label_studio_folder())
    workspace = folder / "review" / "work"
    workspace.mkdir(parents=True)
    made_beforehand(workspace)
    sample_workspace(workspace)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    review(workspace, "start", "--port", str(port))
    for email in (THU, BA):
        join(need(workspace), email, PASSWORD)
    return {"workspace": str(workspace)}


def review(workspace: Path, *words: str) -> None:
    """Run `ocrfill review` in a process of its own."""
    command = [sys.executable, "-m", "ocrfill", "review", *words, "--workspace", str(workspace)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=START_SECONDS)


def _stop_label_studio(state: State) -> None:
    review(Path(state["workspace"]), "stop")


SERVERS: dict[str, tuple[Callable[[Path], State], Callable[[State], None]]] = {
    POSTGRES: (_start_postgres, _stop_postgres),
    LABEL_STUDIO: (_start_label_studio, _stop_label_studio),
}
"""How each is started and stopped."""


def main(name: str, folder: Path) -> None:
    """Start one and write how to reach it, whole or not at all."""
    state: State = {"failed": True}
    try:
        state = SERVERS[name][0](folder)
    finally:
        written = folder / f"{name}.json.part"
        written.write_text(json.dumps(state), encoding="utf-8")
        written.rename(folder / f"{name}.json")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
