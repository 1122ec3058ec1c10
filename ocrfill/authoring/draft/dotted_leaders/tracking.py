"""From rows of dots to dotted lines: rows joined beneath writing, followed to their ends, cut where labels stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.authoring.draft.dotted_leaders.candidates import (
    LEADER_STEP_RANGE_MM,
    MAX_DOT_RISE_MM,
    MAX_STEP_DIFFERENCE_SHARE,
    DotAppearance,
    DotRow,
    dots_alike,
    each_once,
    rows_of,
    small_pieces,
)
from ocrfill.document.page import Floats, Image, Reals

MIN_PIECE_DOTS = 3
"""A piece of a row between labels may have so few dots."""

MAX_BRIDGE_MM = 90.0
"""Two pieces of a row so far apart, in millimetres, may be one line with writing over it."""

MIN_DOT_CORRELATION, MIN_GHOST_DOT_CORRELATION = 0.7, 0.4
"""A place looks like a dot where its surroundings correlate with the row's usual dot so well; beneath ghosts of writing
they do so less.
"""

MIN_FORETOLD_DOTS_SHARE = 0.8
"""Over a bridge at least this share of the foretold places must show a dot; letters show half as many."""

MIN_PRINT_DARKNESS_SHARE, MIN_LETTER_COLUMNS_SHARE = 0.62, 0.5
"""Letters are printed where this share of the columns above a row is as dark as this share of solid print."""

MAX_WORD_SPACE_MM, MIN_WORD_WIDTH_MM = 1.4, 1.0
"""Millimetres between words of a label at most, and of its print in a row at least."""

MIN_WORD_LETTERS_SHARE = 0.25
"""Letters are as black as print in at least this share of a label's columns."""

MIN_END_CORRELATION, END_SEARCH_MM = 0.45, 9.0
"""A place less like a dot than the first tells against a line's end; so many millimetres of an end are looked at."""

MAX_BARE_DARKNESS_SHARE, BARE_PAPER_PENALTY = 0.2, 1.2
"""A place lighter than this share of solid print is bare paper. It tells so much against what lies beyond it: more than
the feet of two letters, or of one and a colon, tell for it.
"""

MIN_RULE_GAP_DARKNESS_SHARE = 0.8
"""A row whose dots are darker than what is between them by less than this share is a rule."""

MAX_HIDDEN_DOTS = 3
"""So many foretold places without a dot end a line."""


@dataclass(frozen=True, slots=True)
class DottedLine:
    """A dotted line in pixels of the common print: from where to where, the height its dots stand on."""

    left: float
    right: float
    base: float


def find_dotted(grey: Image, black: float, dpi: float) -> tuple[DottedLine, ...]:
    """All dotted lines, from top to bottom; `black` is how dark solid print is."""
    mm = dpi / 25.4
    darkness = 255 - grey.astype(np.float32)
    pieces: list[tuple[float, float, float]] = []
    for share in (0.5, 0.3, 0.18):  # faint dots show at the second only, dots that ghosts join at the first only
        pieces += small_pieces(darkness > share * black, mm)
    dots = each_once(np.array(pieces).reshape(-1, 3), mm)
    smooth = cast(Floats, cv2.GaussianBlur(darkness, (0, 0), 0.1 * mm))
    rows = rows_of(dots, LEADER_STEP_RANGE_MM, mm)
    if not rows:
        return ()
    usual = float(np.median([row.step for row in rows for _ in row.x]))
    rows = [row for row in rows if abs(row.step / usual - 1) < MAX_STEP_DIFFERENCE_SHARE]
    alike = dots_alike(smooth, rows, mm)
    rows += rows_of(
        alike, ((1 - MAX_STEP_DIFFERENCE_SHARE) * usual / mm, (2 + MAX_STEP_DIFFERENCE_SHARE) * usual / mm), mm
    )
    rows = _put_together([row for row in rows if abs(row.step / usual - 1) < MAX_STEP_DIFFERENCE_SHARE], mm)
    whole = _put_together([_stretched(row, smooth, black, mm) for row in _joined(rows, smooth, black, mm)], mm)
    parts = [
        piece for row in whole for piece in _without_print(row, smooth, black, mm) if len(piece.x) >= MIN_PIECE_DOTS
    ]
    cut = [_trimmed(piece, smooth, black, mm) for piece in parts]
    cut = [row for row in cut if len(row.x) >= MIN_PIECE_DOTS and not _is_rule(row, smooth)]
    lines = [
        DottedLine(
            row.x[0] - row.high / 2,
            row.x[-1] + row.high / 2 + row.step / 2,  # a line may end up to a step behind its last dot
            float(np.median(row.y)) + row.high / 2,
        )
        for row in cut
    ]
    return tuple(sorted(lines, key=lambda line: (line.base, line.left)))


def _joined(rows: list[DotRow], darkness: Floats, black: float, mm: float) -> list[DotRow]:
    """Rows that are one line with something written over it."""
    left = sorted(rows, key=lambda row: row.x[0])
    done: list[DotRow] = []
    while left:
        row = left.pop(0)
        while True:
            after = [
                other
                for other in left
                if 0 < other.x[0] - row.x[-1] < MAX_BRIDGE_MM * mm
                and abs(np.median(other.y[:8]) - np.median(row.y[-8:])) < MAX_DOT_RISE_MM * mm * 1.2
            ]
            other = min(after, key=lambda o: o.x[0], default=None)
            if other is None or not _goes_on(row, other, darkness, black, mm):
                break
            left.remove(other)
            row = DotRow([*row.x, *other.x], [*row.y, *other.y], row.high)
        done.append(row)
    return done


def _goes_on(row: DotRow, other: DotRow, darkness: Floats, black: float, mm: float) -> bool:
    """Do the dots go on between two pieces of a row, with ghosts of writing over them and no print?"""
    gap = other.x[0] - row.x[-1]
    step = (row.step * len(row.x) + other.step * len(other.x)) / (len(row.x) + len(other.x))
    count = round(gap / step)
    if count <= 2:
        return count >= 1
    at = np.linspace(row.x[-1], other.x[0], count + 1)
    heights = np.interp(at, [row.x[-1], other.x[0]], [np.median(row.y[-8:]), np.median(other.y[:8])])
    look = DotAppearance.of(row, darkness, mm)
    seen = [look.at(x, y) > MIN_GHOST_DOT_CORRELATION for x, y in zip(at[1:-1], heights[1:-1], strict=True)]
    printed = _printed(darkness, (row.x[-1], other.x[0]), float(np.median(heights)), black, mm)
    return float(np.mean(seen)) > MIN_FORETOLD_DOTS_SHARE and (
        not printed.size or printed.mean() < MIN_LETTER_COLUMNS_SHARE
    )


def _put_together(rows: list[DotRow], mm: float) -> list[DotRow]:
    """The rows, pieces of the same one put together."""
    kept: list[DotRow] = []
    for row in sorted(rows, key=lambda row: -len(row.x)):
        y = float(np.median(row.y))
        for i, other in enumerate(kept):
            beside = abs(float(np.median(other.y)) - y) < 2 * MAX_DOT_RISE_MM * mm
            if beside and row.x[0] < other.x[-1] and other.x[0] < row.x[-1]:
                own = np.array(other.x)
                new = [x for x in row.x if np.abs(own - x).min() > 0.5 * other.step]
                kept[i] = DotRow(
                    sorted([*other.x, *new]), [*other.y, *[float(np.median(other.y))] * len(new)], other.high
                )
                break
        else:
            kept.append(row)
    return kept


def _stretched(row: DotRow, darkness: Floats, black: float, mm: float) -> DotRow:
    """The row with the dots that follow in step beyond its ends, a few hidden ones passed over."""
    step, look = row.step, DotAppearance.of(row, darkness, mm)
    xs, ys = list(row.x), list(row.y)
    for side in (-1, 1):
        end, y = (xs[0], float(np.median(ys[:8]))) if side < 0 else (xs[-1], float(np.median(ys[-8:])))
        missed, ahead = 0, 1
        found: list[float] = []
        while missed < MAX_HIDDEN_DOTS and 0 < end + side * ahead * step < darkness.shape[1] - 1:
            x = end + side * ahead * step
            above = _patch_max(darkness, x, (y - 2.2 * mm, y - 0.6 * mm), 0.3 * mm) > MIN_PRINT_DARKNESS_SHARE * black
            if not above and look.at(x, y) > MIN_DOT_CORRELATION:
                end, ahead, missed = x, 1, 0
                found.append(x)
            else:
                ahead, missed = ahead + 1, missed + 1
        if side < 0:
            xs, ys = [*found[::-1], *xs], [*[y] * len(found), *ys]
        else:
            xs, ys = [*xs, *found], [*ys, *[y] * len(found)]
    return DotRow(xs, ys, row.high)


def _without_print(row: DotRow, darkness: Floats, black: float, mm: float) -> list[DotRow]:
    """The pieces of a row between labels that stand in it."""
    y, look = float(np.median(row.y)), DotAppearance.of(row, darkness, mm)
    first, last = row.x[0] - row.step / 2, row.x[-1] + row.step / 2
    printed = _printed(darkness, (first, last), y, black, mm).astype(np.uint8)[None]
    size = round(MAX_WORD_SPACE_MM * mm)
    wide = cv2.copyMakeBorder(printed, 0, 0, size, size, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((1, size), np.uint8))[0, size:-size]
    edges = np.flatnonzero(np.diff(np.pad(closed, 1).astype(np.int8))).reshape(-1, 2)
    pieces, start = [], first
    for a, b in edges.tolist():
        places = np.arange(first + a + row.step / 2, first + b, row.step)
        dotted = np.mean([look.at(float(x), y) > MIN_GHOST_DOT_CORRELATION for x in places]) if len(places) else 0.0
        if (
            b - a >= MIN_WORD_WIDTH_MM * mm
            and printed[0, a:b].mean() > MIN_WORD_LETTERS_SHARE
            and dotted < MIN_FORETOLD_DOTS_SHARE
        ):
            pieces.append((start, first + a))
            start = first + b
    pieces.append((start, last))
    x = np.array(row.x)
    of_piece = [x[(x > a + 0.3 * row.step) & (x < b - 0.3 * row.step)] for a, b in pieces]
    return [DotRow(p.tolist(), [y] * len(p), row.high) for p in of_piece if len(p) >= MIN_PIECE_DOTS]


def _trimmed(row: DotRow, darkness: Floats, black: float, mm: float) -> DotRow:
    """The row without what at its ends is the foot of letters or of a colon."""
    x, y, look = np.array(row.x), float(np.median(row.y)), DotAppearance.of(row, darkness, mm)
    places = np.linspace(x[0], x[-1], max(round((x[-1] - x[0]) / row.step), 1) + 1)
    score = np.zeros(len(places))
    for i, place in enumerate(places):
        like = look.at(place, y)
        above = _patch_max(darkness, place, (y - 2.4 * mm, y - 0.9 * mm), 0.3 * mm) > MIN_PRINT_DARKNESS_SHARE * black
        colon = above and _patch_max(darkness, place, (y - 0.9 * mm, y - 0.5 * mm), 0.3 * mm) < 0.3 * black
        if (
            _patch_max(darkness, place, (y - MAX_DOT_RISE_MM * mm, y + MAX_DOT_RISE_MM * mm), 0.3 * mm)
            < MAX_BARE_DARKNESS_SHARE * black
        ):
            score[i] = -BARE_PAPER_PENALTY
        else:
            score[i] = -1.0 if colon else like - MIN_END_CORRELATION - (0.6 * (1 - like) if above else 0.0)
    reach = max(round(END_SEARCH_MM * mm / row.step), 1)
    first = _start(score[:reach])
    last = len(score) - _start(score[::-1][:reach])
    if last - first < MIN_PIECE_DOTS:
        return DotRow([], [], row.high)
    low, high = places[first] - row.step / 3, places[last - 1] + row.step / 3
    kept = x[(x >= low) & (x <= high)]
    kept = np.unique(np.concatenate([[places[first]], kept[1:-1], [places[last - 1]]]))
    return DotRow(kept.tolist(), [y] * len(kept), row.high)


def _start(score: Reals) -> int:
    """Where a line begins, of whose first places the scores are given: behind all that tells against it."""
    sums = np.concatenate([[0.0], np.cumsum(score)])
    return int(np.flatnonzero(sums <= sums.min() + 1e-9)[-1])


def _is_rule(row: DotRow, darkness: Floats) -> bool:
    """Is a row as dark between its dots as on them?"""
    y, x = round(float(np.median(row.y))), np.array(row.x)
    rows = darkness[max(y - 1, 0) : y + 2].max(axis=0)
    between = np.rint((x[1:] + x[:-1]) / 2)[np.diff(x) < 1.5 * row.step].astype(int)
    return bool(len(between)) and float(np.median(rows[between])) > MIN_RULE_GAP_DARKNESS_SHARE * float(
        np.median(rows[np.rint(x).astype(int)])
    )


def _printed(darkness: Floats, between: tuple[float, float], y: float, black: float, mm: float) -> NDArray[np.bool_]:
    """Where print as black as letters stands above a row, column by column."""
    top, bottom = max(round(y - 2.2 * mm), 0), max(round(y - 0.6 * mm), 1)
    band = darkness[top:bottom, max(round(between[0]), 0) : round(between[1])]
    return np.asarray(band.max(axis=0, initial=0.0) > MIN_PRINT_DARKNESS_SHARE * black)


def _patch_max(darkness: Floats, x: float, between: tuple[float, float], reach: float) -> float:
    rows = slice(max(round(between[0]), 0), max(round(between[1]), 1))
    patch = darkness[rows, max(round(x - reach), 0) : round(x + reach) + 1]
    return float(patch.max(initial=0.0))
