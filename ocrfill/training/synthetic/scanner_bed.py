"""Sheets on a scanner bed larger than they are: black, white, grey or a table of wood, with lid and shadows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image

BedKind = Literal["black", "white", "near-white", "grey", "wood"]
BED_KINDS: tuple[BedKind, ...] = get_args(BedKind)

BED_GREY_LEVELS = {"black": 28, "white": 246, "near-white": 252, "grey": 130, "wood": 110}
"""How bright each bed is; on white ones no more than the sheet's shadow tells it from the paper."""

A3_BED_MM = (432.0, 305.0)
"""Width and height of the glass of a scanner for A3."""

SHADOW_SHARE, SHADOW_SPREAD_MM = 0.22, 0.6
"""How much darker it is beside a sheet's lower and right edge, and how far."""

HOLE_MM, HOLE_DISTANCE_MM, HOLE_FROM_EDGE_MM = 6.0, 80.0, 12.0
"""Punched holes as filed paper has them: across, from each other, and from the left edge."""


@dataclass(frozen=True, slots=True, eq=False)
class OnBed:
    """The image of a bed with sheets on it, and of each sheet the matrix (2 by 3) that takes its pixels there."""

    image: Image
    placed: tuple[NDArray[np.float64], ...] = ()

    def with_sheet(self, sheet: Image, middle: tuple[float, float], degrees: float, dpi: float) -> OnBed:
        """The bed with one sheet more, its middle at a share of the bed's width and height, turned clockwise."""
        height, width = sheet.shape[:2]
        size = (self.image.shape[1], self.image.shape[0])
        matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0), np.float64)
        matrix[:, 2] += np.array(middle, np.float64) * size - (width / 2, height / 2)
        over = cv2.warpAffine(np.full((height, width), 255, np.uint8), matrix, size)
        soft = cv2.GaussianBlur(over, (0, 0), SHADOW_SPREAD_MM * dpi / 25.4)
        shadow = np.roll(soft, (2, 2), (0, 1)).astype(np.float32) / 255 * SHADOW_SHARE
        share = (over.astype(np.float32) / 255)[..., None]
        bed = self.image * (1 - shadow[..., None])
        moved = cv2.warpAffine(sheet, matrix, size, flags=cv2.INTER_LINEAR)
        return OnBed((moved * share + bed * (1 - share)).astype(np.uint8), (*self.placed, matrix))


def scanner_bed(kind: BedKind, size_mm: tuple[float, float], dpi: float, rng: np.random.Generator) -> OnBed:
    """An empty bed, blue-green-red."""
    width, height = (round(side * dpi / 25.4) for side in size_mm)
    bed = np.full((height, width, 3), BED_GREY_LEVELS[kind], np.float32)
    if kind == "wood":
        y, x = np.arange(height)[:, None] * 150 / dpi, np.arange(width)[None] * 150 / dpi
        grain = 25 * np.sin(y / 9 + 2 * np.sin(x / 300)) + 12 * np.sin(y / 2.3 + 3 * np.cos(x / 170))
        bed = (bed + grain[..., None] * np.array([0.6, 0.9, 1.1])) * np.array([0.7, 0.9, 1.1])
    bed += rng.normal(0, 3, (height, width, 1))
    return OnBed(np.clip(bed, 0, 255).astype(np.uint8))


def with_lid_edge(bed: OnBed, dpi: float) -> OnBed:
    """The bed with the lid's edge along its right side: a dark rule with a fading shadow."""
    image = bed.image.astype(np.float32)
    width = image.shape[1]
    away = np.abs(np.arange(width) - (width - 3 * dpi / 25.4)) * 25.4 / dpi
    image *= (1 - 0.75 * np.exp(-((away / 0.5) ** 2)) - 0.15 * np.exp(-away / 4))[None, :, None]
    return OnBed(image.clip(0, 255).astype(np.uint8), bed.placed)


def punched(sheet: Image, dpi: float, colour: int) -> Image:
    """The sheet with two holes at its left edge, through which the bed is seen."""
    image = sheet.copy()
    mm = dpi / 25.4
    for side in (-0.5, 0.5):
        middle = (round(HOLE_FROM_EDGE_MM * mm), round(image.shape[0] / 2 + side * HOLE_DISTANCE_MM * mm))
        cv2.circle(image, middle, round(HOLE_MM / 2 * mm), (colour, colour, colour), -1, cv2.LINE_AA)
    return image
