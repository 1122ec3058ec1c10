"""A register's printed form as data: the YAML file, checked whole, as a frozen Layout."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt
from pydantic import Field as Options
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from ocrfill.errors import BadInput, BadLayout
from ocrfill.fields import FieldType
from ocrfill.layouts.columns import known_columns
from ocrfill.locate.template import STRICT, FormTemplate, TableTemplate

Kind = Literal["KS", "KH", "KT", "CMC", "HN"]
"""Kind of register: khai sinh, kết hôn, khai tử, nhận cha mẹ con, xác nhận tình trạng hôn nhân."""

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Paper:
    """The size of the sheet (or of the opening, where two facing pages are scanned as one), in millimetres."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    width: Annotated[float, Gt(0)] = 210.0
    height: Annotated[float, Gt(0)] = 297.0


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of the register.

    `label` is what the form prints beside it. `columns` says which columns of the exports it fills, and with which
    part of its value (`value` for most types; see docs/fields.md). `section` tells apart fields of equal label.
    A field with `read: false` (a signature) is found and shown, never read.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    label: str
    type: Annotated[FieldType, Options(discriminator="kind")]
    columns: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    read: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """One printed form. `years` are the first and last year its books were kept; `origin` is the act behind it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    name: str
    version: Annotated[int, Ge(1)]
    title: str
    kind: Kind
    years: tuple[int, int]
    body: Annotated[FormTemplate | TableTemplate, Options(discriminator="kind")]
    fields: Mapping[str, FieldSpec]
    paper: Paper = field(default_factory=Paper)
    origin: str = ""

    @property
    def records_per_page(self) -> int:
        return self.body.records if isinstance(self.body, TableTemplate) else 1

    def field_for(self, column: str) -> str | None:
        """The name of the field that fills an export column, None where no field does."""
        return next((name for name, spec in self.fields.items() if column in spec.columns), None)


LAYOUT: TypeAdapter[Layout] = TypeAdapter(Layout)


def shipped_layouts() -> tuple[str, ...]:
    """The names of the layouts that come with ocrfill, sorted."""
    library = resources.files("ocrfill.layouts") / "library"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in library.iterdir() if f.name.endswith(".yaml")))


def load_layout(name: str | Path) -> Layout:
    """A shipped layout by its name, or any layout by the path of its YAML file.

    Raises BadInput where there is no such file, BadLayout with every fault at once where the file has faults.
    """
    if str(name) in shipped_layouts():
        text = (resources.files("ocrfill.layouts") / "library" / f"{name}.yaml").read_text(encoding="utf-8")
        return parse_layout(text, str(name))
    path = Path(name)
    if path.suffix not in {".yaml", ".yml"} or not path.is_file():
        known = ", ".join(shipped_layouts())
        raise BadInput(f"no layout {str(name)!r}: give the path of a .yaml file or one of: {known}")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadLayout(path.name, (f"byte {error.start}: not UTF-8; save the file as UTF-8",)) from error
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    return parse_layout(text, path.name)


def parse_layout(text: str, name: str) -> Layout:
    """The layout in a YAML text; `name` is used in messages. Raises BadLayout with every fault."""
    try:
        data = YAML(typ="safe", pure=True).load(unicodedata.normalize("NFC", text))
    except MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise BadLayout(name, (f"{where}not YAML: {error.problem}",)) from error
    if not isinstance(data, dict):
        raise BadLayout(name, ("the file is empty or not a mapping; start from a shipped layout",))
    try:
        layout = LAYOUT.validate_python(data)
    except ValidationError as error:
        faults = tuple(f"{_path(e['loc'])}: {e['msg']}" for e in error.errors())
        raise BadLayout(name, faults) from error
    faults = tuple(_inner_faults(layout))
    if faults:
        raise BadLayout(name, faults)
    return layout


def _path(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "file"


def _inner_faults(layout: Layout) -> Iterator[str]:
    """What the types alone cannot say: names that do not meet, places out of order."""
    placed = layout.body.field_names()
    for name in placed:
        if name not in layout.fields:
            yield f"body: a place names field {name!r}, which is not under fields"
    for name, spec in layout.fields.items():
        if not NAME.fullmatch(name):
            yield f"fields.{name}: a field's name is of small letters, digits and _"
        if name not in placed:
            yield f"fields.{name}: has no place in the body"
        for column, part in spec.columns.items():
            if column not in known_columns(layout.kind):
                yield f"fields.{name}.columns.{column}: no such column in the exports of {layout.kind}"
            if part not in spec.type.parts:
                yield (
                    f"fields.{name}.columns.{column}: type {spec.type.kind} has no part {part!r}; "
                    f"it has {', '.join(spec.type.parts)}"
                )
    columns = [c for spec in layout.fields.values() for c in spec.columns]
    for column in sorted({c for c in columns if columns.count(c) > 1}):
        yield f"fields: column {column} is filled by more than one field"
    if layout.years[0] > layout.years[1]:
        yield "years: the first year comes after the last"
    yield from _form_faults(layout.body) if isinstance(layout.body, FormTemplate) else _table_faults(layout.body)


def _form_faults(body: FormTemplate) -> Iterator[str]:
    for i, line in enumerate(body.lines):
        for j, gap in enumerate(line.gaps):
            if gap.x[0] >= gap.x[1]:
                yield f"body.lines.{i}.gaps.{j}.x: left is not before right"
    for i, tick in enumerate(body.ticks):
        if not _is_box(tick.box):
            yield f"body.ticks.{i}.box: order is left, top, right, bottom"
    for i, area in enumerate(body.areas):
        if not _is_box(area.box):
            yield f"body.areas.{i}.box: order is left, top, right, bottom"


def _is_box(box: tuple[float, float, float, float]) -> bool:
    return box[0] < box[2] and box[1] < box[3]


def _table_faults(body: TableTemplate) -> Iterator[str]:
    if list(body.columns) != sorted(set(body.columns)):
        yield "body.columns: not in order from left to right"
    if body.top >= body.bottom:
        yield "body.top: not above body.bottom"
    if min(body.records, body.lines_per_record) < 1:
        yield "body.records, body.lines_per_record: must be at least 1"
    for i, cell in enumerate(body.cells):
        if not 1 <= cell.column < len(body.columns):
            yield f"body.cells.{i}.column: the table has columns 1 to {len(body.columns) - 1}"
        first, last = cell.lines
        if not 1 <= first <= last <= body.lines_per_record:
            yield f"body.cells.{i}.lines: a record has lines 1 to {body.lines_per_record}"
