"""Kinds of administrative units: their words, levels and abbreviations; what stands before names of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["province", "district", "commune"]


@dataclass(frozen=True, slots=True)
class UnitKind:
    """A kind of unit: its word in small letters, its level, and how clerks shorten it before a name.

    `here` says whether the registers' own province has ever had such units: Quảng Trị has no quận.
    """

    word: str
    level: Level
    short: str
    here: bool = True

    @property
    def capital(self) -> str:
        """The word as it begins the name of a unit: "Thị xã"."""
        return self.word.capitalize()

    @property
    def initials(self) -> str:
        """The abbreviation in small letters, without its point: "tx", "h"."""
        return self.short.rstrip(".").lower()


UNIT_KINDS = (
    UnitKind("thị xã", "district", "TX"),
    UnitKind("thị trấn", "commune", "TT"),
    UnitKind("thành phố", "district", "TP"),  # or a province, where it stands for one of the great cities
    UnitKind("phường", "commune", "P."),
    UnitKind("xã", "commune", "X."),
    UnitKind("huyện", "district", "H."),
    UnitKind("quận", "district", "Q.", here=False),
    UnitKind("tỉnh", "province", "T."),
)

CLEAR_INITIALS = tuple(kind.initials for kind in UNIT_KINDS if len(kind.initials) == 2)
"""Abbreviations that are found in a text: a single letter may be a name's initial."""

SETTLEMENT_WORDS = ("thôn", "xóm", "tổ", "khu phố", "khóm", "bản", "đội", "tiểu khu", "ấp", "tổ dân phố")
"""What stands before the names of villages and of quarters of towns."""

WORDS_BEFORE_PLACE_NAMES = (*SETTLEMENT_WORDS, "số nhà", "ngõ")
"""The same, and what stands before the numbers of streets."""

LOOSE_CAPITALS = frozenset(
    word
    for kind in (
        *(kind.word for kind in UNIT_KINDS),
        *CLEAR_INITIALS,
        *("thôn", "xóm", "làng", "ấp", "bản", "khóm", "tổ", "khu phố", "đường"),
    )
    for word in kind.split()
)
"""Words that hands write before a name with a capital or without: Thị trấn, thị trấn, Thị Trấn. Of `SETTLEMENT_WORDS`
those are left out whose words names have too (đội, tiểu, dân)."""

OWN_PROVINCE = ("Quảng Trị", "Bình Trị Thiên", "Khu vực Vĩnh Linh")
"""The registers' own province under its names: since 1989 and before 1976; from 1976 to 1989; before 1976 north of the
river Bến Hải."""

OLD_PROVINCES = (*OWN_PROVINCE[1:], "Thừa Thiên", "Nghệ Tĩnh", "Quảng Nam - Đà Nẵng", "Hà Nam Ninh")
"""Provinces that are no more, and that registers name as places of birth."""


def split_unit(unit: str) -> tuple[str, str]:
    """Kind and name of a unit: "Xã Hải Ba" → ("Xã", "Hải Ba"); the kind is empty where none of this province begins it.

    Provinces stand without their kind.
    """
    for kind in UNIT_KINDS:
        if kind.here and kind.level != "province" and unit.startswith(kind.capital + " "):
            return kind.capital, unit.removeprefix(kind.capital + " ")
    return "", unit


def bare_unit(unit: str) -> str:
    """The name without the kind; a ward's number keeps it ("Phường 1")."""
    kind, name = split_unit(unit)
    return unit if kind and name.isdigit() else name


def small(unit: str) -> str:
    """A unit's name as it stands within a sentence: its kind begins with a small letter."""
    return unit[:1].lower() + unit[1:]
