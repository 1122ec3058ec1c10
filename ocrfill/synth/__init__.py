"""Drawn books: register pages with exact truth, for tests and measuring; docs/drawn-books.md says how to use them."""

from ocrfill.synth.book import DrawnPage, draw_book, draw_entries, draw_pages
from ocrfill.synth.damage import AS_SCANNED, BAD, CLEAN, DAMAGES, Damage
from ocrfill.synth.drawing import Drawing, HandKind
from ocrfill.synth.extras import blank_page, book_cover, empty_form, save_scan, upside_down
from ocrfill.synth.truth import FieldTruth, LabelTruth, PageTruth, RecordTruth, StripTruth, load_truth

__all__ = [
    "AS_SCANNED",
    "BAD",
    "CLEAN",
    "DAMAGES",
    "Damage",
    "Drawing",
    "DrawnPage",
    "FieldTruth",
    "HandKind",
    "LabelTruth",
    "PageTruth",
    "RecordTruth",
    "StripTruth",
    "blank_page",
    "book_cover",
    "draw_book",
    "draw_entries",
    "draw_pages",
    "empty_form",
    "load_truth",
    "save_scan",
    "upside_down",
]
