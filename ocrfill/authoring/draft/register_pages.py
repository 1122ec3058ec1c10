"""Pages of one form laid on each other: by what they share, first as a whole, then bent where they still differ.

What the pages share is print; writing differs. Features of the print that two pages have in common tell turn, size and
place of one on the other; pages that share too little with the others are of another form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import cast

import cv2
import numpy as np

from ocrfill.document.page import Floats, Image, Page, Reals
from ocrfill.pipeline.ink_channel import ink_channel
from ocrfill.pipeline.reduced_page import reduced_size

A4_FEATURE_COUNT = 1500
"""So many features of an A4 page are compared, more of a larger one: print of a full form has about as many."""

A4_REDUCED_PIXELS = 827 * 1169
"""Pixels of a reduced A4 page."""

MAX_SIZE_DIFFERENCE_SHARE, MAX_SHIFT_SHARE = 0.12, 0.1
"""Pages of one book are as large as each other to this share, and their print lies in the same place to this share of
the longer side, turned or not."""

MAX_KEPT_SCALE = 2.5
"""Of a page at most so many pixels are kept for one of the reduced page (250 dots an inch)."""

MAX_FEATURE_ERROR_PX = 4.0
"""A shared feature lies so near to its place, in pixels of the reduced page (1 mm)."""

MIN_SHARED_FEATURES = 25
"""Pages of one form share at least so many features."""

MIN_SHARED_FEATURES_SHARE = 0.35
"""A page that shares less than this part of what the others share with each other is of another form."""

CELL_SIDE_PX = 48
"""Where pages still differ is looked at in squares of this side, in pixels of the reduced page (12 mm)."""

SEARCH_RADII_PX = (14, 7, 5)
"""How far a square is looked for around its place, in pixels, round by round."""

MIN_CELL_CORRELATION = 0.45
"""A square found with less likeness than this says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleSheet:
    """What is kept of a straightened page: where it comes from, its `grey` (pen and print, seals faint), and its
    darkness reduced to measuring size; `scale` pixels of the grey are one of these, `dpi` is the grey's resolution.
    """

    source: str
    number: int
    grey: Image
    dpi: float
    ink: Floats
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class AlignedSheet:
    """A sheet and how it lies on the common one: for its reduced pixels, `turn` (2 by 3) leads from the common sheet to
    this one, and `bend` (2 by terms) adds what still differs.
    """

    sheet: SampleSheet
    turn: Reals
    bend: Reals


def sample_sheet(page: Page) -> SampleSheet:
    """What drafting needs of a straightened page."""
    width, height = reduced_size(page.width, page.height, page.dpi)
    grey = ink_channel(page.image)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    scale = min(page.width / width, MAX_KEPT_SCALE)
    if scale < page.width / width:
        grey = cast(
            Image, cv2.resize(grey, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        )
    ink = cast(Floats, 1 - small.astype(np.float32) / np.float32(255))
    return SampleSheet(
        page.source, page.number, grey, page.dpi * grey.shape[1] / page.width, ink, grey.shape[1] / width
    )


def align_sheets(sheets: Sequence[SampleSheet], tell: Callable[[int], None]) -> tuple[list[AlignedSheet], list[int]]:
    """The sheets of the form most of them are of, each laid on the first in the list, and the numbers of the others.

    `tell` is called once for each sheet that is done.
    """
    shared = _shared(sheets)
    counts = np.array([[0 if pair is None else pair[0] for pair in row] for row in shared], dtype=np.float64)
    chosen = _alike(counts)
    first = chosen[int(np.argmax(counts[np.ix_(chosen, chosen)].sum(axis=1)))]
    order = [first, *(i for i in chosen if i != first)]
    laid = [AlignedSheet(sheets[first], np.eye(3)[:2], np.zeros((2, BEND_TERM_COUNT)))]
    for i in order[1:]:
        found = shared[first][i]
        if found is None:  # not like the first one, but like others: too far off to be laid
            continue
        laid.append(
            _bent(AlignedSheet(sheets[i], found[1], np.zeros((2, BEND_TERM_COUNT))), sheets[first].ink, SEARCH_RADII_PX)
        )
        tell(i)
    kept = {id(one.sheet) for one in laid}
    return laid, [i for i, sheet in enumerate(sheets) if id(sheet) not in kept]


def realign_sheets(laid: Sequence[AlignedSheet], common: Floats) -> list[AlignedSheet]:
    """The sheets laid once more, on what all of them share, and the common sheet bent as they are on average: the first
    one's fold is on one side, others' on the other.
    """
    once_more = [_bent(one, common, SEARCH_RADII_PX[-1:]) for one in laid]
    usual = np.mean([one.bend for one in once_more], axis=0)
    return [AlignedSheet(one.sheet, one.turn, one.bend - usual) for one in once_more]


def _shared(sheets: Sequence[SampleSheet]) -> list[list[tuple[int, Reals] | None]]:
    """For each two sheets how many features they share and the map from the first to the second (2 by 3)."""
    seen = []
    for sheet in sheets:
        finder = cv2.SIFT.create(
            nfeatures=round(A4_FEATURE_COUNT * max(sheet.ink.size / A4_REDUCED_PIXELS, 1.0)), contrastThreshold=0.03
        )
        points, looks = finder.detectAndCompute(np.asarray((1 - sheet.ink) * 255, np.uint8), None)  # type: ignore[call-overload]
        places = np.array([p.pt for p in points], dtype=np.float64).reshape(-1, 2)
        shapes = np.array([(p.size, p.angle) for p in points], dtype=np.float64).reshape(-1, 2)
        seen.append((places, shapes, None if looks is None else np.asarray(looks, dtype=np.float32)))
    found: list[list[tuple[int, Reals] | None]] = [[None] * len(sheets) for _ in sheets]
    for i, j in combinations(range(len(sheets)), 2):
        pair = _pair(seen[i], seen[j], max(sheets[i].ink.shape))
        if pair is not None:
            found[i][j] = pair
            found[j][i] = (pair[0], np.asarray(cv2.invertAffineTransform(pair[1]), dtype=np.float64))
    return found


Seen = tuple[Reals, Reals, Floats | None]


def _pair(one: Seen, other: Seen, side: int) -> tuple[int, Reals] | None:
    """How many features two pages share, and the map between them; None for none."""
    if one[2] is None or other[2] is None or min(len(one[0]), len(other[0])) < MIN_SHARED_FEATURES:
        return None
    matches = cv2.BFMatcher(cv2.NORM_L2, crossCheck=True).match(one[2], other[2])
    a, b = (np.array([getattr(m, key) for m in matches], int) for key in ("queryIdx", "trainIdx"))
    middle = side / 2
    size = np.abs(np.log(one[1][a, 0] / other[1][b, 0])) < 2 * MAX_SIZE_DIFFERENCE_SHARE
    turn = (one[1][a, 1] - other[1][b, 1] + 45) % 360 - 45
    best: tuple[int, Reals] | None = None
    for upright in (True, False):
        likely = size & (np.abs(turn if upright else turn - 180) < 8)
        moved = other[0][b] if upright else 2 * middle - other[0][b]
        if upright:
            likely &= np.abs(one[0][a] - moved).max(axis=1) < MAX_SHIFT_SHARE * side
        if likely.sum() < MIN_SHARED_FEATURES:
            continue
        matrix, inside = cv2.estimateAffinePartial2D(
            one[0][a[likely]],
            other[0][b[likely]],
            method=cv2.RANSAC,
            ransacReprojThreshold=MAX_FEATURE_ERROR_PX,
            maxIters=5000,
        )
        if matrix is None or abs(np.log(np.hypot(*matrix[:, 0]))) > MAX_SIZE_DIFFERENCE_SHARE:
            continue
        count = int(inside.sum())
        if count >= MIN_SHARED_FEATURES and (best is None or count > best[0]):
            best = (count, np.asarray(matrix, dtype=np.float64))
    return best


def _alike(counts: Reals) -> list[int]:
    """The largest set of pages that share much with each other, in their order."""
    if len(counts) == 1:
        return [0]
    best: list[int] = []
    for i in range(len(counts)):
        usual = float(np.median(np.sort(counts[i])[-max(len(counts) // 2, 1) :]))
        near = [
            j
            for j in range(len(counts))
            if j == i or counts[i, j] >= max(MIN_SHARED_FEATURES_SHARE * usual, MIN_SHARED_FEATURES)
        ]
        if len(near) > len(best) or (len(near) == len(best) and counts[near].sum() > counts[best].sum()):
            best = near
    return best


BEND_TERM_COUNT = 10


def _terms(x: Reals, y: Reals) -> Reals:
    """The terms of a polynomial of degree 3 in places from -1 to 1, shape (n, BEND_TERM_COUNT)."""
    one = np.ones_like(x)
    return np.stack([one, x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3], axis=-1)


def _place_of(points: Reals, shape: tuple[int, ...]) -> tuple[Reals, Reals]:
    return points[:, 0] / shape[1] * 2 - 1, points[:, 1] / shape[0] * 2 - 1


def _to_sheet(laid: AlignedSheet, points: Reals, shape: tuple[int, ...]) -> Reals:
    """Where points of the common sheet lie on this one, both in reduced pixels."""
    bent = points + _terms(*_place_of(points, shape)) @ laid.bend.T
    return np.asarray(bent @ laid.turn[:, :2].T + laid.turn[:, 2])


def _bent(laid: AlignedSheet, common: Floats, searches: Sequence[int]) -> AlignedSheet:
    """The sheet bent so that it lies better on the common one."""
    for search in searches:
        here = warped_to_common(laid, common.shape, laid.sheet.ink, 1.0)
        places, moves, weight = _moves(common, here, search)
        if len(places) < 2 * BEND_TERM_COUNT:
            continue
        terms = _terms(*_place_of(places, common.shape))
        extra = np.stack([_smooth(terms, moves[:, axis], weight[:, axis]) for axis in (0, 1)])
        laid = AlignedSheet(laid.sheet, laid.turn, laid.bend + extra)
    return laid


def _smooth(terms: Reals, moves: Reals, weight: Reals) -> Reals:
    """The polynomial through moves along one axis, of which some are wrong."""
    trust = weight
    found: Reals = np.zeros(BEND_TERM_COUNT)
    for spread in (4.0, 2.0, 1.0):
        scaled = terms * trust[:, None]
        found = np.asarray(np.linalg.solve(scaled.T @ terms + 1e-2 * np.eye(BEND_TERM_COUNT), scaled.T @ moves))
        trust = weight / (1 + ((moves - terms @ found) / spread) ** 2)
    return found


def _moves(common: Floats, here: Floats, search: int) -> tuple[Reals, Reals, Reals]:
    """How squares of the common sheet have to move to lie on the other one: their middles, the moves, and how sure
    each move is along each axis.
    """
    height, width = common.shape
    places: list[tuple[float, float]] = []
    moves: list[tuple[float, float]] = []
    weight: list[tuple[float, float]] = []
    ready = cv2.copyMakeBorder(here, search, search, search, search, cv2.BORDER_CONSTANT, value=0)
    for top in range(0, height - CELL_SIDE_PX + 1, CELL_SIDE_PX // 2):
        for left in range(0, width - CELL_SIDE_PX + 1, CELL_SIDE_PX // 2):
            square = common[top : top + CELL_SIDE_PX, left : left + CELL_SIDE_PX]
            if float(square.std()) < 0.04:
                continue
            window = ready[top : top + CELL_SIDE_PX + 2 * search, left : left + CELL_SIDE_PX + 2 * search]
            like = np.asarray(cv2.matchTemplate(window, square, cv2.TM_CCOEFF_NORMED), dtype=np.float32)
            _, best, _, at = cv2.minMaxLoc(like)
            if best < MIN_CELL_CORRELATION:
                continue
            dx, dy = (at[0] - search + _peak(like[at[1]], at[0]), at[1] - search + _peak(like[:, at[0]], at[1]))
            places.append((left + CELL_SIDE_PX / 2, top + CELL_SIDE_PX / 2))
            moves.append((dx, dy))
            along, down = _slopes(like, at)
            weight.append((best * along, best * down))
    one, two, three = (np.array(found, dtype=np.float64).reshape(-1, 2) for found in (places, moves, weight))
    return one, two, three


def _slopes(like: Floats, at: Sequence[int]) -> tuple[float, float]:
    """How sharply a square's best place stands out along each axis, 0 to 1: a rule alone slides along itself, a dotted
    line by whole steps.
    """
    x, y = at
    best = float(like[y, x])
    along, down = (
        best - float(np.concatenate([line[: max(p - 2, 0)], line[p + 3 :]]).max(initial=0.0))
        for line, p in ((like[y], x), (like[:, x], y))
    )
    return min(max(along / 0.15, 0.01), 1.0), min(max(down / 0.15, 0.01), 1.0)


def _peak(line: Floats, at: int) -> float:
    """How far beside a highest value the top of the curve through it lies, in steps."""
    if not 0 < at < len(line) - 1:
        return 0.0
    a, b, c = (float(v) for v in line[at - 1 : at + 2])
    curve = a - 2 * b + c
    return float(np.clip((a - c) / (2 * curve), -0.5, 0.5)) if curve < 0 else 0.0


def warped_to_common(laid: AlignedSheet, shape: tuple[int, ...], image: Image | Floats, scale: float) -> Floats:
    """An image of the sheet as it lies on the common one, whose reduced shape is given; `scale` pixels of the image,
    and of what comes back, are one reduced pixel. What lies beside the sheet is 0.
    """
    height, width = (round(side * scale) for side in shape[:2])
    step = 16
    x, y = (np.arange(-step, side + 2 * step, step, dtype=np.float64) for side in (width, height))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    reduced = (points + 0.5) / scale - 0.5
    seen = (_to_sheet(laid, reduced, shape) + 0.5) * scale - 0.5
    coarse = seen.reshape(len(y), len(x), 2).astype(np.float32)
    xs, ys = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    at = np.meshgrid((xs + step) / step, (ys + step) / step)
    fine = cv2.remap(coarse, at[0].astype(np.float32), at[1].astype(np.float32), cv2.INTER_LINEAR)
    return cast(Floats, cv2.remap(image, fine, np.empty(0, np.float32), cv2.INTER_LINEAR, borderValue=0))
