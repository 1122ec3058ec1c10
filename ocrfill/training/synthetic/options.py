"""How a book is to be drawn, and chance: one stream of numbers for each thing drawn, so that none disturbs another."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ocrfill.civil_status.book import Book
from ocrfill.training.synthetic.degradation import CLEAN_SCAN, Degradation

HandKind = Literal["print", "fonts", "ink"]


@dataclass(frozen=True, slots=True)
class DrawingOptions:
    """How a book is drawn: its damage, what it is written with, and the resolution.

    `ink` names folders of real line images for the hand "ink"; `writer` whose words are preferred there. `faces` are
    the handwriting faces to take, all where none is named; with ink, naming some lets a clerk write in them the words
    of closed lists and of dates that nobody in the ink wrote.
    """

    damage: Degradation = CLEAN_SCAN
    hand: HandKind = "fonts"
    dpi: float = 300.0
    ink: tuple[Path, ...] = ()
    writer: str | None = None
    faces: tuple[str, ...] = ()


def random_for(book: Book, seed: int, purpose: str, number: int = 0) -> np.random.Generator:
    """Random numbers for one purpose of one page (or clerk) of one book."""
    return np.random.default_rng([seed, zlib.crc32(f"{book.layout} {book.key} {purpose}".encode()), number])
