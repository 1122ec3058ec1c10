"""How right a reader is on line images with known texts."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrfill.errors import BadInput
from ocrfill.evaluate.text import character_error_rate, edit_distance, folded_spaces
from ocrfill.geometry import Box
from ocrfill.labelled import LabelledLine, read_labels, read_line_image
from ocrfill.read import Reader
from ocrfill.records import Crop, Image, Strip

AT_ONCE = 25
"""Lines handed to the reader together, as many as a page has fields."""

OTSU_SHARE, LEAST_DEPTH = 0.8, 16
"""Ink is darker than its paper by this share of Otsu's threshold, and by so many grey levels at least."""

LEVEL_RULE, UPRIGHT_RULE = 1.5, 0.8
"""Least length of printed rules, as a share of the line's height: longer than pen strokes of that direction."""

EDGE_PIECE, SPECK = 0.15, 4
"""A piece at an edge that is lower than this share of the line's height is a neighbour's; least pixels of a piece."""

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""Grave, acute, tilde, hook above, dot below: combining marks of the tones, not those of the vowels."""


@dataclass(frozen=True, slots=True)
class LineFigures:
    """Error rates over a folder of lines; `exact` is the share of lines right to the last character.

    `cer_no_tone` forgives wrong tone marks, `ms_per_line` is wall time in the reader.
    """

    reader: str
    version: str
    lines: int
    cer: float
    wer: float
    exact: float
    cer_no_tone: float
    ms_per_line: float

    def document(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def evaluate_lines(folder: Path, reader: Reader, most: int | None = None) -> LineFigures:
    """Read the lines of a folder with a labels.tsv, or `most` of them spread evenly over it, and compare.

    Raises BadInput where the folder has no labels or an image cannot be read.
    """
    labelled = read_labels(folder)
    if not labelled:
        raise BadInput(f"{folder / 'labels.tsv'} names no lines")
    if most is not None and len(labelled) > most:
        labelled = tuple(labelled[i * len(labelled) // most] for i in range(most))
    pairs: list[tuple[str, str]] = []
    seconds = 0.0
    reader.read([])  # what a reader loads once is not a line's time
    for group in _groups(labelled):
        crops = [line_crop(read_line_image(line.path)) for line in group]
        start = time.perf_counter()
        readings = reader.read(crops)
        seconds += time.perf_counter() - start
        pairs += [(folded_spaces(line.text), folded_spaces(r.text)) for line, r in zip(group, readings, strict=True)]
    words = sum(len(true.split()) for true, _ in pairs)
    return LineFigures(
        reader.name,
        reader.version,
        len(pairs),
        character_error_rate(pairs),
        sum(edit_distance(true.split(), read.split()) for true, read in pairs) / max(words, 1),
        sum(true == read for true, read in pairs) / len(pairs),
        character_error_rate((without_tones(true), without_tones(read)) for true, read in pairs),
        1000 * seconds / len(pairs),
    )


def line_crop(image: Image) -> Crop:
    """A line image as a crop. Its ink is what is darker than the paper around by Otsu's threshold, without printed
    rules and what only reaches in from an edge.
    """
    height, width = image.shape
    size = max(9, height // 3 | 1)
    paper = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    depth = cv2.subtract(cv2.GaussianBlur(paper, (0, 0), size / 3), image)
    threshold, _ = cv2.threshold(depth, 0, 255, cv2.THRESH_OTSU)
    dark = (depth > max(OTSU_SHARE * threshold, LEAST_DEPTH)).astype(np.uint8)
    level, upright = (max(round(share * height), 10) for share in (LEVEL_RULE, UPRIGHT_RULE))
    rules = [
        cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(rule, np.uint8)), np.ones(around, np.uint8))
        for rule, around in (((1, level), (5, 3)), ((upright, 1), (3, 5)))
    ]
    for found in rules:
        dark[found > 0] = 0
    count, label, places, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    top, high, area = (places[:, i] for i in (cv2.CC_STAT_TOP, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    at_edge = ((top == 0) | (top + high == height)) & (high < EDGE_PIECE * height)
    own = (area >= SPECK) & ~at_edge & (np.arange(count) > 0)
    return Crop(image, np.asarray(own[label], np.bool_), Strip(Box(0, 0, width, height), height))


def without_tones(text: str) -> str:
    """The text without tone marks: `Nguyễn` as `Nguyên`."""
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if c not in TONES))


def _groups(lines: Sequence[LabelledLine]) -> Iterator[Sequence[LabelledLine]]:
    for start in range(0, len(lines), AT_ONCE):
        yield lines[start : start + AT_ONCE]
