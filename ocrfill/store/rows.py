"""Between a page result and its rows in the store; what goes in comes back equal."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import RowMapping

from ocrfill.document import from_document, to_document
from ocrfill.records import Failure, PageResult

FIELD_COLUMNS = ("name", "raw", "normalised", "probability", "decision")
"""What of a field has its own column; the rest is the row's JSON."""


def to_rows(result: PageResult) -> tuple[str, list[dict[str, Any]]]:
    """The page's JSON and the rows of its fields (without `page_id`), of a result with or without failure.

    Raises ValueError where the result cannot be stored: two records of one number, a number that is not finite, a
    text with a NUL or half a surrogate pair.
    """
    document = to_document(result)
    for kept_elsewhere in ("source", "page", "failure"):
        del document[kept_elsewhere]
    numbers = [record.number for record in result.records]
    if len(set(numbers)) != len(numbers):
        raise ValueError("two records of the page have the same number")
    rows = []
    for record in document["records"]:
        for position, field in enumerate(record.pop("fields"), start=1):
            row = {"record": record["number"], "position": position}
            row |= {column: field.pop(column) for column in FIELD_COLUMNS}
            row["detail"] = _json(field)
            _check(row)
            rows.append(row)
    return _json(document), rows


def from_rows(
    source: str, page: int, failure: Failure | None, detail: str, rows: Iterable[Mapping[str, Any] | RowMapping]
) -> PageResult:
    """The page result; `rows` are those of its fields in order of record and position."""
    document = json.loads(detail)
    document |= {"source": source, "page": page}
    document["failure"] = None if failure is None else {"stage": failure.stage, "reason": failure.reason}
    records = {record["number"]: record | {"fields": []} for record in document["records"]}
    document["records"] = list(records.values())
    for row in rows:
        field = json.loads(row["detail"]) | {column: row[column] for column in FIELD_COLUMNS}
        records[row["record"]]["fields"].append(field)
    return from_document(document)


def _check(row: Mapping[str, Any]) -> None:
    if not math.isfinite(row["probability"]):
        raise ValueError("a probability is not finite")
    for column in ("name", "raw", "normalised"):
        check_text(row[column] or "")


def check_text(text: str) -> None:
    """Raise ValueError where a database could not hold the text."""
    if "\0" in text:  # PostgreSQL takes none; the kind of database must not decide what can be stored
        raise ValueError("a text holds a NUL character")
    text.encode()


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text.encode()
    return text
