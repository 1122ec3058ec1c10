"""A PNG without its notes: what stands in it beside the picture may be as large as one likes and is not decoded."""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO, Final

from ocrfill.errors import PageError

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_HEAD_BYTES: Final = 8
_SUM_BYTES: Final = 4
_NOTES: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})
"""Texts and colour profiles: Pillow unpacks them, up to a limit beyond which it refuses the file."""
_EXIF_NOTE: Final = b"Raw profile type exif\0"
"""The one text that says how the picture lies: ImageMagick put EXIF so before PNG had a place for it."""
_MAX_EXIF_NOTE_BYTES: Final = 65_536
_DAMAGED: Final = "the PNG is damaged or ends in the middle; copy or scan it again"


def png_head(stream: BinaryIO) -> BinaryIO:
    """What a PNG says before its pixels, without its notes."""
    kept = io.BytesIO(stream.read(len(_MAGIC)))
    kept.seek(0, io.SEEK_END)
    while len(head := stream.read(_HEAD_BYTES)) == _HEAD_BYTES:
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in {b"IDAT", b"fdAT", b"IEND"}:
            kept.write(head + stream.read(_SUM_BYTES))
            break
        _keep(kept, head, stream.read(length + _SUM_BYTES))
    kept.seek(0)
    return kept


def whole_png(stream: BinaryIO) -> BinaryIO:
    """A PNG without its notes. Raises PageError where a checksum does not hold: decoders do not look at the pixels'."""
    kept = io.BytesIO(stream.read(len(_MAGIC)))
    kept.seek(0, io.SEEK_END)
    kind = b""
    while kind != b"IEND":
        head = stream.read(_HEAD_BYTES)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        content = stream.read(length + _SUM_BYTES)
        whole = len(head) == _HEAD_BYTES and len(content) == length + _SUM_BYTES
        if not whole or zlib.crc32(content[:length], zlib.crc32(kind)) != int.from_bytes(content[length:], "big"):
            raise PageError("scan", _DAMAGED)
        _keep(kept, head, content)
    kept.seek(0)
    return kept


def _keep(kept: BinaryIO, head: bytes, content: bytes) -> None:
    kind = head[4:]
    if kind not in _NOTES or (content.startswith(_EXIF_NOTE) and len(content) <= _MAX_EXIF_NOTE_BYTES):
        kept.write(head + content)
