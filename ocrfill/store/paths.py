"""Where scans lie: how a path is kept in the store, and where it can be opened."""

from __future__ import annotations

import os
from pathlib import Path

from ocrfill.document.page import shown_path
from ocrfill.errors import OutputError
from ocrfill.store.atomic_file import make_folders
from ocrfill.store.page_rows import check_text

_ODD = "//"
"""Stands in no path but at its very begin; here before the name of a file that cannot be named."""


def stored_path(workspace: Path, file: Path) -> str:
    """A scan's path relative to the workspace where it lies in or beside it, absolute otherwise; "/" between folders.

    A path that is not UTF-8, which a database cannot hold, is kept so that it can be shown, and is told from the others
    by `is_odd_path`.
    """
    folder, absolute = os.path.abspath(workspace), os.path.abspath(file)  # noqa: PTH100 - links stay as they are
    near = os.path.dirname(folder)  # noqa: PTH120
    inside = near != os.path.sep and os.path.commonpath([near, absolute]) == near
    path = Path(os.path.relpath(absolute, folder) if inside else absolute).as_posix()
    try:
        check_text(path)
    except ValueError:
        folders, _, name = shown_path(path).rpartition("/")
        return f"{folders}{_ODD}{name}"
    return path


def is_odd_path(path: str) -> bool:
    """Whether a stored path stands for one that is not UTF-8: nothing can be opened by it."""
    return _ODD in path[1:]


def place_of(workspace: Path, path: str) -> Path:
    """Where a scan's stored path can be opened."""
    return Path(os.path.normpath(workspace / path))


def make_folder(folder: Path) -> None:
    """Make a folder with those above it, its owner's alone; one that is there stays as it is. Raises OutputError."""
    try:
        make_folders(folder)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from error
