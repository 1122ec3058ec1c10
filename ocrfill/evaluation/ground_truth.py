"""What is truly written on a drawn page: text, strips, ink, labels and warp, and its JSON form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ocrfill.document.geometry import Polygon
from ocrfill.document.warp import Warp
from ocrfill.errors import BadInput, place_in_file

TRUTH_FORMAT = 1


@dataclass(frozen=True, slots=True)
class StripTruth:
    """A line of a field: its text, its outline and the bounds of its ink (left, top, right, bottom) on the image."""

    text: str
    polygon: Polygon
    ink_box: tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True)
class FieldTruth:
    """A field as written. `ink` is its value in the ink map, 0 where it has no ink; `unread` fields have no text."""

    name: str
    kind: str
    text: str
    normalised: str | None
    strips: tuple[StripTruth, ...]
    ink: int
    crossed_out: bool = False
    overflow: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class RecordTruth:
    """An entry of the register: its place on the page, from 1, and its fields."""

    number: int
    fields: tuple[FieldTruth, ...]


@dataclass(frozen=True, slots=True)
class LabelTruth:
    """Printed words and their outline on the image."""

    text: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class PageTruth:
    """The truth of one drawn page; `warp` takes the ideal page to the image. Keys: docs/explanation/drawn-books.md."""

    image: str
    book: str
    layout: str
    layout_version: int
    page: int
    seed: int
    damage: str
    hand: str
    width: int
    height: int
    dpi: float
    warp: Warp
    records: tuple[RecordTruth, ...]
    labels: tuple[LabelTruth, ...]
    format: int = TRUTH_FORMAT


_TRUTH: TypeAdapter[PageTruth] = TypeAdapter(PageTruth)


def save_truth(truth: PageTruth, path: Path) -> None:
    """Write the truth as JSON, a field or label a line."""
    parts: dict[str, Any] = _TRUTH.dump_python(truth, mode="json")
    parts = {"format": parts.pop("format"), **parts}
    records = [
        f'  {{"number": {record["number"]}, "fields": [\n{_listed(record["fields"], 3)}\n  ]}}'
        for record in parts.pop("records")
    ]
    labels = _listed(parts.pop("labels"), 2)
    lines = [f' "{key}": {_flat(value)}' for key, value in parts.items()]
    lines += [f' "records": [\n{_comma(records)}\n ]', f' "labels": [\n{labels}\n ]']
    path.write_text(f"{{\n{_comma(lines)}\n}}\n", encoding="utf-8")


def _flat(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _listed(values: list[Any], indent: int) -> str:
    return _comma([" " * indent + _flat(value) for value in values])


def _comma(lines: list[str]) -> str:
    return ",\n".join(lines)


def load_truth(path: Path) -> PageTruth:
    """The truth beside a drawn page. Raises BadInput where the file is none."""
    try:
        truth = _TRUTH.validate_json(path.read_bytes())
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(
            f"{path} is no truth of a drawn page: {place_in_file(first['loc']) or 'the file'}: {first['msg']}"
        ) from error
    if truth.format != TRUTH_FORMAT:
        raise BadInput(
            f"{path} has truth of format {truth.format}; this version of ocrfill knows format {TRUTH_FORMAT}"
        )
    if truth.image in {"", ".", ".."} or "/" in truth.image or "\0" in truth.image:
        raise BadInput(f"{path}: image: must be the file name alone of the page's image, which lies beside it")
    return truth
