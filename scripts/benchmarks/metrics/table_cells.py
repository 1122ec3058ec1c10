"""How right found cells are: matched one to one by overlap, and as pairs of neighbours on their grid.

The second is the measure of the ICDAR 2019 competition on table detection (track B): relations between a cell and the
nearest one right of it and below it, at overlaps of .6 to .9, weighted by the overlap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Polygon
from ocrfill.document.page import Floats, GridCell

CELL_OVERLAP_SHARES = (0.5, 0.6, 0.75, 0.9)
"""Overlaps (intersection over union) at which cells are matched."""

NEIGHBOUR_OVERLAP_SHARES = (0.6, 0.7, 0.8, 0.9)
"""Overlaps at which pairs of neighbours are compared."""

MIN_TABLE_OVERLAP_SHARE = 0.8
"""Overlap of two tables' outlines at which they are the same table."""

MIN_IGNORED_SHARE = 0.5
"""A found cell that matches none and lies by this share where the truth says nothing is neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class TrueTables:
    """A page's true cells, and outlines of where the truth says nothing."""

    cells: tuple[GridCell, ...]
    ignored: tuple[Polygon, ...] = ()


@dataclass(slots=True)
class _Count:
    right: int = 0
    true: int = 0
    found: int = 0

    def add(self, right: int, true: int, found: int) -> None:
        self.right += right
        self.true += true
        self.found += found

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.true + self.found) if self.true + self.found else 0.0


@dataclass(slots=True)
class CellFigures:
    """Sums over pages; `cells` by overlap, `neighbours` by overlap."""

    pages: int = 0
    cells: dict[float, _Count] = field(default_factory=lambda: {overlap: _Count() for overlap in CELL_OVERLAP_SHARES})
    neighbours: dict[float, _Count] = field(
        default_factory=lambda: {overlap: _Count() for overlap in NEIGHBOUR_OVERLAP_SHARES}
    )

    def f1(self, overlap: float) -> float:
        """F1 of cells matched at one of `CELL_OVERLAP_SHARES`."""
        return self.cells[overlap].f1

    @property
    def weighted_average(self) -> float:
        """F1 of neighbours at .6 to .9, each weighted by its overlap."""
        return sum(overlap * count.f1 for overlap, count in self.neighbours.items()) / sum(NEIGHBOUR_OVERLAP_SHARES)


def compare_cells(pages: Iterable[tuple[TrueTables, Sequence[GridCell]]]) -> CellFigures:
    """The figures over pages: of each its truth and what was found."""
    figures = CellFigures()
    for truth, found in pages:
        figures.pages += 1
        overlaps = _overlaps(truth.cells, found)
        kept = _kept(found, overlaps, truth.ignored)
        overlaps = overlaps[:, kept]
        left = [cell for cell, keep in zip(found, kept, strict=True) if keep]
        for least, count in figures.cells.items():
            count.add(_matched(overlaps, least), len(truth.cells), len(left))
        _compare_neighbours(truth.cells, left, overlaps, figures.neighbours)
    return figures


def _hull(polygons: Sequence[Polygon]) -> Floats:
    points = np.array([point for polygon in polygons for point in polygon], dtype=np.float32)
    return np.asarray(cv2.convexHull(points).reshape(-1, 2), dtype=np.float32)


def _shared(one: Floats, other: Floats) -> float:
    """The area two convex outlines share."""
    return float(cv2.intersectConvexConvex(one, other)[0])


def _overlap(one: Floats, other: Floats) -> float:
    shared = _shared(one, other)
    union = cv2.contourArea(one) + cv2.contourArea(other) - shared
    return shared / union if union > 0 else 0.0


def _overlaps(true: Sequence[GridCell], found: Sequence[GridCell]) -> NDArray[np.float64]:
    """The overlap of each true cell with each found one. Cells bend so little that their hulls stand for them."""
    overlaps = np.zeros((len(true), len(found)))
    hulls = [[_hull([cell.polygon]) for cell in cells] for cells in (true, found)]
    if not true or not found:
        return overlaps
    low, high = ([np.array([f(hull, axis=0) for hull in side]) for side in hulls] for f in (np.min, np.max))
    touch = ((low[0][:, None] < high[1][None]) & (low[1][None] < high[0][:, None])).all(axis=2)
    for i, j in np.argwhere(touch):
        overlaps[i, j] = _overlap(hulls[0][i], hulls[1][j])
    return overlaps


def _kept(found: Sequence[GridCell], overlaps: NDArray[np.float64], ignored: Sequence[Polygon]) -> NDArray[np.bool_]:
    """Which found cells count."""
    best = overlaps.max(axis=0, initial=0.0)
    regions = [_hull([outline]) for outline in ignored]
    kept = np.ones(len(found), bool)
    for j, cell in enumerate(found):
        hull = _hull([cell.polygon])
        inside = sum(_shared(hull, region) for region in regions)
        kept[j] = best[j] >= MIN_IGNORED_SHARE or inside < MIN_IGNORED_SHARE * cv2.contourArea(hull)
    return kept


def _matched(overlaps: NDArray[np.float64], least: float) -> int:
    """How many cells match one to one, the best overlap first."""
    places = np.argwhere(overlaps >= least)
    order = np.argsort(-overlaps[places[:, 0], places[:, 1]], kind="stable")
    true, found = set(), set()
    for i, j in places[order].tolist():
        if i not in true and j not in found:
            true.add(i)
            found.add(j)
    return len(true)


def _compare_neighbours(
    true: Sequence[GridCell],
    found: Sequence[GridCell],
    overlaps: NDArray[np.float64],
    counts: Mapping[float, _Count],
) -> None:
    true_tables, found_tables = _tables(true), _tables(found)
    pairs = _same_tables(true, true_tables, found, found_tables)
    true_relations = [neighbours(true, table) for table in true_tables]
    found_relations = [neighbours(found, table) for table in found_tables]
    totals = (sum(map(len, true_relations)), sum(map(len, found_relations)))
    for least, count in counts.items():
        right = 0
        for a, b in pairs:
            inside = np.array(found_tables[b])
            partner = {}
            for i in true_tables[a]:
                partners = inside[overlaps[i, inside] >= least]
                if len(partners):
                    partner[i] = int(partners[0])
            right += sum(
                (partner.get(i, -1), partner.get(j, -1), direction) in found_relations[b]
                for i, j, direction in true_relations[a]
            )
        count.add(right, *totals)


def _tables(cells: Sequence[GridCell]) -> list[list[int]]:
    tables: dict[int, list[int]] = defaultdict(list)
    for i, cell in enumerate(cells):
        tables[cell.table].append(i)
    return list(tables.values())


def _same_tables(
    true: Sequence[GridCell], true_tables: list[list[int]], found: Sequence[GridCell], found_tables: list[list[int]]
) -> list[tuple[int, int]]:
    outlines = [
        [_hull([cells[i].polygon for i in table]) for table in tables]
        for cells, tables in ((true, true_tables), (found, found_tables))
    ]
    pairs: list[tuple[int, int]] = []
    for a, b in product(range(len(true_tables)), range(len(found_tables))):
        if any(a == one or b == other for one, other in pairs):
            continue
        if _overlap(outlines[0][a], outlines[1][b]) >= MIN_TABLE_OVERLAP_SHARE:
            pairs.append((a, b))
    return pairs


def neighbours(cells: Sequence[GridCell], table: Sequence[int]) -> set[tuple[int, int, str]]:
    """Each cell of a table with the nearest one right of it and below it, wherever their rows or columns meet."""
    lines: dict[tuple[str, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i in table:
        rows, columns = (range(first, last + 1) for first, last in (cells[i].rows, cells[i].columns))
        for row, column in product(rows, columns):
            lines["right", row][column].append(i)
            lines["below", column][row].append(i)
    return {
        (i, j, direction)
        for (direction, _), places in lines.items()
        for before, after in pairwise(sorted(places))
        for i, j in product(places[before], places[after])
        if i != j
    }
