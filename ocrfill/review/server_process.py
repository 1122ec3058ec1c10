"""Whether the server that answers is the one that this workspace started: nobody else gets its token.

A port belongs to nobody. After a restart of the computer any user of it may listen where the workspace's server did,
and would be sent the token, the pages' pictures and what was read on them. So before every request to an own server it
is looked who listens there: the recorded process must be there, be this user's, and hold the listening socket.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ocrfill.errors import ReviewError
from ocrfill.review.label_studio import ANSWER_TIMEOUT_SECONDS, MAX_GET_TRIES, ReviewServer
from ocrfill.review.server_access import LOCAL_SERVER_NAME, Access

LOCAL_HOST = "127.0.0.1"

LAUNCHER_FILE = Path(__file__).resolve().parent / "local" / "ocrfill_label_studio.py"

MAX_EXEC_SECONDS = 1.0
"""A process just started has no command line yet, for some 10 ms; one that ended never has one again."""

LISTENING_STATE = "0A"
"""How Linux writes the state of a listening socket in /proc/net/tcp."""


def server_at(access: Access, *, patience: float = ANSWER_TIMEOUT_SECONDS, tries: int = MAX_GET_TRIES) -> ReviewServer:
    """The server of that access. An own one is spoken to only while it is sure to be the one that was started.

    Every request raises ReviewError, before anything is sent, where somebody else listens there or nobody does.
    """
    if access.name != LOCAL_SERVER_NAME:
        return ReviewServer(access.url, access.token, patience=patience, tries=tries)
    return ReviewServer(access.url, access.token, patience=patience, tries=tries, before=lambda: check_ours(access))


def check_ours(access: Access) -> None:
    """Raise ReviewError unless an own server is the one that listens at its address; a given one is not looked at."""
    if access.name != LOCAL_SERVER_NAME or _is_ours(access):
        return
    if is_taken(access):
        raise ReviewError(
            f"at {access.url} another program answers, not the server that this workspace started; nothing was sent to "
            "it. `ocrfill review start` starts the workspace's own again, at another port; what was entered is safe"
        )
    raise ReviewError(
        f"the workspace's server does not run at {access.url}; `ocrfill review start` starts it again, "
        "what was entered is safe"
    )


def alive(access: Access) -> bool:
    """Whether the process of a local server is there, and is it still: numbers of processes are used again."""
    if access.process is None:
        return False
    try:
        if Path(f"/proc/{access.process}").stat().st_uid != os.geteuid():
            return False  # another user's, whatever it calls itself
    except OSError:
        return False
    words: list[bytes] = []
    until = time.monotonic() + MAX_EXEC_SECONDS
    while not any(words) and time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):  # our own child, when started and stopped by one program
            os.waitpid(access.process, os.WNOHANG)
        try:
            words = Path(f"/proc/{access.process}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        if not any(words):
            time.sleep(0.01)
    return str(LAUNCHER_FILE).encode() in words and str(urlsplit(access.url).port).encode() in words


def is_taken(access: Access) -> bool:
    """Whether anybody listens at the address of an own server."""
    return any(True for _ in _listening(access))


def _is_ours(access: Access) -> bool:
    if urlsplit(access.url).hostname != LOCAL_HOST or not alive(access):
        return False
    listening = set(_listening(access))
    return bool(listening) and listening <= set(_sockets(access.process or 0))


def _listening(access: Access) -> Iterator[str]:
    """The sockets, by Linux's number, that a connection to that address may come to: of this address, else of all."""
    port = urlsplit(access.url).port or 0
    found: dict[str, list[str]] = {LOCAL_HOST: [], "0.0.0.0": []}  # noqa: S104 - looked for, not bound
    with contextlib.suppress(OSError):
        rows = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        for words in (row.split() for row in rows):
            for host, sockets in found.items():
                if words[1] == f"{_in_table(host)}:{port:04X}" and words[3] == LISTENING_STATE:
                    sockets.append(words[9])
    yield from found[LOCAL_HOST] or found["0.0.0.0"]  # noqa: S104


def _in_table(host: str) -> str:
    """An address as Linux's table has it: as one number of this processor's."""
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}"


def _sockets(process: int) -> Iterator[str]:
    """The sockets that a process holds, by Linux's number."""
    with contextlib.suppress(OSError):
        for handle in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                kind, _, number = str(handle.readlink()).partition(":")
                if kind == "socket":
                    yield number.strip("[]")
