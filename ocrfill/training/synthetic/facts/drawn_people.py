"""People for drawn entries: names by time of birth and people, papers, ages."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ocrfill.civil_status.reference_data import stored_list
from ocrfill.training.synthetic.facts.date_writing import KnownDay
from ocrfill.training.synthetic.facts.places import Home
from ocrfill.training.synthetic.facts.vocabulary import Vocabulary

UPLAND_PEOPLES = ("Bru Vân Kiều", "Pa Cô")
"""Peoples of the Quảng Trị mountains; nearly all bear the surname Hồ."""

PEOPLE_SPELLINGS = {
    "Bru Vân Kiều": ("Vân Kiều", "Bru-Vân Kiều", "Bru Vân Kiều", "Bru"),
    "Pa Cô": ("Pa Cô", "Pa Kô", "Pacô", "Pa-cô", "Tà Ôi"),
    "Kinh": ("Kinh",),
}
"""How a people is written in the column for dân tộc."""


@dataclass(frozen=True, slots=True)
class IdentityPaper:
    """An identity paper: `kind` is the word for it ("CMND", "CCCD", "Hộ chiếu")."""

    kind: str
    number: str
    issued: KnownDay
    issuer: str

    @property
    def code(self) -> str:
        """`loaiGiayToTuyThan` of the ministry's software."""
        return {"CMND": "1", "Hộ chiếu": "2", "CCCD": "4"}[self.kind]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a book. `born` is the true day, `stated` what the book knows of it (often the year alone)."""

    name: str
    male: bool
    born: KnownDay
    stated: KnownDay
    people: str
    home: Home
    origin: Home
    nationality: str = "Việt Nam"
    paper: IdentityPaper | None = None

    @property
    def surname(self) -> str:
        """The first word of the name."""
        return self.name.split(" ", 1)[0]


class Namer:
    """Makes names; under a vocabulary only from syllables it has."""

    def __init__(self, rng: random.Random, vocabulary: Vocabulary | None) -> None:
        self._rng = rng
        lists = _lists()
        self._surnames = _within(lists["surnames"], vocabulary)
        self._middles = _within(lists["male_middle"], vocabulary)
        self._female_middle = "Thị" if vocabulary is None or vocabulary.has("Thị") else ""
        self._given: dict[tuple[str, bool], dict[str, float]] = {}
        self._pairs: dict[bool, list[str]] = {}
        for male, key in ((True, "male"), (False, "female")):
            last = {w: round(n**0.7, 2) for w, n in lists[key]["last"].items()}
            self._given["modern", male] = _within(last, vocabulary)
            self._given["old", male] = _within(dict.fromkeys(lists[f"old_{key}"], 1.0), vocabulary)
            self._given["upland", male] = _within(dict.fromkeys(lists[f"upland_{key}"], 1.0), vocabulary)
            self._pairs[male] = [p for p in lists[key]["pairs"] if vocabulary is None or vocabulary.holds(p)]

    def surname(self, people: str) -> str:
        """A family's surname; "" where none can be written."""
        if people in UPLAND_PEOPLES and "Hồ" in self._surnames and self._rng.random() < 0.93:
            return "Hồ"
        return self._pick(self._surnames)

    def given(self, *, male: bool, year: int, people: str) -> str:
        """Middle and given names in the taste of a year of birth; "" where none can be written."""
        rng = self._rng
        if people in UPLAND_PEOPLES:
            kind = "upland" if rng.random() < (0.75 if year < 1985 else 0.35) else "modern"
            return self._with_middle(self._pick(self._given[kind, male]), male=male, plain=0.97)
        if year < 1950 and rng.random() < 0.3:
            return self._with_middle(self._pick(self._given["old", male]), male=male, plain=0.9)
        modern = min(0.65, max(0.04, (year - 1975) / 50))
        if rng.random() < modern and self._pairs[male]:
            pair = rng.choice(self._pairs[male])
            return f"Thị {pair}" if not male and self._female_middle and rng.random() < 0.35 else pair
        return self._with_middle(self._pick(self._given["modern", male]), male=male, plain=0.8)

    def name(self, surname: str, *, male: bool, year: int, people: str) -> str:
        """A whole name; "" where surname or given name cannot be written."""
        for _ in range(20):
            given = self.given(male=male, year=year, people=people)
            if surname and given and surname not in given.split():
                return f"{surname} {given}"
        return ""

    def slip(self, name: str) -> str:
        """A wrong beginning for a name that will be struck out: its first words with one word of another name."""
        words = name.split()
        male = "Thị" not in words
        other = [w for w in self._given["modern", male] if w != words[-1]]
        return " ".join([*words[:-1], self._rng.choice(other)]) if other else ""

    def _with_middle(self, last: str, *, male: bool, plain: float) -> str:
        if not last:
            return ""
        if not male:
            return f"{self._female_middle} {last}".strip()
        if self._rng.random() < plain * 0.55 and "Văn" in self._middles and last != "Văn":
            return f"Văn {last}"
        middle = self._pick({m: w for m, w in self._middles.items() if m != last})
        return f"{middle} {last}".strip()

    def _pick(self, weights: Mapping[str, float]) -> str:
        return self._rng.choices(list(weights), list(weights.values()))[0] if weights else ""


def make_paper(born: KnownDay, *, male: bool, when: KnownDay, rng: random.Random) -> IdentityPaper | None:
    """The paper a grown-up shows on a day; None for the young."""
    if when.year - born.year < 16:
        return None
    first = max(born.year + 15, when.year - 14)
    issued = KnownDay(rng.randint(first, when.year - 1), rng.randint(1, 12), rng.randint(1, 28))
    if issued.year >= 2016 and rng.random() < 0.6:
        office = "Cục CS ĐKQL cư trú và DLQG về dân cư" if issued.year < 2019 else "Cục CS QLHC về TTXH"
        return IdentityPaper("CCCD", make_personal_number(born, male=male, rng=rng), issued, office)
    prefix = rng.choices(("197", "190", "191", "194"), (90, 4, 3, 3))[0]
    issuer = {"191": "CA TT Huế", "194": "CA Quảng Bình"}.get(prefix, "CA Quảng Trị")
    if rng.random() < 0.3:
        issuer = issuer.replace("CA ", "Công an ")
    return IdentityPaper("CMND", f"{prefix}{rng.randint(0, 999999):06d}", issued, issuer)


def make_personal_number(born: KnownDay, *, male: bool, rng: random.Random) -> str:
    """A number of 12 digits: province 045, century and sex, year, six at random (TT 07/2016/TT-BCA)."""
    century = 2 * (born.year // 100 - 19) + (0 if male else 1)
    return f"045{century}{born.year % 100:02d}{rng.randint(1, 12000):06d}"


def _within(weights: Mapping[str, float], vocabulary: Vocabulary | None) -> dict[str, float]:
    return {w: n for w, n in weights.items() if vocabulary is None or vocabulary.has(w)}


@cache
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = stored_list("names")
    return lists
