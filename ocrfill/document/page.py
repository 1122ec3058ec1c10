"""A page and what lies on it: strips, boxes, rules and cells, and the crops cut out of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Box, Polygon
from ocrfill.document.template import Style
from ocrfill.document.warp import Warp

Image = NDArray[np.uint8]
"""Grey (height, width) or blue-green-red (height, width, 3), 8 bits."""

Bits = NDArray[np.uint8]
"""A map of 0 and 1."""

Floats = NDArray[np.float32]
"""A map of numbers over an image, or such numbers along a line of it."""

Reals = NDArray[np.float64]
"""Numbers that are reckoned with: places, distances, fits."""


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as text that every program can read: bytes that are not UTF-8 are written out (`k\\xe8.jpg`)."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One side of one sheet, or one opening of two facing pages, as an image.

    `source` is the scan file's name as the user gave it (see `shown_path`), `number` counts its pages from 1, `dpi` is
    what the file says (or a guess from the paper's size where it says nothing). `to_source` maps pixels of `image` to
    pixels of the original scan page as decoded (after the file's own rotation flags); identity for a page as scanned.
    `turned` is how far, in degrees clockwise, the scan had to be turned to stand upright: 0, 90, 180 or 270; `flipped`
    says that its left and right were exchanged before that, `negative` that its brightness was turned over.
    """

    source: str
    number: int
    image: Image
    dpi: float
    to_source: Warp = field(default_factory=Warp)
    turned: int = 0
    flipped: bool = False
    negative: bool = False

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
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
    `flipped` says that the page seems to show the form as in a mirror all the same.
    """

    score: float
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A printed rule, level or upright, on the straightened page: points it runs through, from left or from the top."""

    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A printed label found on the straightened page: where it begins on its base line, the size (em) of its type and
    how many times wider it is set than the typeface; lengths in pixels.
    """

    text: str
    style: Style
    left: float
    baseline: float
    em_px: float
    width_factor: float


@dataclass(frozen=True, slots=True)
class Located:
    """All fields of all records that a layout has on a page, how well it fits, where its printed rules and labels lie,
    and whether lines to write on are dotted. `print_used` is the number (from 0) of the learnt print that was laid on
    the page, None where it was the form as the layout has it.
    """

    fit: Fit
    boxes: tuple[FieldBox, ...]
    rules: tuple[RuleLine, ...] = ()
    dotted: bool = True
    labels: tuple[PlacedLabel, ...] = ()
    print_used: int | None = None


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
