"""The entries of a drawn book: believable facts, written into the fields of any layout the way one clerk writes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ocrfill.civil_status.book import Book
from ocrfill.civil_status.orthography import folded
from ocrfill.layouts.fields import FieldType
from ocrfill.layouts.fields.choice import Choice, Tick
from ocrfill.layouts.fields.date import Date, Moment
from ocrfill.layouts.fields.date_words import DateWords
from ocrfill.layouts.fields.identity_number import Identity
from ocrfill.layouts.fields.person import Name, Signatory
from ocrfill.layouts.fields.text import Place, Signature, Text
from ocrfill.layouts.model import FieldSpec, Layout
from ocrfill.training.synthetic.facts.date_writing import DateHabit, KnownDay, TimeOfDay, registration_days
from ocrfill.training.synthetic.facts.desk import LEFT_EMPTY, EntryFacts, Fact, NamedPerson, RegistryOffice, Wordings
from ocrfill.training.synthetic.facts.drawn_people import IdentityPaper, Namer
from ocrfill.training.synthetic.facts.events import EVENT_OF_KIND
from ocrfill.training.synthetic.facts.field_meanings import meanings
from ocrfill.training.synthetic.facts.places import Home, PlaceBook, PlaceHabit
from ocrfill.training.synthetic.facts.vocabulary import Vocabulary, fit, late_marks

CROSSED_OUT_SHARE = 0.02
"""Share of entries in which a word is struck out and written again (guess; TT 04/2020/TT-BTP Đ35 says how)."""

LEFT_EMPTY_SHARES = {"identity": 0.04, "choice": 0.015, "place": 0.01, "date_words": 0.02, "signatory": 0.01}
"""Share of fields left empty beyond what the case itself leaves open, by field type (guesses)."""

ALWAYS_FILLED_ENDINGS = ("HoTen", "ngayDangKy", "so", "trangSo")
"""Endings of the columns no clerk leaves empty."""


@dataclass(frozen=True, slots=True)
class FieldWriting:
    """What the clerk writes in one field: NFC; a split date joins its gaps with "/", a tick names the option.

    `crossed_out` is a wrong text written first and struck out before `text`.
    """

    text: str
    crossed_out: str = ""


@dataclass(frozen=True, slots=True)
class SyntheticEntry:
    """Everything written for one entry, by the layout's field names; fields left empty hold ""."""

    writings: Mapping[str, FieldWriting]


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody of the office: name and, for those who sign, the office held."""

    name: str
    office: str = ""


@dataclass(frozen=True, slots=True)
class WriterHabits:
    """How the clerk of a book writes numbers, ends and marks."""

    digits: int
    """Least number of figures in an entry's number: 1, 2 or 3."""
    with_year: bool
    """Writes the entry's number as "05/2006"."""
    late_marks: bool
    full_stop: float
    """Share of free writing that ends with a point or "./."."""
    between: str
    """What stands between the signatory's name and office."""
    nation: str
    groups: bool
    """Parts an identity number into groups of three."""


def compose_book(
    layout: Layout, book: Book, entries: int, seed: int, vocabulary: Vocabulary | None = None
) -> tuple[SyntheticEntry, ...]:
    """The first entries of a book, in order of registration. The same arguments give the same entries everywhere."""
    rng = random.Random(f"{seed} {layout.name} {book.key}")
    clerk = _Clerk(layout, book, rng, vocabulary)
    days = registration_days(book.years, entries, book.volume, rng)
    first = 1 + 200 * (book.volume - 1)
    numbers = [first + i for i in range(entries)]
    for i in range(1, entries):  # numbers begin again each year
        numbers[i] = 1 if days[i].year != days[i - 1].year else numbers[i - 1] + 1
    pages = [first + i // layout.records_per_page for i in range(entries)]
    return tuple(clerk.entry(n, p, KnownDay.of(d)) for n, p, d in zip(numbers, pages, days, strict=True))


class _Clerk:
    """The keeper of one book: his office, his habits, and the fields he fills."""

    def __init__(self, layout: Layout, book: Book, rng: random.Random, vocabulary: Vocabulary | None) -> None:
        self._layout, self._book, self._rng, self._vocabulary = layout, book, rng, vocabulary
        self._meanings = meanings(layout)
        namer = Namer(rng, vocabulary)
        places = PlaceBook(book.years[0], book.place, rng, vocabulary)
        self._desk = RegistryOffice(
            rng, namer, places, DateHabit.draw(rng), PlaceHabit.draw(rng), rng.choice(("Bản thân", "Tự khai"))
        )
        self._habits = WriterHabits(
            digits=rng.choices((1, 2, 3), (4, 5, 1))[0],
            with_year=rng.random() < 0.2,
            late_marks=rng.random() < 0.4,
            full_stop=rng.choice((0.0, 0.02, 0.15)),
            between=rng.choices((" - ", ", ", " – ", "/ "), (6, 4, 2, 1))[0],
            nation=rng.choices(("Việt Nam", "VN", "V.Nam"), (9, 1, 0.3))[0],
            groups=rng.random() < 0.15,
        )
        self._signing = [self._official(signs=True) for _ in range(rng.randint(1, 3))]
        self._keeping = self._official(signs=False)
        self._spelling = rng.randrange(5)  # of the peoples' names

    def _official(self, *, signs: bool) -> Official:
        rng, places = self._rng, self._desk.places
        people = places.people_here(places.commune, places.district)
        male = rng.random() < (0.85 if signs else 0.6)
        name = self._desk.namer.name(
            self._desk.namer.surname(people), male=male, year=rng.randint(1955, 1980), people=people
        )
        if not signs:
            return Official(name)
        office = rng.choices(
            ("Chủ tịch", "Phó Chủ tịch", "CT", "PCT", "P. Chủ tịch", "Phó chủ tịch"), (5, 4, 2, 3, 1, 2)
        )[0]
        if rng.random() < 0.25:
            office += " UBND" if rng.random() < 0.5 else f" UBND {places.commune[:1].lower()}{places.commune[1:]}"
        return Official(name, office)

    def entry(self, number: int, page: int, when: KnownDay) -> SyntheticEntry:
        """One entry, every field of the layout."""
        case = EVENT_OF_KIND[self._layout.kind](self._desk, when)
        signs = self._signing[0] if self._rng.random() < 0.75 else self._rng.choice(self._signing)
        common: dict[str, Fact] = {
            "so": number,
            "trangSo": page,
            "quyetDinhSo": number,
            "quyenSo": Wordings((self._book.volume_code if self._habits.with_year else f"{self._book.volume:02d}",)),
            "ngayDangKy": when,
            "nguoiKy": NamedPerson(signs.name),
            "chucVuNguoiKy": Wordings((signs.office, "Chủ tịch", "CT", "PCT")),
            "nguoiThucHien": NamedPerson(self._keeping.name) if self._rng.random() < 0.9 else LEFT_EMPTY,
            "noiDangKy": Wordings((f"UBND {self._desk.places.commune}",)),
            "noiCap": Wordings((f"UBND {self._desk.places.commune}",)),
        }
        case = replace(case, facts={**common, **case.facts})
        writings = {name: FieldWriting(self._written(name, spec, case)) for name, spec in self._layout.fields.items()}
        self._cross_out(writings)
        return SyntheticEntry(writings)

    def _written(self, name: str, spec: FieldSpec, case: EntryFacts) -> str:
        """The text of one field, "" where it stays empty."""
        keys = self._meanings[name]
        if isinstance(spec.type, Signature) and "ghiChu" not in keys:
            return ""
        if isinstance(spec.type, Tick):
            return self._ticked(spec.type, keys, case)
        kept = any(key.endswith(ALWAYS_FILLED_ENDINGS) for key in keys)
        if not kept and self._rng.random() < LEFT_EMPTY_SHARES.get(spec.type.kind, 0):
            return ""
        text = fit(self._ways(spec, keys, case), self._vocabulary)
        if text and self._vocabulary is None:
            text = self._ended(spec, late_marks(text) if self._habits.late_marks else text)
        return text

    def _ended(self, spec: FieldSpec, text: str) -> str:
        """The text as this clerk ends it."""
        free = isinstance(spec.type, Text | Place | DateWords | Signatory)
        if free and not text.endswith(".") and self._rng.random() < self._habits.full_stop:
            return f"{text}{self._rng.choice(('.', '.', './.'))}"
        return text

    def _ticked(self, type_: Tick, keys: tuple[str, ...], case: EntryFacts) -> str:
        """The option whose code the case has, or that is true of it."""
        fact = next((case.facts[k] for k in keys if k in case.facts), LEFT_EMPTY)
        code = fact.texts[0] if isinstance(fact, Wordings) and fact.texts else ""
        true = {folded(s) for s in case.statements}
        found = [o for o, c in type_.options.items() if (code and c == code) or folded(o) in true]
        return found[0] if found else ""

    def _ways(self, spec: FieldSpec, keys: tuple[str, ...], case: EntryFacts) -> Iterator[str]:
        """Ways to write what a field asks for, the clerk's own first."""
        facts = [case.facts[k] for k in keys if k in case.facts]
        if isinstance(spec.type, Moment):
            yield from self._moment(spec, facts)
            return
        fact = facts[0] if facts else LEFT_EMPTY
        if isinstance(spec.type, Signatory):
            name = fact.name if isinstance(fact, NamedPerson) else ""
            office = case.facts["chucVuNguoiKy"]
            if name and isinstance(office, Wordings):
                yield f"{name}{self._habits.between}{office.texts[0]}"
                yield name
            return
        if isinstance(fact, NamedPerson):
            yield fact.name.upper() if isinstance(spec.type, Name) and spec.type.capitals else fact.name
        elif isinstance(fact, int):
            yield from self._number(fact, keys)
        elif isinstance(fact, KnownDay):
            yield from self._date(spec, fact)
        elif isinstance(fact, Home):
            yield from self._desk.writes.write(fact, self._rng)
        elif isinstance(fact, IdentityPaper):
            yield from self._paper(spec, fact)
        elif isinstance(fact, Wordings):
            yield from self._said(keys, fact)

    def _said(self, keys: tuple[str, ...], fact: Wordings) -> Iterator[str]:
        if any(k.endswith("QuocTich") for k in keys) and fact.texts == ("Việt Nam",):
            yield self._habits.nation
        if any(k.endswith("DanToc") for k in keys) and len(fact.texts) > 1:
            yield fact.texts[self._spelling % len(fact.texts)]
        yield from fact.texts
        if fact.home is not None:
            yield from self._desk.writes.write(fact.home, self._rng)

    def _number(self, number: int, keys: tuple[str, ...]) -> Iterator[str]:
        if any(k.endswith("LanKetHon") for k in keys):
            yield f"{number:0{min(2, self._habits.digits)}d}"
            return
        shown = f"{number:0{self._habits.digits}d}"
        year = self._with_year if "so" in keys and self._habits.with_year else ""
        yield f"{shown}{year}"

    @property
    def _with_year(self) -> str:
        return f"/{self._book.years[0]}" if self._book.years[0] == self._book.years[1] else ""

    def _date(self, spec: FieldSpec, day: KnownDay) -> Iterator[str]:
        dates = self._desk.dates
        if isinstance(spec.type, DateWords):
            yield dates.words(day)
        elif isinstance(spec.type, Date) and spec.type.split:
            yield dates.gaps(day, self._rng)
        elif spec.label.casefold().startswith("năm sinh") and self._rng.random() < 0.85:
            yield str(day.year)
        else:
            yield dates.digits(day, self._rng)

    def _moment(self, spec: FieldSpec, facts: list[Fact]) -> Iterator[str]:
        """Hour and day; the hour as bare numbers where the form prints "giờ" and "phút" itself."""
        clock = next((f for f in facts if isinstance(f, TimeOfDay)), None)
        day = next((f for f in facts if isinstance(f, KnownDay)), None)
        if clock is not None and "giờ … phút" in spec.label.casefold():
            yield f"{clock.hour} {clock.minute:02d}"
        elif clock is not None:
            yield self._desk.dates.time(replace(clock, day=day), self._rng)
        if day is not None:
            yield self._desk.dates.digits(day, self._rng)

    def _paper(self, spec: FieldSpec, paper: IdentityPaper) -> Iterator[str]:
        """A paper's number; with day and place of issue where the field takes them and the clerk cares."""
        number = paper.number
        if self._habits.groups and len(number) == 9:
            number = f"{number[:3]} {number[3:6]} {number[6:]}"
        parts = set(spec.columns.values())
        if isinstance(spec.type, Identity) and {"date", "place"} & parts and self._rng.random() < 0.4:
            date = self._desk.dates.digits(paper.issued, self._rng)
            issuer = paper.issuer if paper.kind == "CMND" else "Cục CS"
            yield self._rng.choice(
                (f"{number}, {date}, {issuer}", f"{number} {issuer}", f"{number} cấp ngày {date} {issuer}")
            )
        yield number

    def _cross_out(self, writings: dict[str, FieldWriting]) -> None:
        """Now and then, one field is begun wrong, struck out and written again."""
        if self._rng.random() >= CROSSED_OUT_SHARE:
            return
        types = {n: s.type for n, s in self._layout.fields.items() if s.read}
        able = [n for n, t in types.items() if writings[n].text and isinstance(t, Name | Place | Choice | DateWords)]
        if not able:
            return
        name = self._rng.choice(able)
        text = writings[name].text
        wrong = self._slip(types[name], text)
        wrong = wrong if self._vocabulary is None else self._vocabulary.fit(wrong) or ""
        writings[name] = FieldWriting(text, wrong)

    def _slip(self, type_: FieldType, text: str) -> str:
        """What might be written first by mistake: another name, another choice, the words begun too early."""
        words = text.split()
        if isinstance(type_, Name):
            wrong = self._desk.namer.slip(" ".join(w.capitalize() for w in words))
            return wrong.upper() if text.isupper() else wrong
        if isinstance(type_, Choice):
            return {"Nam": "Nữ", "Nữ": "Nam", "Kinh": "Việt", "Cha": "Mẹ", "Mẹ": "Cha"}.get(text, "Kinh")
        return words[-1] if len(words) < 3 else " ".join(words[1 : self._rng.randint(2, 3)])
