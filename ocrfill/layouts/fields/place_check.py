"""Names of administrative units in a place as written: what a careful clerk looks for in it.

`civil_status/data/codes/don_vi.json` holds the provinces of the country, old and new, and the districts and communes
of Quảng Trị with the first and last year in which a book may name them (worked back by the acts of 1976 to 2025; origin
and licences are those of `units.json` there). Nothing here changes a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import Levenshtein

from ocrfill.civil_status.administrative_units import CLEAR_INITIALS, OWN_PROVINCE, UNIT_KINDS, Level
from ocrfill.civil_status.orthography import compact
from ocrfill.civil_status.reference_data import stored_codes
from ocrfill.document.result import Issue

OWN_PROVINCE_NAMES = tuple(compact(name) for name in OWN_PROVINCE)
"""The province itself, under its names; its districts and communes are the ones we know."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit named in a text: its level, its name as written, whether the list has it, and what in it is nearest."""

    level: Level
    name: str
    known: bool
    near: str = ""


_KINDS: Mapping[str, Level] = {
    spelt: kind.level
    for kind in UNIT_KINDS
    if kind.here
    for spelt in (kind.word, *({kind.initials} & set(CLEAR_INITIALS)))
}
"""The word before a unit's name and its level; a "thành phố" may be a province too."""

_WORDS = "|".join(kind.word for kind in UNIT_KINDS if kind.here)
_NAMED = re.compile(
    rf"(?<!\w)({_WORDS}|{'|'.join(CLEAR_INITIALS)})[.: ]\s*((?:(?!\b(?:{_WORDS})\b)[^,;.()–-])+)",
    re.IGNORECASE,
)


def find_units(text: str) -> tuple[Unit, ...]:
    """The units a text names with their kind ("xã Vĩnh Lâm"), in order.

    Of other provinces only the provinces are known, so districts and communes beside one count as known.
    """
    named = [(_KINDS[m[1].casefold()], m[2].strip()) for m in _NAMED.finditer(text) if m[2].strip()]
    written = compact(text)
    elsewhere = not any(here in written for here in OWN_PROVINCE_NAMES) and any(
        p in written for p in _names("province")
    )
    units = []
    for level, name in named:
        wanted = compact(name)
        known = (elsewhere and level != "province") or wanted.isdigit() or _begins_known(level, name)
        units.append(Unit(level, name, known, "" if known else _nearest(level, wanted)))
    return tuple(units)


def _begins_known(level: Level, name: str) -> bool:
    """Whether the name, or its first words where no comma parts it from the next unit, is in the lists."""
    listed = _names(level).keys() | (_names("province").keys() if level == "district" else set())
    words = name.split()
    return any(compact("".join(words[:count])) in listed for count in range(1, len(words) + 1))


def unit_issues(text: str) -> tuple[Issue, ...]:
    """An issue for each unit that no list has, as soft evidence of a misreading; villages are not units.

    A text that names neither the province nor any unit we know may speak of another province: only what resembles a
    name of ours is doubted then.
    """
    units = find_units(text)
    ours = any(here in compact(text) for here in OWN_PROVINCE_NAMES) or any(unit.known for unit in units)
    return tuple(
        Issue(
            "place.unknown_unit",
            f"Không có trong danh mục đơn vị: {unit.name}" + (f"; gần giống {unit.near}" if unit.near else ""),
        )
        for unit in units
        if not unit.known and (ours or unit.near)
    )


def _nearest(level: Level, wanted: str) -> str:
    """The listed name that differs least, by no more than a letter in five; "" where none or several do."""
    names = _names(level)
    apart = {name: Levenshtein.distance(wanted, name, score_cutoff=max(1, len(wanted) // 5)) for name in names}
    least = min(apart.values())
    near = [name for name, distance in apart.items() if distance == least]
    return names[near[0]] if least <= max(1, len(wanted) // 5) and len(near) == 1 else ""


@cache
def _lists() -> tuple[list[str], dict[str, list[int]], dict[str, list[int]]]:
    lists = stored_codes("don_vi")
    return lists["provinces"], lists["districts"], lists["communes"]


@cache
def _names(level: Level) -> Mapping[str, str]:
    """Name written together → name."""
    provinces, districts, communes = _lists()
    listed = {"province": provinces, "district": districts, "commune": communes}[level]
    return {compact(name): name for name in listed}
