"""Which files of the given paths are scans, in the order their pages stand in the book."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ocrfill.errors import BadInput
from ocrfill.pipeline.scans.file_types import HEAD_BYTES, SCAN_SUFFIXES, file_type_of, foreign_file_type

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})
_SYSTEM_FOLDERS = frozenset({
    "@eadir", "#recycle", "@recycle", "@tmp", "#snapshot", "@recently-snapshot",  # Synology, QNAP
    "$recycle.bin", "recycler", "recycled", "system volume information",  # Windows
    "__macosx", "lost+found",
})  # fmt: skip
"""Folders in which disks, servers and archives keep thumbnails of the scans beside them, and what was deleted.

Those of Linux and macOS (`.Trash-1000`, `.Trashes`) are hidden.
"""
_COMPANIONS = (".json", ".ink.png")
"""What lies beside the pages of a drawn book: its truth and its ink maps."""


@dataclass(frozen=True, slots=True)
class FoundScans:
    """The scans among the given paths, and the files of folders that are none, each with the reason."""

    scans: tuple[Path, ...]
    ignored: tuple[tuple[Path, str], ...] = ()


def find_scans(paths: Iterable[Path]) -> FoundScans:
    """The scans in the order given; a folder is searched to its depth, in natural order (page 2 before page 10).

    A file named by the user is always taken, so that opening it tells what is wrong with it. In a folder a file is
    taken when its name or its content is a scan's. Hidden files, files and folders of the system (recycle bins,
    thumbnails), `*.json` and `*.ink.png` are passed over in silence, all else is listed in `ignored`. A file reached
    twice is taken once. Links to folders are not followed. Raises BadInput where a path does not exist.
    """
    scans: dict[Path, Path] = {}
    ignored: dict[Path, str] = {}
    for path in paths:
        try:
            is_folder, is_there = path.is_dir(), path.exists()
        except OSError as error:  # a name too long, a folder on the way that may not be entered
            raise BadInput(f"{path}: cannot be opened: {error.strerror}") from error
        if is_folder:
            for file in _files(path, ignored):
                reason = _no_scan(file)
                if reason is None:
                    scans.setdefault(file.resolve(), file)
                else:
                    ignored[file] = reason
        elif is_there:
            scans.setdefault(path.resolve(), path)
        else:
            raise BadInput(f"{path}: there is no such file or folder")
    return FoundScans(tuple(scans.values()), tuple(ignored.items()))


def natural_key(path: Path) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """A sort key under which numbers in names count as numbers and capitals do not matter."""
    return tuple(
        tuple((0, int(run), "") if run.isdecimal() else (1, 0, run) for run in re.findall(r"\d+|\D+", part.casefold()))
        for part in path.parts
    )


def _files(folder: Path, ignored: dict[Path, str]) -> Iterator[Path]:
    """The files below a folder that could be scans, sorted; folders that cannot be opened go into `ignored`."""

    def unreadable(error: OSError) -> None:
        ignored[Path(error.filename)] = f"the folder cannot be opened: {error.strerror}"

    files: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not _is_system_folder(name)]
        files += [Path(root, name) for name in names if not _is_passed_over(name)]
    return iter(sorted(files, key=lambda file: (natural_key(file.relative_to(folder)), file)))


def _is_system_folder(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _SYSTEM_FOLDERS


def _is_passed_over(name: str) -> bool:
    small = name.casefold()
    return small.startswith((".", "~$")) or small in _SYSTEM_FILES or small.endswith(_COMPANIONS)


def _no_scan(file: Path) -> str | None:
    """Why a file in a folder is left out; None for one to take, even if only its name says that it is a scan."""
    try:
        if not file.is_file():
            return "not a file (a broken link, or a device)"
    except OSError as e:  # a link to a name that none can have, a place that may not be looked at
        return f"it cannot be opened: {e.strerror}"
    if file.suffix.casefold() in SCAN_SUFFIXES:
        return None
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as e:
        return f"it cannot be opened: {e.strerror}"
    if not head:
        return "an empty file"
    return None if file_type_of(head) else foreign_file_type(head)
