"""Pictures of what was read where: a page with its fields drawn on it, a book as one HTML file; plots of trust."""

from ocrfill.export.views.book_html import Shown, book_html
from ocrfill.export.views.page_image import draw_page
from ocrfill.export.views.reliability_html import Curves, Dot, GroupPlots, trust_html
from ocrfill.export.views.upright_page import upright

__all__ = ["Curves", "Dot", "GroupPlots", "Shown", "book_html", "draw_page", "trust_html", "upright"]
