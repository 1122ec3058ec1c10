"""How the lines of a page bend after it was turned straight: perspective, a wave, the curl at the gutter.

The bend is read off the page itself: profiles of neighbouring bands are laid over each other, and the shift at which
they agree is the local slope of whatever lines run there (rules, dotted lines, lines of print). A smooth sheet of
displacements is fitted through all slopes; few wrong ones do not move it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Reals
from ocrfill.document.warp import Mesh
from ocrfill.pipeline.preprocess.deskew import band_profiles, thin_lines

Passes = tuple[tuple[float, float, float], ...]

MESH_ROWS, MESH_COLUMNS = 9, 17
"""Nodes of the mesh down and across the page."""

MAX_BAND_SHIFT_PX = 5
"""Largest shift between two compared bands, in pixels of the reduced page."""

COMPARED_BAND_DISTANCE = 2
"""Bands compared lie this many bands apart: a slope of 1 degree is .4 pixel."""

MIN_RULE_LENGTH_PX = 31
"""Shortest piece of a vertical rule in pixels of the reduced page, longer than any stroke of writing."""

SLOPE_WINDOW_COUNT = 30
"""Heights at which slopes are measured; each looks at about three times its share of the page."""

EDGE_WIDTH_SHARE, EDGE_WEIGHT = 0.045, 0.3
"""Near the left and right border of a scan, so much of its width, lie other leaves' edges: they lean otherwise."""

MIN_BEND_PX = 0.7
"""A bend smaller than this, in pixels of the reduced page (a sixth of a millimetre), is left alone."""

FIT_PASSES: Passes = ((5.0, 0.03, 30.0), (2.0, 0.02, 5.0), (1.5, 0.015, 1.0), (1.5, 0.015, 1.0), (1.5, 0.015, 1.0))
"""How the sheet is found, coarse to fine: how far from the sheet so far a shift may be (pixels), by how much a slope
may miss it before it loses its say (pixel per pixel), and how many times stiffer than at the end the sheet is."""

RULE_PASSES: Passes = (*FIT_PASSES[:2], (1.5, 0.01, 1.0), (1.5, 0.006, 1.0), (1.5, 0.004, 1.0), (1.5, 0.004, 1.0))
"""The same for upright rules: they are straighter than lines of dots and print."""

PRIOR_WEIGHT = 1e-3
"""Weight of the belief that a sheet leans by its prior where nothing was measured."""


@dataclass(frozen=True, slots=True, eq=False)
class BandAgreement:
    """How well neighbouring bands agree, by shift and place: `value` (shifts, places), each between 0 and 1.

    `at` (places, 2) is x and y as fractions of the page, `distance` how far apart the bands lie in pixels.
    """

    at: Reals
    value: Reals
    distance: float

    def slopes(self, expected: Reals, gate: float) -> tuple[Reals, Reals]:
        """At each place the slope of best agreement at most `gate` pixels from the expected one, and its weight."""
        shifts = np.arange(-MAX_BAND_SHIFT_PX, MAX_BAND_SHIFT_PX + 1)
        near = np.abs(shifts[:, None] - expected * self.distance) <= gate
        best = np.clip(np.where(near, self.value, -1).argmax(axis=0), 1, len(shifts) - 2)
        before, peak, after = (np.take_along_axis(self.value, (best + d)[None], 0)[0] for d in (-1, 0, 1))
        curve = 2 * peak - before - after
        offset = 0.5 * (after - before) / np.maximum(curve, 1e-9)
        weight = np.sqrt(np.maximum(peak - np.median(self.value, axis=0), 0))
        weight[(curve <= 0) | (np.abs(offset) > 1) | (weight < 0.03)] = 0
        return (shifts[best] + np.clip(offset, -1, 1)) / self.distance, weight


def find_bend(darkness: NDArray[np.float32]) -> Mesh | None:
    """Displacements that carry a straight page onto the given reduced one, in its pixels; None where it is straight."""
    height, width = darkness.shape
    along_x = find_agreement(thin_lines(darkness, axis=0))
    rules = cv2.morphologyEx(thin_lines(darkness, axis=1), cv2.MORPH_OPEN, np.ones((MIN_RULE_LENGTH_PX, 1), np.uint8))
    edge = round(EDGE_WIDTH_SHARE * width)
    weight = np.ones(width, np.float32)
    weight[:edge] = weight[width - edge :] = EDGE_WEIGHT
    along_y = find_agreement(np.ascontiguousarray((rules * weight).T.astype(np.float32)))
    dy = fit_sheet(along_x, (height, width), across=(MESH_ROWS, MESH_COLUMNS), stiff=(10.0, 0.1), passes=FIT_PASSES)
    lean = float(np.mean(dy[:, -1] - dy[:, 0])) / width
    dx = fit_sheet(
        along_y, (width, height), across=(MESH_COLUMNS, MESH_ROWS), stiff=(30.0, 300.0), passes=RULE_PASSES, prior=-lean
    ).T
    if max(np.ptp(dy, axis=1).max(), np.ptp(dx, axis=0).max()) < MIN_BEND_PX:
        return None
    return Mesh(width, height, MESH_ROWS, MESH_COLUMNS, tuple(map(float, dx.ravel())), tuple(map(float, dy.ravel())))


def find_agreement(lines: NDArray[np.float32]) -> BandAgreement:
    """How neighbouring bands of the lines that run along x agree."""
    rows, columns = lines.shape
    profiles = band_profiles(lines)
    profiles = np.minimum(cv2.GaussianBlur(profiles, (1, 5), 0.8), 0.25)
    left, right = profiles[:, :-COMPARED_BAND_DISTANCE], profiles[:, COMPARED_BAND_DISTANCE:]
    half = max(rows // SLOPE_WINDOW_COUNT, 1)
    where = np.arange(half // 2, rows, half)
    padded = cv2.copyMakeBorder(right, MAX_BAND_SHIFT_PX, MAX_BAND_SHIFT_PX, 0, 0, cv2.BORDER_CONSTANT, value=0)
    value = np.stack(
        [
            _smoothed(left * padded[MAX_BAND_SHIFT_PX + s : MAX_BAND_SHIFT_PX + s + rows], half)[where]
            for s in range(-MAX_BAND_SHIFT_PX, MAX_BAND_SHIFT_PX + 1)
        ]
    )
    x = (np.arange(left.shape[1]) + 0.5 + COMPARED_BAND_DISTANCE / 2) / profiles.shape[1]
    y = (where + 0.5) / rows
    at = np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1).reshape(-1, 2)
    value = value.reshape(len(value), -1).astype(np.float64)
    lined = value.max(axis=0) > 0
    distance = COMPARED_BAND_DISTANCE * columns / profiles.shape[1]
    return BandAgreement(at[lined], value[:, lined] / (value.max() or 1.0), distance)


def _smoothed(product: NDArray[Any], half: int) -> NDArray[np.float32]:
    """Means over windows that fade out to both sides: a line near a window's end must not count by its flank."""
    window = (1, 2 * half - 1)
    once = cv2.blur(product, window, borderType=cv2.BORDER_REPLICATE)
    return cast(NDArray[np.float32], cv2.blur(once, window, borderType=cv2.BORDER_REPLICATE))


def fit_sheet(
    agreement: BandAgreement,
    size: tuple[int, int],
    *,
    across: tuple[int, int],
    stiff: tuple[float, float],
    passes: Passes,
    prior: float = 0.0,
) -> Reals:
    """Displacements across the lines, shape `across` (rows, columns), in pixels; each row's mean is 0.

    `size` is rows and columns of the image the lines lie on, `stiff` how hard the sheet resists bending down
    and along the lines; `prior` is the slope where no line tells.
    """
    rows, columns = across
    step = size[1] / (columns - 1)
    nodes = rows * columns
    index = np.arange(nodes).reshape(rows, columns)
    pairs = np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1)
    bends = (
        *_second_differences(index, axis=0, weight=stiff[0]),
        *_second_differences(index, axis=1, weight=stiff[1]),
    )
    rigid, base = np.zeros((nodes, nodes)), np.zeros((nodes, nodes))
    for which, factors in bends:
        rigid[np.ix_(which, which)] += np.outer(factors, factors)
    for row in index:
        base[np.ix_(row, row)] += 1.0
    right = np.zeros(nodes)
    for before, after in pairs:
        base[before, before] += PRIOR_WEIGHT
        base[after, after] += PRIOR_WEIGHT
        base[before, after] -= PRIOR_WEIGHT
        base[after, before] -= PRIOR_WEIGHT
        right[before] -= PRIOR_WEIGHT * prior * step
        right[after] += PRIOR_WEIGHT * prior * step
    j = np.clip(agreement.at[:, 1] * (rows - 1), 0, rows - 1 - 1e-9)
    low = j.astype(int)
    cell = np.clip(agreement.at[:, 0] * (columns - 1), 0, columns - 1 - 1e-9).astype(int)
    part = j - low
    which = np.stack([index[low, cell], index[low, cell + 1], index[low + 1, cell], index[low + 1, cell + 1]], axis=1)
    factors = np.stack([part - 1, 1 - part, -part, part], axis=1)
    products = factors[:, :, None] * factors[:, None, :]
    places = which[:, :, None] * nodes + which[:, None, :]
    sheet = np.zeros(nodes)
    for gate, misses, stiffer in passes:
        expected = (sheet[which] * factors).sum(axis=1) / step
        slope, weight = agreement.slopes(expected, gate)
        squared = (weight / (1 + ((slope - expected) / misses) ** 2)) ** 2
        seen = np.bincount(places.ravel(), (products * squared[:, None, None]).ravel(), nodes * nodes)
        pull = np.bincount(which.ravel(), (factors * (slope * step * squared)[:, None]).ravel(), nodes)
        stiff_and_seen = base + stiffer * rigid + seen.reshape(nodes, nodes)
        sheet = cast(Reals, cv2.solve(stiff_and_seen, right + pull, flags=cv2.DECOMP_CHOLESKY)[1]).ravel()
    return cast(Reals, sheet.reshape(rows, columns))


def _second_differences(index: NDArray[np.intp], axis: int, weight: float) -> list[tuple[NDArray[np.intp], Reals]]:
    """The three nodes of each second difference along an axis, and their factors."""
    moved = np.moveaxis(index, axis, 0)
    triples = np.stack([moved[:-2], moved[1:-1], moved[2:]], axis=-1).reshape(-1, 3)
    factors = weight * np.array([1.0, -2.0, 1.0])
    return [(triple, factors) for triple in triples]
