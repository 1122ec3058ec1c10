"""The JSON form of a `PageResult`: what was read on a page, as docs/reference/results.md says. It stays."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ocrfill.document.result import PageResult
from ocrfill.errors import BadInput

_RESULT: TypeAdapter[PageResult] = TypeAdapter(PageResult)


def to_document(result: PageResult) -> dict[str, Any]:
    """A page result as JSON data: objects named as the classes' attributes, polygons as lists of [x, y]."""
    document: dict[str, Any] = _RESULT.dump_python(result, mode="json")
    return document


def from_document(document: object) -> PageResult:
    """The page result in JSON data. Raises BadInput where it is none."""
    try:
        return _RESULT.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise BadInput(f"not a page result: {where}: {first['msg']}") from error


def results_in_file(path: Path) -> tuple[PageResult, ...]:
    """The page results in a .json (what `ocrfill read --json` prints) or .jsonl (`ocrfill export`, a line a record).

    Results of the same page become one, with the records of all. Raises BadInput.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    pages: dict[tuple[str, int], PageResult] = {}
    for document in _documents(text, path):
        result = from_document(document)
        before = pages.get((result.source, result.page))
        records = (*before.records, *result.records) if before else result.records
        pages[result.source, result.page] = dataclasses.replace(result, records=records)
    return tuple(pages.values())


def _documents(text: str, path: Path) -> Iterator[object]:
    try:
        if path.suffix == ".jsonl":
            yield from (json.loads(line) for line in text.split("\n") if line.strip())
            return
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}: line {error.lineno}: not JSON: {error.msg}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("pages"), list):
        raise BadInput(f"{path}: want what `ocrfill read --json` prints: an object with a list `pages`")
    yield from whole["pages"]
