"""Writing with ink from real lines: the stock of cut words and digits, and the pen that sets them again."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar
from unicodedata import normalize

import cv2
import numpy as np

from ocrfill.errors import BadInput
from ocrfill.training.synthetic.facts.vocabulary import DIGITS_PATTERN, Vocabulary
from ocrfill.training.synthetic.fonts import InkPiece
from ocrfill.training.synthetic.handwriting import Hand, Pen, draw_hand
from ocrfill.training.synthetic.real_ink.digits import agreeing, boldness, cut_digits
from ocrfill.training.synthetic.real_ink.words import InkCutout, cut_line

SHAPES_PER_DIGIT = 3
"""From so many shapes of each digit a clerk takes his."""


@dataclass(frozen=True, slots=True, eq=False)
class InkStock:
    """Words and digits that can be set again, each with all its cuts."""

    words: dict[str, tuple[InkCutout, ...]]
    digits: dict[str, tuple[InkCutout, ...]]

    @property
    def vocabulary(self) -> Vocabulary:
        """What can be written with these words and digits."""
        return Vocabulary(frozenset(self.words), digits=len(self.digits) == 10)

    def writers(self) -> tuple[str, ...]:
        """The writers known by name, those with the most words first."""
        counts: dict[str, int] = {}
        for cuts in self.words.values():
            for cut in cuts:
                counts[cut.writer] = counts.get(cut.writer, 0) + 1
        return tuple(sorted((w for w in counts if w), key=lambda w: (-counts[w], w)))


@lru_cache(maxsize=4)
def load_stock(folders: tuple[Path, ...]) -> InkStock:
    """Cut up the line images of folders: labels.tsv (path TAB text) and, if any, writers.tsv (path TAB writer).

    Raises BadInput where a folder has no labels or nothing in it can be cut.
    """
    if not folders:
        raise BadInput("writing with ink from real lines needs at least one folder of them")
    words: dict[str, list[InkCutout]] = {}
    digits: dict[str, list[InkCutout]] = {}
    for folder in folders:
        labels = _table(folder / "labels.tsv")
        writers = _table(folder / "writers.tsv") if (folder / "writers.tsv").is_file() else {}
        single = all(re.fullmatch("[0-9]+", text) for text in labels.values())
        for path, text in labels.items():
            read = cv2.imread(str(folder / path), cv2.IMREAD_GRAYSCALE)
            if read is None:
                raise BadInput(f"{folder / 'labels.tsv'} names {path}, which cannot be read as an image")
            image = np.asarray(read, np.uint8)
            writer = writers.get(path, "")
            cuts = cut_digits(image, text, writer) if single else cut_line(image, text, writer)
            for cut in cuts:
                (digits if single else words).setdefault(cut.text, []).append(cut)
    if not words and not digits:
        raise BadInput(f"no word could be cut out of the lines in {', '.join(map(str, folders))}")
    return InkStock({w: tuple(c) for w, c in words.items()}, agreeing(digits) if digits else {})


def _table(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    pairs = [line.split("\t", 1) for line in lines if line.strip()]
    bad = next((i for i, pair in enumerate(pairs, 1) if len(pair) != 2), None)
    if bad is not None:
        raise BadInput(f"{path}, line {bad}: not a path, a tab and a text")
    return {name: normalize("NFC", text.strip()) for name, text in pairs}


class InkPen:
    """Sets words of a stock again: one writer's as far as they go, then those of a second, and so on.

    Words that nobody wrote are written with the `other` pen, where there is one.
    """

    limited: ClassVar[bool] = True

    def __init__(self, stock: InkStock, writer: str | None, rng: np.random.Generator, other: Pen | None = None) -> None:
        self._other = other
        known = stock.writers()
        if writer is not None and writer not in known:
            raise BadInput(f"no writer {writer!r} in the ink; known: {', '.join(known[:20]) or 'none'}")
        self._stock = stock
        likely = known[: max(1, len(known) // 2)]
        own = writer or (str(rng.choice(likely)) if likely else "")
        others = [str(w) for w in rng.permutation([w for w in known if w != own])]
        self._rank = {w: i for i, w in enumerate([own, *others, ""])}
        # paper shows the same hand: fewer turns and waves are added than to type faces, which have none of their own
        self._hand = replace(draw_hand(rng), tilt=0.0, waver=0.0, slant=0.0, wander=0.04, pressure=0.0)
        pivot = float(rng.uniform(0.09, 0.16))
        self._digits: dict[str, list[InkCutout]] = {}
        for digit, cuts in sorted(stock.digits.items()):
            alike = sorted(cuts, key=lambda c: abs(boldness(c) - pivot))[: 3 * SHAPES_PER_DIGIT]
            chosen = rng.choice(len(alike), min(SHAPES_PER_DIGIT, len(alike)), replace=False)
            self._digits[digit] = [alike[i] for i in sorted(chosen)]

    @property
    def hand(self) -> Hand:
        """How this pen writes."""
        return self._hand

    def word(self, text: str, height: float, rng: np.random.Generator) -> InkPiece:
        """The word in ink, its small letters so many pixels high."""
        cuts = self._stock.words.get(text)
        if cuts is None:
            if self._other is not None and DIGITS_PATTERN.fullmatch(text) is None:
                return self._other.word(text, height, rng)
            return self._figures(text, height, rng)
        nearest = min(self._rank[cut.writer] for cut in cuts)
        choice = [cut for cut in cuts if self._rank[cut.writer] == nearest]
        return _set(choice[int(rng.integers(len(choice)))], height)

    def _figures(self, text: str, height: float, rng: np.random.Generator) -> InkPiece:
        """A token of digits and separators, digit by digit. Raises KeyError for what the vocabulary does not hold."""
        if DIGITS_PATTERN.fullmatch(text) is None:
            raise KeyError("a word that the stock of ink does not have")
        pieces = [
            _set(self._digits[c][int(rng.integers(len(self._digits[c])))], height * rng.uniform(0.94, 1.04))
            if c.isdigit()
            else _separator(c, height, rng)
            for c in text
        ]
        return joined_pieces(pieces, 0.18 * height)


def _set(cut: InkCutout, height: float) -> InkPiece:
    """A cut at a height of small letters, its edges as crisp as a pen's."""
    scale = height / cut.height
    size = (max(1, round(cut.mask.shape[1] * scale)), max(1, round(cut.mask.shape[0] * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    mask = cv2.resize(cut.mask, size, interpolation=kind).astype(np.float32)
    if scale > 1.3:  # enlarging softens the rim of strokes: steepen it, keep the texture within
        mask = np.where(mask < 150, np.clip((mask - 75) * 2, 0, 255), mask)
    return InkPiece(np.clip(mask, 0, 255).astype(np.uint8), 0, round(cut.rise * scale), float(size[0]))


def _separator(mark: str, height: float, rng: np.random.Generator) -> InkPiece:
    """A stroke, dash or stop between figures, drawn with the pen."""
    thick = max(2, round(height * 0.14))
    wide, tall = {"/": (0.7, 2.0), "-": (0.6, 0.9), ".": (0.3, 0.3)}[mark]
    mask = np.zeros((round(height * tall) + thick + 2, round(height * wide) + thick + 2), np.uint8)
    high, across = mask.shape
    bend = float(rng.normal(0, 0.05)) * height
    ends = {
        "/": ((across - thick, thick), (thick, high - thick)),
        "-": ((thick, thick + 1), (across - thick, thick + 1 + bend)),
        ".": ((across / 2, high / 2), (across / 2 + 1, high / 2 + 1)),
    }[mark]
    start, end = (tuple(round(v * 16) for v in point) for point in ends)
    cv2.line(mask, start, end, 235, thick, cv2.LINE_AA, 4)
    rise = {"/": round(height * 1.7), "-": round(height * 0.75), ".": round(height * 0.25)}[mark]
    return InkPiece(mask, 0, rise, float(across))


def joined_pieces(pieces: list[InkPiece], space: float) -> InkPiece:
    """Pieces side by side on one base line."""
    places: list[int] = []
    x = 0.0
    for piece in pieces:
        places.append(round(x))
        x += piece.advance + space
    rise, drop = max(p.rise for p in pieces), max(p.drop for p in pieces)
    width = places[-1] + pieces[-1].mask.shape[1]
    mask = np.zeros((rise + max(drop, 0), width), np.uint8)
    for piece, left in zip(pieces, places, strict=True):
        top = rise - piece.rise
        spot = mask[top : top + piece.mask.shape[0], left : left + piece.mask.shape[1]]
        np.maximum(spot, piece.mask, out=spot)
    return InkPiece(mask, 0, rise, float(width))
