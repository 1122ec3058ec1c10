"""Printed labels taken out of a page's ink, letter by letter, where they were found on this page.

A label's neighbours are writing: its last letter stands before a strip, the tails of the label above hang into it. What
is no print by its shape stays: a piece that only crosses a letter loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from ocrfill.document.page import Bits, PlacedLabel
from ocrfill.document.template import Style
from ocrfill.pipeline.set_type import set_type

LETTER_EDGE_MM: Final = 0.3
"""How far beyond a letter's outline its ink may lie, in millimetres: what the search and the scan blur leave open."""

MIN_COVERAGE: Final = 96
"""Coverage (0 to 255) of a pixel that is a letter's."""

MIN_PRINT_SHARE: Final = 0.6
"""A piece of which so much lies on letters is print, and goes as a whole."""

MIN_TOUCHING_SHARE: Final = 0.25
"""A piece of which so much lies on letters touches print: what lies on letters goes. Less is a stroke that crosses."""


def remove_labels(dark: Bits, labels: Sequence[PlacedLabel], dpi: float) -> None:
    """Clear the labels' letters in the page's ink, given as 0 and 1."""
    edge = max(1, round(LETTER_EDGE_MM / 25.4 * dpi))
    for label in labels:
        letters, dx, dy = _letters(label.text, label.style, round(label.em_px), round(label.width_factor, 2), edge)
        left, top = round(label.left) + dx, round(label.baseline) + dy
        height, width = letters.shape
        rows, columns = slice(max(top, 0), top + height), slice(max(left, 0), left + width)
        part = dark[rows, columns]
        if part.size:
            _clear(part, letters[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]])


def _clear(part: Bits, letters: Bits) -> None:
    """Clear in a part of the page's ink what is print by the letters that lie on it; the part's edges cut nothing."""
    count, pieces = cv2.connectedComponents(part, connectivity=8, ltype=cv2.CV_32S)
    on_letters = np.bincount(pieces[letters > 0], minlength=count)
    share = on_letters / np.maximum(np.bincount(pieces.ravel(), minlength=count), 1)
    at_edge = np.zeros(count, bool)
    for side in (pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]):
        at_edge[side] = True
    part[((share >= MIN_PRINT_SHARE) & ~at_edge)[pieces]] = 0
    part[(share >= MIN_TOUCHING_SHARE)[pieces] & (letters > 0)] = 0


@lru_cache(maxsize=512)
def _letters(text: str, style: Style, em_px: int, width_factor: float, edge: int) -> tuple[Bits, int, int]:
    """The letters' pixels, grown by `edge`, and where their upper left corner lies from where the label begins on its
    base line.
    """
    words = set_type(text, style, em_px)
    height, width = words.mask.shape
    size = (max(1, round(width * width_factor)), height)
    mask = cv2.resize(words.mask, size, interpolation=cv2.INTER_LINEAR)
    room = 2 * edge
    letters = cv2.copyMakeBorder((mask >= MIN_COVERAGE).astype(np.uint8), room, room, room, room, cv2.BORDER_CONSTANT)
    grown = cv2.dilate(letters, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1)))
    return np.asarray(grown, dtype=np.uint8), round(words.left * width_factor) - room, -words.rise - room
