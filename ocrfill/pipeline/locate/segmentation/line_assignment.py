"""Whose ink is whose: the pieces of a page's ink shared out among the lines of writing.

A piece belongs to the line in whose band most of its height lies. What hangs between two lines (a tone mark, a dot
below, a loop that the dotted line cut off) goes with the letters it is nearest to. A piece that two lines wrote
together is cut between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.pipeline.locate.registration.field_strips import RIGHT_ROOM_WIDTH_SHARE
from ocrfill.pipeline.locate.segmentation.cell_overflow import reassign_overflow
from ocrfill.pipeline.locate.segmentation.component_split import split_component
from ocrfill.pipeline.locate.segmentation.ink import InkComponents, Whole
from ocrfill.pipeline.locate.segmentation.leader_dots import WritingLine

OWN_BAND_PITCHES = (-0.80, 0.22)
"""The heights in which a line's own writing mostly lies, in line distances from its base line."""

SMALL_LETTERS_BAND_PITCHES = (-0.35, -0.05)
"""The heights that small letters fill, in line distances from the base line."""

MIN_INSIDE_HEIGHT_SHARE = 0.5
"""A piece is a line's own if so much of its height lies in the line's band. Of neighbouring cells' lines, which have it
alike, the one that more of its width lies in has it."""

MIN_LETTER_HEIGHT_SHARE = 0.5
"""A piece is a letter of a line, or a word, if it fills so much of the height of small letters or has so much of its
own there."""

LABEL_SLACK_PITCHES, NEXT_PRINT_SLACK_PITCHES = 0.04, 0.08
"""A piece that ends no later than this behind where the dots begin, or begins so near to where the next print does, is
label print; in line distances."""

BETWEEN_LINES_PITCHES = (0.08, -0.62)
"""A piece lower than the first or higher than the second, from its base line, may be the neighbour line's."""

MAX_LETTER_DISTANCE_PITCHES = 0.5
"""What hangs between lines belongs to the nearest letter if that is not farther than this, in line distances."""

MIN_LETTER_AREA_PX = 60
"""Pieces of so many pixels are letters, not specks."""

MIN_MARK_DARKNESS_SHARE = 0.65
"""A mark is at its darkest at least so dark, measured by the mean of the letters of its line."""

MAX_JOINED_PITCHES = 3.5
"""Writing joins lines at most so far apart, in line distances."""

MAX_WRITING_REACH_PITCHES = 1.2
"""How far from its small letters a line's writing may reach, in line distances."""

MAX_MARK_WIDTH_PITCHES, MAX_BAR_WIDTH_PITCHES, MAX_BAR_DISTANCE_PITCHES = 0.9, 1.4, 0.12
"""A mark above letters is at most so wide. A wider stroke there may be a letter's bar, up to the second and no farther
than the last from the letter; else it is of something else, as a signature. In line distances."""

MAX_COLON_PITCHES = 0.16
"""The dots of a label's colon are smaller than this and lie this near to where the leader dots begin."""

MIN_SHARED_WIDTH_PITCHES = 0.3
"""Writing that comes from a neighbouring cell and lies in a line over so much, in line distances, is of both."""

MIN_SHARED_HEIGHT_SHARE = 0.45
"""A piece fills so much of the height of small letters on each of two lines if both wrote it."""


@dataclass(slots=True, eq=False)
class _Owners:
    """For each piece the line it is best placed in (-1: none), whether it is that line's own, whether it is letters of
    that line, and how many lines it is letters of.
    """

    line: NDArray[np.intp]
    own: NDArray[np.bool_]
    letters: NDArray[np.bool_]
    lines: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AssignedComponents:
    """A page's pieces, those of several lines cut apart: `label` tells each pixel's piece, `line` each piece's line
    (-1: none).
    """

    label: Whole
    line: NDArray[np.intp]


def assign_to_lines(ink: InkComponents, lines: Sequence[WritingLine], page_width: int) -> AssignedComponents:
    """For each piece the line of writing it belongs to. The label map of `ink` is cut in place."""
    owners = _best_placed(ink, lines, page_width)
    reassign_overflow(ink, lines, owners.line, owners.letters & owners.own, page_width)
    _take_along(ink, lines, owners)
    line = np.where(owners.own, owners.line, -1)
    line[ink.darkest < _faintest(ink, line, owners.letters, len(lines))[line]] = -1
    written_in = owners.lines.sum(axis=0)
    parts, count = [line], len(line)
    for piece in np.flatnonzero((written_in > 1) | ((written_in == 1) & ~owners.own)):
        line[piece] = -1
        for group in _groups([(int(i), lines[int(i)]) for i in np.flatnonzero(owners.lines[:, piece])]):
            _cut_apart(ink, int(piece), [lane for _, lane in group], first=count)
            parts.append(np.array([i for i, _ in group]))
            count += len(group)
    return AssignedComponents(ink.label, np.concatenate(parts))


def _groups(lines: list[tuple[int, WritingLine]]) -> list[list[tuple[int, WritingLine]]]:
    """Lines that a piece of writing may join: one below the other. A piece of many lines is print, and is cut line by
    line.
    """
    heights = [lane.baseline for _, lane in lines]
    if max(heights) - min(heights) > MAX_JOINED_PITCHES * lines[0][1].pitch:
        return [[line] for line in lines]
    return [lines]


def _faintest(
    ink: InkComponents, line: NDArray[np.intp], letters: NDArray[np.bool_], lines: int
) -> NDArray[np.float64]:
    """How dark a piece on each line must be to be writing of this side of the paper, by the letters on that line."""
    least = np.full(lines + 1, ink.sure)
    clear = letters & (line >= 0) & (ink.area >= MIN_LETTER_AREA_PX) & (ink.darkest >= ink.sure)
    for i in np.unique(line[clear]):
        usual = float(np.median(ink.usual[clear & (line == i)]))
        least[i] = min(MIN_MARK_DARKNESS_SHARE * usual, ink.sure)
    return least


def _cut_apart(ink: InkComponents, piece: int, lines: Sequence[WritingLine], first: int) -> None:
    """Cut a piece apart: what is nearest along its strokes to the small letters of the i-th line becomes piece
    `first` + i.
    """
    pitch = max(lane.pitch for lane in lines)
    room = round(pitch)
    left = max(int(ink.left[piece]), min(lane.box.left for lane in lines) - room, 0)
    right = min(int(ink.right[piece]), max(lane.box.right for lane in lines) + room)
    top = max(int(ink.top[piece]), round(min(lane.baseline for lane in lines) - MAX_WRITING_REACH_PITCHES * pitch), 0)
    bottom = min(
        int(ink.bottom[piece]), round(max(lane.baseline for lane in lines) + MAX_WRITING_REACH_PITCHES * pitch)
    )
    part = ink.label[top:bottom, left:right]
    whole = (part == piece).astype(np.uint8)
    grown = np.zeros(part.shape, np.uint8)
    for i, lane in enumerate(lines):
        upper, lower = (max(round(lane.baseline + v * lane.pitch) - top, 0) for v in SMALL_LETTERS_BAND_PITCHES)
        start, end = max(lane.box.left - left, 0), max(lane.box.right - left, 0)
        seeds = (slice(upper, lower), slice(start, end))
        grown[seeds] = np.maximum(grown[seeds], whole[seeds] * np.uint8(i + 1))
    grown = split_component(whole * np.uint8(255), grown, ink.grey[top:bottom, left:right], pitch)
    part[grown > 0] = grown[grown > 0].astype(np.int32) + (first - 1)


def _best_placed(ink: InkComponents, lines: Sequence[WritingLine], page_width: int) -> _Owners:
    """The line in whose band most of each piece's height lies."""
    count = len(ink.area)
    height = np.maximum(ink.bottom - ink.top, 1)
    width = np.maximum(ink.right - ink.left, 1)
    real = ink.area > 0
    small = np.maximum(height, width) <= MAX_COLON_PITCHES * ink.pitch
    best = np.full(count, 0.0)
    own, letter = np.zeros((2, count), bool)
    found = _Owners(np.full(count, -1), own, letter, np.zeros((len(lines), count), bool))
    for i, lane in enumerate(lines):
        box, base, pitch = lane.box, lane.baseline, lane.pitch
        within = _overlap(ink, base, pitch, OWN_BAND_PITCHES) / height
        filled = _overlap(ink, base, pitch, SMALL_LETTERS_BAND_PITCHES)
        zone = (SMALL_LETTERS_BAND_PITCHES[1] - SMALL_LETTERS_BAND_PITCHES[0]) * pitch
        reach = (ink.bottom > box.top) & (ink.top < box.bottom)
        end = box.right - RIGHT_ROOM_WIDTH_SHARE * page_width - NEXT_PRINT_SLACK_PITCHES * pitch
        beside = (ink.x >= box.left) & (ink.left < end) & (ink.right > box.left + LABEL_SLACK_PITCHES * pitch)
        colon = small & (ink.right <= box.left + MAX_COLON_PITCHES * pitch)
        here = real & reach & beside & ~colon
        across = np.minimum(ink.right, end) - np.maximum(ink.left, box.left)
        placed = np.where(here, within * (1 + np.clip(across / width, 0, 1)), 0)
        better = placed > best
        best[better], found.line[better] = placed[better], i
        found.own[better] = within[better] >= MIN_INSIDE_HEIGHT_SHARE
        letters = here & ((filled >= MIN_LETTER_HEIGHT_SHARE * zone) | (filled >= MIN_LETTER_HEIGHT_SHARE * height))
        found.letters[better] = letters[better]
        found.lines[i] = (
            real
            & reach
            & (filled >= MIN_SHARED_HEIGHT_SHARE * zone)
            & (here | (across >= MIN_SHARED_WIDTH_PITCHES * pitch))
        )
    return found


def _overlap(ink: InkComponents, base: float, pitch: float, heights: tuple[float, float]) -> NDArray[np.float64]:
    upper, lower = (base + v * pitch for v in heights)
    return cast(NDArray[np.float64], np.maximum(np.minimum(ink.bottom, lower) - np.maximum(ink.top, upper), 0))


def _take_along(ink: InkComponents, lines: Sequence[WritingLine], owners: _Owners) -> None:
    """Give what hangs between two lines to the line whose letters are nearest. Changes `owners`."""
    letters = np.where(owners.letters & owners.own, owners.line, -1)
    if not len(lines) or not (letters >= 0).any():
        return
    bases = np.array([lane.baseline for lane in lines])
    off = (ink.y - bases[owners.line]) / ink.pitch
    wide = ink.right - ink.left > MAX_MARK_WIDTH_PITCHES * ink.pitch
    owners.own &= ~((letters < 0) & wide & (off < BETWEEN_LINES_PITCHES[1]))
    bar = wide & ~owners.own & (ink.right - ink.left <= MAX_BAR_WIDTH_PITCHES * ink.pitch)
    hanging = owners.own | ~wide | bar
    hanging &= (
        (owners.line >= 0)
        & (ink.area > 0)
        & (letters < 0)
        & ((off > BETWEEN_LINES_PITCHES[0]) | (off < BETWEEN_LINES_PITCHES[1]))
    )
    room = round(MAX_LETTER_DISTANCE_PITCHES * ink.pitch)
    for piece in np.flatnonzero(hanging):
        rows = slice(max(ink.top[piece] - room, 0), ink.bottom[piece] + room)
        columns = slice(max(ink.left[piece] - room, 0), ink.right[piece] + room)
        label = ink.label[rows, columns]
        far = cv2.distanceTransform((label != piece).astype(np.uint8), cv2.DIST_L2, 3)
        near = letters[label]
        far[near < 0] = np.inf
        nearest = int(far.argmin())
        if far.flat[nearest] <= (MAX_BAR_DISTANCE_PITCHES * ink.pitch if bar[piece] else room):
            owners.line[piece], owners.own[piece] = near.flat[nearest], True
