"""A scan file: what it is, how many pages it has, and each page as an image."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ocrfill.document.page import Image, Page, shown_path
from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scan_process import (
    OPENING_MEMORY_BYTES,
    OPENING_SECONDS,
    PAGE_MEMORY_BYTES,
    PAGE_SECONDS,
    look_apart,
)
from ocrfill.pipeline.scans import pdf, raster
from ocrfill.pipeline.scans.decoder_gate import decoder_gate
from ocrfill.pipeline.scans.file_types import FileType, file_type_of, foreign_file_type
from ocrfill.pipeline.scans.hashed_file import HashedFile, hash_file
from ocrfill.pipeline.scans.jpeg_clean import clean_jpeg
from ocrfill.pipeline.scans.png import png_head, whole_png
from ocrfill.pipeline.scans.raster import PixelTurn
from ocrfill.pipeline.scans.resolution import DotDensity
from ocrfill.pipeline.scans.tiff import decode_tiff_page, open_tiff_page, tiff_page_at, tiff_pages

_PAGE_DAMAGED: Final = "the page is damaged and cannot be decoded; copy or scan it again"


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan file as it was opened: its bytes by their hash, its kind, its number of pages.

    `places` is where each page of a TIFF is described in the file, in bytes. It holds no open file, so it can be handed
    to another process. What is read of it is read of the bytes that were hashed, or fails.
    """

    file: HashedFile
    kind: FileType
    pages: int
    places: tuple[int, ...] = ()

    @property
    def path(self) -> Path:
        """As it was given."""
        return self.file.path

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""
        return self.file.sha256

    def page(self, number: int) -> Page:
        """Page `number`, counted from 1, upright as far as the file's own marks say. Raises PageError."""
        self._check(number)
        image, dpi = self.file.read_by(lambda: look_apart(PAGE_SECONDS, PAGE_MEMORY_BYTES, _decoded, self, number))
        return Page(source=shown_path(self.path), number=number, image=image, dpi=dpi)

    def jpeg(self, number: int) -> bytes | None:
        """A JPEG of the scan's own whose pixels, as they lie in it, are those of `page(number)`; None if there is none.

        There is nothing in it but this picture, in a coding that all viewers show (`clean_jpeg`). Raises PageError.
        """
        self._check(number)
        return self.file.read_by(lambda: look_apart(PAGE_SECONDS, PAGE_MEMORY_BYTES, _own_jpeg, self, number))

    def _check(self, number: int) -> None:
        if not 1 <= number <= self.pages:
            raise PageError("scan", f"there is no page {number}: the file has {self.pages}")


def _decoded(scan: Scan, number: int) -> tuple[Image, float]:
    with decoder_gate(_PAGE_DAMAGED):
        return _decode(scan, number)


def _own_jpeg(scan: Scan, number: int) -> bytes | None:
    with decoder_gate(_PAGE_DAMAGED):
        if scan.kind is FileType.PDF:
            return pdf.page_jpeg(scan.path, number)
        if scan.kind is not FileType.JPEG:
            return None
        content = scan.path.read_bytes()
        picture = raster.open_picture(io.BytesIO(content))
        square = raster.dot_density(picture).square_size(*picture.size) == picture.size
        return clean_jpeg(content) if square and not raster.exif_turn(picture) else None


def _decode(scan: Scan, number: int) -> tuple[Image, float]:
    if scan.kind is FileType.PDF:
        return pdf.read_pdf_page(scan.path, number)
    if scan.kind is FileType.JPEG:
        content = scan.path.read_bytes()
        picture = raster.open_picture(io.BytesIO(content))
        return _laid_out(raster.decode_jpeg(content), raster.dot_density(picture), raster.exif_turn(picture))
    with scan.path.open("rb") as stream:
        if scan.kind is FileType.TIFF:
            page = tiff_page_at(stream, scan.places[number - 1])
            picture = open_tiff_page(stream, page)
            density = raster.dot_density(picture)
            # turns itself by its orientation when it is decoded
            return _laid_out(decode_tiff_page(stream, page, picture), density, PixelTurn())
        picture = raster.open_picture(whole_png(stream) if scan.kind is FileType.PNG else stream)
        raster.check_size(*picture.size)  # before EXIF: where it stands behind a PNG's pixels, they are decoded
        turn = raster.exif_turn(picture)
        return _laid_out(raster.as_eight_bit(picture), raster.dot_density(picture), turn)


def _laid_out(image: Image, density: DotDensity, turn: PixelTurn) -> tuple[Image, float]:
    """A decoded image with square dots and upright, and its dots an inch."""
    height, width = image.shape[:2]
    square = turn.apply(raster.with_square_dots(image, density))
    return square, density.squared(width, height).dpi(square.shape[1], square.shape[0])


def open_scan(path: Path) -> Scan:
    """Look at a scan file: its kind by its content, its pages counted, none of them decoded.

    Raises BadInput, with what is wrong and what to do, where no page can be had from the file.
    """
    return open_hashed(hash_file(path))


def open_hashed(file: HashedFile) -> Scan:
    """As `open_scan`, of a file that was hashed already."""
    path = file.path
    if not file.head:
        raise BadInput(f"{path}: the file is empty (0 bytes); copy or scan it again")
    kind = file_type_of(file.head)
    if kind is None:
        what = foreign_file_type(file.head)
        raise BadInput(f"{path}: this is {what}, not a scan; give PDF, TIFF, JPEG, PNG, BMP or WebP")
    try:
        pages, places = file.read_by(lambda: look_apart(OPENING_SECONDS, OPENING_MEMORY_BYTES, _counted, path, kind))
    except PageError as e:
        raise BadInput(f"{path}: {e.reason}") from e
    return Scan(file, kind, pages, places)


def _counted(path: Path, kind: FileType) -> tuple[int, tuple[int, ...]]:
    """The number of pages, and where those of a TIFF are described. Raises PageError."""
    if kind is FileType.PDF:
        return pdf.count_pages(path), ()
    with decoder_gate(_PAGE_DAMAGED), path.open("rb") as stream:
        if kind is FileType.TIFF:
            pages = tiff_pages(stream)
            if len(pages) == 1:  # else a broken page is that page's fault
                open_tiff_page(stream, pages[0])
            return len(pages), tuple(page.offset for page in pages)
        raster.open_picture(png_head(stream) if kind is FileType.PNG else stream)
        return 1, ()
