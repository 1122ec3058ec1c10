"""The pages of a TIFF: its list of directories walked once, and one page opened without walking through the others."""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from PIL import Image as Pillow
from PIL import TiffImagePlugin

from ocrfill.document.page import Image
from ocrfill.errors import PageError
from ocrfill.pipeline.scans.decoder_gate import decoder_gate
from ocrfill.pipeline.scans.file_types import MAX_PAGES_PER_FILE
from ocrfill.pipeline.scans.jpeg_parts import SCAN_MARKER, jpeg_parts
from ocrfill.pipeline.scans.raster import (
    as_eight_bit,
    check_jpegs,
    check_size,
    decode_jpeg,
    is_all_transparent,
    load_pixels,
    open_picture,
)

_NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _BITS, _COMPRESSION, _PHOTOMETRIC, _PLANES = 254, 255, 258, 259, 262, 284
_STRIP_OFFSETS, _STRIP_SIZES, _JPEG_OFFSET, _JPEG_SIZE = 273, 279, 513, 514
_TILE_OFFSETS, _TILE_SIZES, _JPEG_TABLES = 324, 325, 347
_TAGS: Final = frozenset({
    _NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _BITS, _COMPRESSION, _PHOTOMETRIC, _PLANES,
    _STRIP_OFFSETS, _STRIP_SIZES, _JPEG_OFFSET, _JPEG_SIZE, 338, _TILE_OFFSETS, _TILE_SIZES, _JPEG_TABLES,
})  # fmt: skip
_EXTRA_SAMPLES: Final = 338
_OTHERWISE: Final = {_PHOTOMETRIC: 1, _EXTRA_SAMPLES: 0}
_REDUCED, _MASK = 1, 4
_OLD_REDUCED: Final = 2
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _TRANSPARENCY_MASK = 0, 1, 4
_OLD_STYLE_JPEG, _JPEG = 6, 7
_SEPARATE_PLANES: Final = 2
_PILLOW_INVERTS: Final = frozenset({(1,), (8,)})
"""Bits a pixel at which Pillow turns "white is 0" round itself, whatever the compression and the order of bytes."""
_INTEGERS: Final = {1: "B", 3: "H", 4: "I", 7: "B", 16: "Q"}
"""Types of values, and how each lies in the file; 7 is bytes of any meaning."""
_MAX_VALUES: Final = 100_000
_DAMAGED: Final = "the TIFF's list of pages is damaged; copy or scan it again"
_libtiff_reads_all = threading.Lock()


@dataclass(frozen=True, slots=True)
class TiffDirectory:
    """One image of a TIFF: where its list of tags stands, and those we look at.

    `otherwise` is where the values of two tags stand, and the bytes that make them say: black is 0, the fourth channel
    is no opacity.
    """

    offset: int
    tags: dict[int, tuple[int, ...]]
    otherwise: dict[int, tuple[int, bytes]]

    @property
    def is_page(self) -> bool:
        """Whether it is a picture in its full size: no preview and no mask, which scanners add for programs."""
        kind = self._first(_NEW_SUBFILE_TYPE)
        mask = kind & _MASK or self._first(_PHOTOMETRIC, _BLACK_IS_ZERO) == _TRANSPARENCY_MASK
        return not (kind & _REDUCED or mask or self._first(_SUBFILE_TYPE) == _OLD_REDUCED)

    @property
    def bits(self) -> tuple[int, ...]:
        """Bits of each channel."""
        return self.tags.get(_BITS, (1,))

    @property
    def is_old_style_jpeg(self) -> bool:
        """Whether its pixels are coded as TIFF 6.0 of 1992 had it, which was given up in 1995."""
        return self._first(_COMPRESSION, 1) == _OLD_STYLE_JPEG

    @property
    def is_jpeg(self) -> bool:
        """Whether each strip or tile of it is a JPEG, as TIFF has it since 1995."""
        return self._first(_COMPRESSION, 1) == _JPEG

    @property
    def must_be_inverted(self) -> bool:
        """Whether 0 stands for white in a form that Pillow takes the other way round, or does not know."""
        inverted = self._first(_PHOTOMETRIC, _BLACK_IS_ZERO) == _WHITE_IS_ZERO
        return inverted and len(self.bits) == 1 and self.bits not in _PILLOW_INVERTS

    @property
    def has_deep_planes(self) -> bool:
        """Whether its colours lie in planes of 16 bits, which Pillow's own reader takes for 8."""
        return self._first(_PLANES, 1) == _SEPARATE_PLANES and 16 in self.bits

    def _first(self, tag: int, default: int = 0) -> int:
        return (*self.tags.get(tag, ()), default)[0]


def tiff_pages(stream: BinaryIO) -> list[TiffDirectory]:
    """The pages of a TIFF in their order; where all its images are previews, these. Raises PageError."""
    with decoder_gate(_DAMAGED):
        directories = _directories(stream)
    if not directories:
        raise PageError("scan", "the TIFF holds no image; copy or scan it again")
    return [directory for directory in directories if directory.is_page] or directories


def tiff_page_at(stream: BinaryIO, offset: int) -> TiffDirectory:
    """The page whose list of tags stands there, as `tiff_pages` has found it. Raises PageError."""
    with decoder_gate(_DAMAGED):
        stream.seek(0)
        order, big = _form(stream.read(8))
        return _directory(stream, offset, order, big=big)[0]


def open_tiff_page(stream: BinaryIO, page: TiffDirectory, *, opaque: bool = False) -> Pillow.Image:
    """A page's head, its pixels not decoded yet; `opaque`: without its channel of opacity. Raises PageError."""
    stream.seek(0)
    order, big = _form(stream.read(8))
    patches = {8 if big else 4: struct.pack(order + ("Q" if big else "I"), page.offset)}
    said = [_PHOTOMETRIC] if page.must_be_inverted else []
    if opaque:
        said.append(_EXTRA_SAMPLES)
    patches |= [page.otherwise[tag] for tag in said if tag in page.otherwise]
    patched = io.BufferedReader(_PatchedFile(stream, patches))
    if not page.has_deep_planes:
        return open_picture(patched)
    with _libtiff_reads_all:
        before, TiffImagePlugin.READ_LIBTIFF = TiffImagePlugin.READ_LIBTIFF, True
        try:
            return open_picture(patched)
        finally:
            TiffImagePlugin.READ_LIBTIFF = before


def decode_tiff_page(stream: BinaryIO, page: TiffDirectory, picture: Pillow.Image) -> Image:
    """The pixels of a page that was opened. Raises PageError."""
    check_size(*picture.size)
    if page.is_old_style_jpeg:
        return decode_jpeg(_old_style_jpeg(stream, page))
    if page.is_jpeg:
        check_jpegs(_jpegs(stream, page))
    load_pixels(picture)
    if is_all_transparent(picture):  # where colours are stored times their opacity, all of them came out black
        picture = open_tiff_page(stream, page, opaque=True)
    image = as_eight_bit(picture)
    if page.bits == (12,):  # in the low bits of 16
        image = np.asarray(np.asarray(picture) >> 4, np.uint8)
    return 255 - image if page.must_be_inverted else image


def _directories(stream: BinaryIO) -> list[TiffDirectory]:
    stream.seek(0)
    head = stream.read(16)
    order, big = _form(head)
    (offset,) = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)
    found: dict[int, TiffDirectory] = {}
    while offset:
        if offset in found:
            raise PageError("scan", _DAMAGED)  # a circle: what should follow is lost
        if len(found) == MAX_PAGES_PER_FILE:
            raise PageError("scan", f"the TIFF has more than {MAX_PAGES_PER_FILE} pages; split it")
        found[offset], offset = _directory(stream, offset, order, big=big)
    return list(found.values())


def _directory(stream: BinaryIO, offset: int, order: str, *, big: bool) -> tuple[TiffDirectory, int]:
    """One list of tags and where the next stands; 0 where there is none."""
    count_form, entry_form, link_form = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
    count_size, head_size, place_size = (8, 12, 8) if big else (2, 8, 4)
    stream.seek(offset)
    (count,) = struct.unpack(order + count_form, stream.read(count_size))
    if count > 0xFFFF:
        raise PageError("scan", _DAMAGED)
    entry_size = head_size + place_size
    entries = stream.read(count * entry_size)
    (following,) = struct.unpack(order + link_form, stream.read(place_size))
    tags: dict[int, tuple[int, ...]] = {}
    otherwise: dict[int, tuple[int, bytes]] = {}
    for at in range(0, count * entry_size, entry_size):
        tag, kind, number = struct.unpack_from(order + entry_form, entries, at)
        form = _INTEGERS.get(kind)
        if tag not in _TAGS or form is None or not 0 < number <= _MAX_VALUES:
            continue
        size = number * struct.calcsize(form)
        content = entries[at + head_size : at + entry_size]
        if size > place_size:
            stream.seek(*struct.unpack(order + link_form, content))
            content = stream.read(size)
        tags[tag] = struct.unpack_from(f"{order}{number}{form}", content)
        if tag in _OTHERWISE and number == 1:
            otherwise[tag] = offset + count_size + at + head_size, struct.pack(order + form, _OTHERWISE[tag])
    return TiffDirectory(offset, tags, otherwise), following


def _form(head: bytes) -> tuple[str, bool]:
    """The order of bytes, and whether it is a TIFF of long offsets."""
    order = "<" if head.startswith(b"II") else ">"
    return order, struct.unpack_from(f"{order}H", head, 2)[0] == 43


def _old_style_jpeg(stream: BinaryIO, page: TiffDirectory) -> bytes:
    """The JPEG of a page in the old style, where it is one: whole, or its head apart from its coded pixels."""
    unread = PageError(
        "scan",
        "the TIFF's pixels are coded as old-style JPEG in a form that is not read; save it as another TIFF or PDF",
    )
    start, size = page.tags.get(_JPEG_OFFSET), page.tags.get(_JPEG_SIZE)
    if start is None:
        raise unread
    stream.seek(start[0])
    content = stream.read(size[0] if size and size[0] else -1)
    if not content.startswith(b"\xff\xd8"):
        raise unread
    if any(part.marker == SCAN_MARKER for part in jpeg_parts(content)):
        return content
    offsets, sizes = page.tags.get(_STRIP_OFFSETS, ()), page.tags.get(_STRIP_SIZES, ())
    if len(offsets) != 1 or len(sizes) != 1:
        raise unread
    stream.seek(offsets[0])
    return content.removesuffix(b"\xff\xd9") + stream.read(sizes[0])


def _jpegs(stream: BinaryIO, page: TiffDirectory) -> Iterator[bytes]:
    """The JPEG of each strip or tile, with the tables that the page keeps for all of them.

    libtiff, by which Pillow reads them, has no way left to warn of lost pixels.
    """
    tables = bytes(page.tags.get(_JPEG_TABLES, ()))
    shared = tables[2:].removesuffix(b"\xff\xd9")
    places = page.tags.get(_TILE_OFFSETS) or page.tags.get(_STRIP_OFFSETS, ())
    sizes = page.tags.get(_TILE_SIZES) or page.tags.get(_STRIP_SIZES, ())
    for place, size in zip(places, sizes, strict=False):
        stream.seek(place)
        content = stream.read(size)
        yield content[:2] + shared + content[2:]


class _PatchedFile(io.RawIOBase):
    """A file of which a few bytes read otherwise: Pillow begins with the page that the head names.

    It keeps the file's number, by which libtiff reads the pixels from the file itself.
    """

    def __init__(self, stream: BinaryIO, patches: dict[int, bytes]) -> None:
        self._stream = stream
        self._patches = patches
        stream.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        start = self._stream.tell()
        content = bytearray(self._stream.read(len(buffer)))
        for place, patch in self._patches.items():
            for n, byte in enumerate(patch):
                if start <= place + n < start + len(content):
                    content[place + n - start] = byte
        buffer[: len(content)] = content
        return len(content)
