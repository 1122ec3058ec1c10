"""Pages of a PDF: the scan's own image where the page is one image, else the page drawn by poppler."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pdf2image
import pikepdf
from pdf2image import exceptions as poppler

from ocrfill.document.page import Image
from ocrfill.errors import MissingProgram, PageError
from ocrfill.pipeline.scans.decoder_gate import decoder_gate
from ocrfill.pipeline.scans.file_types import MAX_PAGES_PER_FILE
from ocrfill.pipeline.scans.pdf_content import (
    PdfPageContent,
    PlacedImage,
    Rectangle,
    finer_mask,
    is_axis_aligned,
    lies_within,
    page_content,
    rectangle,
)
from ocrfill.pipeline.scans.pdf_damage import check_images, tells_of_lost_image
from ocrfill.pipeline.scans.pdf_image import jpeg_bytes, own_pixels
from ocrfill.pipeline.scans.raster import PixelTurn, check_size, grey_if_grey
from ocrfill.pipeline.scans.resolution import (
    MAX_PAPER_MM,
    MIN_PAPER_MM,
    SQUARE_SHARE,
    believable_dpi,
    guessed_dpi,
)

MIN_DRAWN_DPI: Final = 150
MAX_DRAWN_DPI: Final = 400
"""Bounds for drawing a page: below, thin strokes go; above, nothing is gained for reading and memory is lost."""
DRAWN_DPI: Final = 300
"""For a page without images, or with a logo only."""
WRITING_SHARE: Final = 0.02
"""Images that cover less of a page hold no line of writing: a logo, a dot. Strips and patches count together."""
DRAWING_SECONDS: Final = 120
_MIN_SHARE: Final = 0.5
"""An image alone on its page is taken for the scan if it fills half of the page; the rest is the page's white."""
_END_BYTES: Final = 1024
_CANNOT_BE_DRAWN: Final = "this page of the PDF is broken and cannot be drawn; scan it again"
_LOST_PAGE: Final = "Pages tree includes non-dictionary object"
"""How qpdf says that it leaves a page out because it is not in the file; in no other way does it tell."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page as it is shown: its box in points, quarter turns clockwise, inches a point."""

    box: Rectangle
    quarters: int
    inches: float

    @property
    def has_usual_unit(self) -> bool:
        """Whether its points are 1/72 inch."""
        return abs(self.inches * 72 - 1) < 1e-6

    @property
    def long_mm(self) -> float:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1]) * self.inches * 25.4


def count_pages(path: Path) -> int:
    """The number of pages. Raises PageError for a file that is encrypted, broken, cut off, or has too many."""
    with decoder_gate("the PDF is broken or cut off; copy or scan it again"), _opened(path) as document:
        count = len(document.pages)
        warnings = [str(warning) for warning in document.get_warnings()]
    if any("bad_alloc" in warning for warning in warnings):  # qpdf goes on with what it has got
        raise PageError("scan", "there is not enough memory to look into the PDF; save it anew with another program")
    if warnings and not _has_end(path):
        raise PageError("scan", "the PDF ends in the middle; copy or scan it again")
    if any(_LOST_PAGE in warning for warning in warnings):
        raise PageError("scan", "the PDF is broken, pages of it are lost; copy or scan it again")
    if count == 0:
        raise PageError("scan", "the PDF has no pages; copy or scan it again")
    if count > MAX_PAGES_PER_FILE:
        raise PageError("scan", f"the PDF has more than {MAX_PAGES_PER_FILE} pages; split it")
    return count


def read_pdf_page(path: Path, number: int) -> tuple[Image, float]:
    """A page's image, upright by the page's own marks, and its dots an inch. Raises PageError."""
    with _opened_page(path, number) as (page, sheet):
        content = page_content(page)
        scan = _scan_image(content, sheet)
        pixels = own_pixels(scan.image) if scan else None
        if scan and pixels is not None:
            image = _turn(scan, sheet).apply(pixels)
            height, width = image.shape[:2]
            x, y = _resolution(scan, sheet)
            return image, believable_dpi(x, y, width, height) or guessed_dpi(width, height)
        dpi = _drawing_dpi(content, sheet)
        check_images(content)
    # on paper no register has, the page box is in pixels or in nothing: take the long side for that of A4
    size = 1.0 if MIN_PAPER_MM <= sheet.long_mm <= MAX_PAPER_MM else sheet.long_mm / 297
    return _drawn(path, number, sheet, max(1, round(dpi / size))), dpi


def page_jpeg(path: Path, number: int) -> bytes | None:
    """The JPEG whose pixels, as they lie in it, are the page; None where there is none."""
    with _opened_page(path, number) as (page, sheet):
        scan = _scan_image(page_content(page), sheet)
        if scan is None or _turn(scan, sheet):
            return None
        return jpeg_bytes(scan.image)


@contextmanager
def _opened_page(path: Path, number: int) -> Iterator[tuple[pikepdf.Page, _Sheet]]:
    with decoder_gate("this page of the PDF is broken; scan it again"), _opened(path) as document:
        page = document.pages[number - 1]
        with decoder_gate("this page of the PDF has no size; the file is broken"):
            sheet = _sheet(page)
        yield page, sheet


def _opened(path: Path) -> pikepdf.Pdf:
    try:
        return pikepdf.open(path)
    except pikepdf.PasswordError as e:
        raise PageError("scan", "the PDF asks for a password; save a copy without one") from e


def _sheet(page: pikepdf.Page) -> _Sheet:
    media, crop = rectangle(page.mediabox), rectangle(page.cropbox)
    box = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    if box[0] >= box[2] or box[1] >= box[3]:
        box = media
    if box[0] >= box[2] or box[1] >= box[3]:
        raise ValueError("empty page box")
    rotation = 0
    node: pikepdf.Object | None = page.obj
    for _ in range(32):  # the tree's depth; it may be a circle
        if node is None or "/Rotate" in node:
            rotation = 0 if node is None else int(float(str(node["/Rotate"])))
            break
        node = node.get("/Parent")
    unit = float(str(page.obj.get("/UserUnit", 1)))
    return _Sheet(box, rotation // 90 % 4, (unit if 0 < unit < math.inf else 1.0) / 72)


def _scan_image(content: PdfPageContent, sheet: _Sheet) -> PlacedImage | None:
    """The image that is the page: the only thing on it, upright or in quarter turns, wholly seen, and large."""
    if not content.only_images or len(content.images) != 1:
        return None
    scan = content.images[0]
    left, bottom, right, top = scan.box
    page = sheet.box
    share = (right - left) * (top - bottom) / ((page[2] - page[0]) * (page[3] - page[1]))
    if not is_axis_aligned(scan.matrix) or share < _MIN_SHARE or not lies_within(scan.box, page):
        return None
    x, y = _resolution(scan, sheet)
    return scan if abs(x - y) <= SQUARE_SHARE * max(x, y) else None


def _resolution(scan: PlacedImage, sheet: _Sheet) -> tuple[float, float]:
    """Dots an inch of an image along its own rows and columns."""
    m = scan.matrix
    across, down = (m.a**2 + m.b**2) ** 0.5 * sheet.inches, (m.c**2 + m.d**2) ** 0.5 * sheet.inches
    return (scan.width / across if across else 0.0), (scan.height / down if down else 0.0)


def _turn(scan: PlacedImage, sheet: _Sheet) -> PixelTurn:
    """How the image's pixels must be laid to stand as the page shows them."""
    m = scan.matrix
    # columns: where one step to the right and one step down in the image go on the page, y down
    laid = np.array([[m.a, -m.c], [-m.b, m.d]])
    for _ in range(sheet.quarters):
        laid = np.array([[0, -1], [1, 0]]) @ laid
    transpose = bool(abs(laid[0, 0]) < abs(laid[0, 1]))
    flip_x, flip_y = (laid[0, 1] < 0, laid[1, 0] < 0) if transpose else (laid[0, 0] < 0, laid[1, 1] < 0)
    return PixelTurn(transpose, bool(flip_x), bool(flip_y))


def _drawing_dpi(content: PdfPageContent, sheet: _Sheet) -> float:
    """The dots an inch of the finest image that may carry writing, within bounds: of what covers a line's area.

    Raises PageError where an image is too large.
    """
    page = (sheet.box[2] - sheet.box[0]) * (sheet.box[3] - sheet.box[1])
    covered: list[tuple[float, float]] = []
    for placed in content.images:
        check_size(placed.width, placed.height)
        left, bottom, right, top = placed.box
        covered.append((max(_resolution(placed, sheet)) * finer_mask(placed), (right - left) * (top - bottom) / page))
    own: float = DRAWN_DPI
    area = 0.0
    for dots, share in sorted(covered, reverse=True):
        area += share
        if area >= WRITING_SHARE:
            own = dots
            break
    if not MIN_PAPER_MM <= sheet.long_mm <= MAX_PAPER_MM:
        own *= sheet.long_mm / 297
    return float(round(min(max(own, MIN_DRAWN_DPI), MAX_DRAWN_DPI)))


def _drawn(path: Path, number: int, sheet: _Sheet, dpi: int) -> Image:
    width, height = (round((sheet.box[i + 2] - sheet.box[i]) * sheet.inches * dpi) for i in (0, 1))
    check_size(width, height)
    drawing = _Drawing(path, number, dpi, None if sheet.has_usual_unit else (width, height))
    with decoder_gate(_CANNOT_BE_DRAWN):
        return _drawn_whole(drawing)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A page to draw at some dots an inch, or in a size before it is turned: poppler takes its unit for 1/72 inch."""

    path: Path
    number: int
    dpi: int
    size: tuple[int, int] | None


def _drawn_whole(drawing: _Drawing) -> Image:
    """The page drawn. Raises PageError where poppler tells that it left something out."""
    try:
        return _by_poppler(drawing, strict=True)
    except poppler.PDFSyntaxError as e:
        told = str(e)
    except UnicodeDecodeError as e:  # the fault quotes bytes of the file
        told = bytes(e.object).decode("utf-8", "replace")
    if tells_of_lost_image(told):
        raise PageError("scan", _CANNOT_BE_DRAWN)
    image = _by_poppler(drawing, strict=False)
    if image.min() == image.max():  # a blank page with a fault: something was left out
        raise PageError("scan", _CANNOT_BE_DRAWN)
    return image


def _by_poppler(drawing: _Drawing, *, strict: bool) -> Image:
    """The page drawn; `strict` raises PDFSyntaxError with all that poppler printed where it tells of any fault."""
    try:
        drawn = pdf2image.convert_from_path(
            drawing.path.absolute(),  # a name that begins with a dash is no option then
            dpi=drawing.dpi,
            size=drawing.size,  # type: ignore[arg-type]  # None is its default
            first_page=drawing.number,
            last_page=drawing.number,
            use_cropbox=True,
            strict=strict,
            timeout=DRAWING_SECONDS,
        )
    except poppler.PopplerNotInstalledError as e:
        raise MissingProgram(
            f"{drawing.path}, page {drawing.number} must be drawn by poppler, which is missing (see ocrfill doctor)"
        ) from e
    except poppler.PDFPopplerTimeoutError as e:
        raise PageError("scan", f"drawing this page of the PDF took longer than {DRAWING_SECONDS} s") from e
    except poppler.PDFPageCountError as e:
        raise PageError("scan", _CANNOT_BE_DRAWN) from e
    if not drawn:
        raise PageError("scan", _CANNOT_BE_DRAWN)
    return grey_if_grey(np.asarray(cv2.cvtColor(np.asarray(drawn[0].convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8))


def _has_end(path: Path) -> bool:
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _END_BYTES))
        return b"%%EOF" in stream.read()
