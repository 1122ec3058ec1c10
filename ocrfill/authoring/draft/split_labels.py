"""Labels that writing joined into one line of print, parted again: "ngày 15 tháng 01 năm 2006" is three labels.

All pages of a volume may say 2006 or Việt Nam in one hand: such writing is as dark on the common print as the labels
beside it, and hides the dots below it. What is read of the whole line is then no label; its words, one by one, are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ocrfill.authoring.draft.dotted_leaders.tracking import DottedLine
from ocrfill.authoring.draft.label_vocabulary import MAX_SHORT_LABEL_LETTERS, bare_label, known_labels, mended_label
from ocrfill.authoring.draft.printed_words import DASH_BOUNDS_MM, MIN_INK_DARKNESS_SHARE, Run, read_runs
from ocrfill.civil_status.orthography import folded
from ocrfill.document.geometry import Box
from ocrfill.document.page import Bits, Image
from ocrfill.pipeline.recognition import Reader

MAX_DOUBTED_SCORE = 0.9
"""Lines of print that are read more surely than this are left as they are."""

MIN_WORD_SPACE_MM = 0.75
"""Words stand so far apart, in millimetres, letters do not."""

FOOT_HEIGHT_MM = 0.9
"""What stands less high above the base line than this, in millimetres, is a dot or the foot of a letter."""

MIN_GAP_WIDTH_MM = 3.0
"""A stretch to write on is wider than this, in millimetres."""

MIN_FREE_DOTS = 4
"""Writing over a dotted line leaves some dots free: at least so many in all. Labels have commas and points."""


def split_runs(
    runs: Sequence[Run], grey: Image, black: float, dpi: float, reader: Reader
) -> tuple[tuple[Run, ...], tuple[DottedLine, ...]]:
    """The runs, those that hold known labels with writing between them parted, and the dotted lines between these."""
    mm = dpi / 25.4
    ink = cast(Bits, (255 - grey.astype(np.float32) > MIN_INK_DARKNESS_SHARE * black).astype(np.uint8))
    doubted = [run for run in runs if not run.dash and run.score <= MAX_DOUBTED_SCORE]
    pieces = [_words(run, ink, mm) for run in doubted]
    read = iter(read_runs([piece for of_run in pieces for piece in of_run], grey, black, reader))
    found: dict[Run, list[Run]] = {}
    for run, of_run in zip(doubted, pieces, strict=True):
        found[run] = _labels([next(read) for _ in of_run])
    kept = [part for run in runs for part in (found.get(run) or [run])]
    lines = [line for run, labels in found.items() for line in _between(run, labels, ink, mm)]
    return tuple(sorted(kept, key=lambda run: (run.base, run.box.left))), tuple(lines)


def _words(run: Run, ink: Bits, mm: float) -> list[Run]:
    """A line of print cut where nothing stands on its base line over a word space; none where it shows no dots and does
    not begin with a dash.
    """
    box, foot = run.box, max(round(run.base - FOOT_HEIGHT_MM * mm), run.box.top + 1)
    standing = np.asarray(ink[box.top : foot, box.left : box.right].any(axis=0))
    lying = np.asarray(ink[foot : box.bottom, box.left : box.right].any(axis=0)) & ~standing
    words: list[tuple[int, int]] = []
    for left, right in _stretches(standing):
        if words and left - words[-1][1] < MIN_WORD_SPACE_MM * mm:
            words[-1] = (words[-1][0], right)
        else:
            words.append((left, right))
    dash = _dash(box, ink, mm)
    if not dash and len(_stretches(lying)) < MIN_FREE_DOTS:
        return []
    cut = [Box(box.left + left, box.top, box.left + right, box.bottom) for left, right in words]
    behind = [replace(run, box=one) for one in cut if not dash or one.left > dash[0].right]
    return [replace(run, box=one, text="-", score=1.0, dash=True) for one in dash] + behind


def _is_label(text: str) -> bool:
    """Is a text a known label? A short one must have its letters, one of two letters its marks too: a year that
    all pages share was taken for "Số".
    """
    label, known = mended_label(text)
    asked, printed = bare_label(text), bare_label(label)
    if len(asked) <= MAX_SHORT_LABEL_LETTERS:
        return known and (asked == printed or (len(asked) > 2 and folded(asked) == folded(printed)))
    return known


def _dash(box: Box, ink: Bits, mm: float) -> list[Box]:
    """The printed dash that a line begins with, if it does: such a one parts two gaps."""
    there = ink[box.top : box.bottom, box.left : box.right]
    stretches = _stretches(np.asarray(there.any(axis=0)))
    if len(stretches) < 2:
        return []
    (left, right), (following, _) = stretches[:2]
    rows = np.flatnonzero(there[:, left:right].any(axis=1))
    wide, high = right - left, int(rows[-1] - rows[0]) + 1
    is_dash = (
        DASH_BOUNDS_MM[0] * mm <= wide <= DASH_BOUNDS_MM[1] * mm and high <= DASH_BOUNDS_MM[2] * mm and wide > high
    )
    apart = following - right > MIN_WORD_SPACE_MM * mm
    return [Box(box.left + left, box.top, box.left + right, box.bottom)] if is_dash and apart else []


def _stretches(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From where to where something is there."""
    edges = np.flatnonzero(np.diff(np.pad(there.astype(np.int8), 1))).reshape(-1, 2)
    return [(int(left), int(right)) for left, right in edges]


def _labels(words: Sequence[Run]) -> list[Run]:
    """The known labels among words, each as long as can be, from left to right."""
    found: list[Run] = []
    longest = max(len(label.split()) for label in known_labels())
    i = 0
    while i < len(words):
        if words[i].dash:
            found.append(words[i])
            i += 1
            continue
        for end in range(min(i + longest, len(words)), i, -1):
            text = " ".join(word.text for word in words[i:end])
            without_last = " ".join(word.text for word in words[i : end - 1])
            if _is_label(text) and mended_label(without_last) != mended_label(text):
                first, last = words[i].box, words[end - 1].box
                box = Box(first.left, first.top, last.right, last.bottom)
                found.append(replace(words[i], box=box, text=text, score=min(word.score for word in words[i:end])))
                i = end
                break
        else:
            i += 1
    return found


def _between(run: Run, labels: Sequence[Run], ink: Bits, mm: float) -> list[DottedLine]:
    """The stretches of a line of print behind its labels, from the first to the last ink at the base line."""
    lines = []
    rows = slice(round(run.base - FOOT_HEIGHT_MM * mm), round(run.base + FOOT_HEIGHT_MM * mm))
    ends = [*(label.box.left for label in labels[1:]), run.box.right]
    for label, end in zip(labels, ends, strict=False):
        there = np.flatnonzero(ink[rows, label.box.right : end].any(axis=0))
        if len(there) and there[-1] - there[0] > MIN_GAP_WIDTH_MM * mm:
            left = label.box.right
            lines.append(DottedLine(float(left + there[0]), float(left + there[-1] + 1), run.base))
    return lines
