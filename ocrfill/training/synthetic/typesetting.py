"""The printer's means: type, dotted lines, rules and boxes, pressed into a sheet's coverage."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ocrfill.document.geometry import Box
from ocrfill.document.page import Image
from ocrfill.document.template import Style
from ocrfill.training.synthetic.field_slots import PageSize
from ocrfill.training.synthetic.fonts import PRINT_FONTS, set_text

DOT_STEP_POINTS, DOT_DIAMETER_POINTS = 3.0, 1.15
"""Distance and diameter of a dotted line's dots in points: full stops of a 12-point serif face."""

RULE_WIDTH_POINTS = 0.8
"""Width of a printed rule in points."""

MIN_TYPE_SIZE_POINTS = 5.0
"""Points below which no head is set."""


class FormTypesetter:
    """A printed form in the making: `cover` is its print's coverage, `labels` the words printed and their boxes."""

    def __init__(self, size: PageSize, rng: np.random.Generator) -> None:
        self.size = size
        self.rng = rng
        self.cover: Image = np.zeros((size.height, size.width), np.uint8)
        self.labels: list[tuple[str, Box]] = []

    def type(
        self, text: str, x: float, baseline: float, points: float, *, style: Style = "plain", room: float = math.inf
    ) -> Box:
        """Words from x on along a base line, condensed where they are wider than `room`; all in pixels."""
        piece = set_text(PRINT_FONTS[style], text, self.size.points(points))
        if piece.advance > room:
            piece = piece.scaled(room / piece.advance, 1.0)
        return self._press(piece.mask, round(x) + piece.left, round(baseline) - piece.rise)

    def measure(self, text: str, points: float, style: Style = "plain") -> float:
        """How wide the words come out, in pixels."""
        return set_text(PRINT_FONTS[style], text, self.size.points(points)).advance

    def label(
        self, text: str, x: float, baseline: float, points: float, *, style: Style = "plain", room: float = math.inf
    ) -> None:
        """A label of the form: type that the truth remembers."""
        self.labels.append((text, self.type(text, x, baseline, points, style=style, room=room)))

    def head(self, text: str, box: Box) -> None:
        """A table's head, wrapped and centred in its box, turned upright where the box is too narrow for its words."""
        flat = max((p for p in (10.0, 9.0, 8.0, 7.0, 6.0) if self._wrapped(text, box.width, box.height, p)), default=0)
        turned = max((p for p in (10.0, 9.0, 8.0, 7.0) if self._wrapped(text, box.height, box.width, p)), default=0)
        if flat < 8 and turned > flat:
            self._head_turned(text, box, turned)
            return
        points = flat or MIN_TYPE_SIZE_POINTS
        lines = self._wrapped(text, box.width, box.height, points) or [text]
        pitch = self.size.points(points) * 1.15
        y = box.top + (box.height - pitch * len(lines)) / 2 + self.size.points(points) * 0.9
        first: Box | None = None
        for i, line in enumerate(lines):
            wide = self.measure(line, points)
            room = box.width - self.size.points(2)
            placed = self.type(line, box.left + (box.width - min(wide, room)) / 2, y + i * pitch, points, room=room)
            first = placed if first is None else _around(first, placed)
        if first is not None:
            self.labels.append((text, first))

    def _head_turned(self, text: str, box: Box, points: float) -> None:
        side = FormTypesetter(PageSize(box.height, box.width, self.size.dpi), self.rng)
        lines = self._wrapped(text, box.height, box.width, points) or [text]
        pitch = side.size.points(points) * 1.15
        y = (box.width - pitch * len(lines)) / 2 + side.size.points(points) * 0.9
        for i, line in enumerate(lines):
            wide = side.measure(line, points)
            side.type(line, (box.height - wide) / 2, y + i * pitch, points)
        cover = np.asarray(cv2.rotate(side.cover, cv2.ROTATE_90_COUNTERCLOCKWISE), dtype=np.uint8)
        rows, columns = np.nonzero(cover)
        self._press(cover, box.left, box.top)
        inner = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        self.labels.append((text, Box(*(a + b for a, b in zip(_edges(inner), [box.left, box.top] * 2, strict=True)))))

    def _wrapped(self, text: str, width: float, height: float, points: float) -> list[str] | None:
        """The text in lines that fit a width and a height in pixels; None where they do not."""
        size = self.size.points(points)
        room = width - self.size.points(3)
        lines: list[str] = []
        for word in text.split():
            if set_text(PRINT_FONTS["plain"], word, size).advance > room:
                return None
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and set_text(PRINT_FONTS["plain"], longer, size).advance <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines if len(lines) * size * 1.15 <= height else None

    def dots(self, left: float, right: float, baseline: float) -> None:
        """A dotted line to write on, its dots sitting on the base line."""
        radius = self.size.points(DOT_DIAMETER_POINTS) / 2
        y = baseline - radius
        for x in np.arange(left + radius, right - radius, self.size.points(DOT_STEP_POINTS)):
            at = (round((x + self.rng.normal(0, 0.15)) * 16), round((y + self.rng.normal(0, 0.15)) * 16))
            cv2.circle(self.cover, at, round(radius * 16), 255, -1, cv2.LINE_AA, 4)

    def rule(self, x0: float, y0: float, x1: float, y1: float, points: float = RULE_WIDTH_POINTS) -> None:
        """A rule, upright or level, of slightly uneven width and with a few tiny gaps, as print has them."""
        level = abs(x1 - x0) > abs(y1 - y0)
        start, end = (x0, x1) if level else (y0, y1)
        middle = (y0 + y1) / 2 if level else (x0 + x1) / 2
        length = max(1, round(end) - round(start))
        half = self.size.points(points) / 2
        coarse = self.rng.normal(1, 0.08, length // 70 + 3)
        widths = half * np.interp(np.arange(length) / 70, np.arange(coarse.size), coarse)
        for _ in range(self.rng.poisson(length / self.size.mm(130))):
            gap = int(self.rng.integers(length))
            widths[gap : gap + int(self.rng.integers(2, 2 + round(self.size.mm(0.8))))] *= 0.25
        reach = int(np.ceil(half)) + 2
        across = np.arange(round(middle) - reach, round(middle) + reach + 1)
        cover = np.clip(widths[:, None] + 0.5 - np.abs(across + 0.5 - middle)[None], 0, 1) * 255
        mask = np.round(cover.T if level else cover).astype(np.uint8)
        self._press(mask, round(start) if level else int(across[0]), int(across[0]) if level else round(start))

    def box(self, box: Box, points: float = RULE_WIDTH_POINTS) -> None:
        """The four rules of a box."""
        left, top, right, bottom = _edges(box)
        self.rule(left, top, right, top, points)
        self.rule(left, bottom, right, bottom, points)
        self.rule(left, top, left, bottom, points)
        self.rule(right, top, right, bottom, points)

    def _press(self, mask: Image, left: int, top: int) -> Box:
        box = Box(left, top, left + mask.shape[1], top + mask.shape[0])
        seen = box.clipped(self.size.width, self.size.height)
        if not seen.is_empty():
            part = mask[seen.top - top : seen.bottom - top, seen.left - left : seen.right - left]
            spot = self.cover[seen.top : seen.bottom, seen.left : seen.right]
            np.maximum(spot, part, out=spot)
        return seen


def _edges(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom


def _around(a: Box, b: Box) -> Box:
    return Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))
