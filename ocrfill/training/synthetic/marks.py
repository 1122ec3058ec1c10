"""Marks that are not words: strikes, ticks, signatures, seals and stamps."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image
from ocrfill.training.synthetic.fonts import PRINT_FONTS, InkPiece, set_text

FloatArray = NDArray[np.float64]

STAMPING_INK_COLOUR = (70, 60, 200)
"""The colour of stamping ink: blue, green, red."""


def strike(width: float, height: float, thick: float, rng: np.random.Generator) -> InkPiece:
    """A stroke through a word of `width` whose small letters are `height` high, a little wavy; sometimes two."""
    high = round(height * 2.4)
    mask = np.zeros((high, round(width) + 8), np.uint8)
    for k in range(1 if rng.random() < 0.6 else 2):
        x = np.linspace(2, width + 5, 9, dtype=np.float64)
        y = high - height * (0.95 - 0.35 * k) + np.cumsum(rng.normal(0, 0.05 * height, 9))
        _stroke(mask, x, y, thick)
    return InkPiece(mask, -3, round(high - height * 0.4), width)


def tick(width: float, height: float, thick: float, rng: np.random.Generator) -> Image:
    """A cross or a hook for a box of that size, going a little over its edges."""
    over = 0.3
    mask = np.zeros((round(height * (1 + 2 * over)), round(width * (1 + 2 * over))), np.uint8)
    tall, wide = mask.shape
    wave = rng.normal(0, 0.04, (2, 6)) * [[wide], [tall]]
    if rng.random() < 0.6:
        a, b = rng.uniform(0.14, 0.28, 2)
        x = np.linspace(a, 1 - b, 6)
        _stroke(mask, x * wide + wave[0], x * tall + wave[1], thick)
        _stroke(mask, (1 - x) * wide + wave[1], x * tall + wave[0], thick)
    else:
        x = np.array([0.2, 0.3, 0.42, 0.55, 0.72, 0.95]) * wide + wave[0]
        y = np.array([0.5, 0.62, 0.8, 0.55, 0.3, 0.08]) * tall + wave[1]
        _stroke(mask, x, y, thick)
    return mask


def signature(width: float, height: float, thick: float, rng: np.random.Generator) -> Image:
    """A quick signature that fills about the given size in pixels: a large first letter, ever flatter strokes running
    to the right, mostly a dash to close.
    """
    mask = np.zeros((round(height) + 4, round(width) + 4), np.uint8)
    x, y = _zigzag(rng) if rng.random() < 0.5 else _loops(rng)
    x, y = (x - x.min()) / np.ptp(x) * rng.uniform(0.7, 0.95), (y - y.min()) / np.ptp(y) * rng.uniform(0.7, 0.95)
    _stroke(mask, 2 + x * width, 2 + y * height, thick)
    if rng.random() < 0.6:
        dash = np.linspace(rng.uniform(0, 0.3), rng.uniform(0.8, 0.98), 12, dtype=np.float64)
        bend = rng.uniform(0.5, 0.95) + rng.normal(0, 0.12) * dash - rng.normal(0, 0.15) * dash**2
        _stroke(mask, 2 + dash * width, 2 + np.clip(bend, 0, 1) * height, thick)
    return mask


def _zigzag(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """A large first stroke, then ever flatter ones up and down, now and then back."""
    count = int(rng.integers(7, 18))
    steps = rng.uniform(0.3, 1.4, count) * np.where(rng.random(count) < 0.25, -0.8, 1)
    size = np.linspace(1, rng.uniform(0.15, 0.45), count) * rng.uniform(0.5, 1.2, count)
    size[:2] = rng.uniform(0.9, 1.3, 2)
    y = size * np.where(np.arange(count) % 2 == 0, -1, 1) + np.cumsum(rng.normal(-0.05, 0.1, count))
    return _smooth(np.cumsum(steps), rng.uniform(0.3, 0.55)), _smooth(y, rng.uniform(0.3, 0.55))


def _loops(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Round letters running into each other, the first one large, some drawn long below the line."""
    turns = rng.uniform(2.5, 6.5)
    t = np.linspace(0, 1, 260)
    size = _smooth(rng.uniform(0.3, 1.0, 11) * np.linspace(1, 0.4, 11), 0.6)
    size = np.interp(t, np.linspace(0, 1, size.size), size) + 0.9 * np.exp(-t * 9)
    phase = rng.uniform(0, 2 * np.pi)
    angle = 2 * np.pi * turns * t + phase
    x = t * turns * rng.uniform(0.9, 1.5) + size * rng.uniform(0.5, 0.9) * np.cos(angle)
    y = size * np.sin(angle) * rng.uniform(0.8, 1.3) - rng.uniform(-0.2, 0.8) * t
    return x, y


def _smooth(values: FloatArray, spread: float) -> FloatArray:
    """A smooth curve past the values, 24 points from one to the next."""
    fine = np.interp(np.linspace(0, values.size - 1, values.size * 24), np.arange(values.size), values)
    window = np.exp(-(np.linspace(-3, 3, int(24 * spread * 6) | 1) ** 2) / 2)
    padded = np.pad(fine, window.size // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def _stroke(mask: Image, x: FloatArray, y: FloatArray, thick: float) -> None:
    """A pen stroke through points, thinner towards its ends."""
    t = np.linspace(0, x.size - 1, 8 * x.size if x.size < 40 else x.size)
    points = np.stack([np.interp(t, np.arange(x.size), x), np.interp(t, np.arange(x.size), y)], axis=-1)
    points = np.round(points * 16).astype(np.int32)
    width = max(1, round(thick))
    cut = max(1, len(points) // 12)
    cv2.polylines(mask, [points[cut:-cut]], isClosed=False, color=255, thickness=width, lineType=cv2.LINE_AA, shift=4)
    thin = max(1, round(thick * 0.6))
    for end in (points[: cut + 1], points[-cut - 1 :]):
        cv2.polylines(mask, [end], isClosed=False, color=255, thickness=thin, lineType=cv2.LINE_AA, shift=4)


def seal(across: float, rng: np.random.Generator) -> Image:
    """A round seal: two rings, words around, a star; the words are those all seals have, the place is left out."""
    n = round(across)
    mask = np.zeros((n, n), np.uint8)
    middle, radius = n / 2, n / 2 - 2
    at = (round(middle * 16), round(middle * 16))
    for share, thick in ((1.0, 0.018), (0.93, 0.008), (0.6, 0.008)):
        cv2.circle(mask, at, round(radius * share * 16), 255, max(1, round(n * thick)), cv2.LINE_AA, 4)
    star = []
    for k in range(10):
        reach = radius * (0.34 if k % 2 == 0 else 0.14)
        angle = np.pi * k / 5 - np.pi / 2
        star.append((middle + reach * np.cos(angle), middle + reach * np.sin(angle)))
    cv2.fillPoly(mask, [np.round(np.array(star) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    _around(mask, "ỦY BAN NHÂN DÂN XÃ", radius * 0.7, n * 0.1, 0.72)
    turned = cv2.getRotationMatrix2D((middle, middle), float(rng.normal(0, 12)), 1.0)
    return worn(np.asarray(cv2.warpAffine(mask, turned, (n, n)), np.uint8), rng)


def _around(mask: Image, text: str, radius: float, size: float, share: float) -> None:
    """Words set along the upper part of a circle; `share` of the circle is used."""
    n = mask.shape[0]
    angles = np.linspace(-share, share, len(text)) * np.pi
    for letter, angle in zip(text, angles, strict=True):
        if letter == " ":
            continue
        piece = set_text(PRINT_FONTS["bold"], letter, size)
        tile = np.zeros_like(mask)
        top, left = round(n / 2 - radius) - piece.rise, round(n / 2 - piece.mask.shape[1] / 2)
        tile[top : top + piece.mask.shape[0], left : left + piece.mask.shape[1]] = piece.mask
        turn = cv2.getRotationMatrix2D((n / 2, n / 2), -np.degrees(angle), 1.0)
        np.maximum(mask, np.asarray(cv2.warpAffine(tile, turn, (n, n)), np.uint8), out=mask)


def stamp(text: str, height: float, rng: np.random.Generator, *, framed: bool) -> Image:
    """A rubber stamp of one line whose capitals are `height` pixels high, a little askew."""
    piece = set_text(PRINT_FONTS["bold"], text, height / 0.66)
    pad = round(height * (0.5 if framed else 0.15))
    mask = cv2.copyMakeBorder(piece.mask, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    if framed:
        cv2.rectangle(mask, (1, 1), (mask.shape[1] - 2, mask.shape[0] - 2), 255, max(1, round(height * 0.09)))
    wide = mask.shape[1]
    angle = float(rng.normal(0, 2.0))
    lift = round(abs(np.sin(np.radians(angle))) * wide / 2) + 2
    mask = cv2.copyMakeBorder(mask, lift, lift, 4, 4, cv2.BORDER_CONSTANT, value=0)
    turn = cv2.getRotationMatrix2D((mask.shape[1] / 2, mask.shape[0] / 2), angle, 1.0)
    return worn(np.asarray(cv2.warpAffine(mask, turn, (mask.shape[1], mask.shape[0])), np.uint8), rng)


def worn(mask: Image, rng: np.random.Generator) -> Image:
    """A stamp's print: patchy where the pad was dry, speckled throughout."""
    high, wide = mask.shape
    dry = rng.uniform(0.35, 1.15, (4, 5)).astype(np.float32)
    even = cv2.resize(dry, (wide, high), interpolation=cv2.INTER_CUBIC)
    speckle = cv2.resize(rng.uniform(0.6, 1.1, (high // 3 + 1, wide // 3 + 1)).astype(np.float32), (wide, high))
    return np.asarray(np.clip(mask * np.minimum(even, 1) * np.minimum(speckle, 1) * 0.9, 0, 255), np.uint8)
