"""The nouns: what one stage hands to the next. All are frozen; a stage takes them and returns new ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.geometry import Box, Polygon, Warp

Image = NDArray[np.uint8]
"""Grey (height, width) or blue-green-red (height, width, 3), 8 bits."""

Bits = NDArray[np.uint8]
"""A map of 0 and 1."""

RED = 2
"""The channel in which red seals fade and blue and black ink stay dark."""

REDDISH = 32
"""A pixel whose red is so much brighter than its green and blue is stamping ink; brown ink is less red."""

LIGHT = 130
"""Beside stamping ink a pixel lighter than this is its rim, made grey by packing; darker ones are pen and print."""

RIM = 2
"""So many pixels from stamping ink are its rim at most."""

INK_ROWS = 256
"""Rows looked at for ink at a time: no second map of the whole page is kept, and they stay in the processor's cache."""

RIM = 2
"""So many pixels from stamping ink are its rim at most."""

INK_ROWS = 256
"""Rows looked at for ink at a time: no further map of the whole page is made, and they stay in the cache."""


def stamping_ink(image: Image) -> Image:
    """How much redder than other inks each pixel of a colour image is, 0 where it is not."""
    blue, green, red = cv2.split(image)
    redder = cv2.subtract(red, cv2.max(blue, green, dst=blue), dst=blue)
    return cast(Image, cv2.subtract(redder, np.array([REDDISH], np.float64), dst=redder, dtype=cv2.CV_8U))


def ink_channel(image: Image) -> Image:
    """How bright pen and print leave the page: grey as it is; of a colour image the red, seals made fainter still."""
    if image.ndim == 2:
        return image
    ink = np.empty(image.shape[:2], np.uint8)
    for top in range(0, len(ink), INK_ROWS):
        above = max(top - RIM, 0)
        rows = _ink_channel(image[above : top + INK_ROWS + RIM])
        ink[top : top + INK_ROWS] = rows[top - above : top - above + INK_ROWS]
    return ink


def _ink_channel(image: Image) -> Image:
    stamped, red = stamping_ink(image), cv2.extractChannel(image, RED)
    around = cv2.dilate(stamped, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    rim = cv2.subtract(red, np.array([LIGHT], np.float64), dtype=cv2.CV_8U)
    fainter = cv2.max(stamped, cv2.min(around, rim, dst=around), dst=around)
    return cast(Image, cv2.scaleAdd(fainter, 2.0, red, dst=rim))


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One side of one sheet, or one opening of two facing pages, as an image.

    `source` is the scan file's name as the user gave it, `number` counts its pages from 1, `dpi` is what the file says
    (or a guess from the paper's size where it says nothing). `to_source` maps pixels of `image` to pixels of the
    original scan page as decoded (after the file's own rotation flags); identity for a page as scanned.
    `turned` is how far, in degrees clockwise, the scan had to be turned to stand upright: 0, 90, 180 or 270.
    """

    source: str
    number: int
    image: Image
    dpi: float
    to_source: Warp = field(default_factory=Warp)
    turned: int = 0

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class Strip:
    """Where one line of a field's writing lies: its box and the height of its base line, on the straightened page."""

    box: Box
    baseline: float


@dataclass(frozen=True, slots=True)
class FieldBox:
    """Where a field of a record lies on the page: one strip per line of writing, in reading order."""

    record: int
    name: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a layout lies on a page.

    `score` runs from 0 to 1: the share of the form's own print and rules that was found where the fit puts it.
    """

    score: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A printed rule, level or upright, on the straightened page: points it runs through, from left or from the top."""

    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Located:
    """All fields of all records that a layout has on a page, how well it fits, where its printed rules lie, and whether
    lines to write on are dotted.
    """

    fit: Fit
    boxes: tuple[FieldBox, ...]
    rules: tuple[Rule, ...] = ()
    dotted: bool = True


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a ruled table: its outline, and the first and last row and column it spans, counted from 1.

    `table` counts the tables of the page from 1; the facing pages of an opening are tables of their own.
    """

    polygon: Polygon
    rows: tuple[int, int]
    columns: tuple[int, int]
    table: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One line of writing, printed label and dotted rule taken away.

    `image` is grey, `ink` has its shape and is true where there is writing. `strip` says where it comes from.
    `struck` says that a word is struck through, `stamped` that a red seal lies over the writing.
    """

    image: Image
    ink: NDArray[np.bool_]
    strip: Strip
    struck: bool = False
    stamped: bool = False


@dataclass(frozen=True, slots=True)
class Character:
    """One read character and the reader's score for it, 0 to 1."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading and its score, 0 to 1."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's answer for one crop, never overwritten. `score` is the reader's own, 0 to 1, not calibrated.

    `others` is what other readers said of the same crop, where several were asked.
    """

    text: str
    score: float
    reader: str
    characters: tuple[Character, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    others: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person should know about a value, a record or a page.

    `code` is stable and for programs; `text` is one line of Vietnamese for the clerk.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """What a field type makes of the readings: the writing as it stands, its coded form if any, and issues."""

    raw: str
    normalised: str | None
    issues: tuple[Issue, ...] = ()


class Decision(StrEnum):
    """What happens with a field next."""

    ACCEPT = "accept"
    REVIEW = "review"
    EMPTY = "empty"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record as ocrfill gives it away; its JSON form is documented in docs/results.md and stays.

    `raw` is what is written, `normalised` its coded form (None where there is none), `probability` that `raw` is what
    a careful person would type. `polygon` is the outline around all strips and `strips` one polygon a line of
    writing, both in pixels of the original scan. `readings` keeps every reader's answer for every strip.
    """

    name: str
    label: str
    kind: str
    raw: str
    normalised: str | None
    probability: float
    decision: Decision
    issues: tuple[Issue, ...]
    reader: str | None
    polygon: Polygon
    strips: tuple[Polygon, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the register: its place on the page (from 1) and its fields in the layout's order."""

    number: int
    fields: tuple[Field, ...]
    issues: tuple[Issue, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of that name, None where the layout has none."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page could not be read: the stage it stopped at and the reason in plain words."""

    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class PageResult:
    """All that was read on one page of a scan, or why nothing was.

    `width` and `height` are those of the original scan in pixels. `models` names the readers and their versions.
    """

    source: str
    page: int
    layout: str
    layout_version: int
    width: int = 0
    height: int = 0
    dpi: float = 0.0
    turned: int = 0
    fit: float = 0.0
    models: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    issues: tuple[Issue, ...] = ()
    failure: Failure | None = None


class Answer(StrEnum):
    """What a person answered when shown a field."""

    CONFIRMED = "confirmed"
    """The pre-filled value stands."""
    PICKED = "picked"
    """Another value, taken from those offered."""
    CORRECTED = "corrected"
    """Another value, typed."""
    UNREADABLE = "unreadable"
    WRONGLY_CUT = "wrongly_cut"
    """The picture does not show this field's writing, or not all of it."""
    SKIPPED = "skipped"


VALUED = frozenset({Answer.CONFIRMED, Answer.PICKED, Answer.CORRECTED})
"""The answers that say what is written; the others have no value."""


class Purpose(StrEnum):
    """Why a field was shown to a person."""

    REVIEW = "review"
    """It was doubted."""
    AUDIT = "audit"
    """It was accepted, and drawn by lot to see whether rightly."""
    PROOF = "proof"
    """It was drawn by lot among all filled fields, to prove what can be promised of them."""
    SECOND = "second"
    """Another person had answered before; this one did not see how."""
    CHECK = "check"
    """Two persons had answered differently."""


@dataclass(frozen=True, slots=True, order=True)
class FieldPlace:
    """Which field of which record of which page; `scan` is the SHA-256 of the scan file's content."""

    scan: str
    page: int
    record: int
    field: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person made of a field: the truth for it, and how dear it was.

    `prefilled` is the value that was shown, `entered` what the person left there (equal to it when confirmed), None
    for an answer without a value. `when` is the moment of the answer, in UTC; `seconds` how long the person had the
    field before them, None where nobody measured. `source` names the server and project, `task` and `annotation` the
    rows there: an answer edited later comes again with the same annotation and a later `when`. `outline` is where the
    field lay on the scan when it was shown.
    """

    place: FieldPlace
    prefilled: str
    entered: str | None
    answer: Answer
    purpose: Purpose
    who: str
    when: datetime
    seconds: float | None
    source: str
    task: int
    annotation: int
    outline: Polygon = ()

    def __post_init__(self) -> None:
        if self.when.utcoffset() != timedelta(0):
            raise ValueError("the moment of a correction is not in UTC")
        if (self.entered is not None) != (self.answer in VALUED):
            raise ValueError(f"an answer {self.answer} with{'out' if self.entered is None else ''} a value")
        if self.answer is Answer.CONFIRMED and self.entered != self.prefilled:
            raise ValueError("a confirmed value is not the one shown")
