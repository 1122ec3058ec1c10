"""A scan file: what it is, how many pages it has, and each page as an image."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from ocrfill.document.page import Image, Page
from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import pdf, raster
from ocrfill.pipeline.scans.decoder_gate import decoder_gate
from ocrfill.pipeline.scans.file_types import HEAD_BYTES, FileType, file_type_of, foreign_file_type
from ocrfill.pipeline.scans.png import png_head, whole_png
from ocrfill.pipeline.scans.raster import PixelTurn
from ocrfill.pipeline.scans.resolution import DotDensity
from ocrfill.pipeline.scans.tiff import decode_tiff_page, open_tiff_page, tiff_pages

_PAGE_DAMAGED = "the page is damaged and cannot be decoded; copy or scan it again"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan file as it was opened: its path as given, the hash of its bytes, its number of pages.

    It holds no open file, so it can be handed to another process.
    """

    path: Path
    sha256: str
    pages: int
    kind: FileType

    def page(self, number: int) -> Page:
        """Page `number`, counted from 1, upright as far as the file's own marks say. Raises PageError."""
        if not 1 <= number <= self.pages:
            raise PageError("scan", f"there is no page {number}: the file has {self.pages}")
        with decoder_gate(_PAGE_DAMAGED):
            image, dpi = self._decode(number)
        return Page(source=str(self.path), number=number, image=image, dpi=dpi)

    def jpeg(self, number: int) -> bytes | None:
        """The bytes of the JPEG whose pixels, as they lie in it, are those of `page(number)`; None if there is none."""
        if not 1 <= number <= self.pages:
            raise PageError("scan", f"there is no page {number}: the file has {self.pages}")
        with decoder_gate(_PAGE_DAMAGED):
            return self._own_jpeg(number)

    def _own_jpeg(self, number: int) -> bytes | None:
        if self.kind is FileType.PDF:
            return pdf.page_jpeg(self.path, number)
        if self.kind is not FileType.JPEG:
            return None
        content = self.path.read_bytes()
        picture = raster.open_picture(io.BytesIO(content))
        plain = picture.mode in {"L", "RGB"} and not raster.exif_turn(picture) and raster.has_jpeg_end(content)
        square = raster.dot_density(picture).square_size(*picture.size) == picture.size
        return content if plain and square else None

    def _decode(self, number: int) -> tuple[Image, float]:
        if self.kind is FileType.PDF:
            return pdf.read_pdf_page(self.path, number)
        if self.kind is FileType.JPEG:
            content = self.path.read_bytes()
            picture = raster.open_picture(io.BytesIO(content))
            return _laid_out(raster.decode_jpeg(content), raster.dot_density(picture), raster.exif_turn(picture))
        with self.path.open("rb") as stream:
            if self.kind is FileType.TIFF:
                page = tiff_pages(stream)[number - 1]
                picture = open_tiff_page(stream, page)
                density = raster.dot_density(picture)
                # turns itself by its orientation when it is decoded
                return _laid_out(decode_tiff_page(stream, page, picture), density, PixelTurn())
            picture = raster.open_picture(whole_png(stream) if self.kind is FileType.PNG else stream)
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
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            digest.update(head)
            while block := stream.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError as e:
        raise BadInput(f"{path}: there is no such file") from e
    except IsADirectoryError as e:
        raise BadInput(f"{path}: this is a folder, not a scan") from e
    except OSError as e:
        raise BadInput(f"{path}: the file cannot be read: {e.strerror}") from e
    except ValueError as e:  # a NUL in it, which no system takes
        raise BadInput(f"{path}: this is no path of a file") from e
    if not head:
        raise BadInput(f"{path}: the file is empty (0 bytes); copy or scan it again")
    kind = file_type_of(head)
    if kind is None:
        raise BadInput(f"{path}: this is {foreign_file_type(head)}, not a scan; give PDF, TIFF, JPEG, PNG, BMP or WebP")
    return Scan(path, digest.hexdigest(), _count_pages(path, kind), kind)


def _count_pages(path: Path, kind: FileType) -> int:
    if kind is FileType.PDF:
        return pdf.count_pages(path)
    try:
        with decoder_gate(_PAGE_DAMAGED), path.open("rb") as stream:
            if kind is FileType.TIFF:
                pages = tiff_pages(stream)
                if len(pages) == 1:  # else a broken page is that page's fault
                    open_tiff_page(stream, pages[0])
                return len(pages)
            raster.open_picture(png_head(stream) if kind is FileType.PNG else stream)
            return 1
    except PageError as e:
        raise BadInput(f"{path}: {e.reason}") from e
