"""The cells of ruled tables on a straightened page, found without a layout: outlines, rows and columns they span."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ocrfill.geometry import Points
from ocrfill.locate.lattice import Lattice, find_lattices, meeting_points
from ocrfill.locate.ruling import Floats, Reals, Ridges, Ruling, ridges
from ocrfill.records import GridCell, Page

END = 5
"""So much of a cell's side, in pixels of the reduced page, is left out at both ends: the crossing rule is dark there."""

ASIDE = 2
"""A rule may lie so far, in pixels, beside its course in one cell."""

DARK = 0.3
"""Ridges this dark count as the rule."""

ABSENT = 0.4
"""A cell's side is not printed if less of it is seen than this share of what is usual for its rule."""

LEAST_USUAL = 0.3
"""What is usual for a rule is taken to be at least this, so that a rule hardly seen anywhere is not cut to pieces."""

SIDE_POINTS = 3
"""Points of an outline on each side of a cell, the second corner left out: rules bend."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """Which sides of a lattice's boxes are printed: `level` (levels, columns), `upright` (rows, uprights)."""

    level: NDArray[np.bool_]
    upright: NDArray[np.bool_]


def find_cells(page: Page) -> tuple[GridCell, ...]:
    """All cells of all ruled tables; outlines in pixels of the straightened page."""
    maps = ridges(page)
    cells: list[GridCell] = []
    for number, lattice in enumerate(find_lattices(maps)):
        y, x = meeting_points(lattice.levels, lattice.uprights)
        sides = _printed_sides(maps, lattice, y, x)
        for rows, columns in _merged(sides):
            outline = (_outline(lattice, y, x, rows, columns) + 0.5) * maps.scale - 0.5
            polygon = tuple((round(float(a), 1), round(float(b), 1)) for a, b in outline)
            cells.append(GridCell(polygon, rows, columns, number))
    return tuple(cells)


def _printed_sides(maps: Ridges, lattice: Lattice, y: Reals, x: Reals) -> _Sides:
    shares = (
        np.array([_seen_between(maps.level.sure, rule, x[i]) for i, rule in enumerate(lattice.levels)]),
        np.array([_seen_between(maps.upright.sure, rule, y[:, j]) for j, rule in enumerate(lattice.uprights)]).T,
    )
    usual = (
        np.maximum(np.quantile(shares[0], 0.75, axis=1, keepdims=True), LEAST_USUAL),
        np.maximum(np.quantile(shares[1], 0.75, axis=0, keepdims=True), LEAST_USUAL),
    )
    level, upright = (share >= ABSENT * most for share, most in zip(shares, usual, strict=True))
    level[[0, -1]] = True
    upright[:, [0, -1]] = True
    return _Sides(level, upright)


def _seen_between(ridge: Floats, rule: Ruling, places: Reals) -> Reals:
    """The share of the rule that is seen between each two places along it."""
    along = np.arange(ridge.shape[1])
    across = np.rint(rule.at(along)).astype(int)
    near = np.clip(across + np.arange(-ASIDE, ASIDE + 1)[:, None], 0, ridge.shape[0] - 1)
    dark = ridge[near, along].max(axis=0) > DARK
    ends = np.clip(np.rint(places).astype(int), 0, ridge.shape[1])
    parts = [dark[a + END : b - END] for a, b in zip(ends[:-1], ends[1:], strict=True)]
    return np.array([part.mean() if part.size else 1.0 for part in parts])


def _merged(sides: _Sides) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Rows and columns of each cell. Boxes without a printed side between them are one cell if they form a rectangle."""
    rows, columns = sides.upright.shape[0], sides.level.shape[1]
    group = np.arange(rows * columns).reshape(rows, columns)
    for row, column in product(range(rows), range(columns)):
        if column + 1 < columns and not sides.upright[row, column + 1]:
            group[group == group[row, column + 1]] = group[row, column]
        if row + 1 < rows and not sides.level[row + 1, column]:
            group[group == group[row + 1, column]] = group[row, column]
    for name in np.unique(group):
        there = np.argwhere(group == name)
        (top, left), (bottom, right) = there.min(axis=0), there.max(axis=0)
        if len(there) == (bottom - top + 1) * (right - left + 1):
            yield (int(top), int(bottom)), (int(left), int(right))
        else:
            yield from (((int(r), int(r)), (int(c), int(c))) for r, c in there)


def _outline(lattice: Lattice, y: Reals, x: Reals, rows: tuple[int, int], columns: tuple[int, int]) -> Points:
    """The outline clockwise from the upper left corner, in pixels of the reduced page."""
    top, bottom = rows[0], rows[1] + 1
    left, right = columns[0], columns[1] + 1
    share = np.arange(SIDE_POINTS) / SIDE_POINTS

    def level(row: int, start: int, end: int) -> Reals:
        across = x[row, start] + (x[row, end] - x[row, start]) * share
        return np.stack([across, lattice.levels[row].at(across)], axis=1)

    def upright(column: int, start: int, end: int) -> Reals:
        down = y[start, column] + (y[end, column] - y[start, column]) * share
        return np.stack([lattice.uprights[column].at(down), down], axis=1)

    return np.concatenate(
        [level(top, left, right), upright(right, top, bottom), level(bottom, right, left), upright(left, bottom, top)]
    )
