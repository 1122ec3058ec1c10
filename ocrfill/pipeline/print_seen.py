"""What a page as scanned tells of the print of its form; and the page cut to where that print lies."""

from __future__ import annotations

import cv2
import numpy as np

from ocrfill.document.page import Image, Page
from ocrfill.document.template import FormTemplate
from ocrfill.layouts.model import Layout
from ocrfill.pipeline.locate import PrintSeen, form_corners, see_page_print
from ocrfill.pipeline.preprocess import is_blank, likely_turns, straighten, turn


def print_seen(page: Page, layout: Layout) -> PrintSeen | None:
    """What a page tells; None where it is blank, lies in an unlikely way, or does not clearly show the form.

    A page that takes a search to be found teaches no print: another one is looked at.
    """
    if not isinstance(layout.body, FormTemplate) or is_blank(page):
        return None
    return see_page_print(_straight(page, layout), layout.body)


def page_of_form(page: Page, layout: Layout, printed: FormTemplate) -> Image:
    """A page straightened and cut to the form as a print of its book lies on it: then fractions of the template are
    fractions of this image, blue-green-red or grey. For pages that taught the print.
    """
    flat = _straight(page, layout)
    left, top, right, bottom = form_corners(flat, printed)
    size = (round(right - left), round(bottom - top))
    moved = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]])
    return np.asarray(cv2.warpAffine(flat.image, moved, size, borderValue=(255, 255, 255)), np.uint8)


def _straight(page: Page, layout: Layout) -> Page:
    degrees = likely_turns(page, layout.paper.width, layout.paper.height)[0]
    return straighten(turn(page, degrees))
