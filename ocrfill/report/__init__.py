"""Pictures of what was read where: a page with its fields drawn on it, a book as one HTML file; plots of trust."""

from ocrfill.report.book_page import Shown, book_html
from ocrfill.report.picture import draw_page
from ocrfill.report.sheet import upright
from ocrfill.report.trust_page import Curves, Dot, GroupPlots, trust_html

__all__ = ["Curves", "Dot", "GroupPlots", "Shown", "book_html", "draw_page", "trust_html", "upright"]
