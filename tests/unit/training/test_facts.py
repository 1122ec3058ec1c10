"""What is written in drawn books: it hangs together, and the field types read it as it was meant."""

from __future__ import annotations

import datetime
import json
import os
import random
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from functools import cache
from importlib import resources
from itertools import pairwise

import pytest
from support.layouts import field_for

from ocrfill.civil_status.book import Book
from ocrfill.document.result import Reading, Value
from ocrfill.layouts import load
from ocrfill.layouts.fields.choice import Choice, Tick
from ocrfill.layouts.fields.date import Date, Moment
from ocrfill.layouts.fields.identity_number import Identity
from ocrfill.layouts.fields.person import Name
from ocrfill.layouts.model import Layout
from ocrfill.training.synthetic.facts.composed_entries import SyntheticEntry, compose_book
from ocrfill.training.synthetic.facts.date_writing import DIGIT_WORDS, DateHabit, KnownDay, TimeOfDay, office_day
from ocrfill.training.synthetic.facts.field_meanings import meanings
from ocrfill.training.synthetic.facts.places import era_of
from ocrfill.training.synthetic.facts.vocabulary import Vocabulary, late_marks

MAY_STAY_EMPTY = {"nxn_noi_cu_tru_truoc_xuat_canh", "tre_em", "loai_khai_sinh"}
LAYOUTS = load.shipped_layouts()

load_layout = cache(load.load_layout)


def book_of(layout: Layout, year: int | None = None) -> Book:
    year = year or layout.years[0]
    return Book(layout.kind, (year, year), 1, layout.name)


def entries_of(name: str, count: int = 60, seed: int = 1, **more: object) -> tuple[Layout, tuple[SyntheticEntry, ...]]:
    layout = load_layout(name)
    return layout, compose_book(layout, book_of(layout), count, seed, **more)  # type: ignore[arg-type]


def parsed(layout: Layout, field: str, text: str) -> Value:
    """As the pipeline would parse the strips: three gaps for a split date, else one strip."""
    kind = layout.fields[field].type
    texts = text.split("/") if isinstance(kind, Date) and kind.split else [text]
    return kind.parse(tuple(Reading(t, 1.0, "truth") for t in texts))


def by_column(layout: Layout, entry: SyntheticEntry, column: str) -> str:
    name = field_for(layout, column)
    assert name is not None
    return entry.writings[name].text


def day_of(coded: str | None) -> datetime.date:
    assert coded
    year, month, day = ([*reversed(coded.split(".")), "1", "1"])[:3]
    return datetime.date(int(year), int(month), int(day))


@pytest.mark.slow
def test_same_arguments_same_entries_in_another_process() -> None:
    code = (
        "import hashlib; from ocrfill.civil_status.book import Book; from ocrfill.layouts.load import load_layout;"
        "from ocrfill.training.synthetic.facts.composed_entries import compose_book;"
        "b = Book('KS', (2006, 2006), 1, 'ks_2006_2015');"
        "print(hashlib.sha256(repr(compose_book(load_layout(b.layout), b, 20, 7)).encode()).hexdigest())"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(prints) == 1


def test_seed_and_book_change_the_people() -> None:
    layout, first = entries_of("ks_2006_2015", 5, seed=1)
    assert first != entries_of("ks_2006_2015", 5, seed=2)[1]
    assert first != compose_book(layout, book_of(layout, 2007), 5, 1)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_field_is_there_and_written_somewhere(name: str) -> None:
    layout, entries = entries_of(name, 80)
    for entry in entries:
        assert set(entry.writings) == set(layout.fields)
        for writing in entry.writings.values():
            for text in (writing.text, writing.crossed_out):
                assert unicodedata.is_normalized("NFC", text)
                assert text == " ".join(text.split())
                assert "{" not in text
    read = {n for n, s in layout.fields.items() if s.read} - MAY_STAY_EMPTY
    assert {n for n in read if not any(e.writings[n].text for e in entries)} == set()


@pytest.mark.parametrize("name", LAYOUTS)
def test_field_types_understand_what_is_written(name: str) -> None:
    layout, entries = entries_of(name)
    for entry in entries:
        for field, writing in entry.writings.items():
            kind = layout.fields[field].type
            if not writing.text or not isinstance(kind, Date | Moment | Choice | Identity | Tick):
                continue
            if isinstance(kind, Tick):
                assert writing.text in kind.options
                continue
            value = parsed(layout, field, writing.text)
            assert value.normalised is not None, (field, writing.text)
            assert value.issues == (), (field, writing.text)
            if isinstance(kind, Identity):
                assert len(value.normalised) in (9, 12)


@pytest.mark.parametrize("name", LAYOUTS)
def test_numbers_run_and_dates_never_go_back(name: str) -> None:
    layout, entries = entries_of(name, 120)
    so, registered = field_for(layout, "so"), field_for(layout, "ngayDangKy")
    assert so
    assert registered
    numbers = [parsed(layout, so, e.writings[so].text).normalised for e in entries]
    assert numbers == [str(n) for n in range(1, 121)]
    days = [day_of(parsed(layout, registered, e.writings[registered].text).normalised) for e in entries]
    assert days == sorted(days)
    assert {d.year for d in days} == {layout.years[0]}
    assert all(d.weekday() < 5 for d in days)
    page = field_for(layout, "trangSo")
    if page:
        assert [int(e.writings[page].text) for e in entries] == list(range(1, 121))


def test_numbers_begin_again_each_year() -> None:
    layout = load_layout("ks_2006_2015")
    entries = compose_book(layout, Book("KS", (2006, 2007), 1, layout.name), 560, 3)
    seen = [(by_column(layout, e, "ngayDangKy")[-4:], int(by_column(layout, e, "so").split("/")[0])) for e in entries]
    for (year, number), (after, following) in pairwise(seen):
        assert following == (number + 1 if year == after else 1)
    assert {year for year, _ in seen} == {"2006", "2007"}


@pytest.mark.parametrize("name", LAYOUTS)
def test_names_are_of_the_lists_and_in_capitals_where_asked(name: str) -> None:
    names = json.loads((resources.files("ocrfill.civil_status") / "data" / "names.json").read_text(encoding="utf-8"))
    words = {"thị", *(w.casefold() for w in names["surnames"]), *(w.casefold() for w in names["male_middle"])}
    for key in ("male", "female"):
        given = [*names[key]["last"], *names[f"old_{key}"], *names[f"upland_{key}"]]
        words |= {w.casefold() for w in [*given, *(s for p in names[key]["pairs"] for s in p.split())]}
    words |= {late_marks(w) for w in words}
    layout, entries = entries_of(name, 40)
    for entry in entries:
        for field, writing in entry.writings.items():
            kind = layout.fields[field].type
            if isinstance(kind, Name) and writing.text:
                assert {w.casefold() for w in writing.text.split()} <= words, writing.text
                assert writing.text.isupper() == kind.capitals
                assert 2 <= len(writing.text.split()) <= 4


@pytest.mark.parametrize("name", ["ks_2006_2015", "ks_2016_2020"])
def test_a_birth_hangs_together(name: str) -> None:
    layout, entries = entries_of(name, 100)
    relation = field_for(layout, "nycQuanHe")
    late = fatherless = 0
    for entry in entries:
        get = lambda column, entry=entry: by_column(layout, entry, column)  # noqa: E731
        child = get("nksHoTen").casefold()
        family = {get("chaHoTen").split(" ")[0].casefold(), get("meHoTen").split(" ")[0].casefold()}
        assert child.split()[0] in family
        born = day_of(parsed(layout, "nks_ngay_sinh", get("nksNgaySinh")).normalised)
        registered = day_of(parsed(layout, "ngay_dang_ky", get("ngayDangKy")).normalised)
        assert born < registered
        late += (registered - born).days > 60
        fatherless += not get("chaHoTen")
        if get("nksNgaySinhBangChu"):
            assert digits_of(get("nksNgaySinhBangChu")) == (born.day, born.month, born.year)
        if relation:
            same = {"Cha": "chaHoTen", "Mẹ": "meHoTen", "Bản thân": "nksHoTen", "Tự khai": "nksHoTen"}
            of = same.get(get("nycQuanHe"))
            assert of is None or get("nycHoTen").casefold() == get(of).casefold()
        if field_for(layout, "meNgaySinh") and get("meNgaySinh"):
            mother = int(get("meNgaySinh")[-4:])
            assert 15 <= born.year - mother <= 45
    assert 0.05 < late / len(entries) < 0.3
    assert fatherless / len(entries) < 0.15


@pytest.mark.parametrize("name", ["kh_2006_2015", "kh_2016_2020", "kh_a3_14_columns"])
def test_man_and_wife_are_of_age(name: str) -> None:
    layout, entries = entries_of(name, 100)
    for entry in entries:
        year = int(by_column(layout, entry, "ngayDangKy")[-4:])
        for person, least in (("chong", 20), ("vo", 18)):
            field = field_for(layout, f"{person}NgaySinh")
            assert field
            born = day_of(parsed(layout, field, entry.writings[field].text).normalised)
            assert year - born.year >= least


@pytest.mark.parametrize("name", ["kt_2006_2015", "kt_2016_2020"])
def test_nobody_dies_before_birth_or_after_registration(name: str) -> None:
    layout, entries = entries_of(name, 100)
    field = field_for(layout, "nktNgayChet")
    assert field
    years_only = 0
    for entry in entries:
        value = parsed(layout, field, entry.writings[field].text)
        died = day_of((value.normalised or "").split(" ")[0])
        born = parsed(layout, "nkt_ngay_sinh", by_column(layout, entry, "nktNgaySinh")).normalised or ""
        registered = day_of(parsed(layout, "ngay_dang_ky", by_column(layout, entry, "ngayDangKy")).normalised)
        assert day_of(born) <= died <= registered
        assert died.year - day_of(born).year <= 99
        years_only += len(born) == 4
    assert 0.1 < years_only / len(entries) < 0.7


def test_rare_things_are_rare_but_there() -> None:
    layout, entries = entries_of("ks_2006_2015", 600)
    crossed = sum(any(w.crossed_out for w in e.writings.values()) for e in entries)
    assert 3 <= crossed <= 30
    empty = sum(not w.text for e in entries for n, w in e.writings.items() if layout.fields[n].read)
    assert 0 < empty / (600 * 21) < 0.05
    assert max(len(by_column(layout, e, "nksQueQuan")) for e in entries) > 55


def test_a_volume_goes_on_where_the_first_ended() -> None:
    layout = load_layout("ks_2006_2015")
    second = compose_book(layout, Book("KS", (2006, 2006), 2, layout.name), 3, 1)
    assert int(by_column(layout, second[0], "so").split("/")[0]) > 100


def test_the_keeper_of_the_book_is_the_home_of_its_people() -> None:
    layout = load_layout("kt_2006_2015")
    book = Book("KT", (2007, 2007), 1, layout.name, "UBND xã Hải Ba, huyện Hải Lăng, tỉnh Quảng Trị")
    homes = [by_column(layout, e, "nktNoiCuTru") for e in compose_book(layout, book, 40, 2)]
    assert sum("Hải Ba" in h for h in homes) > 30


def test_units_are_those_of_the_time() -> None:
    assert era_of(1985)["province"] == "Bình Trị Thiên"
    assert "Huyện Bến Hải" in era_of(1985)["districts"]
    assert "Huyện Đakrông" not in era_of(1995)["districts"]
    assert "Xã Hải Thọ" in era_of(2015)["districts"]["Huyện Hải Lăng"]
    assert "Xã Hải Thọ" not in era_of(2020)["districts"]["Huyện Hải Lăng"]


@pytest.mark.parametrize("name", LAYOUTS)
def test_only_words_of_the_vocabulary(name: str) -> None:
    stock = "Nguyễn Trần Văn Thị Hải Dũng Hoa Lan Minh Nam Nữ Kinh Việt Quảng Trị Lăng Thôn Phú Hội Cha Mẹ Chủ Tịch 1 2"
    vocabulary = Vocabulary(frozenset(stock.split()))
    layout, entries = entries_of(name, 25, vocabulary=vocabulary)
    for entry in entries:
        for field, writing in entry.writings.items():
            if isinstance(layout.fields[field].type, Tick):
                continue
            assert vocabulary.holds(writing.text), (field, writing.text)
            assert vocabulary.holds(writing.crossed_out)
    filled = {f for e in entries for f, w in e.writings.items() if w.text}
    assert {f for f, s in layout.fields.items() if isinstance(s.type, Name)} <= filled


def test_without_words_and_digits_nothing_is_written() -> None:
    _, entries = entries_of("kh_2006_2015", 5, vocabulary=Vocabulary(frozenset(), digits=False))
    assert not any(w.text or w.crossed_out for e in entries for w in e.writings.values())


@pytest.mark.parametrize("name", ["ks_2006_2015", "kh_2006_2015", "kt_2006_2015", "hn_2006_2015"])
def test_a_layout_without_columns_is_filled_by_its_labels(name: str) -> None:
    layout = load_layout(name)
    bare = replace(layout, fields={n: replace(s, columns={}) for n, s in layout.fields.items()})
    found, meant = meanings(bare), meanings(layout)
    fields = {n for n, s in layout.fields.items() if s.read and s.columns}
    assert {n for n in fields if not set(found[n]) & set(meant[n])} == set()
    entries = compose_book(bare, book_of(bare), 60, 1)
    assert all(any(e.writings[n].text for e in entries) for n in fields)


@pytest.mark.parametrize("seed", range(40))
def test_dates_read_back_as_meant(seed: int) -> None:
    rng = random.Random(seed)
    habit = DateHabit.draw(rng)
    for _ in range(20):
        whole = KnownDay.of(datetime.date(1900, 1, 1) + datetime.timedelta(days=rng.randint(0, 44000)))
        for day in (whole, KnownDay(whole.year, whole.month), KnownDay(whole.year)):
            written = habit.digits(day, rng)
            assert Date().parse((Reading(written, 1.0, ""),)).normalised == day.coded, written
        gaps = habit.gaps(whole, rng)
        assert Date(split=True).parse(tuple(Reading(t, 1.0, "") for t in gaps.split("/"))).normalised == whole.coded
        assert digits_of(habit.words(whole)) == (whole.day, whole.month, whole.year)
        hour, minute = rng.randint(0, 23), rng.randint(0, 59)
        shown = habit.time(TimeOfDay(hour, minute, whole), rng)
        moment = Moment().parse((Reading(shown, 1.0, ""),)).normalised
        assert moment == f"{whole.coded} {hour:02d}:{minute:02d}", shown


def test_dates_in_words_as_seen_on_a_page() -> None:
    habit = replace(
        DateHabit.draw(random.Random(1)),
        comma=True, capitals="first", thousand="ngàn", linh="lẻ", early="mồng", four="tư", empty_hundred=False,
    )  # fmt: skip
    assert habit.words(KnownDay(1948, 6, 26)) == ("Ngày hai mươi sáu, tháng sáu, năm một ngàn chín trăm bốn mươi tám")
    assert habit.words(KnownDay(2008, 4, 4)) == "Ngày mồng bốn, tháng tư, năm hai ngàn lẻ tám"
    assert habit.words(KnownDay(2021, 10, 15)) == "Ngày mười lăm, tháng mười, năm hai ngàn hai mươi mốt"
    assert habit.words(KnownDay(1954)) == "Năm một ngàn chín trăm năm mươi tư"


def test_offices_are_closed_on_weekends_and_holidays() -> None:
    last = datetime.date(2006, 12, 31)
    assert office_day(datetime.date(2006, 4, 29), last) == datetime.date(2006, 5, 2)
    assert office_day(last, last) == datetime.date(2006, 12, 29)


@pytest.mark.parametrize(
    ("word", "late"), [("Hòa", "Hoà"), ("Thủy", "Thuỷ"), ("HÓA", "HOÁ"), ("Quý", "Quý"), ("Hoàng", "Hoàng")]
)
def test_late_marks(word: str, late: str) -> None:
    assert late_marks(word) == late


def test_a_word_finds_its_spelling_in_the_vocabulary() -> None:
    vocabulary = Vocabulary(frozenset({"Thuỷ", "Hải", "TT"}))
    assert vocabulary.fit("thủy, Hải") == "Thuỷ Hải"
    assert vocabulary.fit("TT Hải 12/3") == "TT Hải 12/3"
    assert vocabulary.fit("Hải Lăng") is None


def digits_of(words: str) -> tuple[int, int, int]:
    """Day, month and year of a date in words, read independently of how it was written."""
    text = words.casefold().replace(",", "").rstrip("./")
    found = re.fullmatch(r"ngày (?:mồng |mùng )?(.+) tháng (.+?) năm (.+)", text)
    assert found, words
    return number_of(found[1]), number_of(found[2]), number_of(found[3])


def number_of(words: str) -> int:
    ones = {w: i for i, w in enumerate(DIGIT_WORDS)} | {"mốt": 1, "tư": 4, "lăm": 5}
    total = last = 0
    for word in words.split():
        if word in ("nghìn", "ngàn"):
            total, last = total + last * 1000, 0
        elif word == "trăm":
            total, last = total + last * 100, 0
        elif word == "mươi":
            total, last = total + last * 10, 0
        elif word == "mười":
            total, last = total + 10, 0
        elif word not in ("linh", "lẻ"):
            last = ones[word]
    return total + last
