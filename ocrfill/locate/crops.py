"""Each strip's own writing cut out: dots, labels, rules and the neighbours' ink left behind.

Ink is shared out piece by piece. A piece belongs to the line in whose band most of its height lies; a small mark
between two lines goes with the nearer big piece; a piece that two lines wrote together is cut between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrfill.geometry import Box
from ocrfill.locate.ink import Ink, find_ink
from ocrfill.locate.strips import ABOVE, BELOW
from ocrfill.records import Crop, FieldBox, Page, Strip

BAND = (-0.80, 0.22)
"""The heights in which a line's own writing mostly lies, in line distances from its base line."""

DOT = 0.14
"""Largest side of a printed dot, in line distances."""

DOT_REACH = 0.10
"""How far from the base line printed dots lie, in line distances."""

MARK = 0.38
"""A piece smaller than this in both directions is a mark, not a letter: it goes with a letter near it."""

TALL = 1.25
"""A piece taller than this is writing of two lines that touch."""


@dataclass(frozen=True, slots=True)
class _Lane:
    """A strip as ink is shared out: its box, base line and line distance, and whether it is a line of writing."""

    strip: Strip
    pitch: float
    is_line: bool


def crops(page: Page, boxes: Sequence[FieldBox]) -> tuple[tuple[Crop, ...], ...]:
    """The writing of every strip of every field, in the order given; a strip off the page gives one white pixel."""
    lanes = [[_lane(strip) for strip in box.strips] for box in boxes]
    lines = [lane for of_field in lanes for lane in of_field if lane.is_line]
    pitch = float(np.median([lane.pitch for lane in lines])) if lines else 0.27 * page.dpi
    ink = find_ink(page, pitch)
    owner = _share_out(ink, lines)
    number = {id(lane): i for i, lane in enumerate(lines)}
    return tuple(
        tuple(_cut(ink, lane, owner[number[id(lane)]] if lane.is_line else None) for lane in of_field)
        for of_field in lanes
    )


def _lane(strip: Strip) -> _Lane:
    """Boxes of ticks and areas end at their base line; a line of writing has room for tails below it."""
    below = strip.box.bottom - strip.baseline
    is_line = below > 1 and not strip.box.is_empty()
    return _Lane(strip, max(below / BELOW, strip.box.height / (ABOVE + BELOW)) if is_line else 0.0, is_line)


def _share_out(ink: Ink, lines: list[_Lane]) -> list[NDArray[np.bool_]]:
    """For each line the pieces that are its own, as a mask over the pieces."""
    count = len(ink.area)
    best = np.full(count, 0.0)
    owner = np.full(count, -1)
    real = ink.area > 0
    height = np.maximum(ink.bottom - ink.top, 1)
    width = np.maximum(ink.right - ink.left, 1)
    for i, lane in enumerate(lines):
        box, base, pitch = lane.strip.box, lane.strip.baseline, lane.pitch
        upper, lower = base + BAND[0] * pitch, base + BAND[1] * pitch
        inside = (np.minimum(ink.right, box.right) - np.maximum(ink.left, box.left)) / width
        within = (np.minimum(ink.bottom, lower) - np.maximum(ink.top, upper)) / height
        dot = (np.maximum(height, width) <= DOT * pitch) & (np.abs(ink.y - base) <= DOT_REACH * pitch)
        reach = (ink.bottom > box.top) & (ink.top < box.bottom)
        share = np.where(real & reach & ~dot & (inside > 0.5), np.maximum(within, 0), 0)
        better = share > best
        best[better], owner[better] = share[better], i
    shared = []
    for i, lane in enumerate(lines):
        tall = (height > TALL * lane.pitch) & real
        own = (owner == i) & (best >= 0.5) & ~tall
        shared.append(own | (tall & (np.minimum(ink.right, lane.strip.box.right) > np.maximum(ink.left, lane.strip.box.left))))
    return shared


def _cut(ink: Ink, lane: _Lane, own: NDArray[np.bool_] | None) -> Crop:
    """The strip's grey with everything but its own ink made white."""
    box = lane.strip.box
    if box.is_empty():
        return Crop(np.full((1, 1), 255, np.uint8), np.zeros((1, 1), bool), lane.strip)
    label = ink.label[box.top : box.bottom, box.left : box.right]
    grey = ink.grey[box.top : box.bottom, box.left : box.right]
    mask = (ink.area > 0)[label] if own is None else own[label]
    return Crop(np.where(mask, grey, 255).astype(np.uint8), mask, lane.strip)
