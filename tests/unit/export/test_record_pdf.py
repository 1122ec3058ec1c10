"""The PDF of a record: small, upright, the scan's own pixels where they fit, nothing in it but the page."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from ocrfill.document.page import Page
from ocrfill.errors import OutputError
from ocrfill.export.record_pdf import MAX_PDF_BYTES, page_jpeg_for_pdf, page_jpeg_pdf
from ocrfill.pipeline.scans import open_scan, pdf

Pixels = NDArray[np.uint8]


def written_page(dpi: int = 300, inches: tuple[float, float] = (8.27, 11.69), *, colour: bool = True) -> Page:
    """A page full of strokes on grainy paper: far above 150 kB at 300 dpi."""
    rng = np.random.default_rng(3)
    width, height = round(inches[0] * dpi), round(inches[1] * dpi)
    image = rng.normal(235, 6, (height, width, 3)).clip(0, 255).astype(np.uint8)
    for y in range(dpi // 2, height - dpi // 4, dpi // 4):
        for x in range(dpi // 4, width - dpi // 4, dpi // 8):
            end = (x + int(rng.integers(5, dpi // 8)), y + int(rng.integers(-dpi // 8, dpi // 8)))
            cv2.line(image, (x, y), end, (130, 40, 30), max(1, dpi // 100), cv2.LINE_AA)
    image[: dpi // 4, : dpi // 4] = (40, 40, 200)  # a red corner shows how the page lies
    return Page("page.jpg", 1, image if colour else np.ascontiguousarray(image[..., 1]), float(dpi))


def record_pdf(page: Page, turned: int = 0, jpeg: bytes | None = None, limit_bytes: int = MAX_PDF_BYTES) -> bytes:
    """The page as a record without a mark, as exports write it."""
    return page_jpeg_pdf(page_jpeg_for_pdf(page, jpeg=jpeg, limit_bytes=limit_bytes), turned=turned)


def opened(folder: Path, content: bytes) -> Page:
    path = folder / "record.pdf"
    path.write_bytes(content)
    scan = open_scan(path)
    assert scan.pages == 1
    return scan.page(1)


@pytest.mark.parametrize("colour", [True, False])
def test_an_a4_page_takes_about_100_kb_and_stays_legible(tmp_path: Path, colour: bool) -> None:
    page = written_page(210, colour=colour)
    content = record_pdf(page)
    assert 60_000 < len(content) <= 105_000
    shown = opened(tmp_path, content)
    assert shown.image.ndim == page.image.ndim
    assert 100 <= shown.dpi <= 200
    assert shown.width / shown.dpi == pytest.approx(8.27, abs=0.02)
    small = cv2.resize(page.image, (shown.width, shown.height), interpolation=cv2.INTER_AREA)
    assert cv2.PSNR(np.asarray(small), shown.image) > 24
    with pikepdf.open(tmp_path / "record.pdf") as document:
        assert [float(v) for v in document.pages[0].mediabox] == pytest.approx([0, 0, 595.44, 841.7], abs=0.5)


@pytest.mark.parametrize("inches", [(8.27, 11.69), (16.54, 11.69), (4, 6)])
@pytest.mark.parametrize("dpi", [60, 100])
def test_no_record_is_above_the_limit(inches: tuple[float, float], dpi: int) -> None:
    page = written_page(dpi, inches)
    noise = np.random.default_rng(0).integers(0, 255, page.image.shape, np.uint8)
    assert len(record_pdf(page)) <= MAX_PDF_BYTES
    assert len(record_pdf(Page("noise", 1, noise, dpi))) <= MAX_PDF_BYTES


def test_what_cannot_fit_is_an_error_and_never_a_larger_file() -> None:
    with pytest.raises(OutputError, match="does not fit"):
        record_pdf(written_page(100), limit_bytes=9_000)


@pytest.mark.parametrize("inches", [(8.27, 11.69), (5.0, 3.0)])
def test_a_scan_that_is_small_enough_is_kept_byte_for_byte(tmp_path: Path, inches: tuple[float, float]) -> None:
    page = written_page(100, inches)
    exif = Pillow.Exif()
    exif[0x013B] = "Nguyen Van A"  # the camera's owner
    path = tmp_path / "scan.jpg"
    Pillow.fromarray(page.image[..., ::-1]).save(path, quality=30, dpi=(100, 100), exif=exif, comment="Nguyen Van A")
    scan = open_scan(path)
    original = scan.page(1)
    content = record_pdf(original, jpeg=scan.jpeg(1))
    assert b"Nguyen" not in content
    assert np.array_equal(opened(tmp_path, content).image, original.image)
    jpeg = open_scan(tmp_path / "record.pdf").jpeg(1)
    assert jpeg is not None
    assert path.read_bytes().endswith(jpeg[jpeg.index(b"\xff\xda") :])
    small = record_pdf(original, jpeg=scan.jpeg(1), limit_bytes=path.stat().st_size)
    assert len(small) <= path.stat().st_size


@pytest.mark.parametrize("turned", [0, 90, 180, 270, 360, -90])
def test_the_record_stands_upright(tmp_path: Path, turned: int) -> None:
    page = written_page(60)
    shown = opened(tmp_path, record_pdf(page, turned)).image
    expected = np.rot90(page.image, -turned // 90)
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).mean() < 12  # the nearest wrong turn: above 25
    with pikepdf.open(tmp_path / "record.pdf") as document:
        assert "/Rotate" not in document.pages[0].obj


def test_only_quarter_turns() -> None:
    with pytest.raises(ValueError, match="quarters"):
        record_pdf(written_page(60), 45)


@pytest.mark.poppler
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_mark_lies_around_the_record_and_hides_nothing(tmp_path: Path, turned: int) -> None:
    page = written_page(100)
    box = ((100.0, 300.0), (700.0, 310.0), (700.0, 600.0), (100.0, 590.0))
    picture = page_jpeg_for_pdf(page)
    marked, plain = (page_jpeg_pdf(picture, turned=turned, mark=mark) for mark in (box, None))
    assert len(marked) < len(plain) + 400
    images = []
    for content in (marked, plain):
        path = tmp_path / "record.pdf"
        path.write_bytes(content)
        with pikepdf.open(path) as document:
            images.append(pdf._drawn(path, 1, pdf._sheet(document.pages[0]), 100).astype(int))
    changed = np.rot90(np.abs(images[0] - images[1]).max(axis=-1) > 30, turned // 90)
    ys, xs = np.nonzero(changed)
    assert (xs.min(), xs.max()) == pytest.approx((100, 700), abs=4)
    assert (ys.min(), ys.max()) == pytest.approx((300, 600), abs=4)
    assert not changed[320:580, 110:690].any()
    assert (images[0] <= images[1] + 20).all()  # laid on like a marker: it darkens, what is black stays black


def test_the_same_page_gives_the_same_bytes_without_dates_or_names() -> None:
    page = written_page(60)
    content = record_pdf(page)
    assert content == record_pdf(page)
    with pikepdf.open(io.BytesIO(content)) as document:
        assert not list(document.docinfo.keys())
        assert "/Metadata" not in document.Root
        assert len(document.pages) == 1
