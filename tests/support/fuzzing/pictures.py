"""Small sound scans of every coding that is read, drawn here: what fuzzing begins with."""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image
from support.fuzzing.picture_parts import png_of
from support.fuzzing.tiff_parts import joined, other_order, parted

WIDTH, HEIGHT = 24, 32


def _grey() -> Image.Image:
    rows = np.full((HEIGHT, WIDTH), 230, np.uint8)
    rows[::5, 3:20] = 40
    rows[:, 12] = 90
    return Image.fromarray(rows)


def _colour() -> Image.Image:
    grey = np.asarray(_grey())
    return Image.fromarray(np.dstack([grey, np.roll(grey, 3, axis=0), 255 - grey]))


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _exif(turn: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x011A], exif[0x011B], exif[0x0128] = turn, 200.0, 100.0, 2
    exif[0x010F] = "maker"
    return exif


@lru_cache(maxsize=1)
def jpegs() -> tuple[bytes, ...]:
    """JPEGs."""
    grey, colour = _grey(), _colour()
    return (
        _saved(grey, "JPEG"),
        _saved(colour, "JPEG", exif=_exif(6)),
        _saved(colour, "JPEG", progressive=True, dpi=(300, 300)),
        _saved(colour.convert("CMYK"), "JPEG"),
        _saved(colour, "JPEG", subsampling=2, restart_marker_blocks=1, comment=b"a note"),
        _saved(grey, "JPEG", dpi=(204, 98), optimize=True),
    )


@lru_cache(maxsize=1)
def pngs() -> tuple[bytes, ...]:
    """PNGs."""
    grey, colour = _grey(), _colour()
    clear = colour.copy()
    clear.putalpha(grey)
    deep = np.asarray(grey).astype(np.uint16) * 257
    interlaced = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 1)
    return (
        _saved(grey, "PNG", dpi=(300, 300)),
        _saved(grey.convert("1"), "PNG"),
        _saved(colour, "PNG", exif=_exif(8)),
        _saved(clear, "PNG"),
        _saved(colour.quantize(7), "PNG", transparency=2),
        _saved(grey.convert("LA"), "PNG"),
        _saved(Image.fromarray(deep), "PNG"),
        png_of([(b"IHDR", interlaced), (b"IDAT", zlib.compress(b"\0\x55")), (b"IEND", b"")]),
    )


@lru_cache(maxsize=1)
def tiffs() -> tuple[bytes, ...]:
    """TIFFs, of several pages too, in both orders of bytes and with long offsets."""
    grey, colour = _grey(), _colour()
    black = grey.convert("1")
    clear = colour.copy()
    clear.putalpha(grey)
    plain = [
        _saved(picture, "TIFF", compression=coding, dpi=(200, 100))
        for picture, coding in (
            (black, "raw"), (black, "group3"), (black, "group4"), (grey, "raw"), (grey, "tiff_lzw"), (grey, "packbits"),
            (colour, "raw"), (colour, "tiff_adobe_deflate"), (colour, "tiff_lzw"), (colour, "jpeg"), (grey, "jpeg"),
            (clear, "tiff_lzw"), (colour.convert("CMYK"), "raw"), (colour.quantize(9), "raw"),
            (colour.convert("LAB"), "raw"), (Image.fromarray(np.asarray(grey).astype(np.uint16) * 257), "tiff_lzw"),
        )
    ]  # fmt: skip
    several = _saved(black, "TIFF", compression="tiff_lzw", save_all=True, append_images=[grey, colour])
    return (*plain, several, joined(other_order(parted(plain[3]))), _saved(grey, "TIFF", big_tiff=True))


@lru_cache(maxsize=1)
def bmps() -> tuple[bytes, ...]:
    """BMPs, those that Pillow cannot write made by hand."""
    grey, colour = _grey(), _colour()
    clear = colour.copy()
    clear.putalpha(grey)
    rle = bytes([WIDTH, 60, 0, 0]) * HEIGHT + b"\0\1"
    palette = b"".join(struct.pack("<BBBB", i, i, i, 0) for i in range(256))
    head = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 8, 1, len(rle), 5000, 5000, 256, 0)
    old = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 24) + np.asarray(colour)[::-1, :, ::-1].tobytes()
    longer = struct.pack("<IiiHHIIiiII", 124, WIDTH, -HEIGHT, 1, 32, 3, 0, 0, 0, 0, 0)
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000).ljust(84, b"\0")
    return (
        _saved(grey, "BMP"),
        _saved(grey.convert("1"), "BMP"),
        _saved(colour, "BMP", dpi=(300, 300)),
        _saved(clear, "BMP"),
        _bmp(head + palette, rle),
        _bmp(old[:12], old[12:]),
        _bmp(longer + masks, np.asarray(clear).tobytes()),
    )


def _bmp(heads: bytes, pixels: bytes) -> bytes:
    start = 14 + len(heads)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + heads + pixels


@lru_cache(maxsize=1)
def webps() -> tuple[bytes, ...]:
    """WebPs."""
    colour = _colour()
    clear = colour.copy()
    clear.putalpha(_grey())
    return (
        _saved(colour, "WEBP"),
        _saved(colour, "WEBP", lossless=True),
        _saved(clear, "WEBP", exif=_exif(3)),
        _saved(colour, "WEBP", save_all=True, append_images=[clear], duration=100),
    )


PICTURES = {"jpeg": jpegs, "png": pngs, "tiff": tiffs, "bmp": bmps, "webp": webps}
"""By kind, what draws its sound files."""
