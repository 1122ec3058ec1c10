"""What time and the scanner do to a page: each kind of damage with its strength, and the page's bending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.warp import Mesh, Warp

Side = Literal["left", "right", "middle"]
"""Where the fold is: at the left edge of odd pages, at the right of even ones, in the middle of an opening."""


@dataclass(frozen=True, slots=True)
class Degradation:
    """Strengths of every kind of damage; 0 is none.

    Lengths are shares of the page unless said otherwise; where a range is meant the strength is its upper end.
    """

    name: str
    skew: float = 0.0
    """Turn in degrees, either way."""
    shift: float = 0.0
    shrink: float = 0.0
    """How much smaller than the image the page may lie."""
    perspective: float = 0.0
    """How far a corner may be off."""
    curl: float = 0.0
    """How far lines bend at the fold."""
    wave: float = 0.0
    edge: bool = False
    """Dark scanner bed, the book's edge and a sliver of the neighbour page around the sheet."""
    shade: float = 0.0
    """How much darker the light gets over the page (0 to 1)."""
    tint: float = 0.0
    """How far the paper is from white (0 to 1)."""
    grain: float = 0.0
    """Spread of the paper's grain in grey levels."""
    verso: float = 0.0
    """Share of the back's ink that shows through."""
    seals: float = 0.0
    """Chance of each seal and stamp."""
    fade: float = 0.0
    """How much of the pen's ink is lost (0 to 1)."""
    worn: float = 0.0
    """How much of the print's ink is lost in patches (0 to 1)."""
    lost: float = 0.0
    """Share of the printed labels that are half gone."""
    stains: float = 0.0
    """How dark stains are (0 to 1)."""
    blur: float = 0.0
    """Spread of the blur in pixels at 300 dpi."""
    dpi: float = 300.0
    """The resolution such scans have, where none is asked for: small files are scanned at 200."""
    reprint: float = 0.0
    """How far the form is another printer's: 1 is what printings were seen to differ by. It comes before any damage."""
    kilobytes: float = 0.0
    """Size of the JPEG of an A4 page; 0 for high quality whatever the size."""


CLEAN_SCAN = Degradation("clean")

USUAL_SCAN = Degradation(
    "as-scanned",
    skew=2.0,
    shift=0.012,
    shrink=0.035,
    perspective=0.002,
    curl=0.004,
    wave=0.0006,
    edge=True,
    shade=0.14,
    tint=0.5,
    grain=2.5,
    verso=0.16,
    seals=0.55,
    fade=0.35,
    worn=0.2,
    stains=0.06,
    blur=0.8,
    dpi=200.0,
    kilobytes=100.0,
)

BAD_SCAN = Degradation(
    "bad",
    skew=8.0,
    shift=0.02,
    shrink=0.05,
    perspective=0.02,
    curl=0.013,
    wave=0.002,
    edge=True,
    shade=0.35,
    tint=1.0,
    grain=4.5,
    verso=0.3,
    seals=0.9,
    fade=0.6,
    worn=0.65,
    lost=0.5,
    stains=0.3,
    blur=1.3,
    dpi=200.0,
    kilobytes=100.0,
)

REPRINTED_FORM = Degradation("reprint", reprint=1.0)
"""An undamaged scan of a form that another printer set."""

DEGRADATIONS = {d.name: d for d in (CLEAN_SCAN, USUAL_SCAN, BAD_SCAN, REPRINTED_FORM)}

MESH_ROWS, MESH_COLUMNS = 9, 41

MAX_LOST_EDGE_SHARE = 0.025
"""Share of the page at each edge that may fall outside the image; what lies further in is kept on it."""


def page_warp(damage: Degradation, width: int, height: int, fold: Side, rng: np.random.Generator) -> Warp:
    """The way the page lies on the scanner: curl at the fold and waves, then turn, shift, size and perspective."""
    if not (damage.skew or damage.shift or damage.shrink or damage.perspective or damage.curl or damage.wave):
        return Warp()
    return Warp.of(_lie(damage, width, height, rng), _curl(damage, width, height, fold, rng))


def _curl(damage: Degradation, width: int, height: int, fold: Side, rng: np.random.Generator) -> Mesh | None:
    if not (damage.curl or damage.wave):
        return None
    x, y = np.meshgrid(np.linspace(0, 1, MESH_COLUMNS), np.linspace(0, 1, MESH_ROWS))
    away = {"left": x, "right": 1 - x, "middle": np.abs(x - 0.5) * 1.6}[fold]
    reach = rng.uniform(0.06, 0.11)
    near = np.exp(-away / reach)
    lift = damage.curl * rng.uniform(0.4, 1) * rng.choice([-1, 1])
    dy = lift * near * (1 + 0.35 * (y - 0.5)) * height
    towards = {"left": -1.0, "right": 1.0, "middle": 0.0}[fold] if fold != "middle" else np.sign(0.5 - x)
    dx = -towards * damage.curl * rng.uniform(0.2, 0.7) * near * width
    for _ in range(2):
        a, b, c = rng.uniform(0, 2 * np.pi, 3)
        wave = damage.wave * rng.uniform(0.3, 1)
        dy = dy + wave * height * np.sin(2 * np.pi * rng.uniform(0.4, 1.4) * x + a) * np.cos(2.2 * y + b)
        dx = dx + wave * width * np.sin(2 * np.pi * rng.uniform(0.3, 1.0) * y + c)
    rounded = [tuple(round(float(v), 3) for v in grid.ravel()) for grid in (dx, dy)]
    return Mesh(float(width), float(height), MESH_ROWS, MESH_COLUMNS, *rounded)


def _lie(damage: Degradation, width: int, height: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The homography: turned about the middle, made small enough that the form stays on the image."""
    skew = np.radians(rng.uniform(-1, 1) * damage.skew)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    middle = np.array([width, height]) / 2
    turn = np.array([(np.cos(skew), -np.sin(skew)), (np.sin(skew), np.cos(skew))])
    moved = (corners - middle) * (1 - damage.shrink * rng.uniform(0.3, 1)) @ turn.T
    moved += rng.uniform(-1, 1, (4, 2)) * damage.perspective * [width, height]
    moved += rng.uniform(-1, 1, 2) * damage.shift * [width, height]
    reach = np.abs(moved * (1 - 2 * MAX_LOST_EDGE_SHARE)).max(axis=0) / middle
    moved /= max(1.0, float(reach.max()))
    return _homography(corners, moved + middle)


def _homography(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 3 by 3 matrix that takes four points to four others."""
    rows = []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), after.ravel())
    return np.append(solved, 1.0).reshape(3, 3)
