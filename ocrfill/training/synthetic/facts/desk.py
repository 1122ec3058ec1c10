"""What an entry is about, before anybody writes it: facts, people, and the desk they come to.

Facts are named by the export columns they fill (`nksHoTen`, `ngayDangKy`); a few that no export has follow the same
pattern (`chongQueQuan`). How a fact is written into a field is the clerk's matter (entries.py).
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from ocrfill.civil_status.administrative_units import small
from ocrfill.training.synthetic.facts.date_writing import DateHabit, KnownDay, TimeOfDay
from ocrfill.training.synthetic.facts.drawn_people import (
    PEOPLE_SPELLINGS,
    UPLAND_PEOPLES,
    IdentityPaper,
    Namer,
    Person,
    make_paper,
)
from ocrfill.training.synthetic.facts.places import Home, PlaceBook, PlaceHabit


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person's name as a fact."""

    name: str


@dataclass(frozen=True, slots=True)
class Wordings:
    """Free writing: the wording meant, then others that say the same; a home at the end is written as a place."""

    texts: tuple[str, ...]
    home: Home | None = None


Fact = NamedPerson | Wordings | Home | KnownDay | TimeOfDay | IdentityPaper | int

LEFT_EMPTY = Wordings(())
"""A field the clerk leaves empty."""


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """The facts of one entry by column, and what is true of it in the words of tick boxes."""

    facts: Mapping[str, Fact]
    statements: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RegistryOffice:
    """Where entries are made: the book's chance, names, places and the clerk's habits."""

    rng: random.Random
    namer: Namer
    places: PlaceBook
    dates: DateHabit
    writes: PlaceHabit
    itself: str
    """Word for somebody who declares for himself."""

    def happens(self, share: float) -> bool:
        """Whether chance has it so, in this share of cases."""
        return self.rng.random() < share

    def pick(self, *texts: str) -> str:
        """One of the texts."""
        return self.rng.choice(texts)

    def place(self, home: Home) -> str:
        """A home in the clerk's way, for use inside a sentence."""
        text = next(self.writes.write(home, self.rng))
        return small(text) if home.village and text.casefold().startswith(home.village.casefold()) else text

    def home(self, local: float = 0.9) -> Home:
        """A home in the own commune, or with the rest of the chance near by."""
        return self.places.local() if self.happens(local) else self.places.near()

    def origin(self, home: Home, people: str) -> Home:
        """Where the family comes from: mostly the same commune, sometimes another, seldom another province."""
        roll = self.rng.random() * (0.85 if people in UPLAND_PEOPLES else 1)
        return home if roll < 0.78 else self.places.near() if roll < 0.91 else self.places.far()

    def person(
        self,
        *,
        male: bool,
        born: KnownDay,
        home: Home,
        people: str,
        when: KnownDay,
        surname: str | None = None,
        vague: bool = True,
        paper: float = 0.0,
    ) -> Person:
        """Somebody born on a day, as the book of a day knows him; `paper` is the share of people who show one."""
        family = self.namer.surname(people) if surname is None else surname
        shown = make_paper(born, male=male, when=when, rng=self.rng) if self.happens(paper) else None
        return Person(
            name=self.namer.name(family, male=male, year=born.year, people=people),
            male=male,
            born=born,
            stated=self.stated(born, people) if vague else born,
            people=people,
            home=home,
            origin=self.origin(home, people),
            paper=shown,
        )

    def stated(self, born: KnownDay, people: str) -> KnownDay:
        """What is known of a day of birth: of the old and in the mountains often the year alone."""
        year = born.year
        only_year = 0.6 if year < 1945 else 0.4 if year < 1960 else 0.18 if year < 1980 else 0.07
        only_year += 0.15 if people in UPLAND_PEOPLES and year < 1995 else 0
        roll = self.rng.random()
        if roll < only_year:
            return KnownDay(year)
        return KnownDay(year, born.month) if roll < only_year * 1.12 else born

    def born(self, when: KnownDay, least: int, most: int) -> KnownDay:
        """A day of birth of somebody at least `least` and less than `most` + 1 years old on a day."""
        days = self.rng.randint(int(least * 365.25) + 1, int((most + 1) * 365.25) - 2)
        return self.before(when, days)

    def before(self, when: KnownDay, days: int) -> KnownDay:
        """The day so many days earlier."""
        return KnownDay.of(when.date - datetime.timedelta(days=days))

    def people_of(self, home: Home) -> str:
        """Which people a family living there belongs to."""
        return self.places.people_here(home.commune, home.district)


def birth_place(desk: RegistryOffice, child: Person) -> Fact:
    """A hospital, the commune's health station, or the home's commune."""
    roll = desk.rng.random()
    if child.born.year < 1990 or roll < 0.2 or (child.people in UPLAND_PEOPLES and roll < 0.5):
        return child.home if child.born.year >= 1990 else replace(child.home, village="")
    name = hospital(desk, child.home, station=0.25)
    wordings = (f"{name}, {desk.place(replace(child.home, village=''))}",) if name.startswith("Trạm") else (name,)
    return Wordings((*wordings, name), child.home)


def hospital(desk: RegistryOffice, home: Home, station: float) -> str:
    """A hospital or, with the chance `station`, the commune's health station."""
    stations = desk.happens(station)
    names = [n for n in phrases()["hospitals"] if n.startswith("Trạm") == stations]
    if not home.district.startswith("Huyện"):
        names = [n for n in names if "{district}" not in n]
    name = desk.rng.choice(names).replace("xã {commune}", small(home.commune))
    return str(name.format(district=home.district_name))


def about(prefix: str, person: Person) -> dict[str, Fact]:
    """What the columns of one person hold."""
    paper: Fact = person.paper or LEFT_EMPTY
    word = person.paper.kind if person.paper else ""
    return {
        f"{prefix}HoTen": NamedPerson(person.name),
        f"{prefix}GioiTinh": Wordings(("Nam" if person.male else "Nữ",)),
        f"{prefix}NgaySinh": person.stated,
        f"{prefix}DanToc": Wordings(PEOPLE_SPELLINGS[person.people]),
        f"{prefix}QuocTich": Wordings((person.nationality,)),
        f"{prefix}QueQuan": person.origin,
        f"{prefix}NoiSinh": person.origin,
        f"{prefix}NoiCuTru": person.home,
        f"{prefix}LoaiCuTru": Wordings(("1",)),
        f"{prefix}SoGiayToTuyThan": paper,
        f"{prefix}LoaiGiayToTuyThan": Wordings((word, f"Giấy {word}")) if word else LEFT_EMPTY,
        f"{prefix}NgayCapGiayToTuyThan": person.paper.issued if person.paper else LEFT_EMPTY,
        f"{prefix}NoiCapGiayToTuyThan": Wordings((person.paper.issuer, "Quảng Trị")) if person.paper else LEFT_EMPTY,
    }


def itself(desk: RegistryOffice) -> tuple[str, ...]:
    """Who declares for himself."""
    return (desk.itself, "Bản thân", "Tự khai")


def remark(desk: RegistryOffice, *, late: bool = False, again: bool = False) -> Fact:
    """What stands in the notes column, if anything."""
    kind = "again" if again else "late" if late else ""
    return Wordings((desk.rng.choice(phrases()["notes"][kind]),)) if kind and desk.happens(0.6) else LEFT_EMPTY


@cache
def phrases() -> dict[str, Any]:
    """The wordings of free fields."""
    text = (resources.files("ocrfill.training.synthetic") / "data" / "phrases.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
