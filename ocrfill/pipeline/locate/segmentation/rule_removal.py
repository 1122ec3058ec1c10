"""Printed rules taken out of a page's ink where the fit puts them; strokes of the pen that cross them stay whole.

Only known rules go: a row of dots that writing joins up, a struck-through word or the bar of a letter looks like a rule
as well, and is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Bits, RuleLine

RULE_SEARCH_MM = 1.3
"""How far off its place a rule is looked for, in millimetres: the fit's own error and the bend left in the page."""

STROKE_ROOM_MM = 1.6
"""How far strokes that cross a rule are followed beyond that, in millimetres."""

STRETCH_LENGTH_MM = 7.0
"""A rule is followed by stretches of this length, in millimetres; longer than a letter."""

MIN_SEEN_SHARE = 0.45
"""A rule is there where it is dark over at least this share of a stretch."""

MAX_EDGE_WAVER_PX = 2
"""Pixels that an edge of a rule may be off its path."""

MAX_THICKNESS_FACTOR = 1.5
"""A rule's print is so many times thicker than usual at most; what is thicker is crossed by a stroke."""


def remove_rules(dark: Bits, rules: Sequence[RuleLine], dpi: float) -> None:
    """Clear the rules in the page's ink, given as 0 and 1."""
    for rule in rules:
        x, y = np.array(rule.points, dtype=np.float64).T
        if abs(x[-1] - x[0]) >= abs(y[-1] - y[0]):
            _clear(dark, x, y, dpi / 25.4)
        else:
            _clear(dark.T, y, x, dpi / 25.4)


def _clear(dark: Bits, along: NDArray[np.float64], across: NDArray[np.float64], mm: float) -> None:
    """Clear a rule that runs along the columns of `dark`, through the given places; `mm` pixels a millimetre."""
    reach, room = max(2, round(RULE_SEARCH_MM * mm)), round(STROKE_ROOM_MM * mm)
    first, last = max(round(along[0]), 0), min(round(along[-1]), dark.shape[1] - 1)
    if last <= first:
        return
    columns = np.arange(first, last + 1)
    middle = np.rint(np.interp(columns, along, across)).astype(int)
    rows = middle + np.arange(-reach - room, reach + room + 1)[:, None]
    on_page = (rows >= 0) & (rows < dark.shape[0])
    band = dark[np.clip(rows, 0, dark.shape[0] - 1), columns] * on_page.astype(np.uint8)
    gone = rule_in(band, room, round(STRETCH_LENGTH_MM * mm)) & on_page
    at = np.nonzero(gone)
    dark[rows[at], columns[at[1]]] = 0


def rule_in(band: Bits, room: int, stretch: int) -> NDArray[np.bool_]:
    """What of a band of ink as wide as the rule is long is the rule; its middle is at least `room` from both edges."""
    height = band.shape[0]
    smooth = cv2.blur(cv2.blur(band.astype(np.float32), (1, 3)), (stretch, 1), borderType=cv2.BORDER_REPLICATE)
    inner = smooth[room : height - room]
    path = inner.argmax(axis=0) + room
    seen = smooth[path, np.arange(len(path))] >= MIN_SEEN_SHARE
    path = _nearest_ink(band, path)
    if not seen.any():
        return np.zeros(band.shape, bool)
    up, down = _run(band, path, -1), _run(band, path, 1)
    on = seen & (up + down > 0)
    thickness = up + down - 1
    if not on.any():
        return np.zeros(band.shape, bool)
    usual = float(np.median(thickness[on]))
    thin = on & (thickness <= MAX_THICKNESS_FACTOR * usual + 1)
    at = np.arange(height)[:, None]
    return cast(NDArray[np.bool_], thin & (at > path - np.maximum(up, 1)) & (at < path + np.maximum(down, 1)))


def _nearest_ink(band: Bits, path: NDArray[np.intp]) -> NDArray[np.intp]:
    """The path moved by up to `MAX_EDGE_WAVER_PX` pixels to where it is dark."""
    columns = np.arange(len(path))
    moved = path.copy()
    for step in (d * sign for d in range(MAX_EDGE_WAVER_PX, 0, -1) for sign in (1, -1)):
        dark = (band[np.clip(path + step, 0, len(band) - 1), columns] > 0) & (band[path, columns] == 0)
        moved[dark] = path[dark] + step
    return moved


def _run(band: Bits, path: NDArray[np.intp], step: int) -> NDArray[np.intp]:
    """How many pixels are dark in a row from the path on, itself included, up or down."""
    height, width = band.shape
    columns = np.arange(width)
    run = np.zeros(width, np.intp)
    going = np.ones(width, bool)
    for distance in range(height):
        row = path + step * distance
        inside = (row >= 0) & (row < height)
        going &= inside & (band[np.clip(row, 0, height - 1), columns] > 0)
        if not going.any():
            break
        run += going
    return run
