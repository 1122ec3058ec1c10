"""JPEG, PNG, BMP and WebP made odd in their parts: lengths and checksums are right, what they hold is not."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

from support.fuzzing.tiff_parts import odd_tiff
from support.fuzzing.values import odd_bytes

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_KINDS = (
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"pHYs",
    b"eXIf", b"acTL", b"fcTL", b"fdAT", b"cICP", b"tIME", b"XXXX", b"\xff\0\xff\0",
)  # fmt: skip
ODD_SIDES = (0, 1, 2, 7, 8, 24, 32, 255, 4000, 30_000, 65_535, 2**31 - 1, 2**32 - 1)
JPEG_MARKERS = (0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC9, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0x01)


def odd_png(chance: random.Random, content: bytes) -> bytes:
    """A PNG with chunks changed, their checksums right."""
    chunks = png_chunks(content)
    for _ in range(chance.choice((1, 1, 2, 3))):
        _change_chunks(chance, chunks)
    return png_of(chunks)


def png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a sound PNG."""
    at, chunks = len(PNG_HEAD), []
    while at + 8 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG of these chunks."""
    out = bytearray(PNG_HEAD)
    for kind, content in chunks:
        out += struct.pack(">I", len(content)) + kind + content
        out += struct.pack(">I", zlib.crc32(kind + content))
    return bytes(out)


def _change_chunks(chance: random.Random, chunks: list[tuple[bytes, bytes]]) -> None:
    if not chunks:
        return
    at = chance.randrange(len(chunks))
    kind, content = chunks[at]
    match chance.randrange(9):
        case 0 | 1:
            chunks[at] = (kind, odd_bytes(chance, content))
        case 2:
            place = next((i for i, (name, _) in enumerate(chunks) if name == b"IHDR"), None)
            if place is not None:
                chunks[place] = (b"IHDR", _odd_png_head(chance, chunks[place][1]))
        case 3:
            del chunks[at]
        case 4:
            chunks.insert(chance.randrange(len(chunks) + 1), chunks[at])
        case 5:
            chunks.insert(at, (chance.choice(PNG_KINDS), chance.randbytes(chance.choice((0, 1, 4, 9, 13, 26)))))
        case 6:
            other = chance.randrange(len(chunks))
            chunks[at], chunks[other] = chunks[other], chunks[at]
        case 7:
            chunks[at] = (chance.choice(PNG_KINDS), content)
        case _:
            place = next((i for i, (name, _) in enumerate(chunks) if name == b"IDAT"), None)
            if place is not None:
                chunks[place] = (b"IDAT", _odd_packed(chance, chunks[place][1]))


def _odd_png_head(chance: random.Random, content: bytes) -> bytes:
    width, height, *rest = struct.unpack(">IIBBBBB", content.ljust(13, b"\0")[:13])
    match chance.randrange(3):
        case 0:
            width = chance.choice(ODD_SIDES)
        case 1:
            height = chance.choice(ODD_SIDES)
        case _:
            rest[chance.randrange(5)] = chance.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))
    return struct.pack(">IIBBBBB", width, height, *rest)


def _odd_packed(chance: random.Random, content: bytes) -> bytes:
    try:
        plain = zlib.decompress(content)
    except zlib.error:
        return content
    changed = odd_bytes(chance, plain) if chance.random() < 0.7 else plain * chance.choice((0, 2, 50))
    return zlib.compress(changed)


def odd_jpeg(chance: random.Random, content: bytes) -> bytes:
    """A JPEG with segments changed, their lengths right."""
    segments, pixels = jpeg_parts(content)
    for _ in range(chance.choice((1, 1, 2, 3))):
        pixels = _change_segments(chance, segments, pixels)
    out = bytearray(b"\xff\xd8")
    for marker, inner in segments:
        out += struct.pack(">BBH", 0xFF, marker, min(len(inner) + 2, 0xFFFF)) + inner
    return bytes(out + pixels)


def jpeg_parts(content: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The segments of a sound JPEG, its head of the pixels the last, and what follows that."""
    at, segments = 2, []
    while at + 4 <= len(content):
        marker = content[at + 1]
        (length,) = struct.unpack_from(">H", content, at + 2)
        segments.append((marker, content[at + 4 : at + 2 + length]))
        at += 2 + length
        if marker == 0xDA:
            break
    return segments, content[at:]


def _change_segments(chance: random.Random, segments: list[tuple[int, bytes]], pixels: bytes) -> bytes:
    """One change to the segments in place, or to the coded pixels, which are given back."""
    if not segments or chance.random() < 0.25:
        return _odd_pixels(chance, pixels)
    at = chance.randrange(len(segments))
    marker, inner = segments[at]
    match chance.randrange(8):
        case 0 | 1:
            segments[at] = (marker, odd_bytes(chance, inner))
        case 2:
            del segments[at]
        case 3:
            segments.insert(chance.randrange(len(segments) + 1), (marker, inner))
        case 4:
            segments.insert(at, (chance.choice(JPEG_MARKERS), chance.randbytes(chance.choice((0, 2, 6, 17, 70)))))
        case 5:
            segments[at] = (chance.choice(JPEG_MARKERS), inner)
        case _:
            segments[:] = [_odd_segment(chance, *segment) for segment in segments]
    return pixels


def _odd_segment(chance: random.Random, marker: int, inner: bytes) -> tuple[int, bytes]:
    """A frame of another size, an EXIF whose tags contradict each other; others as they are."""
    if 0xC0 <= marker <= 0xC2 and len(inner) >= 6 and chance.random() < 0.5:
        sides = struct.pack(">HH", chance.choice(ODD_SIDES) & 0xFFFF, chance.choice(ODD_SIDES) & 0xFFFF)
        return marker, inner[:1] + sides + inner[5:]
    if marker == 0xE1 and inner.startswith(b"Exif\0\0"):
        return marker, b"Exif\0\0" + odd_tiff(chance, inner[6:])
    return marker, inner


def _odd_pixels(chance: random.Random, pixels: bytes) -> bytes:
    match chance.randrange(3):
        case 0:
            return pixels[: chance.randrange(len(pixels) + 1)] + chance.choice((b"", b"\xff\xd9"))
        case 1:
            return pixels + chance.choice((b"\xff\xd8\xff\xe1" + chance.randbytes(30), b"\0" * 999, pixels))
        case _:
            return odd_bytes(chance, pixels)


def odd_bmp(chance: random.Random, content: bytes) -> bytes:
    """A BMP with fields of its heads changed."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3))):
        place, width = chance.choice(((10, 4), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2), (30, 4), (34, 4), (46, 4)))
        sides = (*ODD_SIDES, 12, 40, 52, 56, 64, 108, 124, 16, 3, 4, 5, 2**32 - 24)
        if place + width <= len(out):
            out[place : place + width] = (chance.choice(sides) & ((1 << 8 * width) - 1)).to_bytes(width, "little")
    return bytes(out) if chance.random() < 0.6 else odd_bytes(chance, bytes(out))


def odd_webp(chance: random.Random, content: bytes) -> bytes:
    """A WebP with chunks changed, all sizes right."""
    at, chunks = 12, []
    while at + 8 <= len(content):
        (length,) = struct.unpack_from("<I", content, at + 4)
        chunks.append((content[at : at + 4], content[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    for _ in range(chance.choice((1, 1, 2))):
        place = chance.randrange(len(chunks))
        kind, inner = chunks[place]
        match chance.randrange(5):
            case 0 | 1:
                chunks[place] = (kind, odd_bytes(chance, inner))
            case 2:
                chunks.insert(place, chunks[place])
            case 3:
                kinds = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"EXIF", b"ICCP", b"XMP ")
                chunks[place] = (chance.choice(kinds), inner)
            case _:
                chunks.insert(place, (b"EXIF", chance.randbytes(20)))
    body = b"".join(k + struct.pack("<I", len(inner)) + inner + b"\0" * (len(inner) % 2) for k, inner in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


ODD_PARTS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "jpeg": odd_jpeg,
    "png": odd_png,
    "tiff": odd_tiff,
    "bmp": odd_bmp,
    "webp": odd_webp,
}
"""By kind of file, what changes its parts."""


def damaged(chance: random.Random, kind: str, content: bytes) -> bytes:
    """A file of that kind damaged: in its parts, or anywhere."""
    parts = ODD_PARTS.get(kind)
    if parts is None or chance.random() < 0.4:
        return odd_bytes(chance, content)
    try:
        content = parts(chance, content)
    except (ArithmeticError, LookupError, ValueError, struct.error):  # damaged so that its parts cannot be told apart
        return odd_bytes(chance, content)
    return content if chance.random() < 0.85 else odd_bytes(chance, content)
