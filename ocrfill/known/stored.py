"""The lists that come with ocrfill: names, units, phrases. Origin and licences in lists/SOURCES.md."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Literal

List = Literal["names", "units", "country", "phrases"]


@cache
def stored(name: List) -> Any:
    """A list as its JSON file has it."""
    return json.loads((resources.files("ocrfill.known") / "lists" / f"{name}.json").read_text(encoding="utf-8"))
