"""Where on a larger page a form may lie whose page was not found as a whole: rectangles to try, by what is printed.

What is printed on the page has a least rectangle, and so has the template's own print: laid on each other they say
where the form's page would be. Of two pages in one image the print falls into two halves, parted where there is most
room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocrfill.document.page import Bits, Floats, Reals
from ocrfill.document.template import TableTemplate, Template
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.form import label_stretches

MIN_PRINT_DARKNESS = 0.3
"""Darkness of print and writing on the reduced page."""

MIN_MARK_AREA_PX, MAX_MARK_LENGTH_PX = 6, 60
"""Pixels of the reduced page: letters and words are no smaller and no longer, as edges of beds and sheets are."""

STRAY_SHARE = 0.004
"""Share of all print at each end of a direction that may be dust and strokes beside the form."""

MIN_RULE_CLEARNESS = 0.6
"""A rule or dotted line is seen where its map is at least this."""

SAME_SHAPE = 1.1
"""Height and width of a window that differ from the paper's proportions by no more than this factor are both taken."""

MAX_SHAPE_RATIO = 1.3
"""The image as a whole is one page of a form where its proportions are off the paper's by no more than this factor; two
pages make 1.4 at least."""

MIN_WINDOW_SHARE = 0.2
"""A form fills at least this share of each side of the image: A5 on a bed of A3 and two pages a side fill .35."""

TITLE_HEIGHT_PITCHES = 0.012
"""Height of a line of print, as a share of the page's height: the uppermost base line has it above."""

SAME_WINDOW_SHARE = 0.03
"""In windows that differ by no more, as a share of the longer side, a fit finds the same."""

ROOM_SHARES = (0.3, 0.7)
"""Two pages are parted between these shares of what is printed in one direction."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the reduced page in its pixels, where a form's page may lie; it may reach beyond the image."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def corners(self) -> Reals:
        """Clockwise from the upper left, shape (4, 2)."""
        return np.array(
            [(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)]
        )

    def upside_down(self, around: Window) -> Window:
        """Where a window, in pixels from the corner of `around`, lies once that is turned by 180 degrees."""
        width, height = around.size
        return Window(width - self.right, height - self.bottom, width - self.left, height - self.top)

    def flipped(self, around: Window) -> Window:
        """The same where the page is mirrored left to right."""
        width, _ = around.size
        return Window(width - self.right, self.top, width - self.left, self.bottom)

    def within(self, around: Window) -> Window:
        """The same on the page itself."""
        left, top = round(around.left), round(around.top)
        return Window(self.left + left, self.top + top, self.right + left, self.bottom + top)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the maps within it, in pixels."""
        return (
            max(round(self.right) - round(self.left), 1),
            max(round(self.bottom) - round(self.top), 1),
        )

    def grown(self, share: float, evidence: PageFeatures) -> Window:
        """This window larger on each side by a share of it, as far as the maps reach."""
        x, y = share * (self.right - self.left), share * (self.bottom - self.top)
        return Window(
            max(self.left - x, min(self.left, 0.0)),
            max(self.top - y, min(self.top, 0.0)),
            min(self.right + x, max(self.right, float(evidence.width))),
            min(self.bottom + y, max(self.bottom, float(evidence.height))),
        )

    def of(self, evidence: PageFeatures) -> PageFeatures:
        """The maps within the window; nothing is seen beyond the image."""
        left, top, right, bottom = (round(v) for v in (self.left, self.top, self.right, self.bottom))
        ink, level, upright = (
            _padded(v, (left, top, right, bottom)) for v in (evidence.ink, evidence.level, evidence.upright)
        )
        return PageFeatures(ink, level, upright, evidence.scale)


def whole_window(evidence: PageFeatures) -> Window:
    """All of the page."""
    return Window(0.0, 0.0, float(evidence.width), float(evidence.height))


def form_windows(evidence: PageFeatures, template: Template, paper_shape: float) -> list[Window]:
    """Where the page of a form may lie on a straightened page, likeliest first. `paper_shape`: height by width."""
    letters = _letters(evidence.ink)
    lined = np.maximum(letters, (np.maximum(evidence.level, evidence.upright) > MIN_RULE_CLEARNESS).astype(np.uint8))
    whole = whole_window(evidence)
    shape = evidence.height / evidence.width / paper_shape
    first = [whole] if 1 / MAX_SHAPE_RATIO < shape < MAX_SHAPE_RATIO else []
    return _apart(evidence, first, _around((letters, lined), template, paper_shape))


def halved_windows(evidence: PageFeatures, template: Template, paper_shape: float) -> list[Window]:
    """Where each of two pages of a form may lie side by side or one above the other."""
    return _apart(evidence, [], _around(_halves(_letters(evidence.ink)), template, paper_shape))


def _around(parts: Iterable[Bits], template: Template, paper_shape: float) -> Iterator[Window]:
    extent = printed_extent(template)
    for part in parts:
        box = _box_of(part)
        if box is not None:
            yield from _pages_around(box, extent, paper_shape)


def _apart(evidence: PageFeatures, first: Sequence[Window], others: Iterable[Window]) -> list[Window]:
    """The windows that are possible, those left out that another stands for."""
    kept = list(first)
    for window in others:
        if _is_possible(window, evidence) and not any(is_near(window, other, SAME_WINDOW_SHARE) for other in kept):
            kept.append(window)
    return kept


def printed_extent(template: Template) -> Window:
    """The rectangle around a template's own print, in fractions of its page."""
    if isinstance(template, TableTemplate):
        tops = [template.top, *(head.top for head in template.heads)]
        tops += [template.head_top] if template.head_top is not None else []
        return Window(template.columns[0], min(tops), template.columns[-1], template.bottom)
    x = [v for line in template.lines for gap in line.gaps for v in gap.x]
    x += [v for line in template.lines for stretch in label_stretches(line) for v in stretch]
    y = [line.y for line in template.lines]
    if template.frame is not None:
        x += [template.frame.left, template.frame.right]
        y += [template.frame.top + TITLE_HEIGHT_PITCHES, template.frame.bottom]
    return Window(min(x), min(y) - TITLE_HEIGHT_PITCHES, max(x), max(y))


def _letters(ink: Floats) -> Bits:
    """Where letters and words are."""
    dark = (ink > MIN_PRINT_DARKNESS).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    longest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    kept = (stats[:, cv2.CC_STAT_AREA] >= MIN_MARK_AREA_PX) & (longest <= MAX_MARK_LENGTH_PX)
    kept[0] = False
    return np.asarray(kept.astype(np.uint8)[labels], np.uint8)


def _box_of(marks: Bits) -> Window | None:
    """The rectangle around marks, a few strays left out; None where there are none."""
    ends = []
    for axis in (0, 1):
        along = np.cumsum(marks.sum(axis=axis, dtype=np.int64))
        if not along[-1]:
            return None
        ends.append(np.searchsorted(along, [along[-1] * STRAY_SHARE, along[-1] * (1 - STRAY_SHARE)]))
    (left, right), (top, bottom) = ends
    return Window(float(left), float(top), float(right + 1), float(bottom + 1))


def _halves(marks: Bits) -> Iterator[Bits]:
    """The marks on either side of where there is most room in each direction, and of the middle."""
    box = _box_of(marks)
    if box is None:
        return
    for axis, low, high in ((0, box.left, box.right), (1, box.top, box.bottom)):
        along = marks.sum(axis=axis, dtype=np.int64)
        first, last = (round(low + share * (high - low)) for share in ROOM_SHARES)
        for cut in {_widest_room(along, first, last), round((low + high) / 2)}:
            for part in (slice(None, cut), slice(cut, None)):
                half = np.zeros_like(marks)
                where = (slice(None), part) if axis == 0 else (part, slice(None))
                half[where] = marks[where]
                yield half


def _widest_room(along: np.ndarray[tuple[int, ...], np.dtype[np.int64]], first: int, last: int) -> int:
    """The middle of the longest stretch between two places that has hardly any mark."""
    sparse = along[first:last] <= np.percentile(along[first:last], 10) if last > first else np.zeros(0, bool)
    best, start = (0, (first + last) // 2), None
    for i, empty in enumerate([*sparse, False]):
        if empty and start is None:
            start = i
        elif not empty and start is not None:
            best = max(best, (i - start, first + (start + i) // 2))
            start = None
    return best[1]


def _pages_around(box: Window, extent: Window, paper_shape: float) -> Iterator[Window]:
    """Pages whose print would have that rectangle: by both its sides, or by either where the other is cut or empty."""
    width = (box.right - box.left) / (extent.right - extent.left)
    height = (box.bottom - box.top) / (extent.bottom - extent.top)
    left, top = box.left - extent.left * width, box.top - extent.top * height
    ratio = height / width / paper_shape
    if 1 / SAME_SHAPE <= ratio <= SAME_SHAPE:
        yield Window(left, top, left + width, top + height)
        return
    tall = width * paper_shape
    upper = box.top - extent.top * tall
    yield Window(left, upper, left + width, upper + tall)
    wide = height / paper_shape
    for near in (box.left - extent.left * wide, box.right - extent.right * wide):
        yield Window(near, top, near + wide, top + height)


def _is_possible(window: Window, evidence: PageFeatures) -> bool:
    wide, tall = (window.right - window.left) / evidence.width, (window.bottom - window.top) / evidence.height
    return min(wide, tall) >= MIN_WINDOW_SHARE and max(wide, tall) <= 1 / (1 - MIN_WINDOW_SHARE)


def is_near(window: Window, other: Window, share: float) -> bool:
    """Whether the corners of two windows lie so near to each other, as a share of the longer side."""
    return bool(np.abs(window.corners - other.corners).max() < share * max(other.size))


def _padded(values: Floats, sides: tuple[int, int, int, int]) -> Floats:
    left, top, right, bottom = sides
    height, width = values.shape
    window = np.zeros((max(bottom - top, 1), max(right - left, 1)), np.float32)
    inner = values[max(top, 0) : max(min(bottom, height), 0), max(left, 0) : max(min(right, width), 0)]
    y, x = max(-top, 0), max(-left, 0)
    window[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    return window
