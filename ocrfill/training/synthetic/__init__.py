"""Drawn books: register pages with exact truth, for tests and measuring (docs/explanation/drawn-books.md)."""

from ocrfill.training.synthetic.degradation import AS_SCANNED, BAD, CLEAN, DAMAGES, Damage
from ocrfill.training.synthetic.drawn_book import DrawnPage, draw_book, draw_entries, draw_pages
from ocrfill.training.synthetic.non_entry_pages import blank_page, book_cover, empty_form, save_scan, upside_down
from ocrfill.training.synthetic.options import Drawing, HandKind

__all__ = [
    "AS_SCANNED",
    "BAD",
    "CLEAN",
    "DAMAGES",
    "Damage",
    "Drawing",
    "DrawnPage",
    "HandKind",
    "blank_page",
    "book_cover",
    "draw_book",
    "draw_entries",
    "draw_pages",
    "empty_form",
    "save_scan",
    "upside_down",
]
