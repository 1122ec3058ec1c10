"""How well the writing of every field is found on a drawn page: its own ink kept, others' ink left out.

What counts is what the reader gets: the ink of a field's crops. `boxed` tells apart what the strips' boxes missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Crop, FieldBox, Image, Located
from ocrfill.document.warp import Warp
from ocrfill.evaluation.ground_truth import FieldTruth, PageTruth
from ocrfill.pipeline.emptiness import emptiness

MIN_KEPT_SHARE, MAX_FOREIGN_SHARE = 0.98, 0.02
"""A field is found when at least so much of its ink is kept, and at most so much of what is kept is other fields'."""

RIM_SQUARE_PX = 5
"""Ink within this square around a kept pixel is kept: the truth counts the soft rim of a stroke, a crop may not."""

MIN_INK_BASIS_PX = 200
"""Foreign ink is measured against at least so many pixels: a speck in an empty strip is no neighbour's writing."""


@dataclass(frozen=True, slots=True)
class FieldScore:
    """`boxed` and `kept`: share of the field's ink inside its strips' boxes, and left in its crops; `foreign`: share
    of the crops' ink that is other fields', `of_others` of other records; `empty`: how surely the crops are empty.

    Of ticks and of fields that are not read the boxes alone count.
    """

    page: str
    layout: str
    damage: str
    record: int
    name: str
    filled: bool
    unread: bool
    boxed: float
    kept: float
    foreign: float
    of_others: float
    empty: float

    @property
    def found(self) -> bool:
        return self.kept >= MIN_KEPT_SHARE and self.foreign <= MAX_FOREIGN_SHARE

    @property
    def given_away(self) -> bool:
        """Whether most of what the crops hold is another record's writing."""
        return self.of_others > 0.5


def straight_ink(ink: Image, to_source: Warp, width: int, height: int) -> Image:
    """A scan's ink map as it lies on the straightened page."""
    x, y = np.arange(0, width + 16, 8) + 3.5, np.arange(0, height + 16, 8) + 3.5
    places = to_source.apply(np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)).reshape(len(y), len(x), 2)
    fine = cv2.resize(places.astype(np.float32), None, fx=8, fy=8)[:height, :width]
    return cast(Image, cv2.remap(ink, fine, np.empty(0, np.float32), cv2.INTER_NEAREST))


def measure_strips(
    truth: PageTruth, ink: Image, located: Located, cut: tuple[tuple[Crop, ...], ...], page: str
) -> list[FieldScore]:
    """The scores of all fields of a page; `ink` is the ink map on the straightened page, `page` the page's name."""
    found = {(b.record, b.name): (b, c) for b, c in zip(located.boxes, cut, strict=True)}
    record_of = np.zeros(256, np.int64)
    for record in truth.records:
        for field in record.fields:
            record_of[field.ink] = record.number if field.ink else 0
    return [
        _score(truth, field, ink, *found[record.number, field.name], record=record.number, of=record_of, page=page)
        for record in truth.records
        for field in record.fields
    ]


def _score(
    truth: PageTruth,
    field: FieldTruth,
    ink: Image,
    box: FieldBox,
    pieces: tuple[Crop, ...],
    *,
    record: int,
    of: NDArray[np.int64],
    page: str,
) -> FieldScore:
    total = int((ink == field.ink).sum()) if field.ink else 0
    unread = field.kind == "tick" or field.unread
    foreign, others, mass = 0, 0, 0
    boxed, left = np.zeros((2, *ink.shape), bool)
    for strip, piece in zip(box.strips, pieces, strict=True):
        b = strip.box
        if b.is_empty():
            continue
        place = (slice(b.top, b.bottom), slice(b.left, b.right))
        here = ink[place]
        own = (here == field.ink) & (field.ink > 0)
        near = (
            own
            if unread
            else own & (cv2.dilate(piece.ink.astype(np.uint8), np.ones((RIM_SQUARE_PX, RIM_SQUARE_PX), np.uint8)) > 0)
        )
        boxed[place] |= own
        left[place] |= near
        strange = piece.ink & (here != field.ink) & (here > 0)
        foreign += int(strange.sum())
        others += int((strange & (of[here] != record)).sum())
        mass += int(piece.ink.sum())
    against = max(mass, MIN_INK_BASIS_PX)
    return FieldScore(
        page,
        truth.layout,
        truth.damage,
        record,
        field.name,
        field.ink > 0,
        unread,
        int(boxed.sum()) / total if total else 1.0,
        int(left.sum()) / total if total else 1.0,
        0.0 if unread else foreign / against,
        0.0 if unread else others / against,
        min((emptiness(piece) for piece in pieces), default=1.0),
    )


def separation(scores: list[FieldScore]) -> float | None:
    """Area under the curve of empty against filled fields, of those that are read; None where one sort is missing."""
    empty = np.array([s.empty for s in scores if not s.filled and not s.unread])
    filled = np.array([s.empty for s in scores if s.filled and not s.unread])
    if not len(empty) or not len(filled):
        return None
    above = (empty[:, None] > filled[None, :]).mean() + 0.5 * (empty[:, None] == filled[None, :]).mean()
    return float(above)
