"""Files searched for many byte strings at once: what is left of a book that was taken out, in whatever file it lies."""

from __future__ import annotations

import html
import json
import os
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

WINDOW_BYTES = 8
"""What is searched for has at least so many bytes: shorter strings stand in any file by chance."""

BLOCK_BYTES = 4 << 20

MAX_MEMBER_BYTES = 1 << 30
"""Bytes of one member of a zip that are unpacked."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Byte strings, sorted by how they begin; `longest` is the longest one's length."""

    starts: npt.NDArray[np.uint64]
    by_start: dict[bytes, tuple[bytes, ...]]
    longest: int

    @classmethod
    def of(cls, strings: Iterable[bytes]) -> Sought:
        """The strings that are long enough to be searched for."""
        by_start: dict[bytes, set[bytes]] = {}
        for string in strings:
            if len(string) >= WINDOW_BYTES:
                by_start.setdefault(string[:WINDOW_BYTES], set()).add(string)
        starts = np.frombuffer(b"".join(sorted(by_start)), dtype="<u8")
        longest = max((len(s) for found in by_start.values() for s in found), default=0)
        return cls(np.sort(starts), {start: tuple(found) for start, found in by_start.items()}, longest)

    def found_in(self, block: bytes) -> Iterator[bytes]:
        """Those that stand in the block, in no order, some more than once."""
        if not len(self.starts):
            return
        for shift in range(min(WINDOW_BYTES, max(0, len(block) - WINDOW_BYTES + 1))):
            count = (len(block) - shift) // WINDOW_BYTES
            windows = np.frombuffer(block, dtype="<u8", count=count, offset=shift)
            places = np.searchsorted(self.starts, windows)
            places[places == len(self.starts)] = 0
            for hit in np.flatnonzero(self.starts[places] == windows):
                at = shift + WINDOW_BYTES * int(hit)
                for string in self.by_start[block[at : at + WINDOW_BYTES]]:
                    if block.startswith(string, at):
                        yield string


def spellings(text: str) -> set[bytes]:
    """A text as files may hold it: plain, in JSON with and without its own letters, in HTML and XML (Excel's)."""
    escaped = html.escape(text)
    return {
        text.encode(errors="surrogatepass"),
        json.dumps(text)[1:-1].encode(),
        json.dumps(text, ensure_ascii=False)[1:-1].encode(errors="surrogatepass"),
        escaped.encode(errors="surrogatepass"),
        html.escape(text, quote=False).encode(errors="surrogatepass"),
        html.escape(text, quote=False).encode("ascii", errors="xmlcharrefreplace"),
        escaped.replace("&#x27;", "&#39;").replace("&quot;", "&#34;").encode(errors="surrogatepass"),
    }


def strings_in_file(file: Path, sought: Sought) -> set[bytes]:
    """What of the sought stands in the file, or unpacked in it where it is a zip (an Excel file is one).

    Raises OSError where it cannot be read.
    """
    with file.open("rb") as opened:
        found = _in_stream(opened, sought)
        opened.seek(0)
        if zipfile.is_zipfile(opened):
            found |= _in_zip(opened, sought)
    return found


def _in_zip(opened: BinaryIO, sought: Sought) -> set[bytes]:
    found: set[bytes] = set()
    try:
        with zipfile.ZipFile(opened) as archive:
            for member in archive.infolist():
                if member.file_size <= MAX_MEMBER_BYTES:
                    with archive.open(member) as unpacked:
                        found |= _in_stream(cast(BinaryIO, unpacked), sought)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        pass  # no zip of ours: its bytes were searched as they stand
    return found


def _in_stream(opened: BinaryIO, sought: Sought) -> set[bytes]:
    return strings_in_blocks(iter(lambda: opened.read(BLOCK_BYTES), b""), sought)


def strings_in_blocks(blocks: Iterable[bytes], sought: Sought) -> set[bytes]:
    """What of the sought stands in bytes that come in blocks, over their borders too."""
    found: set[bytes] = set()
    before = b""
    for block in blocks:
        joined = before + block
        found.update(sought.found_in(joined))
        before = joined[-(sought.longest - 1) :] if sought.longest > 1 else b""
    return found


def files_below(folder: Path, without: Collection[Path] = ()) -> Iterator[Path]:
    """Every plain file below a folder, in a fixed order; links are not followed. `without` are left out, by path."""
    left_out = {os.path.abspath(path) for path in without}  # noqa: PTH100 - links stay as they are
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            if os.path.abspath(path) not in left_out and path.is_file() and not path.is_symlink():  # noqa: PTH100
                yield path
