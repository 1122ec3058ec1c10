"""The lists that come with ocrfill: names, units, phrases, codes. Origin and licences in data/SOURCES.md."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Literal

List = Literal["names", "units", "country", "phrases", "export_columns"]


@cache
def stored_list(name: List) -> Any:
    """A list as its JSON file has it."""
    return _json(f"{name}.json")


@cache
def stored_codes(name: str) -> Any:
    """A list of codes of the ministry's software, or of units by the years they stood in, as its JSON file has it."""
    return _json(f"codes/{name}.json")


def _json(name: str) -> Any:
    return json.loads((resources.files("ocrfill.civil_status") / "data" / name).read_text(encoding="utf-8"))
