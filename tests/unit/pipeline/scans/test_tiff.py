"""TIFF: forms of pixels that readers take wrongly, what is no page, and many pages."""

from __future__ import annotations

import io
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import open_scan, tiff

WIDTH, HEIGHT = 64, 90
WHITE_IS_0, BLACK_IS_0, RGB, MASK = 0, 1, 2, 4
PLAIN, LZW, JPEG_OLD, DEFLATE, PACKBITS = 1, 5, 6, 8, 32773
Tags = dict[int, tuple[str, tuple[int, ...]]]


def grey() -> NDArray[np.uint8]:
    """White, with a ramp and a dark block: every corner different."""
    image = np.full((HEIGHT, WIDTH), 255, np.uint8)
    image[20:60, 8:40] = np.linspace(0, 250, 32).astype(np.uint8)
    image[70:80, 40:] = 0
    return image


def packbits(content: bytes) -> bytes:
    return b"".join(
        bytes([len(part) - 1]) + part for n in range(0, len(content), 128) if (part := content[n : n + 128])
    )


PACKERS = {PLAIN: bytes, DEFLATE: zlib.compress, PACKBITS: packbits}


def packed(values: NDArray[np.integer], bits: int, order: str) -> bytes:
    """Rows of samples of so many bits, each row filled up to whole bytes."""
    if bits == 16:
        return values.astype(f"{order}u2").tobytes()
    planes = (values[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(planes.reshape(len(values), -1).astype(np.uint8), axis=1).tobytes()


class Tiff:
    """A TIFF under construction, its directories chained in the order given."""

    def __init__(self, order: str = "<", *, big: bool = False) -> None:
        self.order, self.big = order, big
        self.directories: list[tuple[Tags, list[bytes]]] = []

    def add(self, strips: list[bytes], bits: tuple[int, ...], **more: int) -> None:
        tags: Tags = {
            256: ("I", (WIDTH,)),
            257: ("I", (HEIGHT,)),
            258: ("H", bits),
            259: ("H", (more.get("compression", PLAIN),)),
            262: (str(more.get("photometric_kind", "H")), (more.get("photometric", BLACK_IS_0),)),
            277: ("H", (len(bits),)),
            278: ("I", (HEIGHT,)),
            279: ("I", tuple(len(strip) for strip in strips)),
        }
        for name, tag in {"planes": 284, "subfile": 254, "old_subfile": 255, "extra": 338}.items():
            if name in more:
                tags[tag] = ("I" if tag == 254 else "H", (more[name],))
        self.directories.append((tags, strips))

    def content(self) -> bytes:
        place = "Q" if self.big else "I"
        count, number, width = ("Q", "Q", 8) if self.big else ("H", "I", 4)
        magic = struct.pack(self.order + "HHH", 43, 8, 0) if self.big else struct.pack(self.order + "H", 42)
        out = bytearray((b"II" if self.order == "<" else b"MM") + magic)
        link = len(out)
        out += bytes(width)
        for tags, strips in self.directories:
            starts = []
            for strip in strips:
                starts.append(len(out))
                out += strip
            entries = bytearray()
            kinds = {"H": 3, "I": 4}
            for tag, (kind, values) in sorted({**tags, 273: ("I", tuple(starts))}.items()):
                value = struct.pack(f"{self.order}{len(values)}{kind}", *values)
                if len(value) > width:
                    start = len(out)
                    out += value
                    value = struct.pack(self.order + place, start)
                entries += struct.pack(self.order + "HH" + number, tag, kinds[kind], len(values)) + value.ljust(
                    width, b"\0"
                )
            out[link : link + width] = struct.pack(self.order + place, len(out))
            out += struct.pack(self.order + count, len(tags) + 1) + entries
            link = len(out)
            out += bytes(width)
        return bytes(out)


def saved(folder: Path, book: Tiff) -> Path:
    path = folder / "book.tif"
    path.write_bytes(book.content())
    return path


def read(folder: Path, book: Tiff) -> NDArray[np.uint8]:
    return open_scan(saved(folder, book)).page(1).image


# ---- forms of pixels


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", PACKERS)
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16])
@pytest.mark.parametrize("photometric", [WHITE_IS_0, BLACK_IS_0])
def test_white_is_white_whatever_number_stands_for_it(
    tmp_path: Path, photometric: int, bits: int, compression: int, order: str
) -> None:
    most = (1 << bits) - 1
    levels = (grey().astype(np.uint32) * most + 127) // 255
    stored = levels if photometric == BLACK_IS_0 else most - levels
    book = Tiff(order)
    strip = PACKERS[compression](packed(stored, bits, order))
    book.add([strip], (bits,), photometric=photometric, compression=compression)
    if bits == 12 and order == ">":
        with pytest.raises(BadInput, match="form is not read"):
            read(tmp_path, book)
        return
    image = read(tmp_path, book)
    assert image.shape == (HEIGHT, WIDTH)
    assert np.abs(image.astype(int) - (levels * 255 // most).astype(int)).max() <= 1


def test_white_is_zero_in_a_tiff_of_long_offsets(tmp_path: Path) -> None:
    book = Tiff(big=True)
    book.add([packed(65535 - grey().astype(np.uint32) * 257, 16, "<")], (16,), photometric=WHITE_IS_0)
    book.add([packed(15 - (grey() >> 4), 4, "<")], (4,), photometric=WHITE_IS_0)
    scan = open_scan(saved(tmp_path, book))
    assert np.array_equal(scan.page(1).image, grey())
    assert np.array_equal(scan.page(2).image, grey() >> 4 << 4 | grey() >> 4)


def colours() -> NDArray[np.uint8]:
    return np.stack([grey(), np.roll(grey(), 9, axis=0), 255 - grey()], axis=-1)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", PACKERS)
@pytest.mark.parametrize("bits", [8, 16])
def test_colours_in_planes_of_their_own(tmp_path: Path, bits: int, compression: int, order: str) -> None:
    values = colours().astype(np.uint32) * (257 if bits == 16 else 1)
    strips = [PACKERS[compression](packed(values[..., n], bits, order)) for n in range(3)]
    book = Tiff(order)
    book.add(strips, (bits,) * 3, photometric=RGB, planes=2, compression=compression)
    assert np.array_equal(read(tmp_path, book), colours()[..., ::-1])


@pytest.mark.parametrize("order", ["<", ">"])
def test_old_style_jpeg_is_read_whole_or_in_parts(tmp_path: Path, order: str) -> None:
    buffer = io.BytesIO()
    Pillow.fromarray(grey()).save(buffer, "JPEG", quality=95)
    content = buffer.getvalue()
    pixels = content.index(b"\xff\xda")
    expected = np.asarray(Pillow.open(buffer))
    for head in (content, content[:pixels]):
        book = Tiff(order)
        book.add([content[pixels:]], (8,), compression=JPEG_OLD)
        book.directories[0][1].append(head)  # a second strip's place, which the JPEG's tags name
        book.directories[0][0][514] = ("I", (len(head),))
        made = book.content()
        start = made.index(head, 8 + len(content) - pixels)
        book.directories[0][0][513] = ("I", (start,))
        book.directories[0][0][279] = ("I", (len(content) - pixels,))
        # one strip only in the list of strips
        path = tmp_path / "book.tif"
        path.write_bytes(_with_one_strip(book))
        assert np.abs(open_scan(path).page(1).image.astype(int) - expected).max() <= 2


def _with_one_strip(book: Tiff) -> bytes:
    content = bytearray(book.content())
    entry = content.index(struct.pack(book.order + "HHI", 273, 4, 2))
    (values,) = struct.unpack_from(book.order + "I", content, entry + 8)
    content[entry + 4 : entry + 8] = struct.pack(book.order + "I", 1)
    content[entry + 8 : entry + 12] = content[values : values + 4]
    return bytes(content)


def test_other_old_style_jpeg_is_named(tmp_path: Path) -> None:
    book = Tiff()
    book.add([b"coded pixels"], (8,), compression=JPEG_OLD)
    with pytest.raises(PageError, match="old-style JPEG"):
        read(tmp_path, book)


# ---- what is a page


@pytest.mark.parametrize(
    "extra", [{"subfile": 1}, {"subfile": 4}, {"subfile": 5}, {"old_subfile": 2}, {"photometric": MASK}]
)
@pytest.mark.parametrize("first", [True, False])
def test_previews_and_masks_are_no_pages(tmp_path: Path, extra: dict[str, int], first: bool) -> None:
    bits = 1 if "photometric" in extra or extra.get("subfile", 0) & 4 else 8
    side = packed(np.ones((HEIGHT, WIDTH), np.uint8), bits, "<")
    book = Tiff()
    if first:
        book.add([side], (bits,), **extra)
    book.add([packed(grey(), 8, "<")], (8,), subfile=2)
    book.add([side], (bits,), **extra)
    book.add([packed(255 - grey(), 8, "<")], (8,), old_subfile=3)
    scan = open_scan(saved(tmp_path, book))
    assert scan.pages == 2
    assert np.array_equal(scan.page(1).image, grey())
    assert np.array_equal(scan.page(2).image, 255 - grey())


def test_a_lone_preview_is_the_page(tmp_path: Path) -> None:
    book = Tiff()
    book.add([packed(grey(), 8, "<")], (8,), subfile=1)
    assert np.array_equal(read(tmp_path, book), grey())


def test_a_broken_page_leaves_the_others(tmp_path: Path) -> None:
    book = Tiff()
    book.add([packed(grey(), 8, "<")], (7, 3))
    book.add([packed(grey(), 8, "<")], (8,))
    scan = open_scan(saved(tmp_path, book))
    with pytest.raises(PageError, match="form is not read"):
        scan.page(1)
    assert np.array_equal(scan.page(2).image, grey())


# ---- the list of pages


def chain(pages: int) -> Tiff:
    book = Tiff()
    for n in range(pages):
        book.add([packed(np.full((HEIGHT, WIDTH), n % 250, np.uint8), 8, "<")], (8,))
    return book


def test_a_page_of_800_costs_no_walk_through_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = open_scan(saved(tmp_path, chain(800)))
    assert scan.pages == 800
    loads: list[int] = []
    load = tiff.TiffImagePlugin.ImageFileDirectory_v2.load

    def counted(directory: tiff.TiffImagePlugin.ImageFileDirectory_v2, stream: io.BytesIO) -> None:
        loads.append(1)
        load(directory, stream)

    monkeypatch.setattr(tiff.TiffImagePlugin.ImageFileDirectory_v2, "load", counted)
    for number in (800, 400, 1):
        assert (scan.page(number).image == (number - 1) % 250).all()
    assert len(loads) <= 3 * 3


def test_a_circle_and_too_many_pages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, chain(3))
    content = bytearray(path.read_bytes())
    content[-4:] = content[4:8]
    path.write_bytes(content)
    with pytest.raises(BadInput, match="list of pages is damaged"):
        open_scan(path)
    monkeypatch.setattr(tiff, "MAX_PAGES_PER_FILE", 2)
    with pytest.raises(BadInput, match="more than 2 pages"):
        open_scan(saved(tmp_path, chain(3)))


def test_a_list_that_leads_out_of_the_file_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, chain(3))
    content = path.read_bytes()
    for end in (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", struct.pack("<I", len(content))):
        path.write_bytes(content[:-4] + end)
        with pytest.raises(BadInput, match="list of pages is damaged"):
            open_scan(path)
    assert all(first < second for first, second in pairwise(open_offsets(content)))


def open_offsets(content: bytes) -> list[int]:
    return [page.offset for page in tiff.tiff_pages(io.BytesIO(content))]


# ---- pixels coded as JPEG


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("strips", [1, 4])
@pytest.mark.parametrize("damage", ["none", "cut", "cut and closed", "marks", "zeros"])
def test_jpeg_in_tiff_whose_pixels_are_damaged_fails(tmp_path: Path, damage: str, strips: int, colour: bool) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    path = tmp_path / "book.tif"
    rows = -(-HEIGHT // strips) // 16 * 16 + 16
    Pillow.fromarray(noise if colour else noise[..., 0]).save(
        path, compression="jpeg", quality=90, tiffinfo={278: rows if strips > 1 else HEIGHT}
    )
    with Pillow.open(path) as picture:
        places, sizes = picture.tag_v2[273], picture.tag_v2[279]
    content = bytearray(path.read_bytes())
    start, size = places[-1], sizes[-1]
    coded = bytes(content[start : start + size])
    middle = (coded.index(b"\xff\xda") + size) // 2
    made = {
        "none": coded,
        "cut": coded[:middle].ljust(size, b"\xff"),
        "cut and closed": (coded[:middle] + b"\xff\xd9").ljust(size, b"\0"),
        "marks": coded[:middle] + b"\xff\xd3" + coded[middle + 2 :],
        "zeros": coded[:middle] + bytes(size - middle),
    }[damage]
    content[start : start + size] = made[:size]
    path.write_bytes(content)
    scan = open_scan(path)
    if damage == "none":
        with Pillow.open(path) as picture:
            expected = np.asarray(picture.convert("RGB"))[..., ::-1] if colour else np.asarray(picture)
        assert np.array_equal(scan.page(1).image, expected)
        return
    with pytest.raises(PageError, match="damaged"):
        scan.page(1)
