"""Pages of a book that hold no entries, for tests: blank, cover, empty form, upside down."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ocrfill.civil_status.book import Book
from ocrfill.document.geometry import Box
from ocrfill.document.page import Image
from ocrfill.document.template import Style
from ocrfill.layouts.model import Layout
from ocrfill.training.synthetic.degradation import page_warp
from ocrfill.training.synthetic.field_slots import PageSize
from ocrfill.training.synthetic.filled_page import PRINT_GREY_LEVEL
from ocrfill.training.synthetic.ink_layers import PageCanvas
from ocrfill.training.synthetic.jpeg import encoded_jpeg
from ocrfill.training.synthetic.options import DrawingOptions, random_for
from ocrfill.training.synthetic.printed_form import print_form
from ocrfill.training.synthetic.scan_simulation import SheetPlacement, simulated_scan
from ocrfill.training.synthetic.typesetting import FormTypesetter

COVER_TITLES = {
    "KS": "SỔ ĐĂNG KÝ KHAI SINH",
    "KH": "SỔ ĐĂNG KÝ KẾT HÔN",
    "KT": "SỔ ĐĂNG KÝ KHAI TỬ",
    "CMC": "SỔ ĐĂNG KÝ VIỆC NHẬN CHA, MẸ, CON",
    "HN": "SỔ CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
}
"""The title on a book's cover, by its kind."""


def blank_page(layout: Layout, book: Book, seed: int, drawing: DrawingOptions) -> Image:
    """A sheet nobody printed or wrote on, damaged as the drawing says."""
    size = PageSize.of(layout, drawing.dpi)
    return _scan(np.zeros((size.height, size.width), np.uint8), book, seed, drawing, "blank")


def empty_form(layout: Layout, book: Book, seed: int, drawing: DrawingOptions) -> Image:
    """A printed form nobody wrote on."""
    form = print_form(layout, PageSize.of(layout, drawing.dpi), random_for(book, seed, "form"))
    return _scan(form.cover, book, seed, drawing, "empty form")


def book_cover(layout: Layout, book: Book, seed: int, drawing: DrawingOptions) -> Image:
    """The cover: ministry, title of the register, dotted lines for office, volume, and opening and closing day."""
    size = PageSize.of(layout, drawing.dpi)
    press = FormTypesetter(size, random_for(book, seed, "cover"))
    frame = Box(*(round(v) for v in (size.width * 0.08, size.height * 0.06, size.width * 0.92, size.height * 0.94)))
    press.box(frame, 2.0)
    lines: tuple[tuple[str, float, float, Style], ...] = (
        ("BỘ TƯ PHÁP", 0.14, 16, "bold"),
        (COVER_TITLES[book.kind], 0.4, 22, "bold"),
        (f"Quyển số: {book.volume_code}", 0.47, 14, "plain"),
        ("Cơ quan đăng ký hộ tịch: ..............................", 0.62, 14, "plain"),
        ("Mở ngày: ....................", 0.78, 14, "italic"),
        ("Khóa ngày: ....................", 0.82, 14, "italic"),
    )
    for text, y, points, style in lines:
        width = min(press.measure(text, points, style), frame.width * 0.9)
        press.type(text, (size.width - width) / 2, y * size.height, points, style=style, room=frame.width * 0.9)
    return _scan(press.cover, book, seed, drawing, "cover")


def upside_down(image: Image) -> Image:
    """The page as it lies when the book was put on the scanner the wrong way round."""
    return np.asarray(cv2.rotate(image, cv2.ROTATE_180), np.uint8)


def save_scan(image: Image, path: Path, drawing: DrawingOptions) -> None:
    """Write an image as drawn pages are written: a JPEG of the drawing's quality with its resolution."""
    path.write_bytes(encoded_jpeg(image, drawing.damage.kilobytes, drawing.dpi))


def _scan(cover: Image, book: Book, seed: int, drawing: DrawingOptions, purpose: str) -> Image:
    rng = random_for(book, seed, purpose)
    height, width = cover.shape
    warp = page_warp(drawing.damage, width, height, "left", rng)
    return simulated_scan(
        PageCanvas(cover, PRINT_GREY_LEVEL).light, None, SheetPlacement.of(warp, width, height, "left"), drawing, rng
    )
