"""Dots that are not as wide as high: the page's proportions are restored, whatever the file's format."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.TiffImagePlugin import IFDRational

from ocrfill.errors import PageError
from ocrfill.pipeline.scans import open_scan
from ocrfill.pipeline.scans.resolution import DotDensity

A4_INCHES = (8.27, 11.69)


def page(x: float, y: float) -> Pillow.Image:
    """A page of A4 at `x` by `y` dots an inch, with a square of two inches in it."""
    pixels = np.full((round(A4_INCHES[1] * y), round(A4_INCHES[0] * x)), 255, np.uint8)
    pixels[round(3 * y) : round(5 * y), round(2 * x) : round(4 * x)] = 0
    return Pillow.fromarray(pixels)


def square_of(image: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of the dark square."""
    rows, columns = np.nonzero((image < 128).any(axis=1))[0], np.nonzero((image < 128).any(axis=0))[0]
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def exif(x: float, y: float, orientation: int = 1) -> Pillow.Exif:
    tags = Pillow.Exif()
    tags[282], tags[283], tags[296], tags[274] = IFDRational(x), IFDRational(y), 2, orientation
    return tags


FORMATS: dict[str, dict[str, object]] = {"JPEG": {}, "PNG": {}, "TIFF": {"compression": "tiff_lzw"}, "BMP": {}}


@pytest.mark.parametrize("dots", [(200, 100), (100, 200), (204, 196), (204, 98), (300, 150), (204, 391)])
@pytest.mark.parametrize("kind", FORMATS)
def test_proportions_are_restored(tmp_path: Path, kind: str, dots: tuple[int, int]) -> None:
    path = tmp_path / "page.dat"
    page(*dots).save(path, kind, dpi=dots, **FORMATS[kind])  # type: ignore[arg-type]
    read = open_scan(path).page(1)
    assert read.dpi == pytest.approx(max(dots), abs=0.5)
    assert abs(read.width / read.height - A4_INCHES[0] / A4_INCHES[1]) < 0.002
    width, height = square_of(read.image)
    assert width == pytest.approx(2 * max(dots), abs=3)
    assert height == pytest.approx(2 * max(dots), abs=3)
    assert open_scan(path).jpeg(1) is None


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_proportions_named_in_exif_only(tmp_path: Path, kind: str, orientation: int) -> None:
    path = tmp_path / "page.dat"
    picture = page(200, 100)
    buffer = io.BytesIO()
    picture.save(buffer, kind, exif=exif(200, 100, orientation))
    content = buffer.getvalue()
    if kind == "JPEG" and b"JFIF" in content[:20]:
        content = content[:2] + content[20:]  # without the head that names a resolution of its own
    path.write_bytes(content)
    read = open_scan(path).page(1)
    assert read.dpi == 200
    size = (read.width, read.height) if orientation == 1 else (read.height, read.width)
    assert size == (picture.width, picture.height * 2)


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_tiff_that_lies_on_its_side(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "page.tif"
    page(200, 100).save(path, "TIFF", dpi=(200, 100), tiffinfo={274: orientation})
    read = open_scan(path).page(1)
    size = (read.width, read.height) if orientation == 1 else (read.height, read.width)
    assert size == (1654, 1169 * 2)


def test_proportions_without_a_unit(tmp_path: Path) -> None:
    picture = page(200, 100)
    tiff = tmp_path / "page.tif"
    picture.save(tiff, "TIFF", tiffinfo={282: 2.0, 283: 1.0, 296: 1})
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    content = buffer.getvalue()
    jpeg = tmp_path / "page.jpg"
    jpeg.write_bytes(content[:13] + struct.pack(">BHH", 0, 2, 1) + content[18:])
    for path in (tiff, jpeg):
        read = open_scan(path).page(1)
        assert (read.width, read.height) == (picture.width, picture.height * 2)
        assert read.dpi == 200  # the shape of A4, guessed


@pytest.mark.parametrize(
    ("density", "size"),
    [
        (DotDensity(300, 300), (2480, 3508)),
        (DotDensity(300, 297), (2480, 3508)),  # a rounding
        (DotDensity(300, 150), (2480, 3508)),  # paper of 60 cm
        (DotDensity(300, 150), (1240, 1754)),  # a strip of paper, 10 by 30 cm
        (DotDensity(1000, 100), (2480, 3508)),
        (DotDensity(0, 100), (2480, 3508)),
        (DotDensity(float("nan"), 100), (2480, 3508)),
        (DotDensity(float("inf"), 100), (2480, 3508)),
        (DotDensity(-200, -100), (2480, 3508)),
        (DotDensity(), (2480, 3508)),
    ],
)
def test_what_cannot_be_true_is_not_believed(density: DotDensity, size: tuple[int, int]) -> None:
    assert density.square_size(*size) == size
    assert density.squared(*size) == density or np.isnan(density.across)


def test_a_page_drawn_out_beyond_what_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    Pillow.new("1", (12_000, 6_600), 1).save(path, dpi=(1200, 600))
    assert open_scan(path).page(1).width == 12_000
    Pillow.new("1", (14_000, 7_000), 1).save(path, dpi=(1000, 400))
    with pytest.raises(PageError, match="million pixels"):
        open_scan(path).page(1)
