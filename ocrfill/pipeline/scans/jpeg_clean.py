"""The one way a JPEG leaves as it is: nothing in it but the tables and the coded pixels of its picture."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from ocrfill.errors import PageError
from ocrfill.pipeline.scans.decoder_gate import decoder_gate, printed_warnings
from ocrfill.pipeline.scans.jpeg_parts import (
    END_MARKER,
    FRAME_MARKERS,
    SCAN_MARKER,
    JpegPart,
    has_all_layers,
    jpeg_parts,
)
from ocrfill.pipeline.scans.raster import check_size

_START: Final = b"\xff\xd8"
_BASELINE, _EXTENDED, _PROGRESSIVE = 0xC0, 0xC1, 0xC2
_HUFFMAN, _QUANTISATION, _RESTARTS = 0xC4, 0xDB, 0xDD
_JFIF, _ADOBE = 0xE0, 0xEE
_REMARKS: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
"""What programs write beside the picture: EXIF, XMP, profiles, previews, comments."""
_ADOBE_COLOURS: Final = 1
"""Luminance and two colours, which every viewer takes a JPEG of three channels for."""
_RGB: Final = b"RGB"

_Table = tuple[int, int]
"""A table's marker, and its number as the scans name it."""


def clean_jpeg(content: bytes) -> bytes | None:
    """The JPEG without anything but its picture, its coded pixels byte for byte.

    None where that cannot be proven, or where not every viewer shows it as ocrfill reads it: it must be coded anew. So
    are arithmetic, lossless, hierarchical and 12-bit coding, four inks, red-green-blue without the usual change of
    colours, tables left to the reader, bytes that belong to nothing, and anything a decoder warns of.
    """
    picture = _Picture(content)
    position = len(_START)
    if not content.startswith(_START):
        return None
    for part in jpeg_parts(content):
        if part.start != position:
            return None
        position = part.end
        if part.marker == END_MARKER:
            return picture.whole()
        if not picture.takes(part):
            return None
    return None


@dataclass(slots=True)
class _Picture:
    """What is kept of a JPEG while one goes through its parts."""

    content: bytes
    kept: list[tuple[int, bytes]] = field(default_factory=list)
    tables: dict[_Table, int] = field(default_factory=dict)
    """The place in `kept` of each table as it is defined now."""
    used: set[int] = field(default_factory=set)
    """The places of tables that a scan needs."""
    frame: int = 0
    channels: dict[int, int] = field(default_factory=dict)
    """The number of each channel's table of quantisation, by the channel's own number."""
    scanned: dict[int, int] = field(default_factory=dict)
    """How often each channel's first coefficients came."""
    density: bytes | None = None
    adobe: int | None = None

    def takes(self, part: JpegPart) -> bool:
        """Keep a part, or leave it out where it is a remark; False where the JPEG must be coded anew."""
        head = self.content[part.head : part.coded]
        if part.marker in _REMARKS:
            self._note(part.marker, head)
            return True
        if part.marker == _QUANTISATION:
            return self._add_quantisation(head)
        if part.marker == _HUFFMAN:
            return self._add_huffman(head)
        if part.marker == _RESTARTS:
            self._add_table((_RESTARTS, 0), head)
            return len(head) == 2
        if part.marker == SCAN_MARKER:
            return self._add_scan(head, self.content[part.coded : part.end])
        return part.marker in FRAME_MARKERS and self._add_frame(part.marker, head)

    def whole(self) -> bytes | None:
        """The picture alone; None where something of it is missing, or a decoder warns of anything."""
        if not self.channels or self.scanned != dict.fromkeys(self.channels, 1) or not has_all_layers(self.content):
            return None
        told = [] if self.density is None else [_segment(_JFIF, b"JFIF\0\1\1" + self.density + b"\0\0")]
        if len(self.channels) == 3:
            if self.adobe not in {None, _ADOBE_COLOURS}:
                return None
            if self.adobe is not None:
                told.append(_segment(_ADOBE, b"Adobe\0\x64\0\0\0\0" + bytes([_ADOBE_COLOURS])))
            elif self.density is None and bytes(self.channels) == _RGB:
                return None
        parts = [part for at, (marker, part) in enumerate(self.kept) if at in self.used or marker not in _TABLE_MARKERS]
        clean = b"".join([_START, *told, *parts, bytes([0xFF, END_MARKER])])
        return clean if _is_read_in_silence(clean) else None

    def _note(self, marker: int, head: bytes) -> None:
        if self.scanned:
            return  # decoders settle colours before the first scan
        if marker == _JFIF and head.startswith(b"JFIF\0") and len(head) >= 14:
            self.density = bytes([min(head[7], 2)]) + head[8:12]
        elif marker == _ADOBE and head.startswith(b"Adobe") and len(head) >= 12:
            self.adobe = head[11]

    def _add_table(self, name: _Table, body: bytes) -> None:
        self.tables[name] = len(self.kept)
        self.kept.append((name[0], _segment(name[0], body)))

    def _add_quantisation(self, head: bytes) -> bool:
        while head:
            precision, number = divmod(head[0], 16)
            size = 1 + 64 * (1 + precision)
            if precision > 1 or len(head) < size:
                return False
            self._add_table((_QUANTISATION, number), head[:size])
            head = head[size:]
        return True

    def _add_huffman(self, head: bytes) -> bool:
        while head:
            size = 17 + sum(head[1:17])
            if len(head) < size or size > 17 + 256:
                return False
            self._add_table((_HUFFMAN, head[0]), head[:size])
            head = head[size:]
        return True

    def _add_frame(self, marker: int, head: bytes) -> bool:
        if self.frame or marker not in {_BASELINE, _EXTENDED, _PROGRESSIVE} or len(head) < 6:
            return False
        bits, height, width, channels = struct.unpack_from(">BHHB", head)
        if bits != 8 or channels not in {1, 3} or len(head) != 6 + 3 * channels:
            return False
        try:
            check_size(width, height)
        except PageError:
            return False
        self.frame = marker
        self.channels = {head[at]: head[at + 2] for at in range(6, len(head), 3)}
        self.kept.append((marker, _segment(marker, head)))
        return bool(len(self.channels) == channels)

    def _add_scan(self, head: bytes, coded: bytes) -> bool:
        if not head or len(head) != 4 + 2 * head[0]:
            return False
        wanted = {head[at]: divmod(head[at + 1], 16) for at in range(1, len(head) - 3, 2)}
        first, last, bits = head[-3:]
        progressive = self.frame == _PROGRESSIVE
        if len(wanted) != head[0] or not wanted or not wanted.keys() <= self.channels.keys():
            return False
        if not progressive and (first, last, bits) != (0, 63, 0):
            return False
        needed: list[_Table] = [(_RESTARTS, 0)] if (_RESTARTS, 0) in self.tables else []
        for channel, (steady, changing) in wanted.items():
            needed.append((_QUANTISATION, self.channels[channel]))
            if first == 0 and bits < 16:  # the first layer of the first coefficients, or all
                self.scanned[channel] = self.scanned.get(channel, 0) + 1
                needed.append((_HUFFMAN, steady))
            if last:
                needed.append((_HUFFMAN, 16 + changing))
        if any(name not in self.tables for name in needed):
            return False
        self.used |= {self.tables[name] for name in needed}
        self.kept.append((SCAN_MARKER, _segment(SCAN_MARKER, head) + coded))
        return True


_TABLE_MARKERS: Final = frozenset({_QUANTISATION, _HUFFMAN, _RESTARTS})


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def _is_read_in_silence(content: bytes) -> bool:
    """Whether a decoder goes through all coded pixels and finds none missing and no byte between them."""
    flags = cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        with decoder_gate("the JPEG cannot be decoded"), printed_warnings() as told:
            decoded = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except PageError:
        return False
    return not told and isinstance(decoded, np.ndarray)
