"""The cells of ruled tables on a straightened page, found without a layout: outlines, rows and columns they span."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Points
from ocrfill.document.page import GridCell, Page, Reals
from ocrfill.pipeline.locate.tables.grid import Lattice, find_lattices, meeting_points
from ocrfill.pipeline.locate.tables.line_tracing import Ridges, ridges
from ocrfill.pipeline.locate.tables.missing_borders import missing

MIN_MISSING_SHARE = 0.15
"""Sides missing in less than this share of their rule and also of their column (or row) are breaks of the print."""

POINTS_PER_SIDE = 3
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
    for number, lattice in enumerate(find_lattices(maps), 1):
        y, x = meeting_points(lattice.levels, lattice.uprights)
        sides = _printed_sides(maps, lattice, y, x)
        for rows, columns in _merged(sides):
            points = (outline(lattice, y, x, rows, columns) + 0.5) * maps.scale - 0.5
            polygon = tuple((round(float(a), 1), round(float(b), 1)) for a, b in points)
            across = (columns[0] + 1, columns[1] + 1)
            cells.append(GridCell(polygon, (rows[0] + 1, rows[1] + 1), across, number))
    return tuple(cells)


def _printed_sides(maps: Ridges, lattice: Lattice, y: Reals, x: Reals) -> _Sides:
    level = np.array([missing(maps.level, rule, x[i]) for i, rule in enumerate(lattice.levels)])
    upright = np.array([missing(maps.upright, rule, y[:, j]) for j, rule in enumerate(lattice.uprights)])
    level[[0, -1]] = upright[[0, -1]] = False
    return _Sides(~_without_breaks(level), ~_without_breaks(upright).T)


def _without_breaks(missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Missing sides, shape (rules, places along them), without those that stand alone inside a rule."""
    along, across = missing.mean(axis=1, keepdims=True), missing.mean(axis=0, keepdims=True)
    from_ends = [np.logical_and.accumulate(part, axis=1) for part in (missing, missing[:, ::-1])]
    outside = from_ends[0] | from_ends[1][:, ::-1]
    return np.asarray(missing & ((along >= MIN_MISSING_SHARE) | (across >= MIN_MISSING_SHARE) | outside))


def _merged(sides: _Sides) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Rows and columns of each cell, from 0. Boxes without printed sides between them are one cell if they form a
    rectangle.
    """
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


def outline(lattice: Lattice, y: Reals, x: Reals, rows: tuple[int, int], columns: tuple[int, int]) -> Points:
    """The outline clockwise from the upper left corner, in pixels of the reduced page."""
    top, bottom = rows[0], rows[1] + 1
    left, right = columns[0], columns[1] + 1
    share = np.arange(POINTS_PER_SIDE) / POINTS_PER_SIDE

    def level(row: int, start: int, end: int) -> Reals:
        across = x[row, start] + (x[row, end] - x[row, start]) * share
        return np.stack([across, lattice.levels[row].at(across)], axis=1)

    def upright(column: int, start: int, end: int) -> Reals:
        down = y[start, column] + (y[end, column] - y[start, column]) * share
        return np.stack([lattice.uprights[column].at(down), down], axis=1)

    return np.concatenate(
        [level(top, left, right), upright(right, top, bottom), level(bottom, right, left), upright(left, bottom, top)]
    )
