"""The parts of a JPEG, through all of its scans: marks, their heads, coded pixels. Nothing is decoded."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

SCAN_MARKER: Final = 0xDA
"""The marker of a scan: its head, after which coded pixels follow. Progressive JPEGs have several."""
END_MARKER: Final = 0xD9
FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the head that says size, channels and coding."""

_WITHOUT_HEAD: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_NEVER: Final = 16
"""More than any number of bits that a layer leaves for later ones."""
_MARK: Final = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_AFTER_CODED: Final = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""In coded pixels 0xFF stands before 0, which is no part of it, or before a restart mark."""


@dataclass(frozen=True, slots=True)
class JpegPart:
    """A mark and what belongs to it, as places in the file: `start` of the mark (with the bytes that fill up before
    it), its head without its length from `head` to `coded`, and after a scan's head its coded pixels up to `end`.
    """

    marker: int
    start: int
    head: int
    coded: int
    end: int


def jpeg_parts(content: bytes) -> Iterator[JpegPart]:
    """The parts of a JPEG after its first two bytes, up to its end mark, or as far as they lie within the file.

    Bytes between them that belong to nothing are passed over, as decoders do.
    """
    position = 2
    while mark := _MARK.search(content, position):
        marker, head = mark[1][0], mark.end()
        if marker == END_MARKER or marker in _WITHOUT_HEAD:
            yield JpegPart(marker, mark.start(), head, head, head)
            if marker == END_MARKER:
                return
            position = head
            continue
        position = head + int.from_bytes(content[head : head + 2], "big")
        if position < head + 2 or position > len(content):
            return
        coded = position
        if marker == SCAN_MARKER:
            following = _AFTER_CODED.search(content, coded)
            position = following.start() if following else len(content)
        yield JpegPart(marker, mark.start(), head + 2, coded, position)


def has_jpeg_end(content: bytes) -> bool:
    """Whether a JPEG's last scan is followed by an end mark; those in its heads (a thumbnail's) do not count."""
    scans = 0
    for part in jpeg_parts(content):
        scans += part.marker == SCAN_MARKER
        if part.marker == END_MARKER:
            return scans > 0
    return False


def is_progressive(content: bytes) -> bool:
    """Whether a JPEG comes in layers, each finer."""
    heads = takewhile(lambda part: part.marker != SCAN_MARKER, jpeg_parts(content))
    return any(part.marker in _PROGRESSIVE for part in heads)


def has_all_layers(content: bytes) -> bool:
    """Whether a progressive JPEG has all layers of its first channel, which holds what is written; others have one.

    One that was cut between two of them and closed again looks whole to decoders, only blurred.
    """
    if not is_progressive(content):
        return True
    missing_bits = [_NEVER] * 64
    first: int | None = None
    for part in jpeg_parts(content):
        head = content[part.head : part.coded]
        if part.marker in FRAME_MARKERS and len(head) > 6:
            first = head[6]
        elif part.marker == SCAN_MARKER and len(head) >= 6:
            if first is None or first not in head[1 : 1 + 2 * head[0] : 2]:
                continue
            low, high, bits = head[-3:]
            missing_bits[low : high + 1] = [bits % 16] * len(missing_bits[low : high + 1])
    return not any(missing_bits)


def jpeg_frame(content: bytes) -> tuple[int, int, int] | None:
    """Width, height and number of channels that a JPEG names itself; None where it is damaged."""
    for part in jpeg_parts(content):
        if part.marker in FRAME_MARKERS and part.coded - part.head >= 6:
            height, width, channels = struct.unpack_from(">HHB", content, part.head + 1)
            return width, height, channels
    return None
