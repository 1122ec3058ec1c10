"""Values from a closed list: sex, ethnic group, nationality, relation, and printed boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

from rapidfuzz.distance import Levenshtein

from ocrfill.civil_status.orthography import compact, folded
from ocrfill.civil_status.reference_data import stored_codes
from ocrfill.document.result import Issue, Reading, Value
from ocrfill.layouts.fields.join_readings import ditto, joined_text

ListName = Literal["gioi_tinh", "dan_toc", "quoc_tich", "quan_he", "giay_to"]

MIN_ENTRY_SIMILARITY = 0.75
"""Least likeness (1 - edits / length, marks aside) at which a reading is taken for an entry of its list."""

MIN_SIMILAR_LETTERS = 4
"""Letters a reading must have to be taken for an entry it only resembles; shorter ones resemble too many."""

UNKNOWN_ENTRY = Issue("choice.unknown", "Không có trong danh mục")


@dataclass(frozen=True, slots=True)
class Choice:
    """A value from the closed list named `list`; normalised to the list's spelling, raw stays as written.

    Parts: `value` (the list's spelling, or what is written where the list has nothing near), `code` (the ministry's
    number for it; empty where it has none), `raw` (always as written).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    list: ListName
    reader: ClassVar[str] = "writing"
    parts: ClassVar[tuple[str, ...]] = ("value", "code", "raw")
    kind: Literal["choice"] = "choice"
    ditto: bool = False

    def parse(self, readings: tuple[Reading, ...]) -> Value:
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        raw = joined_text(readings)
        if not raw:
            return Value("", None)
        if self.ditto and (same := ditto(raw)):
            return same
        entry = find_entry(self.list, raw)
        return Value(raw, entry, (UNKNOWN_ENTRY,) if entry is None else ())

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        if part == "raw":
            return value.raw
        if part == "code":
            return str(_entries(self.list).get(value.normalised or "", {}).get("code", ""))
        return value.normalised or value.raw


def find_entry(name: ListName, text: str) -> str | None:
    """The entry of the list named `name` that a text means; None where none is near or two are equally so.

    An entry's own name counts before its other spellings, a spelling with its marks before one without; another
    spelling that differs from some entry's own name by its marks alone ("Ba" from "Bà") is doubtful. A text of two
    letters without marks is matched to own names only, one of a single letter to none. Only a text like none of
    these is taken for the nearest spelling. Where several entries fit alike, a group wins over its subgroups.
    """
    if text in _entries(name):
        return text
    bare = folded(text)
    if len(bare) < 2:
        return None
    spellings = _spellings(name)
    written = compact(text)
    marked = [s for s in spellings if s.marked == written]
    if own := [s.entry for s in marked if s.own]:
        return _widest(own)
    alike = [s for s in spellings if s.bare == bare and (len(bare) > 2 or s.own or s in marked)]
    if marked and not any(s.own for s in alike):
        return _widest([s.entry for s in marked])
    if alike or len(bare) < MIN_SIMILAR_LETTERS:
        return _widest([s.entry for s in alike])
    likeness = [Levenshtein.normalized_similarity(bare, s.bare, score_cutoff=MIN_ENTRY_SIMILARITY) for s in spellings]
    best = max(likeness)
    return _widest([s.entry for s, near in zip(spellings, likeness, strict=True) if near == best]) if best else None


def entries_of(name: ListName) -> tuple[str, ...]:
    """All entries of the list, in its own spelling and order."""
    return tuple(_entries(name))


def _widest(entries: Sequence[str]) -> str | None:
    """The only entry; among several the only one that is no subgroup ("Thổ" before "Tày (Thổ)"); else None."""
    found = set(entries)
    if len(found) > 1:
        found = {e for e in found if "(" not in e}
    return found.pop() if len(found) == 1 else None


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
        """The value of these readings, one a strip, in order; what is doubted stands in its issues."""
        if not readings:
            return Value("", None)
        ticked = [v for v, r in zip(self.options, readings, strict=True) if r.text.strip()]
        if len(ticked) > 1:
            return Value("; ".join(ticked), None, (Issue("tick.several", "Có hơn một ô được đánh dấu"),))
        return Value(ticked[0], ticked[0]) if ticked else Value("", None)

    def part(self, value: Value, part: str) -> str:
        """A part of a value for an export column; `parts` names them. An empty text where there is none."""
        return self.options.get(value.normalised or "", "") if part == "code" else value.normalised or ""


@cache
def _entries(name: str) -> dict[str, dict[str, Any]]:
    """The list's entries: spelling → {"code": …, "also": [other spellings]}."""
    entries: dict[str, dict[str, Any]] = stored_codes(name)
    return entries


@dataclass(frozen=True, slots=True)
class _Spelling:
    """One spelling in a list, with its marks and without; the entry it stands for; whether it is that entry's own."""

    marked: str
    bare: str
    entry: str
    own: bool


@cache
def _spellings(name: str) -> tuple[_Spelling, ...]:
    return tuple(
        _Spelling(compact(spelled), folded(spelled), entry, spelled == entry)
        for entry, more in _entries(name).items()
        for spelled in (entry, *more.get("also", ()))
    )


def spellings(name: ListName) -> tuple[tuple[str, str], ...]:
    """Every spelling of a closed list with the entry it stands for, entries' own names first among theirs."""
    return tuple(
        (spelled, entry) for entry, more in _entries(name).items() for spelled in (entry, *more.get("also", ()))
    )
