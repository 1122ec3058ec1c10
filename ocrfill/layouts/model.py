"""A register's printed form as data: the frozen classes whose attributes are the keys of a layout's YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le
from pydantic import Field as Options

from ocrfill.document.template import MIN_INK_DARKNESS, STRICT_CONFIG, CropOptions, FormTemplate, TableTemplate
from ocrfill.layouts.fields import FieldType

Kind = Literal["KS", "KH", "KT", "CMC", "HN"]
"""Kind of register: khai sinh, kết hôn, khai tử, nhận cha mẹ con, xác nhận tình trạng hôn nhân."""

Millimetres = Annotated[float, Gt(0), Le(2000)]

Year = Annotated[int, Ge(1800), Le(2100)]


@dataclass(frozen=True, slots=True)
class PaperSize:
    """The size of the sheet (or of the opening, where two facing pages are scanned as one), in millimetres."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    width: Millimetres = 210.0
    height: Millimetres = 297.0


WritingReader = Literal["auto", "tesseract", "hand"]
"""Who reads writing: Tesseract, right for print; ocrfill's own handwriting network; or each what it is right for."""

Margin = Annotated[float, Ge(-10), Le(10)]
"""Millimetres; below 0 narrower, or lower."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is set for the books of one form otherwise than for all; `ocrfill layout tune` finds it by reviewed pages.

    `ink`, `dots`, `rules`, `left`, `right` and `rise` are those of `document.template.Cutting`; `lexicon` is how much
    what is known of a field's text weighs against the ink; `reader` is who reads writing, None for whom the command
    names.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    ink: Annotated[int, Ge(10), Le(150)] = MIN_INK_DARKNESS
    dots: bool = True
    rules: bool = True
    left: Margin = 0.0
    right: Margin = 0.0
    rise: Margin = 0.0
    lexicon: Annotated[float, Ge(0), Le(4)] = 1.0
    reader: WritingReader | None = None

    @property
    def cutting(self) -> CropOptions:
        """The part that says how writing is cut out."""
        return CropOptions(self.ink, self.dots, self.rules, self.left, self.right, self.rise)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of the register.

    `label` is what the form prints beside it. `columns` says which columns of the exports it fills, and with which
    part of its value (`value` for most types; see docs/reference/fields.md). `section` tells apart fields of equal
    label. A field with `read: false` (a signature) is found and shown, never read. `reader` is who reads its writing,
    where it is not the one that reads the others.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    label: str
    type: Annotated[FieldType, Options(discriminator="kind")]
    columns: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    read: bool = True
    reader: WritingReader | None = None


MAX_LAYOUT_VERSION = 100_000
"""Every database can hold it, and nobody has changed a form so often."""

LayoutName = Annotated[str, Options(pattern="^[a-z][a-z0-9_]*$")]
"""Small letters, digits and _: it stands in file names and results."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One printed form. `years` are the first and last year its books were kept; `origin` is the act behind it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT_CONFIG
    name: LayoutName
    version: Annotated[int, Ge(1), Le(MAX_LAYOUT_VERSION)]
    title: str
    kind: Kind
    years: tuple[Year, Year]
    body: Annotated[FormTemplate | TableTemplate, Options(discriminator="kind")]
    fields: Mapping[str, FieldSpec]
    paper: PaperSize = field(default_factory=PaperSize)
    origin: str = ""
    tuning: Tuning = field(default_factory=Tuning)

    @property
    def records_per_page(self) -> int:
        """How many entries stand on a page."""
        return self.body.records if isinstance(self.body, TableTemplate) else 1

    def full_label(self, name: str) -> str:
        """A field's label, with its section where other fields bear the same: "Dân tộc (mẹ)"."""
        spec = self.fields[name]
        alike = sum(other.label == spec.label for other in self.fields.values())
        return f"{spec.label} ({spec.section})" if alike > 1 and spec.section else spec.label
