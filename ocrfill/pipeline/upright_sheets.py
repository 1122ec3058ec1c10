"""The pages of a form in an image, each upright, straight and located: nearly always one that fills the image."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key

import cv2
import numpy as np

from ocrfill.document.geometry import Points
from ocrfill.document.page import Located, Page
from ocrfill.document.template import FormTemplate
from ocrfill.errors import PageError
from ocrfill.layouts.model import Layout
from ocrfill.pipeline.find_sheets import find_sheets
from ocrfill.pipeline.form_identification import identify_form
from ocrfill.pipeline.locate import BAD_FIT_SCORE, GOOD_FIT_SCORE, MAX_SHAPE_RATIO, locate
from ocrfill.pipeline.preprocess import likely_turns, straighten, turn
from ocrfill.pipeline.stage_clock import StageClock, no_clock, timed

BETTER_BY = 0.1
"""A sheet must fit so much better than the whole image to be taken in its place."""

MIN_WHOLE_SHARE = 0.9
"""A sheet that covers so much of the image is taken as the image: what a plain scan cuts off is told by its fields."""

Laid = tuple[Page, Located]
"""A page put straight, and where its fields are."""


def put_upright(page: Page, layout: Layout, clock: StageClock | None = None) -> Laid:
    """The page turned, straightened and located. Raises PageError where it is no page of this form, or several are."""
    sheets = upright_sheets(page, layout, clock)
    if len(sheets) > 1:
        raise PageError("locate", "two pages in one image: give each an image of its own")
    return sheets[0]


def upright_sheets(
    page: Page, layout: Layout, clock: StageClock | None = None, prints: Sequence[FormTemplate] = ()
) -> tuple[Laid, ...]:
    """All pages of the form in an image, in reading order. Raises PageError where nothing fits.

    Most pages lie as the shape of the paper says; another turn is looked for only where that one does not fit, and a
    smaller sheet, two of them, a negative or a mirrored page where no turn does or the image has the shape of two.
    `prints` are the layout's form as the book's printings have it (`locate`).
    """
    tell = clock or no_clock
    first = likely_turns(page, layout.paper.width, layout.paper.height)[0]
    found = _located(page, layout, first, tell, prints)
    if found[1].fit.score < GOOD_FIT_SCORE:
        with timed("locate", tell):
            other = identify_form(page, [layout])
        if other.degrees != first and other.likeness > found[1].fit.score:
            turned = _located(page, layout, other.degrees, tell, prints)
            found = max(found, turned, key=lambda pair: pair[1].fit.score)
    score, flipped = found[1].fit.score, found[1].fit.flipped
    if score < GOOD_FIT_SCORE or flipped or _is_of_other_shape(page, found[0].turned, layout):
        least = score if flipped else score + BETTER_BY
        sheets = _on_sheets(page, layout, least, tell, prints, in_mirror=flipped)
        if sheets:
            return sheets
    if score < BAD_FIT_SCORE:
        raise PageError(
            "locate",
            f"the page does not fit layout {layout.name} (fit {score:.2f}, at least {BAD_FIT_SCORE:.2f} is needed): "
            "check that it is a page of this form and wholly on the scan, or give another layout",
        )
    return (found,)


def _is_of_other_shape(page: Page, turned: int, layout: Layout) -> bool:
    """Whether the image, turned so, has so much other proportions than the form's paper that two pages may be on it."""
    height, width = (page.width, page.height) if turned % 180 else (page.height, page.width)
    ratio = height / width / (layout.paper.height / layout.paper.width)
    return not 1 / MAX_SHAPE_RATIO < ratio < MAX_SHAPE_RATIO


def _on_sheets(
    page: Page,
    layout: Layout,
    least: float,
    tell: StageClock,
    prints: Sequence[FormTemplate],
    *,
    in_mirror: bool = False,
) -> tuple[Laid, ...]:
    """The pages found apart in an image, in reading order; none where one fits less than `least` well.

    Raises PageError where something is written that is on no page found, or a page is cut off by the scan's edge.
    """
    with timed("locate", tell):
        search = find_sheets(page, [layout], in_mirror=in_mirror)
    laid = [(_located(sheet.page, layout, sheet.degrees, tell, prints), sheet) for sheet in search.sheets]
    if not in_mirror and any(one[1].fit.flipped for one, _ in laid):
        return _on_sheets(page, layout, least, tell, prints, in_mirror=True)
    fitting = [(one, sheet) for one, sheet in laid if one[1].fit.score >= GOOD_FIT_SCORE]
    found = [one for one, _ in fitting]
    if not found or (len(found) == 1 and found[0][1].fit.score < least):
        return ()
    if search.has_rest or len(found) < len(laid):
        raise PageError(
            "locate",
            f"two pages in one image, of which {len(found)} fit{'s' * (len(found) == 1)} layout {layout.name}: give "
            "each page an image of its own, with nothing beside it",
        )
    if any(_is_cut_off(page, one, sheet.corners) for one, sheet in fitting):
        raise PageError(
            "locate",
            "the page lies partly beyond the edge of the scan, or below another: lay it wholly on the glass, with "
            "nothing on it, and scan it again",
        )
    return tuple(sorted(found, key=cmp_to_key(_reading_order)))


def _located(page: Page, layout: Layout, degrees: int, tell: StageClock, prints: Sequence[FormTemplate]) -> Laid:
    with timed("page", tell):
        flat = straighten(turn(page, degrees))
    with timed("locate", tell):
        return flat, locate(flat, layout.body, prints)


def _is_cut_off(page: Page, laid: Laid, corners: Points) -> bool:
    """Whether room to write of a sheet smaller than the image lies at the edge of what was cut out, or beyond it."""
    flat, located = laid
    if flat.width * flat.height > MIN_WHOLE_SHARE * page.width * page.height:
        return False
    boxes = [strip.box for box in located.boxes for strip in box.strips]
    if any(b.left <= 0 or b.top <= 0 or b.right >= flat.width or b.bottom >= flat.height for b in boxes):
        return True
    middles = flat.to_source.apply(np.array([((b.left + b.right) / 2, (b.top + b.bottom) / 2) for b in boxes]))
    outline = corners.astype(np.float32)
    return any(cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=False) < 0 for x, y in middles)


def _reading_order(one: Laid, other: Laid) -> int:
    """Below 0 where the one sheet is to be read before the other: it lies left of it or above it, as both stand; where
    they are turned differently, as they lie on the scan.
    """
    flat, beside = one[0], other[0]
    here, there = (sheet.to_source.apply(np.array([[sheet.width / 2, sheet.height / 2]])) for sheet in (flat, beside))
    if flat.turned == beside.turned:
        here, there = flat.to_source.unapply(here), flat.to_source.unapply(there)
    x, y = (there - here)[0]
    return -1 if (x if abs(x) > abs(y) else y) > 0 else 1
