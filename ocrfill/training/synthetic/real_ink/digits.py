"""Single digits cut out of images of digit strings, only where each is one piece standing free."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image
from ocrfill.training.synthetic.real_ink.words import InkCutout, ink_of

MIN_DIGIT_HEIGHT_SHARE = 0.55
"""A digit's least height against the tallest piece; commas, stops and specks are lower."""

DIGIT_HEIGHT_FACTOR = 1.5
"""How many times higher than small letters digits are written."""


def cut_digits(image: Image, text: str, writer: str) -> tuple[InkCutout, ...]:
    """The digits of an image whose label is all digits; none where the pieces do not tell them apart."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    paper = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    if paper < grey.mean():  # light ink on dark, as single digits often come
        grey, paper = 255 - grey, 255 - paper
    if grey.shape[0] < 40:
        grey = np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    grey = cv2.copyMakeBorder(grey, 6, 6, 6, 6, cv2.BORDER_CONSTANT, value=paper)
    ink = ink_of(np.asarray(grey, np.uint8))
    _, parts, stats, _ = cv2.connectedComponentsWithStats((ink > 0.45).astype(np.uint8), connectivity=8)
    tallest = max((int(s[cv2.CC_STAT_HEIGHT]) for s in stats[1:]), default=0)
    if tallest < 0.3 * grey.shape[0]:
        return ()
    pieces = [i for i in range(1, len(stats)) if stats[i][cv2.CC_STAT_HEIGHT] >= MIN_DIGIT_HEIGHT_SHARE * tallest]
    pieces.sort(key=lambda i: int(stats[i][cv2.CC_STAT_LEFT]))
    if len(pieces) != len(text):
        return ()
    cuts = []
    for part, digit in zip(pieces, text, strict=True):
        left, top, wide, tall, area = (int(v) for v in stats[part])
        narrowest, widest = (0.0, 0.7) if digit == "1" else (0.3, 1.3)
        if not narrowest * tall <= wide <= widest * tall or not 0.08 < area / (tall * max(wide, 6)) < 0.9:
            continue
        if left <= 6 or top <= 6 or left + wide >= grey.shape[1] - 6 or top + tall >= grey.shape[0] - 6:
            continue  # it ran over the image's edge
        near = cv2.dilate((parts == part).astype(np.uint8), np.ones((3, 3), np.uint8))
        piece = np.where(near > 0, ink, 0)[top - 1 : top + tall + 1, left - 1 : left + wide + 1]
        cuts.append(
            InkCutout(digit, writer, np.round(piece * 255).astype(np.uint8), tall + 1, tall / DIGIT_HEIGHT_FACTOR)
        )
    return tuple(cuts)


def boldness(cut: InkCutout) -> float:
    """How thick a digit's strokes are for its height: twice the area over the outline's length."""
    ink = (cut.mask > 110).astype(np.uint8)
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(outline, closed=True) for outline in outlines)
    return 2 * float(ink.sum()) / max(length, 1.0) / cut.rise


def agreeing(digits: dict[str, list[InkCutout]]) -> dict[str, tuple[InkCutout, ...]]:
    """Only the cuts that look most like others of their digit: what was cut wrongly falls out, and so do odd ones."""
    shapes = {digit: np.stack([_shape(cut) for cut in cuts]) for digit, cuts in sorted(digits.items())}
    means = np.stack([np.median(shape, axis=0) for shape in shapes.values()])
    means /= np.linalg.norm(means, axis=1, keepdims=True) + 1e-6
    kept = {}
    for i, (digit, shape) in enumerate(shapes.items()):
        likeness = shape @ means.T
        own = likeness[:, i]
        fair = (likeness.argmax(axis=1) == i) & (own >= np.quantile(own, 0.4))
        kept[digit] = tuple(cut for cut, good in zip(digits[digit], fair, strict=True) if good)
    return {digit: cuts for digit, cuts in kept.items() if cuts}


def _shape(cut: InkCutout) -> NDArray[np.float32]:
    """A digit as a vector of length 1: scaled to one height, set in the middle of a square, softened."""
    high, wide = cut.mask.shape
    scale = 28 / high
    small = cv2.resize(cut.mask, (min(28, max(1, round(wide * scale))), 28), interpolation=cv2.INTER_AREA)
    left = (28 - small.shape[1]) // 2
    square = cv2.copyMakeBorder(small, 0, 0, left, 28 - small.shape[1] - left, cv2.BORDER_CONSTANT, value=0)
    vector = cv2.GaussianBlur(square.astype(np.float32), (0, 0), 1.5).ravel()
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-6), np.float32)
