"""The JSON form of a `PageResult`: what was read on a page, as docs/reference/results.md says. It stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ocrfill.document.json_text import NotJson, parsed_json
from ocrfill.document.result import PageResult
from ocrfill.errors import BadInput, place_in_file

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
        where = place_in_file(first["loc"]) or "the document"
        raise BadInput(f"not a page result: {where}: {first['msg']}") from error


def results_in_file(path: Path) -> tuple[PageResult, ...]:
    """The page results in a .json (what `ocrfill read --json` prints) or .jsonl (`ocrfill export`, a line a record).

    Results of the same page become one, with the records of all. Raises BadInput.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    pages: dict[tuple[str, int], PageResult] = {}
    for document in _documents(text, path):
        try:
            result = from_document(document)
        except BadInput as error:
            raise BadInput(f"{path}: {error}") from error
        before = pages.get((result.source, result.page))
        records = (*before.records, *result.records) if before else result.records
        pages[result.source, result.page] = dataclasses.replace(result, records=records)
    return tuple(pages.values())


def _documents(text: bytes, path: Path) -> Iterator[object]:
    if path.suffix == ".jsonl":
        for number, line in enumerate(text.split(b"\n"), 1):
            if line.strip():
                yield _parsed(line, f"{path}, line {number}")
        return
    whole = _parsed(text, str(path))
    if not isinstance(whole, dict) or not isinstance(whole.get("pages"), list):
        raise BadInput(f"{path}: want what `ocrfill read --json` prints: an object with a list `pages`")
    yield from whole["pages"]


def _parsed(text: bytes, where: str) -> object:
    try:
        return parsed_json(text)
    except NotJson as error:
        raise BadInput(f"{where}: {error}") from error
