"""Which way up a page lies and which of several forms it is, by the form's own print.

The page is looked at reduced: straightened once for each pair of opposite turns, each form laid on it roughly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocrfill.document.page import Page
from ocrfill.layouts import Layout
from ocrfill.pipeline.locate import BAD_FIT_SCORE, form_likenesses
from ocrfill.pipeline.preprocess import likely_turns, straighten, turn
from ocrfill.pipeline.reduced_page import reduced

AUTO_LAYOUT = "auto"
"""Given as a layout's name: look at the pages and choose."""


@dataclass(frozen=True, slots=True)
class FormMatch:
    """A layout, how far the page is to be turned clockwise to be of it, and how like it then is (0 to 1)."""

    layout: Layout
    degrees: int
    likeness: float


def identify_form(page: Page, layouts: Sequence[Layout]) -> FormMatch:
    """The layout and turn that a page, as scanned, is most like; it may be like none (see `BAD_FIT_SCORE`).

    Layouts that the shape of the paper speaks for come first; the others are tried where none of these fits.
    """
    small = _reduced(page)
    found: list[FormMatch] = []
    for likely in (True, False):
        for axis in (0, 90):
            of_axis = [layout for layout in layouts if (_likely_axis(page, layout) == axis) == likely]
            if of_axis:
                found += _placements(small, of_axis, axis)
        best = max(found, key=lambda placement: placement.likeness, default=None)
        if best is not None and best.likeness >= BAD_FIT_SCORE:
            break
    return max(found, key=lambda placement: placement.likeness)


def _likely_axis(page: Page, layout: Layout) -> int:
    return likely_turns(page, layout.paper.width, layout.paper.height)[0] % 180


def _placements(small: Page, layouts: Sequence[Layout], axis: int) -> list[FormMatch]:
    flat = straighten(turn(small, axis))
    found = []
    for layout, like in zip(layouts, form_likenesses(flat, [layout.body for layout in layouts]), strict=True):
        found.append(FormMatch(layout, axis, like.upright))
        found.append(FormMatch(layout, axis + 180, like.upside_down))
    return found


def _reduced(page: Page) -> Page:
    image, scale = reduced(page.image, page.dpi)
    return replace(page, image=image, dpi=page.dpi / scale)
