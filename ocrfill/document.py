"""The JSON form of what was read on a page: the shape of `PageResult`, documented in docs/results.md. It stays."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from ocrfill.errors import BadInput
from ocrfill.records import PageResult

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
