"""Pictures of what was read where: a page with its fields drawn on it, a book as one HTML file."""

from ocrfill.report.book_page import Shown, book_html
from ocrfill.report.picture import draw_page
from ocrfill.report.sheet import upright

__all__ = ["Shown", "book_html", "draw_page", "upright"]
