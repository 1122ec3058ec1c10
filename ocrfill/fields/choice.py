"""Values from a closed list: sex, ethnic group, nationality, relation, and printed boxes to tick."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, ClassVar, Literal

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocrfill.fields.written import folded, joined
from ocrfill.records import Issue, Reading, Value

ListName = Literal["gioi_tinh", "dan_toc", "quoc_tich", "quan_he"]

NEAR = 0.7
"""Least likeness (1 - edits / length, marks aside) at which a reading is taken for an entry of its list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value from the closed list named `list`; normalised to the list's spelling, raw stays as written.

    Parts: `value` (the list's spelling, or what is written where the list has nothing near), `code` (the ministry's
    number for it; empty where it has none).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    list: ListName
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value", "code")
    kind: Literal["choice"] = "choice"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        raw = joined(readings)
        if not raw:
            return Value("", None)
        spellings = _spellings(self.list)
        near = process.extractOne(
            folded(raw), spellings.keys(), scorer=Levenshtein.normalized_similarity, score_cutoff=NEAR
        )
        if near is None:
            return Value(raw, None, (Issue("choice.unknown", "Không có trong danh mục"),))
        return Value(raw, spellings[near[0]])

    def part(self, value: Value, part: str) -> str:
        if part == "code":
            return str(_entries(self.list).get(value.normalised or "", {}).get("code", ""))
        return value.normalised or value.raw


@dataclass(frozen=True, slots=True)
class Tick:
    """Printed boxes of which one is ticked. `options` maps each box's value to its code, in the order of the boxes.

    Its readings come from the tick reader, one a box: "x" for a ticked one, "" for a blank one.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    options: dict[str, str]
    reader: ClassVar[str] = "tick"
    parts: ClassVar[tuple[str, ...]] = ("value", "code")
    kind: Literal["tick"] = "tick"

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        ticked = [v for v, r in zip(self.options, readings, strict=True) if r.text]
        if len(ticked) > 1:
            return Value("; ".join(ticked), None, (Issue("tick.several", "Có hơn một ô được đánh dấu"),))
        return Value(ticked[0], ticked[0]) if ticked else Value("", None)

    def part(self, value: Value, part: str) -> str:
        return self.options.get(value.normalised or "", "") if part == "code" else value.normalised or ""


@cache
def _entries(name: str) -> dict[str, dict[str, Any]]:
    """The list's entries: spelling → {"code": …, "also": [other spellings]}."""
    text = (resources.files("ocrfill.fields") / "lists" / f"{name}.json").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = json.loads(text)
    return entries


@cache
def _spellings(name: str) -> dict[str, str]:
    """Folded spelling → the list's own spelling."""
    found = {folded(entry): entry for entry in _entries(name)}
    for entry, more in _entries(name).items():
        for other in more.get("also", ()):
            found.setdefault(folded(other), entry)
    return found
