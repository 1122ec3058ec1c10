"""Words cut out of images of real handwritten lines: only where gaps and widths leave little doubt which is which."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.records import Image

HANGING = frozenset("gjpqyQ,;ạặậẹệịọộợụựỵ()")
"""Letters that reach below the base line; Q because most hands let its tail hang."""

NARROW, BROAD = frozenset("iíìỉĩịlítr1,.;:'/-()"), frozenset("mwMW")

WIDER = 1.3
"""How many times wider than the widest gap within words the narrowest gap between words must be."""

WIDTHS = (0.5, 1.9)
"""A word's width for its letters, against the line's middle one, must lie within these."""

SHEARS = (0.0, 0.15, 0.3, 0.45)
"""Slants tried to open the gaps between leaning words."""

Runs = list[tuple[int, int]]
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A word cut out: its ink (0 to 255), rows from its top to the base line, height of small letters, all in pixels
    of the source image; `writer` is "" where nobody says."""

    text: str
    writer: str
    mask: Image
    rise: int
    height: float


def cut_line(image: Image, text: str, writer: str) -> tuple[Cut, ...]:
    """The words of a line image; none where the line cannot be cut with confidence."""
    words = text.split()
    ink = without_rules(ink_of(image))
    if not words or (ink > 0.5).sum() < 40:
        return ()
    for shear in SHEARS:
        upright = _sheared(ink, shear)
        spans = _spans(upright, words)
        if spans is None:
            continue
        level = _base_line(upright, spans, words)
        if level is None:
            continue
        slope, start = level
        return _cut_out(upright, spans, words, slope, start, shear, writer)
    return ()


def ink_of(image: Image) -> Field:
    """How much ink each pixel has, 0 to 1: darkness against the paper around, whatever the light."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    size = max(9, grey.shape[0] // 4 | 1)
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), size / 3)
    dark = 1 - grey.astype(np.float32) / np.maximum(paper, 1)
    level, _ = cv2.threshold(np.round(np.clip(dark, 0, 1) * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    full = float(np.percentile(dark[dark > level / 255], 70)) if (dark > level / 255).any() else 1.0
    faint = level / 255 * 0.45
    return np.clip((dark - faint) / max(full - faint, 0.05), 0, 1).astype(np.float32)


def without_rules(ink: Field) -> Field:
    """The ink without the ruled lines of the cell it stood in, what lies right of its border, and rests of the lines
    above and below."""
    dark = (ink > 0.35).astype(np.uint8)
    high, wide = dark.shape
    level = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, max(30, high)), np.uint8))
    upright = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((max(12, round(high * 0.72)), 1), np.uint8))
    rules = cv2.dilate(cv2.bitwise_or(level, upright), np.ones((3, 3), np.uint8))
    kept = np.where(rules > 0, 0, ink).astype(np.float32)
    borders = np.nonzero(upright.sum(axis=0) > 0.8 * high)[0]
    for x in borders:
        if x > 0.5 * wide:
            kept[:, x:] = 0
        elif x < 0.04 * wide:
            kept[:, : x + 1] = 0
    count, parts, stats, middles = cv2.connectedComponentsWithStats((kept > 0.3).astype(np.uint8), connectivity=8)
    reach = cv2.dilate(parts.astype(np.uint16), np.ones((3, 3), np.uint8))
    for part in range(1, count):
        _, top, _, tall, area = stats[part]
        edge = top <= 1 or top + tall >= high - 1
        outer = abs(middles[part][1] / high - 0.5) > 0.3
        if area < 6 or (edge and outer and tall < 0.4 * high):
            kept[reach == part] = 0
    return kept


def _sheared(ink: Field, shear: float) -> Field:
    """Leaned back to the left by a shear; 0 leaves it as it is."""
    if not shear:
        return ink
    high, wide = ink.shape
    matrix = np.array([(1, shear, 0), (0, 1, 0)], dtype=np.float64)
    return np.asarray(cv2.warpAffine(ink, matrix, (wide + round(shear * high), high)), np.float32)


def _runs(filled: NDArray[np.bool_]) -> Runs:
    """Where a row of truths is true: half-open runs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _spans(ink: Field, words: list[str]) -> Runs | None:
    """From where to where each word runs; None where the gaps do not tell."""
    runs = _runs((ink > 0.3).sum(axis=0) >= 1)
    if len(runs) < len(words):
        return None
    gaps = sorted(((b[0] - a[1], i) for i, (a, b) in enumerate(pairwise(runs))), reverse=True)
    between, within = gaps[: len(words) - 1], gaps[len(words) - 1 :]
    if between and between[-1][0] < max(4, WIDER * within[0][0] if within else 4):
        return None
    cuts = sorted(i for _, i in between)
    starts, ends = [0, *(i + 1 for i in cuts)], [*cuts, len(runs) - 1]
    spans = [(runs[a][0], runs[b][1]) for a, b in zip(starts, ends, strict=True)]
    widths = np.array([(end - start) / breadth(word) for (start, end), word in zip(spans, words, strict=True)])
    ratios = widths / np.median(widths)
    return spans if WIDTHS[0] < ratios.min() and ratios.max() < WIDTHS[1] else None


def breadth(word: str) -> float:
    """About how wide a word is written, in small letters' widths."""
    return sum(
        0.55 if c in NARROW else 1.5 if c in BROAD else 1.35 if c.isupper() else 1.0 for c in word
    ) + 0.3


def _base_line(ink: Field, spans: Runs, words: list[str]) -> tuple[float, float] | None:
    """Slope and start of the base line, through the feet of words without hanging letters; None where they disagree."""
    feet = []
    for (start, end), word in zip(spans, words, strict=True):
        if HANGING.isdisjoint(word.rstrip(",.;")):
            rows = np.flatnonzero((ink[:, start:end] > 0.4).sum(axis=1) >= max(2, 0.04 * (end - start)))
            if rows.size:
                feet.append(((start + end) / 2, float(rows[-1] + 1)))
    if len(feet) < 2:
        return None
    x, y = np.array(feet).T
    pairs = [(y[j] - y[i]) / (x[j] - x[i]) for i in range(len(feet)) for j in range(i + 1, len(feet))]
    slope = float(np.median(pairs))
    start = float(np.median(y - slope * x))
    off = np.abs(y - slope * x - start)
    return (slope, start) if np.median(off) <= 0.05 * ink.shape[0] and abs(slope) < 0.08 else None


def _cut_out(
    ink: Field, spans: Runs, words: list[str], slope: float, start: float, shear: float, writer: str
) -> tuple[Cut, ...]:
    """Each word on its own, leaning again as it was written."""
    height = _small_letters(ink, spans, slope, start)
    cuts = []
    for (left, right), word in zip(spans, words, strict=True):
        base = slope * (left + right) / 2 + start
        piece = ink[:, left:right]
        rows = np.flatnonzero((piece > 0.3).any(axis=1))
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        piece = piece[top:bottom]
        rise = round(base) - top
        tall = bottom - top
        if not (1.1 * height < rise < 5 * height and tall - rise < 2.2 * height):
            continue
        padded = cv2.copyMakeBorder(piece, 1, 1, 1 + round(shear * tall), 1, cv2.BORDER_CONSTANT, value=0)
        leaned = _sheared(padded[::-1], shear)[::-1] if shear else padded
        columns = np.flatnonzero((leaned > 0.2).any(axis=0))
        leaned = leaned[:, columns[0] : columns[-1] + 1]
        cuts.append(Cut(word, writer, np.round(leaned * 255).astype(np.uint8), rise + 1, height))
    return tuple(cuts)


def _small_letters(ink: Field, spans: Runs, slope: float, start: float) -> float:
    """The height of small letters: how far above the base line the rows are still full of ink."""
    rises = []
    for left, right in spans:
        columns = np.arange(left, right)
        above = (slope * columns + start)[None] - np.arange(ink.shape[0])[:, None]
        counts = np.histogram(above[ink[:, left:right] > 0.4], bins=np.arange(0, ink.shape[0]))[0]
        rises.append(counts / max(1, right - left))
    profile = np.convolve(np.sum(rises, axis=0), np.ones(3) / 3, mode="same")
    full = np.percentile(profile[profile > 0], 75) if (profile > 0).any() else 0
    dense = np.flatnonzero(profile > 0.62 * full)
    return float(max(4, dense[dense < 0.6 * ink.shape[0]].max(initial=4)))
