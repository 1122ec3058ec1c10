"""The printed form as `locate` needs it: where rules, labels and places to write lie on an ideal page.

All places are fractions of the page, x of its width and y of its height, so that one template serves any resolution.
These classes are also the keys of a layout's YAML `body`; `ocrfill.layouts` checks them there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, MinLen

Fraction = Annotated[float, Ge(0), Le(1)]
"""A place on the page: 0 at its left or top edge, 1 at its right or bottom edge."""

Style = Literal["plain", "italic", "bold", "bold-italic"]

STRICT_CONFIG: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The outer ruled box of the form or table."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    left: Fraction
    top: Fraction
    right: Fraction
    bottom: Fraction


@dataclass(frozen=True, slots=True)
class Label:
    """Words printed on a line of the form, from `x` on; `size` is the height of its type in points, `width` how many
    times wider it is set than the typeface.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    text: str
    x: Fraction
    style: Style = "plain"
    size: float = 12.0
    width: Annotated[float, Ge(0.5), Le(2)] = 1.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A dotted stretch to write on, from x to x; it belongs to the field it names."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    field: str
    x: tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class FormLine:
    """One printed line: `y` is its base line, on which labels stand and dots run."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    y: Fraction
    labels: tuple[Label, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkbox:
    """A printed box to tick: the value it stands for and its left, top, right, bottom edges."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    field: str
    value: str
    box: tuple[Fraction, Fraction, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Area:
    """A region without lines to write on (notes column, signature): left, top, right, bottom."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    field: str
    box: tuple[Fraction, Fraction, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class FormTemplate:
    """A form body: one record a page, printed labels with dotted lines to write on.

    A field with several gaps continues from one to the next in the order of the lines.
    `frame` may be missing where the form has no ruled box; `verticals` are the x of its inner vertical rules.
    `type_point` is a point of its type as a share of the page's width, given where a printing is known: its labels then
    lie just where they are said to lie.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    lines: Annotated[tuple[FormLine, ...], MinLen(1)]
    frame: Frame | None = None
    verticals: tuple[Fraction, ...] = ()
    ticks: tuple[Checkbox, ...] = ()
    areas: tuple[Area, ...] = ()
    type_point: Annotated[float, Ge(0.0005), Le(0.01)] | None = None
    kind: Literal["form"] = "form"

    def field_names(self) -> tuple[str, ...]:
        """Every field this body has a place for, each once, in the order of the page."""
        places = [g.field for line in self.lines for g in line.gaps]
        places += [t.field for t in self.ticks] + [a.field for a in self.areas]
        return tuple(dict.fromkeys(places))


@dataclass(frozen=True, slots=True)
class Head:
    """A printed head over the columns `first` to `last` (from 1), between the heights `top` and `bottom`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    text: str
    first: int
    last: int
    top: Fraction
    bottom: Fraction


@dataclass(frozen=True, slots=True)
class RecordCell:
    """The place of a field in each record: its column (from 1) and the record's lines (from 1, both ends in)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    field: str
    column: int
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RowLabel:
    """Words printed in each record at the start of a cell ("Chồng:"): its column and line, both from 1."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    text: str
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class TableTemplate:
    """A table body: a ruled grid, several records a page, each a group of rows.

    `columns` are the x of all vertical rules from the left border to the right one. `gutter` is the x of the fold
    where the table runs across two facing pages. Records fill the height from `top` to `bottom` in equal shares, each
    of `lines_per_record` lines of writing; where they are not equal `levels` has the y of every line's edges from `top`
    to `bottom`. `record_rules` says whether a rule is printed under each line or only under each record. `number_row`
    is the printed row of column numbers.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    columns: Annotated[tuple[Fraction, ...], MinLen(2)]
    top: Fraction
    bottom: Fraction
    records: int
    lines_per_record: int
    cells: Annotated[tuple[RecordCell, ...], MinLen(1)]
    heads: tuple[Head, ...] = ()
    row_labels: tuple[RowLabel, ...] = ()
    head_top: Fraction | None = None
    number_row: tuple[Fraction, Fraction] | None = None
    gutter: Fraction | None = None
    record_rules: Literal["line", "record"] = "line"
    levels: tuple[Fraction, ...] = ()
    kind: Literal["table"] = "table"

    def line_edges(self) -> tuple[float, ...]:
        """The y of every line's upper edge and of the last one's lower edge, ruled or not."""
        if self.levels:
            return self.levels
        lines = self.records * self.lines_per_record
        height = (self.bottom - self.top) / lines
        return tuple(self.top + i * height for i in range(lines + 1))

    def field_names(self) -> tuple[str, ...]:
        """Every field of a record, each once, in the order of the page."""
        return tuple(dict.fromkeys(c.field for c in self.cells))


Template = FormTemplate | TableTemplate

MIN_INK_DARKNESS = 36
"""Darkness (255 less grey) from which a pixel may be ink, where nothing is tuned."""


@dataclass(frozen=True, slots=True)
class CropOptions:
    """`ink` is the darkness from which a pixel may be ink; `dots` and `rules` say whether printed dots and rules are
    taken away; `left`, `right` and `rise` are millimetres: how much farther strips of lines reach to both sides, and
    how far writing stands above the places of the layout.
    """

    ink: int = MIN_INK_DARKNESS
    dots: bool = True
    rules: bool = True
    left: float = 0.0
    right: float = 0.0
    rise: float = 0.0
