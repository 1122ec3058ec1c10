"""Each strip's own writing cut out: dots, labels, rules and the neighbours' ink left behind.

Ink is shared out piece by piece. A piece belongs to the line in whose band most of its height lies; a small mark
between two lines goes with the nearer big piece; a piece that two lines wrote together is cut between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrfill.locate.dots import Rhythm, find_dots, take_dots_away
from ocrfill.locate.ink import Ink, find_ink
from ocrfill.locate.strips import ABOVE, BELOW
from ocrfill.records import Crop, FieldBox, Page, Strip

BAND = (-0.80, 0.22)
"""The heights in which a line's own writing mostly lies, in line distances from its base line."""

LABEL_SLACK = 0.04
"""A piece that ends no later than this behind where the dots begin (or begins so near their end) is label print."""

MARK = 0.3
"""A piece smaller than this in both directions is a mark, not a letter."""

BETWEEN = (0.08, -0.62)
"""A mark lower than the first or higher than the second, from its base line, may be the neighbour line's."""

NEAR = 0.5
"""A mark belongs to the nearest letter if that is not farther than this; beside counts double."""

COLON = 0.16
"""The dots of a label's colon are smaller than this and lie this near to where the leader dots begin."""

TALL = 1.25
"""A piece taller than this is writing of two lines that touch."""


SQUARE = (1.5, 1.0)
"""A strip without room below its base line is a tick's if at most this much wider than high, and lower than this."""

EDGE_LENGTH, EDGE_ZONE = 0.4, 0.35
"""An edge of the printed square fills this share of the tick's strip, and lies so near to the strip's own."""


@dataclass(frozen=True, slots=True)
class _Lane:
    """A strip as ink is shared out: its box, base line and line distance, and whether it is a line of writing."""

    strip: Strip
    pitch: float
    is_line: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Share:
    """Which pieces are a line's own writing and which are of several lines, as masks over the pieces, and the rhythm
    of the line's printed dots.
    """

    own: NDArray[np.bool_]
    shared: NDArray[np.bool_]
    rhythm: Rhythm | None


def crops(page: Page, boxes: Sequence[FieldBox]) -> tuple[tuple[Crop, ...], ...]:
    """The writing of every strip of every field, in the order given; a strip off the page gives one white pixel."""
    lanes = [[_lane(strip) for strip in box.strips] for box in boxes]
    lines = [lane for of_field in lanes for lane in of_field if lane.is_line]
    pitch = float(np.median([lane.pitch for lane in lines])) if lines else 0.27 * page.dpi
    ink = find_ink(page, pitch)
    shares = _share_out(ink, lines)
    number = {id(lane): i for i, lane in enumerate(lines)}
    return tuple(
        tuple(_cut(ink, lane, shares[number[id(lane)]] if lane.is_line else None) for lane in of_field)
        for of_field in lanes
    )


def _lane(strip: Strip) -> _Lane:
    """Boxes of ticks and areas end at their base line; a line of writing has room for tails below it."""
    below = strip.box.bottom - strip.baseline
    is_line = below > 1 and not strip.box.is_empty()
    return _Lane(strip, max(below / BELOW, strip.box.height / (ABOVE + BELOW)) if is_line else 0.0, is_line)


def _share_out(ink: Ink, lines: list[_Lane]) -> list[_Share]:
    """For each line the pieces that are its own."""
    count = len(ink.area)
    height = np.maximum(ink.bottom - ink.top, 1)
    width = np.maximum(ink.right - ink.left, 1)
    best = np.full(count, 0.0)
    owner = np.full(count, -1)
    real = ink.area > 0
    rhythms: list[Rhythm | None] = []
    small = np.maximum(height, width) <= COLON * ink.pitch
    for i, lane in enumerate(lines):
        box, base, pitch = lane.strip.box, lane.strip.baseline, lane.pitch
        upper, lower = base + BAND[0] * pitch, base + BAND[1] * pitch
        within = (np.minimum(ink.bottom, lower) - np.maximum(ink.top, upper)) / height
        dot, rhythm = find_dots(ink, box, base, pitch)
        rhythms.append(rhythm)
        reach = (ink.bottom > box.top) & (ink.top < box.bottom)
        middle = (ink.x >= box.left) & (ink.x <= box.right) & (ink.right > box.left + LABEL_SLACK * pitch)
        colon = small & (ink.right <= box.left + COLON * pitch)
        share = np.where(real & reach & middle & ~dot & ~colon, np.maximum(within, 0), 0)
        better = share > best
        best[better], owner[better] = share[better], i
    own = (owner >= 0) & (best >= 0.5)
    _take_marks_along(ink, lines, owner, own)
    tall = real & (height > TALL * ink.pitch)
    return [_Share(own & (owner == i) & ~tall, tall, rhythm) for i, rhythm in enumerate(rhythms)]


def _take_marks_along(ink: Ink, lines: list[_Lane], owner: NDArray[np.intp], own: NDArray[np.bool_]) -> None:
    """Give small marks between two lines (a dot below, a tone above) to the line whose letter is nearer to them.

    Changes `owner` and `own`.
    """
    pitch = ink.pitch
    height, width = ink.bottom - ink.top, ink.right - ink.left
    mark = (ink.area > 0) & (np.maximum(height, width) < MARK * pitch) & (owner >= 0)
    letters = np.flatnonzero(own & (height >= MARK * pitch))
    if not len(letters):
        return
    bases = np.array([lane.strip.baseline for lane in lines])
    off = (ink.y - bases[owner]) / pitch
    for piece in np.flatnonzero(mark & ((off > BETWEEN[0]) | (off < BETWEEN[1]))):
        beside = np.maximum(ink.left[letters], ink.left[piece]) - np.minimum(ink.right[letters], ink.right[piece])
        apart = np.maximum(ink.top[letters], ink.top[piece]) - np.minimum(ink.bottom[letters], ink.bottom[piece])
        far = np.hypot(np.maximum(beside, 0) * 2, np.maximum(apart, 0))
        nearest = letters[int(far.argmin())]
        if far.min() < NEAR * pitch:
            owner[piece], own[piece] = owner[nearest], True


def _printed_square(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The edges of a printed square in a tick's strip: near each side what is dark over most of it."""
    edges = np.zeros_like(mask)
    for ink, out in ((mask, edges), (mask.T, edges.T)):
        filled = ink.sum(axis=1)
        zone = round(EDGE_ZONE * len(filled))
        for side in (slice(0, zone), slice(len(filled) - zone, len(filled))):
            full = filled[side] > max(EDGE_LENGTH * ink.shape[1], 0.6 * filled[side].max(initial=0))
            out[side][np.convolve(full, (1, 1, 1), "same") > 0] = True
    return edges


def _cut(ink: Ink, lane: _Lane, share: _Share | None) -> Crop:
    """The strip's grey with everything but its own ink made white."""
    box = lane.strip.box
    if box.is_empty():
        return Crop(np.full((1, 1), 255, np.uint8), np.zeros((1, 1), bool), lane.strip)
    label = ink.label[box.top : box.bottom, box.left : box.right]
    grey = ink.grey[box.top : box.bottom, box.left : box.right]
    if share is None:
        mask = (ink.area > 0)[label]
        if box.width < SQUARE[0] * box.height and box.height < SQUARE[1] * ink.pitch:
            mask &= ~_printed_square(mask)
    else:
        mask = share.own[label]
        upper, lower = (round(lane.strip.baseline + v * lane.pitch) - box.top for v in BAND)
        mask[max(upper, 0) : lower] |= share.shared[label[max(upper, 0) : lower]]
        if share.rhythm is not None:
            take_dots_away(mask, share.rhythm, box)
    return Crop(np.where(mask, grey, 255).astype(np.uint8), mask, lane.strip)
