"""What a picture carries beside its pixels: notes of any size, sizes that are lies, and channels that nobody filled."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngImageFile, PngInfo

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import open_scan
from ocrfill.pipeline.scans.raster import as_eight_bit

WIDTH, HEIGHT = 60, 84
LONG_TEXT = "sổ hộ tịch " * 400_000


def colours() -> NDArray[np.uint8]:
    x, y = np.meshgrid(np.linspace(0, 255, WIDTH), np.linspace(0, 255, HEIGHT))
    return np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(**options: object) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(colours()).save(buffer, "PNG", **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def read(folder: Path, content: bytes) -> NDArray[np.uint8]:
    path = folder / "page.dat"
    path.write_bytes(content)
    return open_scan(path).page(1).image


NOTES = {
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LONG_TEXT.encode())),
    "packed iTXt": chunk(b"iTXt", b"Comment\0\1\0vi\0\0" + zlib.compress(LONG_TEXT.encode())),
    "plain iTXt": chunk(b"iTXt", b"Comment\0\0\0vi\0\0" + LONG_TEXT.encode()),
    "tEXt": chunk(b"tEXt", b"Comment\0" + b"x" * 3_000_000),
    "iCCP": chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(3_000_000))),
    "unknown": chunk(b"prVt", bytes(2_000_000)),
    "70 MB of zTXt": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1_000_000))) * 70,
}


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("before", [True, False])
def test_notes_of_any_size_do_no_harm(tmp_path: Path, note: str, before: bool) -> None:
    content = png()
    place = 33 if before else len(content) - 12  # after the head, or before the end
    image = read(tmp_path, content[:place] + NOTES[note] + content[place:])
    assert np.array_equal(image, colours()[..., ::-1])


def test_exif_counts_in_either_place(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[274] = 6
    raw = b"\nexif\n%8d\n" % len(exif.tobytes()) + exif.tobytes().hex().encode()
    info = PngInfo()
    info.add_text("Raw profile type exif", raw.decode(), zip=True)
    for content in (png(exif=exif), png(pnginfo=info)):
        assert read(tmp_path, content).shape == (WIDTH, HEIGHT, 3)


def test_a_damaged_note_is_damage(tmp_path: Path) -> None:
    content = png()
    with pytest.raises(PageError, match="PNG is damaged"):
        read(tmp_path, content[:33] + NOTES["zTXt"][:-1] + b"\0" + content[33:])


@pytest.mark.parametrize("exif_first", [True, False])
def test_the_size_is_checked_before_exif_is_read(
    tmp_path: Path, exif_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(_: object) -> None:
        raise AssertionError("the pixels were decoded")

    monkeypatch.setattr(PngImageFile, "load", loaded)
    row = zlib.compress(bytes(100_000_000), 9)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    exif = chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0\0\0\0\0")
    pixels = chunk(b"IDAT", row)
    middle = exif + pixels if exif_first else pixels + exif
    with pytest.raises(PageError, match="30000 x 30000 = 900 million pixels"):
        read(tmp_path, b"\x89PNG\r\n\x1a\n" + head + middle + chunk(b"IEND", b""))


# ---- opacity that nobody filled in


def bmp(header: int, opacity: int) -> bytes:
    """A BMP of 32 bits with masks for four channels, from below."""
    pixels = np.dstack([colours()[..., ::-1], np.full((HEIGHT, WIDTH), opacity, np.uint8)])[::-1]
    head = struct.pack("<IiiHHIIiiII", header, WIDTH, HEIGHT, 1, 32, 3, pixels.nbytes, 2835, 2835, 0, 0)
    head += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    head = head.ljust(header, b"\0")
    start = 14 + len(head)
    return b"BM" + struct.pack("<IHHI", start + pixels.nbytes, 0, 0, start) + head + pixels.tobytes()


def rgba(kind: str, opacity: int, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture = Pillow.fromarray(np.dstack([colours(), np.full((HEIGHT, WIDTH), opacity, np.uint8)]))
    picture.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("header", [56, 108, 124])
@pytest.mark.parametrize("opacity", [0, 255])
def test_a_bmp_without_opacity_is_opaque(tmp_path: Path, header: int, opacity: int) -> None:
    assert np.array_equal(read(tmp_path, bmp(header, opacity)), colours()[..., ::-1])


@pytest.mark.parametrize("opacity", [0, 255])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("meaning", [0, 1, 2])  # unknown, times the colours, apart from them
def test_a_tiff_without_opacity_is_opaque(tmp_path: Path, opacity: int, compression: str, meaning: int) -> None:
    content = rgba("TIFF", opacity, compression=compression, tiffinfo={338: meaning})
    assert np.array_equal(read(tmp_path, content), colours()[..., ::-1])


def test_other_pictures_without_opacity_are_opaque(tmp_path: Path) -> None:
    assert np.array_equal(read(tmp_path, rgba("PNG", 0)), colours()[..., ::-1])
    buffer = io.BytesIO()
    grey = Pillow.fromarray(colours()[..., 0])
    Pillow.merge("LA", [grey, Pillow.new("L", grey.size, 0)]).save(buffer, "PNG")
    assert np.array_equal(read(tmp_path, buffer.getvalue()), colours()[..., 0])


def test_some_opacity_counts(tmp_path: Path) -> None:
    opacity = np.zeros((HEIGHT, WIDTH), np.uint8)
    opacity[:10] = 255
    buffer = io.BytesIO()
    Pillow.fromarray(np.dstack([colours(), opacity])).save(buffer, "PNG")
    image = read(tmp_path, buffer.getvalue())
    assert (image[10:] == 255).all()
    assert np.array_equal(image[:10], colours()[:10, :, ::-1])


def test_a_png_cut_off_is_refused(tmp_path: Path) -> None:
    content = png()
    for end in range(9, len(content), 97):
        with pytest.raises((BadInput, PageError), match="again"):
            read(tmp_path, content[:end])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB"])
def test_an_image_with_opacity_is_laid_on_white_in_bands_as_at_once(mode):
    """Some thousand pixels wide, it has several bands; the last is lower than the others."""
    noise = np.random.default_rng(5).integers(0, 256, (1201, 1000, 4), np.uint8)
    picture = Pillow.fromarray(noise, "RGBA")
    if mode != "RGBA":
        picture = picture.convert("RGB").convert(mode)
        if mode == "LA":
            picture.putalpha(Pillow.fromarray(noise[:, :, 3]))
        else:
            picture.info["transparency"] = (1, 2, 3) if mode == "RGB" else 7
    layer = picture.convert("RGBA")
    ground = Pillow.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    expected = np.asarray(ground.convert("RGB"))
    found = as_eight_bit(picture)
    assert np.array_equal(found if found.ndim == 3 else np.dstack([found] * 3), expected[:, :, ::-1])
