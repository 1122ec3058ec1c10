"""A layout file read for editing, and replaced with the old one kept beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocrfill.errors import BadInput, BadLayout
from ocrfill.layouts import Layout, parse_layout
from ocrfill.store.atomic_file import whole

BYTE_ORDER_MARK = "\ufeff"
"""What some editors of Windows put before UTF-8."""


@dataclass(frozen=True, slots=True)
class LayoutFile:
    """A layout of one's own: its path, its text without the mark before it, and what it says."""

    path: Path
    text: str
    layout: Layout
    marked: bool

    def replaced(self, text: str) -> Path | None:
        """Write another text, once it is known to be a layout; where the old one is kept, None if nothing is new.

        Raises BadLayout, and changes nothing, where the text has faults.
        """
        parse_layout(text, self.path.name)
        if text == self.text:
            return None
        kept = _free(self.path)
        with whole(kept, private=False) as part:
            part.write_bytes(self.path.read_bytes())
        with whole(self.path, private=False) as part:
            part.write_bytes(((BYTE_ORDER_MARK if self.marked else "") + text).encode())
        return kept


def open_layout(path: Path) -> LayoutFile:
    """A layout file of one's own. Raises BadInput where there is none, BadLayout where it has faults."""
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file; a layout that comes with ocrfill is copied first, then edited")
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadLayout(path.name, (f"byte {error.start}: not UTF-8; save the file as UTF-8",)) from error
    bare = text.removeprefix(BYTE_ORDER_MARK)
    return LayoutFile(path, bare, parse_layout(bare, path.name), marked=bare != text)


def _free(path: Path) -> Path:
    """The first free of my_book.yaml.1, my_book.yaml.2, …"""
    number = 1
    while (kept := path.with_name(f"{path.name}.{number}")).exists():
        number += 1
    return kept
