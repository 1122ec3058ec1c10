"""Dates in words: every spelling reads back, nothing raises, nothing is guessed, and the automaton is that grammar."""

import datetime
import random
import unicodedata
from collections import deque

import pytest
from support.date_words import dressed, fronts, write_words

from ocrfill.civil_status.date_grammar import (
    LUNAR_WORDS,
    START_STATE,
    DateInWords,
    dates,
    day_phrases,
    month_phrases,
    next_words,
    step,
    vocabulary,
    year_phrases,
)
from ocrfill.document.result import Reading, Value
from ocrfill.layouts.fields import DateWords
from ocrfill.layouts.fields.date_words import parse_words

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2030, 12, 31)
DAYS = [FIRST + datetime.timedelta(n) for n in range((LAST - FIRST).days + 1)]


def coded(day):
    return f"{day.day:02d}.{day.month:02d}.{day.year}"


def walk(words, state=START_STATE):
    for word in words:
        state = step(state, word)
        assert state is not None
    return state


# --- as written

REGISTER_PAGE = "Ngày hai mươi sáu, tháng sáu, Năm một ngàn chín trăm bốn mươi tám"
"""Seen in a birth register of 2006-2015 (date_words.json, source A)."""


@pytest.mark.parametrize(
    ("written", "normalised", "issues"),
    [
        (REGISTER_PAGE, "26.06.1948", []),
        ("Ngày Hai Mươi Bảy Tháng Tám Năm Hai Nghìn Không Trăm Linh Tám", "27.08.2008", []),  # import template
        ("Ngày Hai Tháng Ba Năm Hai Nghìn Linh Tám", "02.03.2008", []),  # import template
        ("ngày mùng tám tháng ba năm hai nghìn lẻ một", "08.03.2001", []),
        ("Mồng một tháng tư, năm một nghìn chín trăm bảy mươi lăm.", "01.04.1975", []),
        ("ngày mười lăm tháng năm năm một chín tám lăm", "15.05.1985", []),
        ("hai mươi nhăm tháng mười một năm một chín chín mốt", "25.11.1991", []),
        ("ngày hăm mốt tháng mười năm hai nghìn", "21.10.2000", []),
        ("tháng sáu năm một nghìn chín trăm sáu tư", "06.1964", []),
        ("Một ngàn chín trăm bốn mươi tám", "1948", []),
        ("mười hai hai nghìn không trăm mười", None, ["date_words.ambiguous"]),
        ("ngày mười hai năm hai nghìn", None, ["date_words.ambiguous"]),
        ("ngày hai mươi hai năm hai nghìn", None, ["date_words.ambiguous"]),
        ("ngày hai mươi sáu năm hai nghìn", None, ["date_words.ambiguous"]),
        ("ngày rằm năm hai nghìn", None, ["date_words.no_month", "date_words.lunar"]),
        ("sáu một chín tám lăm", "06.1985", []),
        ("Năm một chín tám lăm", "1985", []),
        ("mười hai hai hai nghìn không trăm mười", "12.02.2010", []),
        ("ngày rằm tháng giêng năm hai ngàn", "15.01.2000", ["date_words.lunar"]),
        ("mười tháng chạp năm hai nghìn", "10.12.2000", ["date_words.lunar"]),
        ("tháng năm một chín tám lăm", None, ["date_words.unreadable"]),
        ("ngày hai mươi năm một chín tám lăm", None, ["date_words.no_month"]),
        ("ngày ba mươi tháng hai năm hai nghìn", None, ["date_words.impossible"]),
        ("ngày hai mươi chín tháng hai năm một nghìn chín trăm", None, ["date_words.impossible"]),
        ("ngày hai mươi sáu tháng sáu", None, ["date_words.unreadable"]),
        ("ngày hai mươi sáu tháng sáu năm", None, ["date_words.unreadable"]),
        ("Nguyễn Văn A", None, ["date_words.unreadable"]),
        ("...", None, ["date_words.unreadable"]),
        ("", None, []),
    ],
)
def test_dates_in_words_as_written(written, normalised, issues):
    value = parse_words(written)
    assert (value.raw, value.normalised, [i.code for i in value.issues]) == (written, normalised, issues)


def test_two_lines_are_one_date():
    lines = (Reading("Ngày hai mươi sáu, tháng", 1.0, "test"), Reading("sáu, Năm một ngàn chín trăm linh tám", 1.0, ""))
    value = DateWords().parse(lines)
    assert value == Value("Ngày hai mươi sáu, tháng sáu, Năm một ngàn chín trăm linh tám", "26.06.1908")
    assert DateWords().part(value, "value") == value.raw
    assert DateWords().part(value, "normalised") == "26.06.1908"


# --- there and back


@pytest.mark.slow
def test_a_third_of_all_days_read_back_each_in_a_spelling_of_its_own():
    years = {year: year_phrases(year) for year in range(FIRST.year, LAST.year + 1)}
    for n, day in enumerate(DAYS):
        if n % 3 == day.year % 3:
            marked = [front for front in fronts(day.day, day.month) if "tháng" in front]
            said = " ".join((*marked[n * 7 % len(marked)], "năm", *years[day.year][n % len(years[day.year])]))
            assert parse_words(said).normalised == coded(day), said


@pytest.mark.parametrize("day", [datetime.date(2004, 7, 4), datetime.date(1985, 5, 5), datetime.date(1921, 4, 25)])
def test_every_spelling_of_some_days_reads_back(day):
    spellings = list(write_words(day.year, day.month, day.day))
    assert len(set(spellings)) == len(spellings) > 10
    for said in spellings:
        value = parse_words(said)
        assert value.normalised == coded(day), said
        assert not LUNAR_WORDS & set(said.split()) or value.issues


def test_parts_of_dates_read_back():
    for year in range(1900, 2031):
        for said in write_words(year):
            assert parse_words(said).normalised == str(year), said
    for month in range(1, 13):
        for said in write_words(1985, month):
            assert parse_words(said).normalised == f"{month:02d}.1985", said


def test_capitals_points_and_composition_do_not_matter():
    rng = random.Random(5)
    for day in rng.sample(DAYS, 40):
        said = rng.choice(list(write_words(day.year, day.month, day.day)))
        forms = list(dressed(said))
        assert any(not unicodedata.is_normalized("NFC", f) for f in forms)
        for form in forms:
            assert parse_words(form).normalised == coded(day), form


def test_what_writers_differ_in_is_all_there():
    said = set(write_words(2004, 4, 5)) | set(write_words(1945, 1, 21)) | set(write_words(1915, 12, 15))
    text = " ".join(said)
    for word in (
        "nghìn",
        "ngàn",
        "linh",
        "lẻ",
        "mồng",
        "mùng",
        "mốt",
        "tư",
        "bốn",
        "lăm",
        "nhăm",
        "giêng",
        "chạp",
        "rằm",
    ):
        assert word in text
    assert "năm tháng bốn năm hai nghìn không trăm linh tư" in said
    assert "ngày hai mươi mốt tháng giêng năm một chín bốn lăm" in said
    assert "mười lăm tháng chạp một ngàn chín trăm mười nhăm" in said


@pytest.mark.nightly
def test_every_day_in_every_spelling_reads_back():
    """All spellings, word by word; fronts that bring the automaton to the same state are followed once."""
    starts = {}
    for month in range(1, 13):
        for day in range(1, 32):
            for front in fronts(day, month):
                if front[-1] != "năm":
                    starts.setdefault((walk(front), day, month), front)
                starts.setdefault((walk((*front, "năm")), day, month), (*front, "năm"))
    tried = doubtful = 0
    for year in range(FIRST.year, LAST.year + 1):
        for words in year_phrases(year):
            for (state, day, month), front in starts.items():
                date = DateInWords(year, month, day)
                if date.exists:
                    tried += 1
                    said = dates(walk(words, state)) if step(state, words[0]) else ()
                    if said != (date,):
                        doubtful += 1
                        assert "tháng" not in front, (front, words)
    assert tried > 900_000
    assert doubtful < tried / 5
    step.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("every", [13, pytest.param(1, marks=pytest.mark.nightly)])
def test_every_day_reads_back_as_text_in_spellings_of_its_own(every):
    """Every thirteenth day meets every year and every day of the year; nightly, all days."""
    assert {day.year for day in DAYS[::every]} == {day.year for day in DAYS}
    assert {(day.day, day.month) for day in DAYS[::every]} == {(day.day, day.month) for day in DAYS}
    for n, day in list(enumerate(DAYS))[::every]:
        spellings = list(write_words(day.year, day.month, day.day))
        for i in (n, n * 7 + 3, n * 31 + 11):
            said = spellings[i % len(spellings)]
            assert parse_words(said).normalised == coded(day), said
    step.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("most", [20_000, pytest.param(1_000_000, marks=pytest.mark.nightly)])
def test_words_that_say_two_dates_left_out_a_marker(most):
    """States the automaton can be in, nearest first, and the first words that lead there; nightly, every state."""
    seen, todo, several = {START_STATE: ()}, deque([START_STATE]), 0
    while todo and len(seen) < most:
        state = todo.popleft()
        if len(dates(state)) > 1:
            several += 1
            assert "tháng" not in seen[state], seen[state]
        for word in next_words(state):
            after = step(state, word)
            if after not in seen:
                seen[after] = (*seen[state], word)
                todo.append(after)
    assert several
    assert len(seen) >= min(most, 100_000)
    step.cache_clear()


# --- anything at all


def test_ten_thousand_mutated_dates_never_raise():
    rng = random.Random(1)
    words = [*vocabulary(), "xxx", "1985", "./.", "\u0301", "", "ngay", "NĂM"]
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạ ,.-/\u0323\u0301\n0123"
    for n in range(10_000):
        day = rng.choice(DAYS)
        front = rng.choice(list(fronts(day.day, day.month)))
        said = [*front, "năm", *rng.choice(year_phrases(day.year))]
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(said))
            match rng.randrange(5):
                case 0:
                    said[at] = rng.choice(words)
                case 1:
                    said.insert(at, rng.choice(words))
                case 2 if len(said) > 1:
                    del said[at]
                case 3:
                    said[at] = said[at][: rng.randint(0, 3)] + rng.choice(letters) + said[at][-1:]
                case _:
                    rng.shuffle(said)
        text = " ".join(said)
        if n % 3 == 0:
            text = unicodedata.normalize("NFD", text)
        value = parse_words(text)
        assert (value.normalised is None) <= bool(value.issues) or not value.raw


# --- the automaton a decoder walks


def test_the_next_words_are_those_that_can_follow():
    assert "ngày" in next_words(START_STATE)
    assert "tám" in next_words(walk(("ngày", "hai", "mươi")))
    assert "linh" not in next_words(walk(("ngày", "hai", "mươi")))
    assert step(START_STATE, "linh") is None
    assert next_words(walk(("tháng", "hai", "năm", "hai", "nghìn", "linh"))) == (
        "ba", "bảy", "bẩy", "bốn", "chín", "hai", "một", "năm", "sáu", "tám", "tư",
    )  # fmt: skip


def test_any_walk_can_be_ended():
    rng = random.Random(2)
    for _ in range(300):
        state, said = START_STATE, []
        while not dates(state) or (next_words(state) and rng.random() < 0.5):
            said.append(rng.choice(next_words(state)))
            state = step(state, said[-1])
        value = parse_words(" ".join(said))
        assert value.normalised == (
            dates(state)[0].coded if len(dates(state)) == 1 and dates(state)[0].exists else None
        )


def test_each_part_has_its_own_phrases():
    for parts in ([day_phrases(d) for d in range(1, 32)], [month_phrases(m) for m in range(1, 13)]):
        said = [p for part in parts for p in part]
        assert len(set(said)) == len(said)
    years = [p for y in range(1800, 2101) for p in year_phrases(y)]
    assert len(set(years)) == len(years)
    assert len(vocabulary()) < 60
