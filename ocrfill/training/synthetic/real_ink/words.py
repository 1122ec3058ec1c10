"""Words cut out of images of real handwritten lines: only where gaps and widths leave little doubt which is which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from unicodedata import normalize

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image

HANGING_LETTERS = frozenset("gjpqyQ,;ạặậẹệịọộợụựỵ()")
"""Letters that reach below the base line; Q because most hands let its tail hang."""

NARROW_LETTERS, BROAD_LETTERS = frozenset("iíìỉĩịlítr1,.;:'/-()"), frozenset("mwMW")

MIN_GAP_FACTOR = 1.3
"""How many times wider than the widest gap within words the narrowest gap between words must be."""

WIDTH_RANGE_FACTORS = (0.5, 1.9)
"""A word's width for its letters, against the line's middle one, must lie within these."""

CAPITAL_HEIGHT_FACTOR = 1.75
"""How many times higher than small letters capitals are written."""

MIN_DARK_INK_SHARE = 0.5
"""Least share of a word's ink that is dark; pale and broken strokes have less."""

SHEAR_SLOPES = (0.0, 0.15, 0.3, 0.45)
"""Slants tried to open the gaps between leaning words."""

Runs = list[tuple[int, int]]
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class InkCutout:
    """A word cut out: its ink (0 to 255), rows from its top to the base line, height of small letters, all in pixels
    of the source image; `writer` is "" where nobody says.
    """

    text: str
    writer: str
    mask: Image
    rise: int
    height: float


def cut_line(image: Image, text: str, writer: str) -> tuple[InkCutout, ...]:
    """The words of a line image; none where the line cannot be cut with confidence. A word beside which something was
    taken away that may have been its mark is left out.
    """
    words = text.split()
    ink, doubtful = without_rules(ink_of(image))
    if not words or (ink > 0.5).sum() < 40:
        return ()
    for shear in SHEAR_SLOPES:
        upright = _sheared(ink, shear)
        spans = _spans(upright, words)
        if spans is None:
            continue
        level = _base_line(upright, spans, words)
        if level is None:
            continue
        spoilt = np.asarray(_sheared(doubtful, shear).any(axis=0), np.bool_)
        cuts = _cut_out(upright, spans, words, level, shear)
        clean = [None if cut is None or spoilt[a:b].any() else cut for cut, (a, b) in zip(cuts, spans, strict=True)]
        return tuple(replace(cut, writer=writer) for cut in _without_commas(clean, words))
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
    return np.asarray(np.clip((dark - faint) / max(full - faint, 0.05), 0, 1), dtype=np.float32)


def without_rules(ink: Field) -> tuple[Field, Field]:
    """The ink without the ruled lines of the cell it stood in, what lies right of its border, and rests of the lines
    above and below; and what of it was such a rest, as it might have been a mark of this line.
    """
    dark = (ink > 0.35).astype(np.uint8)
    high, wide = dark.shape
    level = _opened(dark, np.ones((1, max(30, high)), np.uint8))
    upright = _opened(dark, np.ones((max(12, round(high * 0.72)), 1), np.uint8))
    rules = cv2.dilate(cv2.bitwise_or(level, upright), np.ones((3, 3), np.uint8))
    kept = np.where(rules > 0, 0, ink).astype(np.float32)
    for x in np.nonzero(upright.sum(axis=0) > 0.8 * high)[0]:
        if x > 0.5 * wide:
            kept[:, x:] = 0
        elif x < 0.04 * wide:
            kept[:, : x + 1] = 0
    _, parts, stats, middles = cv2.connectedComponentsWithStats((kept > 0.3).astype(np.uint8), connectivity=8)
    top, tall, area = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    outer = np.abs(middles[:, 1] / high - 0.5) > 0.3
    rests = ((top <= 1) | (top + tall >= high - 1)) & outer & (tall < 0.4 * high)
    rests[0] = False
    speckles = area < 3
    reach = cv2.dilate(parts.astype(np.uint16), np.ones((3, 3), np.uint8))
    touching = (cv2.dilate(rules, np.ones((3, 1), np.uint8)) > rules) & (kept > 0.5)
    doubtful = np.where(rests[reach] | touching, ink, 0).astype(np.float32)
    kept[rests[reach] | speckles[reach]] = 0
    return kept, doubtful


def _opened(dark: Image, window: Image) -> Image:
    """Opened by a window, the image's outside counting as paper."""
    reach = max(window.shape)
    padded = cv2.copyMakeBorder(dark, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, window)
    return np.asarray(opened[reach:-reach, reach:-reach], np.uint8)


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
    if between and between[-1][0] < max(4, MIN_GAP_FACTOR * within[0][0] if within else 4):
        return None
    cuts = sorted(i for _, i in between)
    starts, ends = [0, *(i + 1 for i in cuts)], [*cuts, len(runs) - 1]
    spans = [(runs[a][0], runs[b][1]) for a, b in zip(starts, ends, strict=True)]
    widths = np.array([(end - start) / breadth(word) for (start, end), word in zip(spans, words, strict=True)])
    ratios = widths / np.median(widths)
    return spans if WIDTH_RANGE_FACTORS[0] < ratios.min() and ratios.max() < WIDTH_RANGE_FACTORS[1] else None


def breadth(word: str) -> float:
    """About how wide a word is written, in small letters' widths."""
    return (
        sum(0.55 if c in NARROW_LETTERS else 1.5 if c in BROAD_LETTERS else 1.35 if c.isupper() else 1.0 for c in word)
        + 0.3
    )


def _base_line(ink: Field, spans: Runs, words: list[str]) -> tuple[float, float] | None:
    """Slope and start of the base line, through the feet of words without hanging letters; None where they disagree."""
    feet = []
    for (start, end), word in zip(spans, words, strict=True):
        if HANGING_LETTERS.isdisjoint(word.rstrip(",.;")):
            rows = np.flatnonzero((ink[:, start:end] > 0.4).sum(axis=1) >= max(2, 0.06 * (end - start)))
            if rows.size:
                feet.append(((start + end) / 2, float(rows[-1] + 1)))
    if len(feet) < 2:
        return None
    x, y = np.array(feet).T
    pairs = [(y[j] - y[i]) / (x[j] - x[i]) for i in range(len(feet)) for j in range(i + 1, len(feet))]
    slope = float(np.median(pairs))
    height = float(np.median(y - slope * x))
    off = np.abs(y - slope * x - height)
    steep = 0.05 if len(feet) > 2 else 0.025
    return (slope, height) if np.median(off) <= 0.03 * ink.shape[0] and abs(slope) < steep else None


def _cut_out(
    ink: Field, spans: Runs, words: list[str], level: tuple[float, float], shear: float
) -> list[InkCutout | None]:
    """Each word on its own, leaning again as it was written; None where its height makes no sense."""
    slope, start = level
    height = _small_letters(ink, spans, words, level)
    if height is None:
        return [None] * len(words)
    cuts: list[InkCutout | None] = []
    for (left, right), word in zip(spans, words, strict=True):
        base = slope * (left + right) / 2 + start
        piece = ink[:, left:right]
        rows = np.flatnonzero((piece > 0.3).any(axis=1))
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        rise, tall = round(base) - top, bottom - top
        if not _stands_well(
            piece[top:bottom], rise, height, hanging=not HANGING_LETTERS.isdisjoint(word.rstrip(",.;"))
        ):
            cuts.append(None)
            continue
        padded = cv2.copyMakeBorder(piece[top:bottom], 1, 1, 1, 1 + round(shear * tall), cv2.BORDER_CONSTANT, value=0)
        leaned = _sheared(np.asarray(padded, np.float32)[::-1], shear)[::-1]
        columns = np.flatnonzero((leaned > 0.2).any(axis=0))
        leaned = leaned[:, columns[0] : columns[-1] + 1]
        cuts.append(InkCutout(word, "", np.round(leaned * 255).astype(np.uint8), rise + 1, height))
    return cuts


def _stands_well(piece: Field, rise: int, height: float, *, hanging: bool) -> bool:
    """Whether a word's ink lies about its base line as writing does, and its strokes are whole."""
    tall = piece.shape[0]
    if not (1.1 * height < rise < 4 * height and tall - rise < 2 * height):
        return False
    rows = (piece > 0.4).sum(axis=1)
    below = rows[rise + round(0.15 * height) :].sum() / max(1, rows.sum())
    body = rows[max(0, rise - round(1.2 * height)) : rise + 1].sum() / max(1, rows.sum())
    solid = (piece > 0.6).sum() / max(1, (piece > 0.25).sum())
    return bool(below < (0.3 if hanging else 0.08) and body > 0.4 and solid > MIN_DARK_INK_SHARE)


def _without_commas(cuts: list[InkCutout | None], words: list[str]) -> tuple[InkCutout, ...]:
    """The words bare: a comma or stop is taken off, whether it was written close to its own word or to the next one,
    and whether the label has it or not. A word is left out where its label has a comma and none is found.
    """
    bare: list[InkCutout] = []
    for i, (cut, word) in enumerate(zip(cuts, words, strict=True)):
        after = word[-1] in ",.;"
        if cut is None or not word.rstrip(",.;"):
            continue
        first, last = _comma(cut, right=False), _comma(cut, right=True)
        following = cuts[i + 1] if i + 1 < len(cuts) else None
        if after and last is None and (following is None or _comma(following, right=False) is None):
            continue
        left, right = first or 0, last or cut.mask.shape[1]
        if right - left > 3:
            bare.append(InkCutout(word.rstrip(",.;"), cut.writer, cut.mask[:, left:right], cut.rise, cut.height))
    return tuple(bare)


def _comma(cut: InkCutout, *, right: bool) -> int | None:
    """Where the word must be cut for a comma or stop at its end (or start) to fall away; None where there is none."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((cut.mask > 70).astype(np.uint8), connectivity=8)
    parts = [s for s in stats[1:] if s[cv2.CC_STAT_AREA] >= 3]
    if len(parts) < 2:
        return None
    ends = [p[cv2.CC_STAT_LEFT] + p[cv2.CC_STAT_WIDTH] for p in parts]
    end = parts[int(np.argmax(ends))] if right else min(parts, key=lambda p: p[cv2.CC_STAT_LEFT])
    others = [p for p in parts if p is not end]
    left, top, wide, tall, _ = (int(v) for v in end)
    low = top > cut.rise - 0.55 * cut.height
    small = tall < 1.2 * cut.height and wide < 0.7 * cut.height
    free = max(p[0] + p[2] for p in others) <= left if right else min(p[0] for p in others) >= left + wide
    if not (low and small and free):
        return None
    return left if right else left + wide


def _small_letters(ink: Field, spans: Runs, words: list[str], level: tuple[float, float]) -> float | None:
    """The height of small letters, from that of the capitals that words begin with; None where there are too few.
    Capitals are easier to measure: small letters mostly have something above or below them.
    """
    slope, start = level
    tops = []
    for (left, right), word in zip(spans, words, strict=True):
        if not word[0].isupper() or word[0] != normalize("NFD", word[0])[0]:
            continue
        first = ink[:, left : left + max(4, round((right - left) * min(0.5, 1.35 / breadth(word))))]
        rows = np.flatnonzero((first > 0.5).any(axis=1))
        if rows.size:
            tops.append(slope * left + start - rows[0])
    return float(np.median(tops)) / CAPITAL_HEIGHT_FACTOR if len(tops) >= 2 else None
