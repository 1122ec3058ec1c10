"""The printed heads of a table's columns: which cells the head has, what stands in them, which span several columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ocrfill.authoring.draft.common_print import CommonPrint
from ocrfill.authoring.draft.label_vocabulary import mended_label
from ocrfill.authoring.draft.printed_words import find_runs, read_runs
from ocrfill.document.page import Image
from ocrfill.pipeline.recognition import Reader

MIN_RULED_SHARE = 0.75
"""A head's cell ends where a rule is printed over at least this share of its side."""

MIN_RULE_DARKNESS_SHARE = 0.35
"""What is darker than this share of solid print may be a rule."""

RULE_SEARCH_MM = 1.0
"""A rule is looked for so far to both sides of its place, in millimetres."""

MIN_CELL_HEIGHT_MM = 3.5
"""Cells of a head are at least so high, in millimetres: a line of small type."""

MAX_HEAD_HEIGHT_MM, WIDTH_PART_COUNT = 60.0, 12
"""A head reaches at most so many millimetres above a rule of it; rules are looked for in so many parts of the width."""

MIN_TURNED_HEIGHT_FACTOR = 1.6
"""Print so many times higher than wide in a narrow cell is turned."""


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of a table's head: first and last column (from 0), upper and lower edge in pixels, its text, whether it is
    known or surely read.
    """

    first: int
    last: int
    top: float
    bottom: float
    text: str = ""
    sure: bool = False


def find_heads(
    grey: Image, black: float, dpi: float, columns: Sequence[float], between: tuple[float, float]
) -> list[HeadCell]:
    """The cells of a head between two heights, below each other and beside each other; not read yet."""
    mm = dpi / 25.4
    ink = (255 - grey.astype(np.float32)) > MIN_RULE_DARKNESS_SHARE * black
    tops = [_edges(ink, columns[i], columns[i + 1], between, mm) for i in range(len(columns) - 1)]
    cells: list[HeadCell] = []
    for i, edges in enumerate(tops):
        for top, bottom in pairwise(edges):
            last = cells[-1] if cells else None
            same = next(
                (c for c in cells if c.last == i - 1 and abs(c.top - top) < 2 * mm and abs(c.bottom - bottom) < 2 * mm),
                None,
            )
            if last is not None and same is not None and not _upright(ink, columns[i], (top, bottom), mm):
                cells[cells.index(same)] = HeadCell(same.first, i, same.top, same.bottom)
            else:
                cells.append(HeadCell(i, i, top, bottom))
    return cells


def top_rule(grey: Image, black: float, dpi: float, columns: Sequence[float], below: float) -> float:
    """The height of the uppermost rule above one known to belong to the head; that one's where there is none."""
    mm = dpi / 25.4
    ink = (255 - grey.astype(np.float32)) > MIN_RULE_DARKNESS_SHARE * black
    first = max(round(below - MAX_HEAD_HEIGHT_MM * mm), 0)
    near = round(RULE_SEARCH_MM * mm)
    found = below
    parts = np.linspace(columns[0] + mm, columns[-1] - mm, WIDTH_PART_COUNT + 1)
    dark = np.zeros(max(round(below) - first, 1))
    for left, right in pairwise(parts):  # a rule may lean a little over the whole width
        strip = ink[first : round(below), round(left) : round(right)].mean(axis=1)
        dark += np.array([strip[max(y - near, 0) : y + near + 1].max(initial=0.0) for y in range(len(strip))])
    rows = np.flatnonzero(dark / WIDTH_PART_COUNT > MIN_RULED_SHARE)
    rows = rows[rows < round(below) - first - MIN_CELL_HEIGHT_MM * mm]
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)[::-1] if len(rows) else []:
        rule = first + float(run.mean())
        if not all(_upright(ink, x, (rule, found), mm) for x in (columns[0], columns[-1])):
            break  # the borders do not lead up to it: the paper's edge
        found = rule
    return found


def _edges(ink: NDArray[np.bool_], left: float, right: float, between: tuple[float, float], mm: float) -> list[float]:
    """The heights of the rules across a column within the head, its ends among them."""
    inset = 1.2 * mm
    strip = ink[
        round(between[0]) : round(between[1]), round(left + inset) : max(round(right - inset), round(left + inset) + 1)
    ]
    near = round(RULE_SEARCH_MM * mm / 2)
    dark = np.array([strip[max(y - near, 0) : y + near + 1].any(axis=0).mean() for y in range(len(strip))])
    edges = [between[0]]
    rows = np.flatnonzero(dark > MIN_RULED_SHARE)
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        if len(run):
            y = between[0] + float(run.mean())
            if y - edges[-1] > MIN_CELL_HEIGHT_MM * mm and between[1] - y > MIN_CELL_HEIGHT_MM * mm:
                edges.append(y)
    return [*edges, between[1]]


def _upright(ink: NDArray[np.bool_], x: float, between: tuple[float, float], mm: float) -> bool:
    """Is a rule printed down a column's edge between two heights?"""
    inset, near = mm, round(RULE_SEARCH_MM * mm)
    strip = ink[round(between[0] + inset) : round(between[1] - inset), max(round(x) - near, 0) : round(x) + near + 1]
    return bool(strip.size) and float(strip.any(axis=1).mean()) > MIN_RULED_SHARE


def read_heads(
    cells: Sequence[HeadCell], common: CommonPrint, black: float, columns: Sequence[float], reader: Callable[[], Reader]
) -> list[HeadCell]:
    """The cells with their words; words that run upwards are turned."""
    grey, dpi = common.grey, common.dpi
    mm = dpi / 25.4
    read = []
    for cell in cells:
        inset = round(0.7 * mm)
        rows = slice(round(cell.top) + inset, round(cell.bottom) - inset)
        image = grey[rows, round(columns[cell.first]) + inset : round(columns[cell.last + 1]) - inset]
        text, sure = _read(image, black, dpi, reader)
        if not sure and image.shape[0] > MIN_TURNED_HEIGHT_FACTOR * image.shape[1]:
            turned = _read(cast(Image, np.ascontiguousarray(np.rot90(image, 3))), black, dpi, reader)
            text, sure = max((text, sure), turned, key=lambda found: (found[1], len(found[0])))
        read.append(HeadCell(cell.first, cell.last, cell.top, cell.bottom, text, sure))
    return read


def _read(image: Image, black: float, dpi: float, reader: Callable[[], Reader]) -> tuple[str, bool]:
    """The words in a cell, and whether they are known or surely read."""
    if min(image.shape) < 8:
        return "", False
    runs = [run for run in find_runs(np.ascontiguousarray(image), black, dpi, (), ()) if not run.dash]
    if not runs:
        return "", False
    runs = list(read_runs(runs, image, black, reader()))
    text, known = mended_label(" ".join(run.text for run in runs))
    return text, known or min(run.score for run in runs) > 0.9
