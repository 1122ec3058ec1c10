"""What a file is, told from its first bytes: names lie (a text named .jpg, a PDF without a suffix)."""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Final

MAX_PAGES_PER_FILE: Final = 10_000
"""No register has so many leaves: books have 100 to 500. A small file can claim millions."""

HEAD_BYTES = 1024
"""How much of a file is looked at: a PDF may carry other bytes before its header, within the first 1024."""


class FileType(StrEnum):
    """The kinds of scan files that can be read."""

    PDF = "PDF"
    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    BMP = "BMP"
    WEBP = "WebP"


SCAN_SUFFIXES = frozenset({".pdf", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".dib", ".webp"})
"""Names under which scans come; such a file is always looked at, even where its content is something else."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0\x08", b"MM\0+\0\x08")
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # sizes of the second header: "BM" alone also begins texts
_FOREIGN = (
    (b"GIF8", "a GIF picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"AT&TFORM", "a DjVu document"),
    (b"PK\x03\x04", "a zip archive, or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a database"),
)


def file_type_of(head: bytes) -> FileType | None:
    """The kind of a file with these first bytes, None where it is no kind of scan we read."""
    if head.startswith(b"\xff\xd8\xff"):
        return FileType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType.PNG
    if head.startswith(_TIFF):
        return FileType.TIFF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileType.WEBP
    if head.startswith(b"BM") and len(head) >= 18 and struct.unpack_from("<I", head, 14)[0] in _BMP_HEADERS:
        return FileType.BMP
    return FileType.PDF if b"%PDF-" in head[:HEAD_BYTES] else None


def foreign_file_type(head: bytes) -> str:
    """In words, what a file is that is no scan."""
    for start, name in _FOREIGN:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return "a HEIC, AVIF or video file"
    if not any(head):
        return "a file of zero bytes only (a broken copy)"
    if b"\0" not in head and _is_text(head):
        return "a text file"
    return "a file of unknown kind"


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as e:
        return e.reason == "unexpected end of data"  # the head ends inside a character
    return True
