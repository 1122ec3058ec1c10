"""From the sheet to the scan: bent paper on the glass, uneven light, the back showing through, a small JPEG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Box
from ocrfill.document.page import Image
from ocrfill.document.warp import Warp
from ocrfill.training.synthetic.degradation import Degradation, Side
from ocrfill.training.synthetic.options import DrawingOptions

Grid = NDArray[np.float32]

PAPER_TINTS = ((222, 236, 246), (228, 230, 250), (212, 226, 240), (214, 218, 250), (232, 236, 240))
"""Papers at full tint, blue-green-red: cream, pale pink, yellowed, pink, grey."""

NODE_DISTANCE_PX = 16
"""Pixels between the nodes at which the inverse map is worked out; bends are far longer."""


@dataclass(frozen=True, slots=True, eq=False)
class Inverse:
    """For every pixel of the image the point of the ideal page that is seen there (x and y, 32-bit)."""

    x: Grid
    y: Grid


@dataclass(frozen=True, slots=True, eq=False)
class SheetPlacement:
    """How the sheet lies on the scanner: its warp and fold, and for every pixel of the image the point of the ideal
    page that is seen there (None for a sheet as flat and straight as it was drawn).
    """

    warp: Warp
    fold: Side
    seen: Inverse | None

    @classmethod
    def of(cls, warp: Warp, width: int, height: int, fold: Side) -> SheetPlacement:
        """The lie of a page of that size in pixels under a warp."""
        return cls(warp, fold, inverse_map(warp, width, height) if warp != Warp() else None)


def inverse_map(warp: Warp, width: int, height: int) -> Inverse:
    """The inverse of a page's warp at every pixel, bilinear between nodes `NODE_DISTANCE_PX` pixels apart."""
    nodes_x = (np.arange(-1, -(-width // NODE_DISTANCE_PX) + 1) + 0.5) * NODE_DISTANCE_PX - 0.5
    nodes_y = (np.arange(-1, -(-height // NODE_DISTANCE_PX) + 1) + 0.5) * NODE_DISTANCE_PX - 0.5
    x, y = np.meshgrid(nodes_x, nodes_y)
    found = warp.unapply(np.stack([x.ravel(), y.ravel()], axis=-1)).astype(np.float32).reshape(*x.shape, 2)
    size = (x.shape[1] * NODE_DISTANCE_PX, x.shape[0] * NODE_DISTANCE_PX)
    full = cv2.resize(found, size, interpolation=cv2.INTER_LINEAR)
    full = full[NODE_DISTANCE_PX : NODE_DISTANCE_PX + height, NODE_DISTANCE_PX : NODE_DISTANCE_PX + width]
    return Inverse(np.ascontiguousarray(full[..., 0]), np.ascontiguousarray(full[..., 1]))


def warped_ink_map(owner: NDArray[np.uint16], lie: SheetPlacement) -> NDArray[np.uint16]:
    """Whose ink lies where on the image."""
    if lie.seen is None:
        return owner
    bent = cv2.remap(owner, lie.seen.x, lie.seen.y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(bent, dtype=np.uint16)


def simulated_scan(
    light: Image, verso: Image | None, lie: SheetPlacement, drawing: DrawingOptions, rng: np.random.Generator
) -> Image:
    """The scan of a sheet; `verso` is the back of the same leaf as it lies when turned over, None for an empty one."""
    damage, dpi = drawing.damage, drawing.dpi
    seen = light
    if verso is not None and damage.verso:
        seen = _with_back(seen, verso, damage.verso * rng.uniform(0.35, 1), dpi, rng)
    if lie.seen is not None:
        bent = cv2.remap(seen, lie.seen.x, lie.seen.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen = np.asarray(bent, np.uint8)
    height, width = seen.shape[:2]
    seen = _multiplied(seen, _paper(width, height, damage, rng))
    if lie.seen is not None:
        seen = _multiplied(seen, _fold_shadow(lie.seen, width, lie.fold, damage, rng))
    if damage.edge and lie.seen is not None:
        seen = _on_glass(seen, lie.warp, lie.seen, lie.fold, rng)
    if damage.blur:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), max(0.3, damage.blur * dpi / 300)), np.uint8)
    return _grained(seen, damage.grain, rng) if damage.grain else seen


def _multiplied(image: Image, factor: Image) -> Image:
    """Image times factor / 255; a factor of one channel or three."""
    if factor.ndim == 2:
        factor = np.asarray(cv2.merge([factor, factor, factor]), np.uint8)
    return np.asarray(cv2.multiply(image, factor, scale=1 / 255), np.uint8)


def _with_back(light: Image, verso: Image, share: float, dpi: float, rng: np.random.Generator) -> Image:
    """The back's ink shows through: mirrored, blurred by the paper, a little off."""
    height, width = light.shape[:2]
    small = cv2.flip(cv2.resize(verso, (width // 2, height // 2), interpolation=cv2.INTER_AREA), 1)
    move = np.array([(1, 0, rng.normal(0, 0.004) * width), (0, 1, rng.normal(0, 0.002) * height)])
    small = cv2.warpAffine(small, move, (width // 2, height // 2), borderValue=(255, 255, 255))
    small = cv2.GaussianBlur(small, (0, 0), max(0.6, 1.7 * dpi / 300))
    through = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    levels = np.round(255 - (255 - np.arange(256)) * share).astype(np.uint8)
    return _multiplied(light, np.asarray(cv2.LUT(through, levels), np.uint8))


def _paper(width: int, height: int, damage: Degradation, rng: np.random.Generator) -> Image:
    """What light the bare paper sends back: tint, uneven light, stains."""
    small = (max(8, width // 32), max(8, height // 32))
    tint = np.array(PAPER_TINTS[int(rng.integers(len(PAPER_TINTS)))], np.float32)
    paper = 252 - (252 - tint) * damage.tint * rng.uniform(0.5, 1)
    fade = 1 - damage.shade * rng.uniform(0.3, 1) * _slope(small, rng)
    field = fade[..., None] * paper
    if damage.stains:
        field *= _stains(small, damage.stains, rng)[..., None]
    field = np.clip(field, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _slope(size: tuple[int, int], rng: np.random.Generator) -> Grid:
    """A field from 0 to 1 that rises towards one side and has a slow unevenness."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    angle = rng.uniform(0, 2 * np.pi)
    rise = (np.cos(angle) * x + np.sin(angle) * y) / 2.8 + 0.5
    uneven = cv2.resize(rng.normal(0, 0.12, (4, 3)), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(rise**2 + uneven, 0, 1), np.float32)


def _stains(size: tuple[int, int], strength: float, rng: np.random.Generator) -> Grid:
    """Water rings and spots as factors from 1 - strength to 1."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    field = np.ones((size[1], size[0]))
    for _ in range(int(rng.integers(1, 5))):
        at_x, at_y = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        radius = rng.uniform(0.04, 0.22) * size[0]
        distance = np.hypot(x - at_x, (y - at_y) * rng.uniform(0.7, 1.3)) / radius
        ring = np.exp(-(((distance - 1) / 0.12) ** 2)) + 0.5 * (distance < 1)
        field *= 1 - strength * rng.uniform(0.2, 0.8) * np.clip(ring, 0, 1)
    return np.asarray(cv2.GaussianBlur(field, (0, 0), 0.8), np.float32)


def _fold_shadow(inverse: Inverse, width: int, fold: Side, damage: Degradation, rng: np.random.Generator) -> Image:
    """The page gets darker towards the fold, where it bends away from the light."""
    away = np.linspace(-0.1, 1.1, 1201)
    away = {"left": away, "right": 1 - away, "middle": np.abs(away - 0.5)}[fold]
    depth = min(0.75, damage.shade * rng.uniform(1.5, 3))
    profile = 1 - depth * np.exp(-np.abs(away) / rng.uniform(0.012, 0.035))
    if fold == "middle":
        profile *= 1 - 0.5 * np.exp(-((away / 0.0012) ** 2))
    return _across(profile, inverse, width)


def _across(profile: NDArray[np.float64], inverse: Inverse, width: int) -> Image:
    """A profile over the page's width, from -0.1 to 1.1 of it, laid on every pixel (values 0 to 1 become 0 to 255)."""
    shift, scale = 0.1 * width, (profile.size - 1) / (1.2 * width)
    index = np.clip((inverse.x + shift) * scale, 0, profile.size - 1).astype(np.uint16)
    return np.asarray(np.clip(profile * 255, 0, 255).astype(np.uint8)[index], np.uint8)


def _on_glass(seen: Image, warp: Warp, inverse: Inverse, fold: Side, rng: np.random.Generator) -> Image:
    """What lies around the sheet: the dark scanner bed, the edges of the leaves below, the next page at the fold."""
    height, width = seen.shape[:2]
    outline = np.round(np.array(warp.polygon(Box(0, 0, width, height)))).astype(np.int32)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [outline], 255)
    dark = rng.uniform(0.1, 0.25)
    beyond = np.linspace(-0.1, 1.1, 1201)
    profile: NDArray[np.float64] = np.full(beyond.size, dark)
    block = rng.uniform(0.004, 0.012)
    leaves = 0.72 + 0.12 * np.sin(np.arange(beyond.size) * 1.9)
    for edge, gap in (("left", -beyond), ("right", beyond - 1)):
        if fold == edge:
            neighbour = np.where(gap > 0.002, 0.9 - 0.45 * np.exp(-np.abs(gap) / 0.02), 0.25)
            profile = np.where(gap > 0, neighbour, profile)
        else:
            profile = np.where((gap > 0) & (gap < block), leaves, profile)
    around = _across(profile, inverse, width)
    around[(inverse.y < -0.004 * height) | (inverse.y > 1.004 * height)] = round(dark * 255)
    warm = cv2.merge([cv2.convertScaleAbs(around, alpha=share) for share in (0.93, 0.97, 1.0)])
    soft = cv2.GaussianBlur(warm, (0, 0), 1.2)
    return np.asarray(np.where(inside[..., None] > 0, seen, soft), np.uint8)


def _grained(image: Image, spread: float, rng: np.random.Generator) -> Image:
    """The paper's grain: one tile of noise in both directions, the same in all colours."""
    height, width = image.shape[:2]
    tile = np.round(rng.normal(0, spread, (512, 512))).astype(np.int8)
    noise = np.tile(tile, (-(-height // 512), -(-width // 512)))[:height, :width]
    more, less = np.maximum(noise, 0).astype(np.uint8), np.maximum(-noise, 0).astype(np.uint8)
    brighter = cv2.add(image, cv2.merge([more, more, more]))
    return np.asarray(cv2.subtract(brighter, cv2.merge([less, less, less])), np.uint8)
