"""Pages of known forms that do not fill their image: on a larger scanner bed, two in one image, mirrored, negative.

Looked for only where the form is not found on the image as a whole. The image is looked at reduced: its parts that may
be sheets, and where on them the form's print may lie, each as it is and turned; as a negative where it looks like one;
mirrored where it fits no other way. What was found is cut out of the image, and what is left is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np

from ocrfill.document.geometry import Points
from ocrfill.document.page import Page
from ocrfill.document.template import Template
from ocrfill.document.warp import Warp
from ocrfill.layouts import Layout
from ocrfill.pipeline.form_identification import FormMatch, identify_form
from ocrfill.pipeline.locate import (
    BAD_FIT_SCORE,
    GOOD_FIT_SCORE,
    PageFeatures,
    Window,
    compute_page_features,
    form_windows,
    halved_windows,
    is_near,
    may_be,
    rough_fit,
    whole_window,
)
from ocrfill.pipeline.preprocess import (
    cut_out,
    is_blank,
    is_negative,
    mirror,
    positive,
    sheets_by_brightness,
    straighten,
    turn,
    without_sheet,
)
from ocrfill.pipeline.reduced_page import LONGEST_SIDE_RANGE_PX, WORKING_DPI, reduced

MAX_SEARCHED_SIDE_PX = 2600
"""Greatest side of the reduced image that is looked at: two openings of A3, one above the other, at 100 dots."""

MAX_SHEETS = 2
"""So many pages in one image are parted; more are told."""

SURE_SCORE = 0.8
"""A rough fit this good ends the search: on drawn pages that lie plainly the least is .7."""

LIKELY_DPI_SHARES = (0.6, 1.6)
"""A form of another size than its dots an inch say, by less or more than these, is not looked for: where a file says
none, a bed of A3 may be taken for A4.
"""

KNOWN_DPI_SHARE = 0.08
"""A sheet's dots an inch, reckoned from its size and its form's paper, may be so far from the file's own."""

AROUND_SHEET_SHARE = 0.015
"""How much wider than a sheet that was found is painted over before what is left is looked at, as a share of its
longer side: the sheet's edge and its shadow."""

ALL_OF_SHEET_SHARE = 0.06
"""A form whose paper differs by no more from a part of the image fills it, as a share of the longer side."""

AROUND_WINDOW_SHARE = 0.03
"""How much wider on each side is cut out where the form's print told the place, as a share of the page's sides."""

BESIDE_SHEET_SHARE = 0.02
"""Room left beside a sheet told by its edges, so that rules and writing at its very edge are not cut off."""

Windows = Callable[[PageFeatures, Template, float], Sequence[Window]]
"""Gives the rectangles to try for a form whose paper has that height by its width."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundSheet:
    """A page of a form found in an image: cut out of it, its negative and mirroring undone, still to be turned by
    `degrees` clockwise. `corners` (4, 2) are what was cut out of the image: the sheet, or somewhat more.
    """

    page: Page
    layout: Layout
    degrees: int
    likeness: float
    corners: Points


@dataclass(frozen=True, slots=True)
class SheetSearch:
    """The pages found in an image, and whether print or writing is left beside them."""

    sheets: tuple[FoundSheet, ...]
    has_rest: bool


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A part of the reduced image, turned by `axis` (0 or 90 degrees) and straightened, and what it shows of a form."""

    axis: int
    sheet: Points
    flat: Page
    evidence: PageFeatures

    @classmethod
    def of(cls, region: Page, sheet: Points, axis: int) -> _View:
        """`sheet` are the corners of the region on the reduced image."""
        flat = straighten(turn(region, axis))
        return cls(axis, sheet, flat, compute_page_features(flat))

    def dpi(self, paper: Window, layout: Layout) -> float:
        """The dots an inch of the reduced image, if that is a form's paper."""
        return (paper.right - paper.left) * self.evidence.scale / (layout.paper.width / 25.4)

    def corners(self, paper: Window) -> tuple[Points, bool]:
        """Of what is to be cut out for a form's paper, on the reduced image; and whether that is all of this part."""
        if is_near(paper, whole_window(self.evidence), ALL_OF_SHEET_SHARE):
            return self.sheet, True
        grown = paper.grown(AROUND_WINDOW_SHARE, self.evidence)
        return self.flat.to_source.apply((grown.corners + 0.5) * self.evidence.scale - 0.5), False


@dataclass(frozen=True, slots=True, eq=False)
class _Guess:
    """Where a form may lie on the reduced image: its corners there (4, 2), the degrees clockwise it is to be turned by,
    how well it fits (0 to 1), how many dots an inch the image then has, and whether the corners are those of a sheet
    told by its edges, not by its print.
    """

    layout: Layout
    corners: Points
    degrees: int
    flipped: bool
    negative: bool
    score: float
    dpi: float
    whole: bool


def find_sheets(page: Page, layouts: Sequence[Layout], *, in_mirror: bool = False) -> SheetSearch:
    """All pages of these forms in an image, the surest first; none where nothing fits well. `in_mirror` says that they
    are known to be mirrored.
    """
    found: list[FoundSheet] = []
    rest = page
    while len(found) < MAX_SHEETS:
        guess = _surest(rest, layouts, (True,) if in_mirror else (False, True))
        if guess is None:
            break
        found.append(_cut(page, *guess))
        rest = without_sheet(rest, _wider(found[-1].corners, AROUND_SHEET_SHARE))
        if is_blank(rest):
            return SheetSearch(tuple(found), has_rest=False)
    return SheetSearch(tuple(found), has_rest=bool(found))


def identify_form_anywhere(page: Page, layouts: Sequence[Layout]) -> FormMatch:
    """As `identify_form`; where the image as a whole is like none of them, what a part of it is most like."""
    best = identify_form(page, layouts)
    if best.likeness >= BAD_FIT_SCORE:
        return best
    guess = _surest(page, layouts, (False, True))
    return best if guess is None else FormMatch(guess[0].layout, guess[0].degrees, guess[0].score)


def _surest(page: Page, layouts: Sequence[Layout], mirrorings: Sequence[bool]) -> tuple[_Guess, float] | None:
    """Where one of these forms is most surely in the image, and by how much the image was reduced; None for nowhere."""
    small, scale = _reduced(page)
    views: list[_View] = []
    best: _Guess | None = None
    for flipped, windows in product(mirrorings, (form_windows, halved_windows)):
        for guess in _guesses(views or _views(small, views), layouts, windows, flipped=flipped):
            if best is None or guess.score > best.score:
                best = guess
            if best.score >= SURE_SCORE:
                break
        if best is not None and best.score >= GOOD_FIT_SCORE:
            break
    if best is None or best.score < BAD_FIT_SCORE:
        return None
    return best, scale


def _cut(page: Page, guess: _Guess, scale: float) -> FoundSheet:
    """What a guess on the reduced image says is a sheet, cut out of the image itself."""
    corners = (guess.corners + 0.5) * scale - 0.5
    dpi = guess.dpi * scale
    known = abs(dpi / page.dpi - 1) < KNOWN_DPI_SHARE
    sheet = cut_out(page, corners, page.dpi if known else dpi, room=BESIDE_SHEET_SHARE if guess.whole else 0.0)
    if guess.negative:
        sheet = positive(sheet)
    if guess.flipped:
        sheet = mirror(sheet)
    return FoundSheet(sheet, guess.layout, guess.degrees, guess.score, corners)


def _reduced(page: Page) -> tuple[Page, float]:
    """The image at the scale at which forms are measured, and by how much it was reduced."""
    longest = max(page.width, page.height)
    scale = max(page.dpi / WORKING_DPI, longest / MAX_SEARCHED_SIDE_PX)
    if longest / scale <= LONGEST_SIDE_RANGE_PX[1]:
        image, scale = reduced(page.image, page.dpi)
    else:
        size = (round(page.width / scale), round(page.height / scale))
        image = np.asarray(cv2.resize(page.image, size, interpolation=cv2.INTER_AREA), np.uint8)
        scale = page.width / size[0]
    return replace(page, image=image, dpi=page.dpi / scale, to_source=Warp()), scale


def _views(small: Page, kept: list[_View]) -> Iterator[_View]:
    """The parts of a reduced image both ways, made as they are asked for and kept."""
    for region, sheet in _regions(small):
        for axis in (0, 90):
            kept.append(_View.of(region, sheet, axis))
            yield kept[-1]


def _guesses(views: Iterable[_View], layouts: Sequence[Layout], windows: Windows, *, flipped: bool) -> Iterator[_Guess]:
    """Where these forms may lie on a reduced image, and how well they fit there."""
    for view, layout in ((view, layout) for view in views for layout in layouts):
        upright = -view.axis % 360 if flipped else view.axis
        for window in windows(view.evidence, layout.body, layout.paper.height / layout.paper.width):
            if not LIKELY_DPI_SHARES[0] < view.dpi(window, layout) / view.flat.dpi < LIKELY_DPI_SHARES[1]:
                continue
            seen = window.of(view.evidence)
            seen = seen.flipped() if flipped else seen
            for half, way in ((0, seen), (180, seen.upside_down())):
                fit = rough_fit(way, layout.body) if may_be(way, layout.body) else None
                if fit is None or fit.flipped:
                    continue
                paper = fit.page.upside_down(window) if half else fit.page
                paper = (paper.flipped(window) if flipped else paper).within(window)
                corners, whole = view.corners(paper)
                dpi, degrees = view.dpi(paper, layout), (upright + half) % 360
                yield _Guess(layout, corners, degrees, flipped, view.flat.negative, fit.score, dpi, whole)


def _regions(small: Page) -> Iterator[tuple[Page, Points]]:
    """The image and its parts that may be sheets, each as a positive, and its corners on the image."""
    edges = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (small.width - 1.0, small.height - 1.0)
    yield _as_positive(small), edges
    for corners in (*sheets_by_brightness(small.image), *_halves(small)):
        yield _as_positive(cut_out(small, corners, small.dpi)), corners


def _halves(small: Page) -> Iterator[Points]:
    """The corners of both halves of an image too long to be measured as a whole: two pages one above the other."""
    width, height = small.width, small.height
    if max(width, height) > LONGEST_SIDE_RANGE_PX[1]:
        for at in (0.0, 0.5):
            left, top = (at, 0.0) if width > height else (0.0, at)
            right, bottom = (at + 0.5, 1.0) if width > height else (1.0, at + 0.5)
            yield np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) * (width - 1, height - 1)


def _as_positive(page: Page) -> Page:
    return positive(page) if is_negative(page) else page


def _wider(corners: Points, share: float) -> Points:
    middle = corners.mean(axis=0)
    longest = float(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).max())
    return np.asarray(corners + np.sign(corners - middle) * share * longest, np.float64)
