"""Zip files that are whole or not there, and the same bytes for the same members."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from ocrfill.civil_status.orthography import no_character
from ocrfill.errors import OutputError
from ocrfill.store.atomic_file import whole

_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can name: the clock must not show in the bytes
_UNIX: Final = 3
_MODE: Final = 0o100644
_DENSE: Final = frozenset({".pdf", ".jpg", ".jpeg", ".png", ".xlsx", ".zip"})
"""Members that deflating makes no smaller."""
_DEFLATE_LEVEL: Final = 6
_MAX_NAME: Final = 240
_DEVICES: Final = frozenset({"CON", "PRN", "AUX", "NUL"} | {f"{d}{n}" for d in ("COM", "LPT") for n in range(1, 10)})
"""Names that Windows keeps for devices, whatever stands after a full stop."""


def write_zip(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write the members, names in NFC, in the order in which they come; one at a time is held in memory.

    The file appears when it is whole: under its name there is the old one or none until then, also when taking the
    next member fails. Raises OutputError where it cannot be written, or for a name that is empty, leads out of the
    archive, or comes twice (names that differ in capitals only count as one: they would overwrite each other).
    """
    taken: set[str] = set()
    with whole(path) as part, zipfile.ZipFile(part, "w") as archive:
        for name, content in members:
            member = _checked(path, unicodedata.normalize("NFC", name))
            if member.casefold() in taken:
                raise OutputError(f"cannot write {path}: it would hold two files named {member}")
            taken.add(member.casefold())
            entry = zipfile.ZipInfo(member, _DATE)
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            dense = PurePosixPath(member).suffix.casefold() in _DENSE
            entry.compress_type = zipfile.ZIP_STORED if dense else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=None if dense else _DEFLATE_LEVEL)


def _checked(path: Path, name: str) -> str:
    parts = name.split("/")
    odd = no_character(name) is not None or any(c < " " or c in '\\:*?"<>|' for c in name)  # not to unpack on Windows
    odd = odd or any(p.partition(".")[0].rstrip(" ").upper() in _DEVICES for p in parts)
    if odd or any(p in {"", ".", ".."} or p.endswith((" ", ".")) for p in parts) or len(name.encode()) > _MAX_NAME:
        raise OutputError(f"cannot write {path}: {name!r} is no name for a file in an archive")
    return name
