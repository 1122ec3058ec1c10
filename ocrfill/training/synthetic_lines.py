"""Drawn lines to learn from: what registers hold, in handwriting faces and in cut-out real words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from ocrfill.document.page import Image
from ocrfill.training.line_texts import mixed_texts
from ocrfill.training.synthetic.fonts import HAND_FONTS, InkPiece
from ocrfill.training.synthetic.handwriting import FacePen, Pen, draw_hand
from ocrfill.training.synthetic.real_ink.pen import InkPen, InkStock

LINE_HEIGHT_PX = 64
"""Height of the written images in pixels, as the real lines are kept."""

SMALL_LETTER_RANGE_PX = (9.0, 15.0)
"""Height of small letters in pixels."""

PIXELS_PER_MM = 4.8
"""A millimetre of paper in pixels, for the width of pen strokes."""

HELD_OUT_FONTS = tuple(face for face in HAND_FONTS if any(name in face for name in ("Mali", "Charm_", "BadScript")))
"""Faces no training line is drawn in: drawn lines to measure by are written in these."""

LINES_PER_HAND = 30
"""So many lines are written before the next hand takes over."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLine:
    """A drawn line, its text, and the hand: a face's name, or "ink"."""

    image: Image
    text: str
    hand: str


def draw_lines(
    seed: int, faces: Sequence[str | Path] = HAND_FONTS, stock: InkStock | None = None, phrases: Sequence[str] = ()
) -> Iterator[DrawnLine]:
    """Lines without end; with a stock, every second hand writes with cut-out real words as far as they go. Some texts
    are `phrases`.
    """
    rng = np.random.default_rng(seed)
    texts = mixed_texts(seed, phrases)
    for number in range(1_000_000):
        inked = stock is not None and number % 2 == 1
        hand = replace(draw_hand(rng), face=str(faces[int(rng.integers(len(faces)))]))
        pen: Pen = InkPen(stock, None, rng) if stock is not None and inked else FacePen(hand, PIXELS_PER_MM)
        for _ in range(LINES_PER_HAND):
            text = next(texts)
            if stock is not None and inked:
                fitted = stock.vocabulary.fit(text) or _known(text, stock)
                if not fitted:
                    continue
                text = fitted
            yield DrawnLine(_line(pen, text, rng), text, "ink" if inked else Path(hand.face).stem)


def draw_texts(texts: Iterable[str], seed: int, faces: Sequence[str | Path] = HELD_OUT_FONTS) -> Iterator[DrawnLine]:
    """These texts, each in another hand."""
    rng = np.random.default_rng(seed)
    for text in texts:
        hand = replace(draw_hand(rng), face=str(faces[int(rng.integers(len(faces)))]))
        yield DrawnLine(_line(FacePen(hand, PIXELS_PER_MM), text, rng), text, Path(hand.face).stem)


def draw_by_one(texts: Iterable[str], seed: int, face: str | Path) -> Iterator[DrawnLine]:
    """These texts, all in one hand of a face."""
    rng = np.random.default_rng(seed)
    pen = FacePen(replace(draw_hand(rng), face=str(face)), PIXELS_PER_MM)
    for text in texts:
        yield DrawnLine(_line(pen, text, rng), text, Path(face).stem)


def save_lines(lines: Iterator[DrawnLine], count: int, folder: Path) -> None:
    """The next lines as JPEG files with labels.tsv and writers.tsv."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    labels, writers = [], []
    for number, line in zip(range(count), lines, strict=False):
        name = f"images/{number:06d}.jpg"
        cv2.imwrite(str(folder / name), line.image, [cv2.IMWRITE_JPEG_QUALITY, 88])
        labels.append(f"{name}\t{line.text}\n")
        writers.append(f"{name}\t{line.hand}\n")
    (folder / "writers.tsv").write_text("".join(writers), encoding="utf-8")
    (folder / "labels.tsv").write_text("".join(labels), encoding="utf-8")


def _known(text: str, stock: InkStock) -> str:
    """The words of the text that the stock has, in order."""
    fitted = (stock.vocabulary.fit(word) for word in text.split())
    return " ".join(word for word in fitted if word)


def _line(pen: Pen, text: str, rng: np.random.Generator) -> Image:
    """The words side by side on a base line, on plain paper."""
    height = rng.uniform(*SMALL_LETTER_RANGE_PX)
    pieces = [pen.word(word, height, rng) for word in text.split()]
    gap = height * pen.hand.space * rng.uniform(0.7, 1.2)
    x, places = 8.0 + rng.uniform(0, 20), []
    for piece in pieces:
        places.append(round(x + piece.left))
        x += piece.advance + gap * rng.uniform(0.8, 1.25)
    width = max(*(at + piece.mask.shape[1] for at, piece in zip(places, pieces, strict=True)), round(x)) + 6
    above, below = max(p.rise for p in pieces), max(max(p.drop, 0) for p in pieces)
    room = max(LINE_HEIGHT_PX, above + below + 4)
    base = round(above + 2 + (room - above - below - 4) * rng.uniform(0.2, 0.8))
    ink = np.zeros((room, width), np.float32)
    slope = rng.normal(0, 0.004)
    for at, piece in zip(places, pieces, strict=True):
        _lay(ink, piece, at, round(base + slope * at + rng.normal(0, pen.hand.wander) * height * 0.5))
    dark, paper = rng.uniform(20, 130), rng.uniform(190, 255)
    image = paper - (paper - dark) * ink / 255 + rng.normal(0, rng.uniform(0.5, 4), ink.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def _lay(ink: np.ndarray[tuple[int, ...], np.dtype[np.float32]], piece: InkPiece, left: int, base: int) -> None:
    top = base - piece.rise
    mask = piece.mask[max(-top, 0) :, max(-left, 0) :]
    top, left = max(top, 0), max(left, 0)
    mask = mask[: max(ink.shape[0] - top, 0), : max(ink.shape[1] - left, 0)]
    part = ink[top : top + mask.shape[0], left : left + mask.shape[1]]
    np.maximum(part, mask, out=part)
