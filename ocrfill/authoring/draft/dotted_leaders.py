"""Dotted lines on the common print: rows of small dots in even steps, also where ghosts of writing lie over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image

Floats = NDArray[np.float32]
Reals = NDArray[np.float64]

SMALLEST, LARGEST = 0.2, 0.75
"""Sides of a dot in millimetres: full stops of a 12-point face are 0.4."""

STEPS = (0.5, 2.2)
"""Distances between dots in millimetres."""

LEVEL = 0.3
"""How far the next dot may lie above or below, in millimetres."""

ENOUGH, PIECE = 5, 3
"""So many dots in even steps are a dotted line, fewer are full stops; a piece of a row between labels may have less."""

OFF_BEAT = 0.22
"""How far a dot may lie off the beat, in steps."""

BRIDGE = 90.0
"""Two pieces of a row so far apart, in millimetres, may be one line with writing over it."""

LOOKS, GHOSTLY = 0.7, 0.4
"""A place looks like a dot where its surroundings correlate with the row's usual dot so well; beneath ghosts of writing
they do so less.
"""

BENEATH = 0.5
"""Beneath ghosts a dot that stands in a row is looked for where the likeness is at least this."""

SHOWS = 0.45
"""A dot is at least so dark, as a share of a free one's darkness."""

LIKELY = 0.8
"""Over a bridge at least this share of the foretold places must show a dot; letters show half as many."""

PRINT, LETTERS = 0.62, 0.5
"""Letters are printed where this share of the columns above a row is as dark as this share of solid print."""

WORD_SPACE, SHORTEST_WORD = 1.4, 1.0
"""Millimetres between words of a label at most, and of its print in a row at least."""

LETTERS_IN_WORD = 0.25
"""Letters are as black as print in at least this share of a label's columns."""

FOOT, ENDS = 0.45, 9.0
"""A place less like a dot than the first tells against a line's end; so many millimetres of an end are looked at."""

BARE, GAP = 0.2, 1.2
"""A place lighter than this share of solid print is bare paper. It tells so much against what lies beyond it: more than
the feet of two letters, or of one and a colon, tell for it.
"""

SOLID = 0.8
"""A row whose dots are darker than what is between them by less than this share is a rule."""

SAME_STEP = 0.15
"""All dotted lines of a form have the same step to this share."""

HIDDEN = 3
"""So many foretold places without a dot end a line."""


@dataclass(frozen=True, slots=True)
class DottedLine:
    """A dotted line in pixels of the common print: from where to where, the height its dots stand on."""

    left: float
    right: float
    base: float


@dataclass(slots=True)
class _Row:
    """Dots of one row: their middles from left to right, and the usual height of a dot."""

    x: list[float]
    y: list[float]
    high: float

    @property
    def step(self) -> float:
        """The mean of the steps that are near the usual one; of an even number the lower middle one is usual."""
        steps = np.sort(np.diff(self.x))
        usual = steps[(len(steps) - 1) // 2]
        return float(steps[np.abs(steps - usual) < 0.3 * usual].mean())


def find_dotted(grey: Image, black: float, dpi: float) -> tuple[DottedLine, ...]:
    """All dotted lines, from top to bottom; `black` is how dark solid print is."""
    mm = dpi / 25.4
    darkness = 255 - grey.astype(np.float32)
    pieces: list[tuple[float, float, float]] = []
    for share in (0.5, 0.3, 0.18):  # faint dots show at the second only, dots that ghosts join at the first only
        pieces += _small(darkness > share * black, mm)
    dots = _single(np.array(pieces).reshape(-1, 3), mm)
    smooth = cast(Floats, cv2.GaussianBlur(darkness, (0, 0), 0.1 * mm))
    rows = _rows(dots, STEPS, mm)
    if not rows:
        return ()
    usual = float(np.median([row.step for row in rows for _ in row.x]))
    rows = [row for row in rows if abs(row.step / usual - 1) < SAME_STEP]
    alike = _alike(smooth, rows, mm)
    rows += _rows(alike, ((1 - SAME_STEP) * usual / mm, (2 + SAME_STEP) * usual / mm), mm)
    rows = _once([row for row in rows if abs(row.step / usual - 1) < SAME_STEP], mm)
    whole = _once([_stretched(row, smooth, black, mm) for row in _joined(rows, smooth, black, mm)], mm)
    parts = [piece for row in whole for piece in _without_print(row, smooth, black, mm) if len(piece.x) >= PIECE]
    cut = [_trimmed(piece, smooth, black, mm) for piece in parts]
    cut = [row for row in cut if len(row.x) >= PIECE and not _is_rule(row, smooth)]
    lines = [
        DottedLine(
            row.x[0] - row.high / 2,
            row.x[-1] + row.high / 2 + row.step / 2,  # a line may end up to a step behind its last dot
            float(np.median(row.y)) + row.high / 2,
        )
        for row in cut
    ]
    return tuple(sorted(lines, key=lambda line: (line.base, line.left)))


def _rows(dots: Reals, steps: tuple[float, float], mm: float) -> list[_Row]:
    """Dots that stand in rows, in even steps of so many millimetres."""
    rows = [_without_colon(row, dots, mm) for row in _chains(dots, steps, mm)]
    return [row for row in rows if len(row.x) >= ENOUGH and _even(row)]


def _alike(darkness: Floats, rows: list[_Row], mm: float) -> Reals:
    """Middle and height of everything that looks like the dots of the rows, also beneath ghosts of writing."""
    look = _Look.of(_Row([x for r in rows for x in r.x], [y for r in rows for y in r.y], 1.0), darkness, mm)
    like = cv2.matchTemplate(darkness, look.dot, cv2.TM_CCOEFF_NORMED)
    reach = len(look.dot) // 2
    middle = darkness[reach : reach + like.shape[0], reach : reach + like.shape[1]]
    peak = (like >= cv2.dilate(like, np.ones((3, 3), np.uint8))) & (like > BENEATH) & (middle > SHOWS * look.free)
    y, x = np.nonzero(peak)
    high = float(np.median([row.high for row in rows]))
    return np.stack([x + reach, y + reach, np.full(len(x), high)], axis=-1).astype(np.float64)


def _small(ink: NDArray[np.bool_], mm: float) -> list[tuple[float, float, float]]:
    """Middle and height of every piece of ink that could be a dot."""
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=4)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    right = (np.minimum(wide, high) >= SMALLEST * mm) & (np.maximum(wide, high) <= LARGEST * mm)
    right &= np.maximum(wide, high) <= 1.8 * np.minimum(wide, high) + 1
    right[0] = False
    return [(float(x), float(y), float(h)) for (x, y), h in zip(middles[right], high[right], strict=True)]


def _single(dots: Reals, mm: float) -> Reals:
    """The dots, each once, from left to right."""
    order = np.lexsort((dots[:, 1], dots[:, 0]))
    kept: list[Reals] = []
    for dot in dots[order]:
        if not any(
            abs(dot[0] - other[0]) < SMALLEST * mm and abs(dot[1] - other[1]) < LEVEL * mm for other in kept[-40:]
        ):
            kept.append(dot)
    return np.array(kept).reshape(-1, 3)


def _chains(dots: Reals, steps: tuple[float, float], mm: float) -> list[_Row]:
    """Dots linked each with the next one to its right at its height."""
    following, before = np.full(len(dots), -1), np.full(len(dots), -1)
    far = np.full(len(dots), np.inf)
    xs = dots[:, 0]
    for i, (x, y, high) in enumerate(dots):
        low, high_end = np.searchsorted(xs, [x + steps[0] * mm, x + steps[1] * mm])
        near = [
            j
            for j in range(int(low), int(high_end))
            if abs(dots[j, 1] - y) <= LEVEL * mm and 0.5 <= dots[j, 2] / high <= 2
        ]
        if not near:
            continue
        nearest = min(near, key=lambda j: float(dots[j, 0] - x + abs(dots[j, 1] - y)))
        cost = dots[nearest, 0] - x + 2 * abs(dots[nearest, 1] - y)
        if cost < far[nearest]:
            if before[nearest] >= 0:
                following[before[nearest]] = -1
            following[i], before[nearest], far[nearest] = nearest, i, cost
    rows = []
    for first in np.flatnonzero(before < 0).tolist():
        chain = [first]
        while following[chain[-1]] >= 0:
            chain.append(int(following[chain[-1]]))
        rows += _split(dots[chain])
    return rows


def _split(chain: Reals) -> list[_Row]:
    """A chain cut where its step changes: where a line of dots ends a full stop may follow."""
    if len(chain) < ENOUGH:
        return []
    steps = np.diff(chain[:, 0])
    usual = float(np.median(steps))
    beats = np.abs(steps / usual - np.rint(steps / usual)) <= OFF_BEAT
    good = beats & (np.rint(steps / usual) >= 1)
    parts, start = [], 0
    for i in [*np.flatnonzero(~good).tolist(), len(chain) - 1]:
        part = chain[start : i + 1]
        if len(part) >= ENOUGH:
            parts.append(_Row(part[:, 0].tolist(), part[:, 1].tolist(), float(np.median(part[:, 2]))))
        start = i + 1
    return parts


def _even(row: _Row) -> bool:
    steps = np.diff(row.x)
    usual = float(np.median(steps))
    return bool(np.mean(np.abs(steps - usual) < 0.3 * usual) > 0.6)


def _joined(rows: list[_Row], darkness: Floats, black: float, mm: float) -> list[_Row]:
    """Rows that are one line with something written over it."""
    left = sorted(rows, key=lambda row: row.x[0])
    done: list[_Row] = []
    while left:
        row = left.pop(0)
        while True:
            after = [
                other
                for other in left
                if 0 < other.x[0] - row.x[-1] < BRIDGE * mm
                and abs(np.median(other.y[:8]) - np.median(row.y[-8:])) < LEVEL * mm * 1.2
            ]
            other = min(after, key=lambda o: o.x[0], default=None)
            if other is None or not _goes_on(row, other, darkness, black, mm):
                break
            left.remove(other)
            row = _Row([*row.x, *other.x], [*row.y, *other.y], row.high)
        done.append(row)
    return done


def _goes_on(row: _Row, other: _Row, darkness: Floats, black: float, mm: float) -> bool:
    """Do the dots go on between two pieces of a row, with ghosts of writing over them and no print?"""
    gap = other.x[0] - row.x[-1]
    step = (row.step * len(row.x) + other.step * len(other.x)) / (len(row.x) + len(other.x))
    count = round(gap / step)
    if count <= 2:
        return count >= 1
    at = np.linspace(row.x[-1], other.x[0], count + 1)
    heights = np.interp(at, [row.x[-1], other.x[0]], [np.median(row.y[-8:]), np.median(other.y[:8])])
    look = _Look.of(row, darkness, mm)
    seen = [look.at(x, y) > GHOSTLY for x, y in zip(at[1:-1], heights[1:-1], strict=True)]
    printed = _printed(darkness, (row.x[-1], other.x[0]), float(np.median(heights)), black, mm)
    return float(np.mean(seen)) > LIKELY and (not printed.size or printed.mean() < LETTERS)


def _printed(darkness: Floats, between: tuple[float, float], y: float, black: float, mm: float) -> NDArray[np.bool_]:
    """Where print as black as letters stands above a row, column by column."""
    top, bottom = max(round(y - 2.2 * mm), 0), max(round(y - 0.6 * mm), 1)
    band = darkness[top:bottom, max(round(between[0]), 0) : round(between[1])]
    return np.asarray(band.max(axis=0, initial=0.0) > PRINT * black)


def _without_print(row: _Row, darkness: Floats, black: float, mm: float) -> list[_Row]:
    """The pieces of a row between labels that stand in it."""
    y, look = float(np.median(row.y)), _Look.of(row, darkness, mm)
    first, last = row.x[0] - row.step / 2, row.x[-1] + row.step / 2
    printed = _printed(darkness, (first, last), y, black, mm).astype(np.uint8)[None]
    size = round(WORD_SPACE * mm)
    wide = cv2.copyMakeBorder(printed, 0, 0, size, size, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((1, size), np.uint8))[0, size:-size]
    edges = np.flatnonzero(np.diff(np.pad(closed, 1).astype(np.int8))).reshape(-1, 2)
    pieces, start = [], first
    for a, b in edges.tolist():
        places = np.arange(first + a + row.step / 2, first + b, row.step)
        dotted = np.mean([look.at(float(x), y) > GHOSTLY for x in places]) if len(places) else 0.0
        if b - a >= SHORTEST_WORD * mm and printed[0, a:b].mean() > LETTERS_IN_WORD and dotted < LIKELY:
            pieces.append((start, first + a))
            start = first + b
    pieces.append((start, last))
    x = np.array(row.x)
    of_piece = [x[(x > a + 0.3 * row.step) & (x < b - 0.3 * row.step)] for a, b in pieces]
    return [_Row(p.tolist(), [y] * len(p), row.high) for p in of_piece if len(p) >= PIECE]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What a row's usual dot looks like, on the common print."""

    darkness: Floats
    dot: Floats
    free: float

    @classmethod
    def of(cls, row: _Row, darkness: Floats, mm: float) -> _Look:
        reach = max(round(0.55 * mm), 3)
        patches = [p for x, y in zip(row.x, row.y, strict=True) if (p := _patch(darkness, x, y, reach)) is not None]
        if not patches:
            return cls(darkness, np.zeros((1, 1), np.float32), 0.0)
        dot = np.median(np.stack(patches), axis=0).astype(np.float32)
        return cls(darkness, dot, float(dot[reach, reach]))

    def at(self, x: float, y: float) -> float:
        """How like a dot a place looks, or one a pixel beside it; 0 where it is too light for one."""
        patch = _patch(self.darkness, x, y, len(self.dot) // 2 + 1)
        if patch is None or not self.free or float(patch[len(patch) // 2 - 1 :][:3].max()) < SHOWS * self.free:
            return 0.0
        return float(cv2.matchTemplate(patch, self.dot, cv2.TM_CCOEFF_NORMED).max())


def _patch(darkness: Floats, x: float, y: float, reach: int) -> Floats | None:
    """The surroundings of a place; None at the page's edge."""
    row, column = round(y), round(x)
    if not (reach <= row < darkness.shape[0] - reach and reach <= column < darkness.shape[1] - reach):
        return None
    return darkness[row - reach : row + reach + 1, column - reach : column + reach + 1]


def _stretched(row: _Row, darkness: Floats, black: float, mm: float) -> _Row:
    """The row with the dots that follow in step beyond its ends, a few hidden ones passed over."""
    step, look = row.step, _Look.of(row, darkness, mm)
    xs, ys = list(row.x), list(row.y)
    for side in (-1, 1):
        end, y = (xs[0], float(np.median(ys[:8]))) if side < 0 else (xs[-1], float(np.median(ys[-8:])))
        missed, ahead = 0, 1
        found: list[float] = []
        while missed < HIDDEN and 0 < end + side * ahead * step < darkness.shape[1] - 1:
            x = end + side * ahead * step
            above = _patch_max(darkness, x, (y - 2.2 * mm, y - 0.6 * mm), 0.3 * mm) > PRINT * black
            if not above and look.at(x, y) > LOOKS:
                end, ahead, missed = x, 1, 0
                found.append(x)
            else:
                ahead, missed = ahead + 1, missed + 1
        if side < 0:
            xs, ys = [*found[::-1], *xs], [*[y] * len(found), *ys]
        else:
            xs, ys = [*xs, *found], [*ys, *[y] * len(found)]
    return _Row(xs, ys, row.high)


def _is_rule(row: _Row, darkness: Floats) -> bool:
    """Is a row as dark between its dots as on them?"""
    y, x = round(float(np.median(row.y))), np.array(row.x)
    rows = darkness[max(y - 1, 0) : y + 2].max(axis=0)
    between = np.rint((x[1:] + x[:-1]) / 2)[np.diff(x) < 1.5 * row.step].astype(int)
    return bool(len(between)) and float(np.median(rows[between])) > SOLID * float(
        np.median(rows[np.rint(x).astype(int)])
    )


def _trimmed(row: _Row, darkness: Floats, black: float, mm: float) -> _Row:
    """The row without what at its ends is the foot of letters or of a colon."""
    x, y, look = np.array(row.x), float(np.median(row.y)), _Look.of(row, darkness, mm)
    places = np.linspace(x[0], x[-1], max(round((x[-1] - x[0]) / row.step), 1) + 1)
    score = np.zeros(len(places))
    for i, place in enumerate(places):
        like = look.at(place, y)
        above = _patch_max(darkness, place, (y - 2.4 * mm, y - 0.9 * mm), 0.3 * mm) > PRINT * black
        colon = above and _patch_max(darkness, place, (y - 0.9 * mm, y - 0.5 * mm), 0.3 * mm) < 0.3 * black
        if _patch_max(darkness, place, (y - LEVEL * mm, y + LEVEL * mm), 0.3 * mm) < BARE * black:
            score[i] = -GAP
        else:
            score[i] = -1.0 if colon else like - FOOT - (0.6 * (1 - like) if above else 0.0)
    reach = max(round(ENDS * mm / row.step), 1)
    first = _start(score[:reach])
    last = len(score) - _start(score[::-1][:reach])
    if last - first < PIECE:
        return _Row([], [], row.high)
    low, high = places[first] - row.step / 3, places[last - 1] + row.step / 3
    kept = x[(x >= low) & (x <= high)]
    kept = np.unique(np.concatenate([[places[first]], kept[1:-1], [places[last - 1]]]))
    return _Row(kept.tolist(), [y] * len(kept), row.high)


def _start(score: Reals) -> int:
    """Where a line begins, of whose first places the scores are given: behind all that tells against it."""
    sums = np.concatenate([[0.0], np.cumsum(score)])
    return int(np.flatnonzero(sums <= sums.min() + 1e-9)[-1])


def _patch_max(darkness: Floats, x: float, between: tuple[float, float], reach: float) -> float:
    rows = slice(max(round(between[0]), 0), max(round(between[1]), 1))
    patch = darkness[rows, max(round(x - reach), 0) : round(x + reach) + 1]
    return float(patch.max(initial=0.0))


def _once(rows: list[_Row], mm: float) -> list[_Row]:
    """The rows, pieces of the same one put together."""
    kept: list[_Row] = []
    for row in sorted(rows, key=lambda row: -len(row.x)):
        y = float(np.median(row.y))
        for i, other in enumerate(kept):
            beside = abs(float(np.median(other.y)) - y) < 2 * LEVEL * mm
            if beside and row.x[0] < other.x[-1] and other.x[0] < row.x[-1]:
                own = np.array(other.x)
                new = [x for x in row.x if np.abs(own - x).min() > 0.5 * other.step]
                kept[i] = _Row(
                    sorted([*other.x, *new]), [*other.y, *[float(np.median(other.y))] * len(new)], other.high
                )
                break
        else:
            kept.append(row)
    return kept


def _without_colon(row: _Row, dots: Reals, mm: float) -> _Row:
    """The row without the lower dot of a colon before it."""
    start = 0
    while start < len(row.x) - 1 and start < 2:
        x, y = row.x[start], row.y[start]
        above = (np.abs(dots[:, 0] - x) < 0.25 * mm) & (np.abs(dots[:, 1] - y + 1.7 * mm) < 0.6 * mm)
        if not above.any():
            break
        start += 1
    return _Row(row.x[start:], row.y[start:], row.high)
