"""Label Studio in a Python environment of its own, from a lock file with hashes. It shares nothing with ocrfill's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ocrfill.errors import MissingProgram

INSTALL_TIMEOUT_MINUTES = 30
"""How long the installation may take: it is about 1 GB."""

LOCK_FILE_NAME = "label-studio.lock"


def environment_folder(wanted: str | None = None) -> Path:
    """Where the environment is, or is made: the wanted folder, or one for all workspaces of a user."""
    if wanted is not None:
        return Path(wanted).expanduser()
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "ocrfill" / "label-studio"


def lock_file() -> Path:
    """The lock file that came with ocrfill: in the package, or in the checkout's `requirements`."""
    package = Path(__file__).resolve().parent
    for place in (package / LOCK_FILE_NAME, package.parent.parent / "requirements" / LOCK_FILE_NAME):
        if place.exists():
            return place
    raise MissingProgram(f"{LOCK_FILE_NAME} did not come with this ocrfill; install it again")


def ready(folder: Path) -> bool:
    """Whether Label Studio is installed there as the lock file says."""
    return _stamp(folder).exists() and _stamp(folder).read_text(encoding="utf-8") == _wanted()


def install(folder: Path, tell: Callable[[str], None]) -> None:
    """Make the environment where it is missing or from another lock file. Raises MissingProgram where pip fails."""
    if ready(folder):
        return
    tell(f"installing Label Studio into {folder} (about 1 GB, some minutes, once)")
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes", "-r"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, str(lock_file())]):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=60 * INSTALL_TIMEOUT_MINUTES, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise MissingProgram(
                f"cannot install Label Studio into {folder}: {error}; run the command again"
            ) from error
        if done.returncode != 0:
            last = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise MissingProgram(
                f"cannot install Label Studio into {folder}:\n{last}\n"
                "check the network and the free space (1 GB), then run the command again"
            )
    _stamp(folder).write_text(_wanted(), encoding="utf-8")


def _stamp(folder: Path) -> Path:
    return folder / ".ocrfill"


def _wanted() -> str:
    return hashlib.sha256(lock_file().read_bytes()).hexdigest()
