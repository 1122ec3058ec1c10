"""Between a page result and its rows in the store; what goes in comes back equal."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from ocrfill.document.result import Failure, Issue, PageResult
from ocrfill.document.result_json import from_document, to_document
from ocrfill.errors import BadInput, StoreError

Row = Mapping[str, Any] | RowMapping

FIELD_COLUMNS = ("name", "raw", "normalised", "probability", "decision")
"""What of a field has its own column; the rest is the row's JSON."""


@dataclass(frozen=True, slots=True)
class ResultRows:
    """A page result as rows: the columns of its page, and those of each of its fields, without ids."""

    page: Mapping[str, str | None]
    fields: tuple[Mapping[str, Any], ...]


def to_rows(result: PageResult) -> ResultRows:
    """The rows of a result with or without failure.

    Raises ValueError where the result cannot be stored: two records of one number, a number that is not finite, a
    text with a NUL or half a surrogate pair.
    """
    document = to_document(result)
    del document["source"], document["page"]
    failure, issues = document.pop("failure"), document.pop("issues")
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
    page = {
        "failure_stage": failure and failure["stage"],
        "failure_reason": failure and failure["reason"],
        "issues": _json(issues) if issues else None,
        "detail": _json(document),
    }
    check_text((page["failure_stage"] or "") + (page["failure_reason"] or ""))
    return ResultRows(page, tuple(rows))


@contextmanager
def read_back(what: str) -> Iterator[None]:
    """Turn what a row raises that is not as ocrfill wrote it into StoreError; `what` says which, without its values."""
    try:
        yield
    except (ArithmeticError, AttributeError, BadInput, LookupError, RecursionError, TypeError, ValueError) as error:
        raise StoreError(f"the store is damaged at {what}; put its last copy in its place") from error


def scan_in_words(row: Row) -> str:
    """Which scan a row is of, for a message: the beginning of its hash, if it is one."""
    digest = row["sha256"]
    return f"the scan {digest[:12]}…" if isinstance(digest, str) else "a scan whose hash is damaged"


def text_in(value: object) -> str:
    """A value that must be text, for SQLite keeps of any kind what it is given. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def number_in(value: object) -> int:
    """A value that must be a whole number. Raises TypeError."""
    if not isinstance(value, int):
        raise TypeError("no whole number")
    return value


def from_rows(source: str, number: int, page: Row, fields: Iterable[Row]) -> PageResult:
    """The result of page `number` of that scan; `fields` are the rows of its fields in order of record and position.

    Raises StoreError where a row is damaged.
    """
    with read_back(f"page {number} of {source}"):
        return _from_rows(source, number, page, fields)


def _from_rows(source: str, number: int, page: Row, fields: Iterable[Row]) -> PageResult:
    document = json.loads(page["detail"])
    document |= {"source": source, "page": number, "issues": issues_of(page)}
    if page["failure_stage"] is not None:
        document["failure"] = Failure(page["failure_stage"], page["failure_reason"])
    records = {record["number"]: record | {"fields": []} for record in document["records"]}
    document["records"] = list(records.values())
    for row in fields:
        field = json.loads(row["detail"]) | {column: row[column] for column in FIELD_COLUMNS}
        records[row["record"]]["fields"].append(field)
    return from_document(document)


def issues_of(page: Row) -> tuple[Issue, ...]:
    """What a person should know of a page itself, from its row."""
    return tuple(Issue(**issue) for issue in json.loads(page["issues"] or "[]"))


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
