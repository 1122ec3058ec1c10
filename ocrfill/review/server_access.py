"""Where a workspace's reviewing server is and how to speak to it: kept in the workspace, for its owner's eyes only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from ocrfill.errors import OutputError, ReviewError
from ocrfill.store.atomic_file import is_open_to_others, whole

REVIEW_FOLDER = "review"
ACCESS_FILE_NAME = "server.json"

LOCAL_SERVER_NAME = "local"
"""The name, in the ledger, of a workspace's own server; its port may change, it stays the same server."""


@dataclass(frozen=True, slots=True)
class Access:
    """`user` and `password` are those of a local server; `process` is the one it runs in, None for a given server."""

    url: str
    token: str
    name: str
    user: str = ""
    password: str = ""
    process: int | None = None

    def __repr__(self) -> str:
        return f"Access({self.url!r}, name={self.name!r})"


_ACCESS: TypeAdapter[Access] = TypeAdapter(Access)


def folder_of(workspace: Path) -> Path:
    """The folder of a workspace's review, made where it is missing, closed to other users."""
    folder = workspace / REVIEW_FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise OutputError(f"cannot make {folder}: {error.strerror}; check the folder and its permissions") from error
    return folder


def keep(workspace: Path, access: Access) -> None:
    """Write the access; the file is its owner's alone from its first moment. Raises OutputError."""
    with whole(folder_of(workspace) / ACCESS_FILE_NAME, private=True) as part:
        part.write_text(json.dumps(asdict(access), indent=1), encoding="utf-8")


def load(workspace: Path) -> Access | None:
    """The access, None where review was never started here.

    Raises ReviewError where the file is damaged, or open to others.
    """
    file = workspace / REVIEW_FOLDER / ACCESS_FILE_NAME
    try:
        access = _ACCESS.validate_json(file.read_bytes(), strict=True)
        _ = urlsplit(access.url).port  # raises ValueError where it is no number of a port
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ReviewError(f"{file} cannot be read ({type(error).__name__}); run `ocrfill review start` again") from None
    if is_open_to_others(file):
        raise ReviewError(
            f"{file} holds a password and a token, and others may read it: chmod 600 it; if anybody may have read it, "
            "remove it and run `ocrfill review start` again"
        )
    return access


def need(workspace: Path) -> Access:
    """The access. Raises ReviewError where there is none."""
    access = load(workspace)
    if access is None:
        raise ReviewError(f"{workspace} has no reviewing server yet; `ocrfill review start --workspace {workspace}`")
    return access
