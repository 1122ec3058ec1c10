"""The PDF of one record: its page as scanned, upright, small enough for the ministry's import."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name

from ocrfill.document.geometry import Polygon
from ocrfill.document.page import Image, Page
from ocrfill.errors import OutputError

MAX_PDF_BYTES: Final = 150_000
"""No record's PDF may be larger, whatever its paper."""
TARGET_A4_BYTES: Final = 100_000
"""The ministry's letter: "Dung lượng file pdf: ~ 100kB/trang A4"; larger paper may take more, up to the limit."""
_A4_SQUARE_INCHES: Final = 210 * 297 / 25.4**2
_PDF_BYTES: Final = 2_000
"""What is set aside for all of the PDF but its picture; 700 to 1000 bytes are used."""
_STEPS: Final = ((200, 30), (150, 25), (120, 18), (100, 12), (75, 5))
"""Dots an inch tried in turn, each with the JPEG quality below which the next does better: strokes of a pen stay whole
at fewer dots, while at a lower quality they break into blocks (looked at on drawn pages of A4 and A3)."""
_BEST_QUALITY: Final = 85
_QUALITY_STEP: Final = 3
_MARK: Final = "1 .55 0 RG 1.5 w 1 j"  # orange, as no ink is, laid on like a marker: what is below stays legible


@dataclass(frozen=True, slots=True)
class PageJpeg:
    """A page as one JPEG, with its paper's size in points; made once for all records of a page.

    `scale` is points a pixel of the page that it was made from.
    """

    jpeg: bytes
    width: int
    height: int
    grey: bool
    paper: tuple[float, float]
    scale: float


def page_jpeg_for_pdf(page: Page, *, jpeg: bytes | None = None, limit_bytes: int = MAX_PDF_BYTES) -> PageJpeg:
    """The page as a JPEG for PDFs of at most `limit_bytes`. Raises OutputError where that is impossible.

    `jpeg` is the scan's own JPEG of this page (`Scan.jpeg`): where it is small enough its pixels are kept untouched.
    """
    scale = 72 / page.dpi
    paper = (page.width * scale, page.height * scale)
    grey = page.image.ndim == 2
    room = limit_bytes - _PDF_BYTES
    if jpeg is not None and len(jpeg) <= room:
        return PageJpeg(jpeg, page.width, page.height, grey, paper, scale)
    square_inches = page.width * page.height / page.dpi**2
    content, width, height = _small_jpeg(page, min(room, round(TARGET_A4_BYTES * square_inches / _A4_SQUARE_INCHES)))
    if len(content) > room:
        raise OutputError(f"a page of {square_inches:.0f} square inches does not fit into a PDF of {limit_bytes} bytes")
    return PageJpeg(content, width, height, grey, paper, scale)


def page_jpeg_pdf(picture: PageJpeg, *, turned: int = 0, mark: Polygon | None = None) -> bytes:
    """A PDF of one page with the picture turned by `turned` degrees clockwise (0, 90, 180, 270).

    `mark` outlines the record, in pixels of the page the picture was made from. The same input gives the same bytes;
    there are no dates and no names in it.
    """
    if turned % 90:
        raise ValueError(f"a page turns by quarters, not by {turned} degrees")
    with pikepdf.new() as document:
        image = pikepdf.Stream(
            document,
            picture.jpeg,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=picture.width,
            Height=picture.height,
            ColorSpace=Name.DeviceGray if picture.grey else Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        width, height = picture.paper
        operators = f"q {_numbers(width, 0, 0, height, 0, 0)} cm /Page Do Q"
        if mark:
            corners = [(x * picture.scale, height - y * picture.scale) for x, y in mark]
            outline = " l ".join(_numbers(*corner) for corner in corners[1:])
            operators += f" q /Marker gs {_MARK} {_numbers(*corners[0])} m {outline} l s Q"
        turn = {
            0: (1, 0, 0, 1, 0, 0),
            90: (0, -1, 1, 0, 0, width),
            180: (-1, 0, 0, -1, width, height),
            270: (0, 1, -1, 0, height, 0),
        }[turned % 360]
        sheet = (height, width) if turned % 180 else (width, height)
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, *(round(side, 3) for side in sheet)]),
            Resources=Dictionary(
                XObject=Dictionary(Page=document.make_indirect(image)),
                ExtGState=Dictionary(Marker=Dictionary(Type=Name.ExtGState, BM=Name.Multiply)),
            ),
            Contents=document.make_stream(f"{_numbers(*turn)} cm {operators}".encode("ascii")),
        )
        document.pages.append(pikepdf.Page(document.make_indirect(page)))
        buffer = io.BytesIO()
        document.save(buffer, min_version="1.4", deterministic_id=True)
    return buffer.getvalue()


def _small_jpeg(page: Page, target: int) -> tuple[bytes, int, int]:
    """The page as JPEG of at most `target` bytes if possible, its width and height: the best of the steps."""
    content, image = b"", page.image
    for (dpi, floor), (following, _) in zip(_STEPS, (*_STEPS[1:], (0, 0)), strict=True):
        if following >= page.dpi:
            continue  # the scan itself has no more dots than the next step
        image = _reduced(page.image, dpi / page.dpi)
        content = _encoded(image, floor)
        if len(content) <= target:
            return _as_good_as_fits(image, content, floor, target), image.shape[1], image.shape[0]
    return content, image.shape[1], image.shape[0]


def _as_good_as_fits(image: Image, content: bytes, quality: int, target: int) -> bytes:
    """The image at the highest quality whose JPEG fits into `target` bytes; `content`, of `quality`, does."""
    too_good = _BEST_QUALITY + 1
    while too_good - quality > _QUALITY_STEP:
        middle = (quality + too_good) // 2
        better = _encoded(image, middle)
        if len(better) <= target:
            content, quality = better, middle
        else:
            too_good = middle
    return content


def _reduced(image: Image, share: float) -> Image:
    if share >= 1:
        return image
    size = (max(1, round(image.shape[1] * share)), max(1, round(image.shape[0] * share)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _encoded(image: Image, quality: int) -> bytes:
    """Progressive with its own tables: 12 % smaller than a plain JPEG of the same pixels."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    done, content = cv2.imencode(".jpg", image, options)
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return content.tobytes()


def _numbers(*values: float) -> str:
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in values)
