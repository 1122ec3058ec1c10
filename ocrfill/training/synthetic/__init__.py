"""Drawn books: register pages with exact truth, for tests and measuring (docs/explanation/drawn-books.md)."""

from ocrfill.training.synthetic.degradation import BAD_SCAN, CLEAN_SCAN, DEGRADATIONS, USUAL_SCAN, Degradation
from ocrfill.training.synthetic.drawn_book import DrawnPage, draw_book, draw_entries, draw_pages
from ocrfill.training.synthetic.non_entry_pages import blank_page, book_cover, empty_form, save_scan, upside_down
from ocrfill.training.synthetic.options import DrawingOptions, HandKind

__all__ = [
    "BAD_SCAN",
    "CLEAN_SCAN",
    "DEGRADATIONS",
    "USUAL_SCAN",
    "Degradation",
    "DrawingOptions",
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
