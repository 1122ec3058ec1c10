"""Ruled tables drawn with their exact cells: spans, dotted, faded and broken rules, writing, bends, gutters."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrfill.document.page import GridCell, Page

DPI = 150.0
PAPER, INK = 232, 60


@dataclass(frozen=True)
class Ruled:
    """A table as printed: x of the upright rules, y of the level ones, (rows, columns) of spanning cells, from 1."""

    x: tuple[int, ...]
    y: tuple[int, ...]
    spans: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()


def true_cells(tables: list[Ruled]) -> tuple[GridCell, ...]:
    cells = []
    for number, table in enumerate(tables, 1):
        covered = set()
        for (r0, r1), (c0, c1) in table.spans:
            covered |= {(r, c) for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)}
        single = [
            ((r, r), (c, c)) for r in range(1, len(table.y)) for c in range(1, len(table.x)) if (r, c) not in covered
        ]
        for rows, columns in [*table.spans, *single]:
            left, right = table.x[columns[0] - 1], table.x[columns[1]]
            top, bottom = table.y[rows[0] - 1], table.y[rows[1]]
            outline = ((left, top), (right, top), (right, bottom), (left, bottom))
            cells.append(GridCell(tuple((float(x), float(y)) for x, y in outline), rows, columns, number))
    return tuple(cells)


def draw(
    tables: list[Ruled], size: tuple[int, int], rng: np.random.Generator, *, dotted: bool = False, faded: int = 40
) -> np.ndarray:
    """A page, width by height, with thin grey rules, writing in most cells, noise; `faded` is how dark rules are."""
    width, height = size
    page = np.full((height, width), float(PAPER))
    for table in tables:
        for cell in true_cells([table]):
            (left, top), _, (right, bottom), _ = ((int(x), int(y)) for x, y in cell.polygon)
            for a, b in (((left, top), (right, top)), ((left, bottom), (right, bottom))):
                row = page[a[1] : a[1] + 2, a[0] : b[0]]
                keep = (np.arange(row.shape[1]) % 5 < 3) if dotted else np.ones(row.shape[1], bool)
                row[:, keep] = PAPER - faded
            for x in (left, right):
                page[top:bottom, x : x + 2] = PAPER - faded
        for cell in true_cells([table]):
            (left, top), _, (right, bottom), _ = ((int(x), int(y)) for x, y in cell.polygon)
            if right - left > 50 and rng.random() < 0.7:
                word = "".join(rng.choice(list("abcdeghiklmnopqrstuvxy"), size=rng.integers(3, 9)))
                room = (right - left - 16) / (13 * len(word))
                place = (left + 8 + int(rng.integers(0, 8)), bottom - 6)
                cv2.putText(page, word, place, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, min(0.7, 0.7 * room), INK, 2)
    for _ in range(12):  # the print fades in places
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        spot = page[y : y + 14, x : x + 60]
        spot[:] = np.maximum(spot, PAPER - 4)
    page += rng.normal(0, 3, page.shape)
    return np.clip(page, 0, 255).astype(np.uint8)


def bent(
    image: np.ndarray, cells: tuple[GridCell, ...], *, turn: float = 0.0, curl: float = 0.0, gutter: float | None = None
) -> tuple[Page, tuple[GridCell, ...]]:
    """The page turned by degrees, and its lines bent by `curl` pixels towards the gutter (or the left edge)."""
    height, width = image.shape
    fold = 0.0 if gutter is None else gutter
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))

    def down(x: np.ndarray) -> np.ndarray:
        return curl * np.exp(-np.abs(x - fold) / (0.12 * width))

    def forth(points: np.ndarray) -> np.ndarray:
        x, y = points[:, 0], points[:, 1] + down(points[:, 0])
        u, v = x - width / 2, y - height / 2
        return np.stack([u * cos - v * sin + width / 2, u * sin + v * cos + height / 2], axis=1)

    x, y = np.meshgrid(np.arange(width, dtype=float), np.arange(height, dtype=float))
    u, v = x - width / 2, y - height / 2
    back_x = u * cos + v * sin + width / 2
    back_y = -u * sin + v * cos + height / 2
    back_y -= down(back_x)
    moved = cv2.remap(image, back_x.astype(np.float32), back_y.astype(np.float32), cv2.INTER_LINEAR, borderValue=PAPER)
    where = []
    for cell in cells:
        corners = np.array(cell.polygon)
        sides = [a + (b - a) * s for a, b in zip(corners, np.roll(corners, -1, 0), strict=True) for s in (0, 0.5)]
        outline = tuple((float(p), float(q)) for p, q in forth(np.array(sides)))
        where.append(GridCell(outline, cell.rows, cell.columns, cell.table))
    return Page("drawn.png", 1, moved, DPI), tuple(where)
