"""The ruled frame of a form and the upright rules within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Floats, Image
from ocrfill.pipeline.locate.tables.line_tracing import Ruling, ridges_of, trace

REDUCED_DPI = 100.0
"""Rules are traced at this resolution."""

MAX_CORNER_GAP_MM = 4.0
"""A rule ends so near, in millimetres, to the one it leads to."""

MIN_INNER_RULE_SHARE = 0.3
"""A rule within the frame runs over at least this share of its height."""

MIN_SOLID_SHARE = 0.75
"""At least this share of a rule's length is as dark as a rule; dots fill less than half."""


@dataclass(frozen=True, slots=True)
class RuledFrame:
    """The frame's sides in pixels of the common print, and the x of the upright rules within it."""

    left: float
    top: float
    right: float
    bottom: float
    verticals: tuple[float, ...]


def find_frame(grey: Image, black: float, dpi: float) -> RuledFrame | None:
    """The frame around a form; None where it has none."""
    scale = dpi / REDUCED_DPI
    size = (round(grey.shape[1] / scale), round(grey.shape[0] / scale))
    small = 1 - cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    maps = ridges_of(cast(Floats, small), scale)
    near = MAX_CORNER_GAP_MM / 25.4 * REDUCED_DPI
    ink = (255 - grey.astype(np.float32)) > 0.4 * black
    levels = [rule for rule in trace(maps.level) if rule.length > 0.25 * size[0] and _solid(rule, ink, scale)]
    uprights = [rule for rule in trace(maps.upright) if rule.length > 0.15 * size[1] and _solid(rule, ink.T, scale)]
    met = [(level, [u for u in uprights if _meet(level, u, near)]) for level in levels]
    met = [(level, those) for level, those in met if len(those) > 1]
    if len(met) < 2:
        return None
    top, bottom = (min if end < 0 else max for end in (-1, 1))
    upper, lower = top(met, key=lambda m: m[0].middle), bottom(met, key=lambda m: m[0].middle)
    sides = sorted({u.middle: u for _, those in (upper, lower) for u in those}.values(), key=lambda u: u.middle)
    high = lower[0].middle - upper[0].middle
    within = [u.middle for u in sides[1:-1] if u.length > MIN_INNER_RULE_SHARE * high]
    return RuledFrame(
        sides[0].middle * scale, upper[0].middle * scale, sides[-1].middle * scale, lower[0].middle * scale,
        tuple(x * scale for x in within),
    )  # fmt: skip


def _meet(level: Ruling, upright: Ruling, near: float) -> bool:
    x = upright.middle
    for _ in range(3):
        y = float(level.at(x))
        x = float(upright.at(y))
    return level.start - near <= x <= level.end + near and upright.start - near <= y <= upright.end + near


def _solid(rule: Ruling, ink: NDArray[np.bool_], scale: float) -> bool:
    """Is a rule printed without gaps? `ink` lies as the rule runs."""
    along = np.arange(rule.start, rule.end, 0.5, dtype=np.float64)
    rows = np.rint((rule.at(along) + 0.5) * scale).astype(int)[:, None] + np.arange(-3, 4)
    columns = np.rint((along + 0.5) * scale).astype(int)[:, None]
    seen = ink[np.clip(rows, 0, ink.shape[0] - 1), np.clip(columns, 0, ink.shape[1] - 1)].any(axis=1)
    return float(seen.mean()) > MIN_SOLID_SHARE
