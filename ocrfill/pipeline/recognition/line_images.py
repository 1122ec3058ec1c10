"""Folders of line images with their texts: `labels.tsv` (path TAB text), and maybe `writers.tsv` (path TAB writer)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, Image, Strip
from ocrfill.errors import BadInput

OTSU_SHARE, MIN_INK_GREY_LEVELS = 0.8, 16
"""Ink is darker than its paper by this share of Otsu's threshold, and by so many grey levels at least."""

MIN_LEVEL_RULE_HEIGHTS, MIN_UPRIGHT_RULE_HEIGHTS = 1.5, 0.8
"""Least length of printed rules, as a share of the line's height: longer than pen strokes of that direction."""

MAX_EDGE_PIECE_SHARE, MIN_PIECE_AREA_PX = 0.15, 4
"""A piece at an edge that is lower than this share of the line's height is a neighbour's; least pixels of a piece."""


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line's image file, its text (NFC), and who wrote it ("" where nobody says)."""

    path: Path
    text: str
    writer: str = ""


def read_labels(folder: Path) -> tuple[LabelledLine, ...]:
    """The lines of a folder in the order of its labels. Raises BadInput where it has none or a row has no TAB."""
    labels = folder / "labels.tsv"
    if not labels.is_file():
        raise BadInput(f"{labels} is missing; it must hold a row for each line image: path TAB text")
    path = folder / "writers.tsv"
    writers = dict(_rows(path)) if path.is_file() else {}
    return tuple(LabelledLine(folder / name, text, writers.get(name, "")) for name, text in _rows(labels))


def read_line_image(path: Path, highest: int | None = None) -> Image:
    """A line image, grey, reduced to `highest` pixels of height if it has more. Raises BadInput."""
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise BadInput(f"{path}: missing, or no image that can be read")
    if highest is not None and image.shape[0] > highest:
        width = max(round(image.shape[1] * highest / image.shape[0]), 1)
        image = cv2.resize(image, (width, highest), interpolation=cv2.INTER_AREA)
    return np.asarray(image, np.uint8)


def line_crop(image: Image) -> Crop:
    """A line image as a crop. Its ink is what is darker than the paper around by Otsu's threshold, without printed
    rules and what only reaches in from an edge.
    """
    height, width = image.shape
    size = max(9, height // 3 | 1)
    paper = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    depth = cv2.subtract(cv2.GaussianBlur(paper, (0, 0), size / 3), image)
    threshold, _ = cv2.threshold(depth, 0, 255, cv2.THRESH_OTSU)
    dark = (depth > max(OTSU_SHARE * threshold, MIN_INK_GREY_LEVELS)).astype(np.uint8)
    level, upright = (max(round(share * height), 10) for share in (MIN_LEVEL_RULE_HEIGHTS, MIN_UPRIGHT_RULE_HEIGHTS))
    rules = [
        cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(rule, np.uint8)), np.ones(around, np.uint8))
        for rule, around in (((1, level), (5, 3)), ((upright, 1), (3, 5)))
    ]
    for found in rules:
        dark[found > 0] = 0
    count, label, places, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    top, high, area = (places[:, i] for i in (cv2.CC_STAT_TOP, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    at_edge = ((top == 0) | (top + high == height)) & (high < MAX_EDGE_PIECE_SHARE * height)
    own = (area >= MIN_PIECE_AREA_PX) & ~at_edge & (np.arange(count) > 0)
    return Crop(image, np.asarray(own[label], np.bool_), Strip(Box(0, 0, width, height), height))


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    for number, row in enumerate(rows, 1):
        name, tab, value = row.partition("\t")
        if not row.strip():
            continue
        if not tab:
            raise BadInput(f"{path}, row {number}: no TAB between path and text")
        yield name, unicodedata.normalize("NFC", value.strip())
