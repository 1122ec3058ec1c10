"""Pictures of what was read where: a page with its fields drawn on it, a book as one HTML file; plots of trust."""

from ocrfill.export.views.book_html import ShownPage, book_html
from ocrfill.export.views.page_image import draw_page
from ocrfill.export.views.reliability_html import Curves, DiagramDot, GroupPlots, trust_html
from ocrfill.export.views.upright_page import as_it_reads, flipped_places, upright_picture

__all__ = [
    "Curves",
    "DiagramDot",
    "GroupPlots",
    "ShownPage",
    "as_it_reads",
    "book_html",
    "draw_page",
    "flipped_places",
    "trust_html",
    "upright_picture",
]
