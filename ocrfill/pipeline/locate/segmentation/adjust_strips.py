"""How writing is cut out of a page, as far as a book's tuning may change it."""

from __future__ import annotations

from dataclasses import replace

from ocrfill.document.geometry import Box
from ocrfill.document.page import FieldBox, Located, Page, Strip
from ocrfill.document.template import CropOptions


def adjusted_strips(located: Located, page: Page, cutting: CropOptions) -> Located:
    """The strips of lines moved and widened; those of ticks and areas stay."""
    if not (cutting.left or cutting.right or cutting.rise):
        return located
    millimetre = page.dpi / 25.4
    left, right, rise = (round(v * millimetre) for v in (cutting.left, cutting.right, cutting.rise))

    def one(strip: Strip) -> Strip:
        box = strip.box
        if box.bottom - strip.baseline <= 1 or box.is_empty():
            return strip
        wider = Box(box.left - left, box.top - rise, max(box.right + right, box.left - left + 1), box.bottom - rise)
        return Strip(wider.clipped(page.width, page.height), strip.baseline - rise)

    boxes = tuple(FieldBox(box.record, box.name, tuple(map(one, box.strips))) for box in located.boxes)
    return replace(located, boxes=boxes)
