"""Each strip's own writing cut out: dots, labels, rules and the neighbours' ink left behind.

Ink is shared out piece by piece (`share`); what is a strip's own is left dark on white.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Crop, Located, Page, Strip
from ocrfill.document.template import CropOptions
from ocrfill.pipeline.locate.registration.field_strips import ABOVE_BASE_PITCHES, BELOW_BASE_PITCHES
from ocrfill.pipeline.locate.segmentation.ink import InkComponents, find_ink_components
from ocrfill.pipeline.locate.segmentation.leader_dots import WritingLine
from ocrfill.pipeline.locate.segmentation.line_assignment import AssignedComponents, assign_to_lines
from ocrfill.pipeline.locate.segmentation.strikethrough import is_stamped, is_struck

USUAL_OPTIONS = CropOptions()
"""Nothing tuned."""

USUAL_PITCH_MM = 6.8
"""Distance between dotted lines, and so between lines of writing, in millimetres, where the page does not tell."""

MAX_CHECKBOX_SHAPE = (1.5, 1.0)
"""A strip without room below its base line is a tick's if at most this much wider than high, and lower than this."""

MIN_EDGE_LENGTH_SHARE, EDGE_ZONE_SHARE = 0.4, 0.35
"""An edge of the printed square fills this share of the tick's strip, and lies so near to the strip's own."""


def crop_strips(page: Page, located: Located, cutting: CropOptions = USUAL_OPTIONS) -> tuple[tuple[Crop, ...], ...]:
    """The writing of every strip of every field, in the order found; a strip off the page gives one white pixel."""
    lanes = [_lane(strip) for box in located.boxes for strip in box.strips]
    lines = [lane for lane in lanes if lane is not None]
    pitch = float(np.median([lane.pitch for lane in lines])) if lines else USUAL_PITCH_MM * page.dpi / 25.4
    rules = located.rules if cutting.rules else ()
    dotted = located.dotted and cutting.dots
    ink = find_ink_components(page, pitch, lines, rules, labels=located.labels, dotted=dotted, faint=cutting.ink)
    shared = assign_to_lines(ink, lines, page.width)
    number = itertools.count()
    of_lane = iter([None if lane is None else (next(number), lane) for lane in lanes])
    return tuple(tuple(_cut(page, ink, shared, strip, next(of_lane)) for strip in box.strips) for box in located.boxes)


def _lane(strip: Strip) -> WritingLine | None:
    """The lane of a line of writing, which has room for tails below its base line; None for ticks and areas."""
    below = strip.box.bottom - strip.baseline
    if below <= 1 or strip.box.is_empty():
        return None
    return WritingLine(
        strip.box,
        strip.baseline,
        max(below / BELOW_BASE_PITCHES, strip.box.height / (ABOVE_BASE_PITCHES + BELOW_BASE_PITCHES)),
    )


def _printed_square(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The edges of a printed square in a tick's strip: near each side what is dark over most of it."""
    edges = np.zeros_like(mask)
    for ink, out in ((mask, edges), (mask.T, edges.T)):
        filled = ink.sum(axis=1)
        zone = round(EDGE_ZONE_SHARE * len(filled))
        for side in (slice(0, zone), slice(len(filled) - zone, len(filled))):
            full = filled[side] > max(MIN_EDGE_LENGTH_SHARE * ink.shape[1], 0.6 * filled[side].max(initial=0))
            out[side][np.convolve(full, (1, 1, 1), "same") > 0] = True
    return edges


def _cut(
    page: Page, ink: InkComponents, shared: AssignedComponents, strip: Strip, line: tuple[int, WritingLine] | None
) -> Crop:
    """The strip's grey with everything but its own ink made white; `line` is None for ticks and areas."""
    box = strip.box
    if box.is_empty():
        return Crop(np.full((1, 1), 255, np.uint8), np.zeros((1, 1), bool), strip)
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    grey = ink.grey[rows, columns]
    if line is not None:
        mask = shared.line[shared.label[rows, columns]] == line[0]
        flags = (is_struck(grey, mask, box.top, line[1]), is_stamped(page.image, mask, box.left, box.top))
    else:
        flags = (False, False)
        sure = np.append(ink.darkest >= ink.sure, True)  # a piece that was cut apart is writing of two lines at least
        mask = sure[np.minimum(ink.label[rows, columns], len(ink.darkest))]
        if box.width < MAX_CHECKBOX_SHAPE[0] * box.height and box.height < MAX_CHECKBOX_SHAPE[1] * ink.pitch:
            mask &= ~_printed_square(mask)
    return Crop(np.where(mask, grey, 255).astype(np.uint8), mask, strip, *flags)
