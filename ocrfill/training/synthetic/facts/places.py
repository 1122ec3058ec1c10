"""Places of Quảng Trị as a book of its year names them, with and without their upper units."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from ocrfill.civil_status.administrative_units import UNIT_KINDS, bare_unit, small, split_unit
from ocrfill.civil_status.reference_data import stored_list
from ocrfill.training.synthetic.facts.vocabulary import Vocabulary

UNIT_ABBREVIATIONS = {kind.capital: kind.short for kind in UNIT_KINDS}

LONG_PLACE_SHARE = 0.03
"""Share of places written out with everything known, longer than most forms have room for."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives or comes from. Units carry their kind ("Xã Hải Ba"); `village` too ("thôn Phương Lang").

    `province` is the bare name. An empty part is not known.
    """

    village: str
    commune: str
    district: str
    province: str
    far: bool = False
    """In another province than the book: always named with its district and province."""

    @property
    def district_name(self) -> str:
        """The district without its kind."""
        return bare_unit(self.district)


@dataclass(frozen=True, slots=True)
class PlaceHabit:
    """How one clerk writes places."""

    between: Literal[", ", " - ", " "]
    kinds: bool
    """Writes xã, huyện, tỉnh before the names."""
    abbreviates: bool
    upper: float
    """Share of places written with their district and province."""

    @classmethod
    def draw(cls, rng: random.Random) -> PlaceHabit:
        """The habits of one clerk, drawn by chance."""
        return cls(
            between=rng.choices((", ", " - ", " "), (12, 5, 1))[0],
            kinds=rng.random() < 0.35,
            abbreviates=rng.random() < 0.6,
            upper=rng.choice((0.5, 0.8, 0.95)),
        )

    def write(self, home: Home, rng: random.Random, *, village: float = 0.8) -> Iterator[str]:
        """Ways to write a place, the clerk's own first, then shorter ones."""
        if home.village and rng.random() < LONG_PLACE_SHARE:
            within = rng.choice(("Đội {}", "Xóm {}", "Tổ {}")).format(rng.randint(1, 9))
            yield f"{within}, {home.village}, {small(home.commune)}, {small(home.district)}, tỉnh {home.province}"
        parts = [home.village] if home.village and rng.random() < village else []
        parts.append(home.commune)
        whole = home.far or rng.random() < self.upper
        if whole or rng.random() < 0.4:
            parts.append(home.district)
        if whole:
            parts.append(
                f"tỉnh {home.province}" if self.kinds and not home.province.startswith("TP ") else home.province
            )
        yield self._joined([self._unit(p) for p in parts if p])
        yield self._joined([self._unit(p) for p in (home.commune, home.district, home.province) if p])
        yield self._joined([bare_unit(p) for p in (home.commune, home.district, home.province) if p])
        yield self._joined([bare_unit(p) for p in (home.district, home.province) if p])
        yield home.province

    def _joined(self, parts: list[str]) -> str:
        text = self.between.join(parts)
        return text[:1].upper() + text[1:]

    def _unit(self, unit: str) -> str:
        kind, name = split_unit(unit)
        if not kind:
            return unit
        if kind in ("Thị xã", "Thị trấn", "Thành phố"):
            return f"{UNIT_ABBREVIATIONS[kind]} {name}" if self.abbreviates else small(unit)
        if self.kinds or name[0].isdigit() or len(name) < 4:
            return small(unit)
        return name


class PlaceBook:
    """The places of one book: its own commune, villages in it, and others near and far."""

    def __init__(self, year: int, keeper: str, rng: random.Random, vocabulary: Vocabulary | None) -> None:
        self._rng = rng
        self._vocabulary = vocabulary
        self.year = year
        era = era_of(year)
        self.province: str = era["province"]
        districts: dict[str, list[str]] = era["districts"]
        self._communes = [
            (commune, district)
            for district, communes in districts.items()
            for commune in communes
            if self._sayable(bare_unit(commune), bare_unit(district), self.province)
        ]
        self._away: list[list[str]] = [
            place for place in _lists()["away"] if self._sayable(bare_unit(place[0]), bare_unit(place[1]), place[2])
        ]
        self.commune, self.district = self._keeper(keeper)
        self._villages: dict[tuple[str, str], list[str]] = {}

    def local(self) -> Home:
        """A home in the book's own commune."""
        return self._home(self.commune, self.district, self.province)

    def near(self) -> Home:
        """A home in another commune, mostly of the same district."""
        same = [c for c in self._communes if c[1] == self.district and c[0] != self.commune]
        pool = same if same and self._rng.random() < 0.65 else self._communes
        if not pool:
            return self.local()
        commune, district = self._rng.choice(pool)
        return self._home(commune, district, self.province)

    def far(self) -> Home:
        """A home in another province."""
        if not self._away:
            return self.near()
        near_first = [1 / (1 + i) for i in range(len(self._away))]
        commune, district, province = self._rng.choices(self._away, near_first)[0]
        return Home("", commune, district, province, far=True)

    def people_here(self, commune: str, district: str) -> str:
        """Which people a family of a commune belongs to."""
        for people, places in _lists()["upland"].items():
            if bare_unit(commune) in places.get(bare_unit(district), ()) and self._rng.random() < 0.88:
                return str(people)
        mixed = bare_unit(district) in ("Hướng Hóa", "Đakrông") and self._rng.random() < 0.2
        return "Bru Vân Kiều" if mixed else "Kinh"

    def _home(self, commune: str, district: str, province: str) -> Home:
        key = (commune, district)
        if key not in self._villages:
            self._villages[key] = self._villages_of(commune, district)
        villages = self._villages[key]
        return Home(self._rng.choice(villages) if villages else "", commune, district, province)

    def _villages_of(self, commune: str, district: str) -> list[str]:
        """The six or so villages of a commune."""
        rng, lists = self._rng, _lists()["villages"]
        if split_unit(commune)[0] in ("Phường", "Thị trấn"):
            word = rng.choice(("khu phố", "khóm", "khối"))
            found = [f"{word} {n}" for n in range(1, rng.randint(5, 10))]
        else:
            names = list(lists.get(bare_unit(district), lists["*"]))
            rng.shuffle(names)
            word = "bản" if bare_unit(district) in ("Hướng Hóa", "Đakrông") and rng.random() < 0.5 else "thôn"
            found = [f"{word} {n}" for n in names[:5]]
            extra = lists["*"] if word == "thôn" and bare_unit(district) not in ("Hướng Hóa", "Đakrông") else []
            found += [f"{word} {n}" for n in rng.sample(extra, min(2, len(extra)))]
            found += [f"thôn {n}" for n in range(1, 5)] if rng.random() < 0.3 else []
        return [v for v in found if self._sayable(v)]

    def _keeper(self, keeper: str) -> tuple[str, str]:
        """The commune whose office keeps the book: the one its place names, else any."""
        pool = self._communes or [("", "")]
        text = keeper.casefold()
        with_kind = [u for u in pool if u[0].casefold() in text]
        named = [u for u in with_kind if bare_unit(u[1]).casefold() in text] or with_kind if keeper else []
        if keeper and not named:
            named = [u for u in pool if bare_unit(u[0]).casefold() in text and bare_unit(u[1]).casefold() in text]
        return max(named, key=lambda unit: len(unit[0])) if named else self._rng.choice(pool)

    def _sayable(self, *texts: str) -> bool:
        return self._vocabulary is None or all(self._vocabulary.fit(t) is not None for t in texts)


def era_of(year: int) -> dict[str, Any]:
    """The units of a year: province and communes by district."""
    eras: list[dict[str, Any]] = stored_list("units")
    return next(e for e in eras if e["years"][0] <= year <= e["years"][1])


def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = _read("places.json")
    return lists


@cache
def _read(name: str) -> Any:
    return json.loads((resources.files("ocrfill.training.synthetic") / "data" / name).read_text(encoding="utf-8"))
