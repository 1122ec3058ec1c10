"""A Label Studio of the workspace's own: on this computer's loopback only, telling nobody anything, without clicks."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from ocrfill.errors import ReviewError
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.server_access import LOCAL_SERVER_NAME, Access, folder_of, keep, load
from ocrfill.review.server_database import data_folder
from ocrfill.review.server_process import LAUNCHER_FILE, LOCAL_HOST, alive, is_taken, server_at

FIRST_PORT = 8290
LOCAL_USER = "nguoi.kiem@localhost.local"

MAX_START_SECONDS = 600
"""How long the first start may take: it makes the database, some 90 s on a quiet computer."""

MAX_STOP_SECONDS = 20

LOG_FILE_NAME = "label-studio.log"

Tell = Callable[[str], None]


def start_server(workspace: Path, environment: Path, *, port: int | None = None, tell: Tell = lambda _: None) -> Access:
    """Start the workspace's server, or find it running, and say how to reach it.

    Raises ReviewError where it does not come up, or where the wanted port is taken.
    """
    before = load(workspace)
    if before is not None and before.name == LOCAL_SERVER_NAME and alive(before):
        if port is not None and port != urlsplit(before.url).port:
            raise ReviewError(f"the server runs already, at {before.url}; stop it first: `ocrfill review stop`")
        return _awaited(before, workspace, tell)
    known = before if before is not None and before.name == LOCAL_SERVER_NAME else None
    chosen = _free_port(port, urlsplit(known.url).port if known else None)
    # absolute: the server has a working folder of its own, and a relative path would mean another place there
    folder = folder_of(workspace).resolve()
    data = data_folder(workspace, known.token if known else None, tell)
    access = Access(
        url=f"http://{LOCAL_HOST}:{chosen}",
        token=known.token if known else secrets.token_hex(20),
        name=LOCAL_SERVER_NAME,
        user=known.user if known else LOCAL_USER,
        password=known.password if known else secrets.token_urlsafe(12),
    )
    log = os.open(folder / LOG_FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    command = [
        str(environment.absolute() / "bin" / "python"),
        str(LAUNCHER_FILE),
        "start",
        "--no-browser",
        "--internal-host",
        LOCAL_HOST,
    ]
    try:
        process = subprocess.Popen(
            [*command, "-p", str(chosen)],
            env=_variables(access, data),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # lives on when the terminal closes
            umask=0o077,
        )
    except OSError as error:
        raise ReviewError(f"cannot start {command[0]}: {error.strerror}") from error
    finally:
        os.close(log)
    access = replace(access, process=process.pid)
    keep(workspace, access)
    return _awaited(access, workspace, tell)


def stop_server(workspace: Path) -> bool:
    """Stop the workspace's server; False where none runs. What was entered stays in its database."""
    access = load(workspace)
    if access is None or access.process is None or not alive(access):
        return False
    _end(access.process, signal.SIGTERM)
    until = time.monotonic() + MAX_STOP_SECONDS
    while alive(access) and time.monotonic() < until:
        time.sleep(0.1)
    if alive(access):
        _end(access.process, signal.SIGKILL)
    return True


def _variables(access: Access, data: Path) -> dict[str, str]:
    """The whole environment of the server: nothing is sent anywhere, nobody gets in without being let in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_HOST": access.url,
        "LABEL_STUDIO_USERNAME": access.user,
        "LABEL_STUDIO_PASSWORD": access.password,
        "LABEL_STUDIO_USER_TOKEN": access.token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _free_port(wanted: int | None, before: int | None) -> int:
    """The wanted port; else the one it had before, for bookmarks' sake; else the first free one from FIRST_PORT on."""
    likely: tuple[int, ...] = (
        (wanted,) if wanted is not None else (before or FIRST_PORT, *range(FIRST_PORT, FIRST_PORT + 50))
    )
    for port in likely:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((LOCAL_HOST, port))
            except OSError:
                continue
            return port
    raise ReviewError(f"port {wanted or FIRST_PORT} is taken; give another with --port")


def _awaited(access: Access, workspace: Path, tell: Tell) -> Access:
    """Wait until the server answers. Raises ReviewError with the end of its log where it gives up."""
    server = server_at(access)
    log = workspace / "review" / LOG_FILE_NAME
    started = told = time.monotonic()
    while time.monotonic() - started < MAX_START_SECONDS:
        if server.is_up():
            return _ours(access, server)
        if not alive(access):
            if is_taken(access):
                raise ReviewError(_lost_race(access))
            raise ReviewError(f"Label Studio ended while starting; its log {log} says why")
        if time.monotonic() - told > 15:
            told = time.monotonic()
            tell(f"waiting for Label Studio, {told - started:.0f} s (its first start makes a database)")
        time.sleep(0.5)
    raise ReviewError(
        f"Label Studio does not answer after {MAX_START_SECONDS} s; look in {log}, then stop and start it"
    )


def _ours(access: Access, server: ReviewServer) -> Access:
    """The access, once it is sure that the server there takes this workspace's token."""
    try:
        server.whoami()
    except ReviewError as error:
        if access.process is not None:
            _end(access.process, signal.SIGTERM)
        raise ReviewError(_lost_race(access)) from error
    return access


def _lost_race(access: Access) -> str:
    return f"another program took {access.url} while Label Studio started; run the command again, maybe with --port"


def _end(process: int, with_signal: signal.Signals) -> None:
    """End the server and all it started: it leads a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, with_signal)
