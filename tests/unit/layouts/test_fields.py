"""Field types: what they make of readings as written on real pages, and laws that hold for any text."""

import datetime
import json
import re
import unicodedata
from importlib import resources
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paths import ROOT

from ocrfill.civil_status.orthography import tidy
from ocrfill.document.result import Issue, Reading, Value
from ocrfill.layouts.fields import (
    Choice,
    Date,
    DateWords,
    FieldType,
    Identity,
    Moment,
    Name,
    Number,
    Place,
    Signatory,
    Signature,
    Text,
    Tick,
)
from ocrfill.layouts.fields.choice import ListName, find_entry

LISTS = get_args(ListName)

EXAMPLES = (
    Text(),
    Name(),
    Name(capitals=True),
    Place(),
    Date(),
    Date(split=True),
    DateWords(),
    Moment(),
    Number(),
    *(Choice(list=name) for name in LISTS),
    Identity(),
    Signatory(),
    Signature(),
)


def readings(*texts: str) -> tuple[Reading, ...]:
    return tuple(Reading(text, 1.0, "test") for text in texts)


def codes(value: Value) -> list[str]:
    return [issue.code for issue in value.issues]


@pytest.mark.parametrize("written", ["12 giờ đêm 3/4/2006", "24 giờ 00 ngày 3/4/2006", "12 giờ 30 đêm 3/4/2006"])
def test_midnight_is_the_end_of_one_day_and_the_begin_of_the_next(written):
    value = Moment().parse(readings(written))
    assert (value.normalised, [issue.code for issue in value.issues]) == ("03.04.2006", ["time.midnight"])


@pytest.mark.parametrize("written", ["8-/-1987", "8//1987", "8 - / - 1987", "3. . . 1987"])
def test_a_number_lost_between_marks_makes_no_date_of_the_rest(written):
    """8-1-1987 whose 1 was read as a stroke must not become August 1987."""
    value = Date().parse(readings(written))
    assert (value.normalised, [issue.code for issue in value.issues]) == (None, ["date.unreadable"])


@pytest.mark.parametrize(
    "written", ["tuổi 72", "Tuổi: 72", "3 tháng tuổi", "10 ngày tuổi", "bảy mươi hai tuổi", "thọ 81 tuổi"]
)
def test_an_age_stands_in_place_of_a_date(written):
    assert Date().parse(readings(written)) == Value(written, None, ())


def test_an_age_beside_a_year_is_left_out():
    assert Date().parse(readings("1948 (60 tuổi)")).normalised == "1948"


@pytest.mark.parametrize("mark", ["//", '" "', "- // -"])
def test_strokes_say_the_same_as_above(mark):
    assert [issue.code for issue in Text(ditto=True).parse(readings(mark)).issues] == ["value.ditto"]


@pytest.mark.parametrize(
    ("written", "group"),
    [
        ("V.Kiều", "Bru Vân Kiều (Vân Kiều)"),
        ("Trì", "Bru Vân Kiều (Tri Khùa)"),
        ("Khùa", "Bru Vân Kiều (Tri Khùa)"),
        ("Ma Coong", "Bru Vân Kiều (Măng Coong)"),
        ("Ba-hy", "Tà Ôi (Ba-hi)"),
        ("Pa Kô", "Tà Ôi (Pa-co)"),
    ],
)
def test_names_that_peoples_of_the_region_go_by(written, group):
    assert Choice(list="dan_toc").parse(readings(written)).normalised == group


# --- laws

LIKELY = st.sampled_from(
    [*"0123456789", *" ./-–,:;'’()", *"hgNamnữKinhtuổigiờphút", "\u0301", "\u0323", "\n", "²", "٣"]
)
TEXTS = st.one_of(st.text(max_size=40), st.text(LIKELY, max_size=40))


def test_every_type_is_tried():
    assert {type(t) for t in EXAMPLES} | {Tick} == set(get_args(FieldType))


@pytest.mark.parametrize("kind", EXAMPLES, ids=repr)
@given(texts=st.lists(TEXTS, max_size=4))
def test_no_text_makes_a_type_fail(kind, texts):
    value = kind.parse(readings(*texts))
    assert all(isinstance(issue, Issue) for issue in value.issues)
    assert all(isinstance(kind.part(value, part), str) for part in kind.parts)
    assert value.normalised is None or value.normalised


@pytest.mark.parametrize("kind", [t for t in EXAMPLES if not isinstance(t, Signature)], ids=repr)
@given(text=TEXTS)
def test_what_is_written_stays_but_for_what_tidying_mends(kind, text):
    raw = kind.parse(readings(text)).raw
    assert raw == tidy(text)
    assert unicodedata.is_normalized("NFC", raw)


@pytest.mark.parametrize("kind", EXAMPLES, ids=repr)
@given(blanks=st.lists(st.text(st.sampled_from(" \t\n\u00a0"), max_size=3), max_size=4))
def test_nothing_written_is_an_empty_value_without_issues(kind, blanks):
    assert kind.parse(readings(*blanks)) == Value("", None, ())


@pytest.mark.parametrize("kind", EXAMPLES, ids=repr)
@given(text=TEXTS)
def test_an_empty_strip_changes_nothing(kind, text):
    assert kind.parse(readings(text, "")) == kind.parse(readings(text))


@pytest.mark.parametrize("kind", [Date(), Moment(), Number(), Identity(), *(Choice(list=n) for n in LISTS)], ids=repr)
@given(text=TEXTS)
def test_a_normalised_value_is_its_own_normal_form(kind, text):
    normalised = kind.parse(readings(text)).normalised
    if normalised is not None:
        assert kind.parse(readings(normalised)).normalised == normalised


def test_digits_without_end_are_no_fault_of_ours():
    for kind in EXAMPLES:
        kind.parse(readings("9" * 10_000))


# --- dates


@given(st.dates(min_value=datetime.date(1800, 1, 1), max_value=datetime.date(2100, 12, 31)))
def test_every_date_is_read_in_every_way_it_is_written(day):
    normal = f"{day.day:02d}.{day.month:02d}.{day.year}"
    for between in (".", "/", "-", " / ", ". ", " "):
        for written in (f"{day.day}{between}{day.month}{between}{day.year}", normal.replace(".", between)):
            assert Date().parse(readings(written)) == Value(" ".join(written.split()), normal)
    assert Date().parse(readings(f"ngày {day.day} tháng {day.month} năm {day.year}")).normalised == normal
    gaps = readings(f"{day.day}", f"{day.month:02d}", f"{day.year}")
    assert Date(split=True).parse(gaps) == Value(f"{day.day}/{day.month:02d}/{day.year}", normal)


@pytest.mark.parametrize(
    ("written", "normalised", "issues"),
    [
        ("27.10.2008", "27.10.2008", []),
        ("27/10/2008.", "27.10.2008", []),
        ("Ngày 05/10/2008", "05.10.2008", []),
        ("2 7.10.2008", "27.10.2008", []),
        ("27.10.20 08", "27.10.2008", []),
        ("27102008", "27.10.2008", []),
        ("10/2008", "10.2008", []),
        ("1-1950", "01.1950", []),
        ("1948", "1948", []),
        ("sinh năm 1948", "1948", []),
        ("72 tuổi", None, []),
        ("72t", None, []),
        ("31.2.2006", None, ["date.impossible"]),
        ("29/2/1900", None, ["date.impossible"]),
        ("29/2/2000", "29.02.2000", []),
        ("13/2008", None, ["date.impossible"]),
        ("3/4/06", None, ["date.unreadable"]),
        ("1/1/2900", None, ["date.unreadable"]),
        ("27.10", None, ["date.unreadable"]),
        ("1.2.3.2004", None, ["date.unreadable"]),
        ("102008", None, ["date.unreadable"]),
        ("12/2008 13", None, ["date.unreadable"]),
        ("Việt Nam", None, ["date.unreadable"]),
    ],
)
def test_dates_as_written_on_pages(written, normalised, issues):
    value = Date().parse(readings(written))
    assert (value.normalised, codes(value)) == (normalised, issues)
    assert Date().part(value, "value") == (normalised or value.raw)


@pytest.mark.parametrize(
    ("gaps", "raw", "normalised"),
    [
        (("27", "10", "2008"), "27/10/2008", "27.10.2008"),
        (("", "10", "2008"), "10/2008", "10.2008"),
        (("", "", "2008"), "2008", "2008"),
        (("1", "", "2008"), "1//2008", None),
        (("27/10/2008", "", ""), "27/10/2008", "27.10.2008"),
        (("", "", ""), "", None),
    ],
)
def test_a_date_in_three_gaps(gaps, raw, normalised):
    value = Date(split=True).parse(readings(*gaps))
    assert (value.raw, value.normalised) == (raw, normalised)


@pytest.mark.parametrize(
    ("written", "date", "time"),
    [
        ("20 giờ 15 phút, ngày 3/4/2006", "03.04.2006", "20:15"),
        ("0h 20' ngày 3/4/2006", "03.04.2006", "00:20"),
        ("20h15 3.4.2006", "03.04.2006", "20:15"),
        ("20h 3/4/2006", "03.04.2006", "20:00"),
        ("04g30' ngày 5/3/2010", "05.03.2010", "04:30"),
        ("3/4/2006 lúc 20 giờ", "03.04.2006", "20:00"),
        ("7 giờ 30, ngày 5 tháng 3 năm 2010", "05.03.2010", "07:30"),
        ("2 giờ chiều ngày 3/4/2006", "03.04.2006", "14:00"),
        ("12 giờ trưa, 3/4/2006", "03.04.2006", "12:00"),
        ("11 giờ 5 phút đêm 3/4/2006", "03.04.2006", "23:05"),
        ("8 giờ sáng 3/4/2006", "03.04.2006", "08:00"),
        ("7 giờ kém 15 ngày 3/4/2006", "03.04.2006", "06:45"),
        ("5 giờ kém 10 chiều 3/4/2006", "03.04.2006", "16:50"),
        ("0 giờ kém 5 ngày 3/4/2006", "03.04.2006", "23:55"),
        ("3/4/2006", "03.04.2006", ""),
        ("2006", "2006", ""),
        ("20 15", "", "20:15"),
        ("20", "", "20:00"),
    ],
)
def test_moments_as_written_in_death_books(written, date, time):
    value = Moment().parse(readings(written))
    assert (Moment().part(value, "date"), Moment().part(value, "time")) == (date, time)
    assert Moment().part(value, "value") == written
    assert value.issues == ()


def test_an_hour_no_clock_shows_is_told_and_the_date_kept():
    value = Moment().parse(readings("25h 3/4/2006"))
    assert (value.normalised, codes(value)) == ("03.04.2006", ["time.impossible"])


# --- numbers and papers


@pytest.mark.parametrize(
    ("written", "normalised"),
    [("05", "5"), ("Số 05/2006", "5"), ("007", "7"), ("0", "0"), ("12.", "12"), ("năm", None)],
)
def test_numbers(written, normalised):
    value = Number().parse(readings(written))
    assert value.normalised == normalised
    assert Number().part(value, "normalised") == (normalised or "")
    assert codes(value) == ([] if normalised else ["number.unreadable"])


@pytest.mark.parametrize(
    ("written", "number", "paper", "date", "place"),
    [
        ("197123456", "197123456", "1", "", ""),
        ("197 123 456", "197123456", "1", "", ""),
        ("CMND số 197.123.456", "197123456", "1", "", ""),
        ("197123456, cấp ngày 12/5/2003, CA Quảng Trị", "197123456", "1", "12.05.2003", "CA Quảng Trị"),
        ("Số 197123456 do CA tỉnh Quảng Trị cấp ngày 12.5.2003", "197123456", "1", "12.05.2003", "CA tỉnh Quảng Trị"),
        ("197123456 12/5/2003", "197123456", "1", "12.05.2003", ""),
        ("197123456 ngày 32/5/2003", "197123456", "1", "", ""),
        ("045085001234", "045085001234", "4", "", ""),
        ("Hộ chiếu B1234567", "B1234567", "2", "", ""),
        ("19712345", "", "", "", ""),
        ("12/5/2003 CA Quảng Trị", "", "", "12.05.2003", ""),
        ("không có", "", "", "", ""),
    ],
)
def test_identity_papers(written, number, paper, date, place):
    value = Identity().parse(readings(written))
    parts = {part: Identity().part(value, part) for part in Identity.parts}
    assert parts == {"value": written, "number": number, "paper": paper, "date": date, "place": place}
    assert codes(value) == ([] if number else ["identity.unreadable"])


@pytest.mark.parametrize(
    ("written", "name", "office"),
    [
        ("Nguyễn Văn A - Chủ tịch", "Nguyễn Văn A", "Chủ tịch"),
        ("Nguyễn Văn A, PCT UBND", "Nguyễn Văn A", "PCT UBND"),
        ("Nguyễn Văn A", "Nguyễn Văn A", ""),
        ("- Chủ tịch", "", "Chủ tịch"),
    ],
)
def test_signatories(written, name, office):
    value = Signatory().parse(readings(written))
    assert (Signatory().part(value, "name"), Signatory().part(value, "office")) == (name, office)


# --- closed lists


@pytest.mark.parametrize(
    ("name", "written", "entry"),
    [
        ("gioi_tinh", "Nam", "Nam"),
        ("gioi_tinh", "NAM.", "Nam"),
        ("gioi_tinh", "nạm", "Nam"),
        ("gioi_tinh", "Nữ", "Nữ"),
        ("gioi_tinh", "Nu", "Nữ"),
        ("gioi_tinh", "N", None),
        ("gioi_tinh", "Na", None),
        ("gioi_tinh", "Nan", None),
        ("dan_toc", "Kinh", "Kinh"),
        ("dan_toc", "Kính", "Kinh"),
        ("dan_toc", "Kinb", "Kinh"),
        ("dan_toc", "Kin", None),
        ("dan_toc", "K", None),
        ("dan_toc", "De", None),
        ("dan_toc", "Hồ", None),
        ("dan_toc", "Thổ", "Thổ"),
        ("dan_toc", "Lao", "Lào"),
        ("dan_toc", "Vân Kiều", "Bru Vân Kiều (Vân Kiều)"),
        ("dan_toc", "Bru - Vân Kiều", "Bru Vân Kiều"),
        ("dan_toc", "Pa Cô", "Tà Ôi (Pa-co)"),
        ("dan_toc", "Pa Kô", "Tà Ôi (Pa-co)"),
        ("dan_toc", "Pacô", "Tà Ôi (Pa-co)"),
        ("dan_toc", "Pa Hy", "Tà Ôi (Pa-hi)"),
        ("dan_toc", "Ta-ôi", "Tà Ôi"),
        ("dan_toc", "Hmông", "Mông"),
        ("dan_toc", "H'Mông", "Mông"),
        ("dan_toc", "Ra-glai", "RaGlay"),
        ("dan_toc", "Xá Lá Vàng", None),
        ("quoc_tich", "VN", "Việt Nam"),
        ("quoc_tich", "V.Nam", "Việt Nam"),
        ("quoc_tich", "Viêt Nan", "Việt Nam"),
        ("quoc_tich", "Nam", None),
        ("quan_he", "Bà", "Bà"),
        ("quan_he", "Ba", None),
        ("quan_he", "Mẹ đẻ", "Mẹ"),
        ("quan_he", "Tự khai", "Bản thân"),
        ("giay_to", "CMND", "Giấy CMND"),
        ("giay_to", "Căn cước công dân", "Thẻ căn cước công dân"),
    ],
)
def test_entries_of_lists(name, written, entry):
    assert find_entry(name, written) == entry
    kind = Choice(list=name)
    value = kind.parse(readings(written))
    assert (value.raw, value.normalised) == (written, entry)
    assert codes(value) == ([] if entry else ["choice.unknown"])
    assert (kind.part(value, "value"), kind.part(value, "raw")) == (entry or written, written)


def listed(name: str) -> dict[str, dict[str, object]]:
    text = (resources.files("ocrfill.civil_status") / "data" / "codes" / f"{name}.json").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    return json.loads(text)


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_is_found_by_its_own_name(name):
    for entry, more in listed(name).items():
        assert set(more) <= {"code", "also"}
        assert find_entry(name, entry) == entry


def test_codes_are_the_ministrys():
    assert [Choice(list="gioi_tinh").part(Value(e, e), "code") for e in ("Nam", "Nữ", "Không xác định")] == list("123")
    assert [m["code"] for m in listed("giay_to").values()] == list("12345678")
    assert Choice(list="dan_toc").part(Value("Kinh", "Kinh"), "code") == ""


# QĐ 121-TCTK/PPCĐ 1979, as it spells them
GROUPS = """
Kinh, Tày, Thái, Hoa, Khơ-me, Mường, Nùng, Hmông, Dao, Gia-rai, Ngái, Ê-đê, Ba-na, Xơ-đăng, Sán Chay, Cơ-ho,
Chăm, Sán Dìu, Hrê, Mnông, Ra-glai, Xtiêng, Bru-Vân Kiều, Thổ, Giáy, Cơ-tu, Gié-Triêng, Mạ, Khơ-mú, Co, Ta-ôi,
Chơ-ro, Kháng, Xinh-mun, Hà Nhì, Chu-ru, Lào, La Chi, La Ha, Phù Lá, La Hủ, Lự, Lô Lô, Chứt, Mảng, Pà Thẻn, Cơ
Lao, Cống, Bố Y, Si La, Pu Péo, Brâu, Ơ Đu, Rơ-măm
"""


def test_the_list_of_ethnic_groups_covers_all_54():
    found = {find_entry("dan_toc", group.strip()) for group in GROUPS.split(",")}
    assert len(found) == 54
    assert None not in found
    assert not any("(" in group for group in found)


# --- boxes to tick

TICK = Tick(options={"Đúng hạn": "1", "Quá hạn": "4"})


@pytest.mark.parametrize(
    ("boxes", "raw", "code", "issues"),
    [
        (("", ""), "", "", []),
        (("x", ""), "Đúng hạn", "1", []),
        (("", "x"), "Quá hạn", "4", []),
        (("x", "x"), "Đúng hạn; Quá hạn", "", ["tick.several"]),
        ((), "", "", []),
    ],
)
def test_ticks(boxes, raw, code, issues):
    value = TICK.parse(readings(*boxes))
    assert (value.raw, TICK.part(value, "code"), codes(value)) == (raw, code, issues)
    assert TICK.part(value, "value") == ("" if issues else raw)


def test_a_signature_is_never_read():
    assert Signature().parse(readings("Nguyễn")) == Value("", None)
    assert Signature().part(Value("Cải chính họ", None), "value") == "Cải chính họ"


@pytest.mark.parametrize(("heading", "kind"), [("date", Date()), ("date_words", DateWords()), ("moment", Moment())])
def test_the_examples_in_the_docs_are_true(heading, kind):
    page = (ROOT / "docs" / "reference" / "fields.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `{heading}`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]
    rows = re.findall(r"^\| (`.+) \| (.+) \|$", section.split("| written | normalised |")[1], re.MULTILINE)
    assert len(rows) >= 5
    for left, right in rows:
        said = re.findall(r"`([^`]+)`", right)
        for written in re.findall(r"`([^`]+)`", left):
            value = kind.parse(readings(written))
            assert [v for v in (value.normalised, *codes(value)) if v] == said, written


@pytest.mark.parametrize("text", ["6/í/2006", "x12/3/2004", "o1/02/2003", "1l/2/1999"])
def test_a_letter_among_a_dates_digits_gives_no_date(text):
    value = Date().parse((Reading(text, 1.0, "any"),))
    assert (value.raw, value.normalised) == (text, None)
    assert [issue.code for issue in value.issues] == ["date.unreadable"]


@pytest.mark.parametrize("written", ["Ê-Đê", "Ê-\u00d0ê", "\u00ca\u00d0\u00ca", "E\u0302 \u00d0e\u0302"])
def test_a_group_is_known_though_another_letter_was_typed_for_d(written):
    known = Choice(list="dan_toc").parse(readings("Ê-Đê"))
    value = Choice(list="dan_toc").parse(readings(written))
    assert value.normalised == known.normalised is not None
    assert value.issues == known.issues == ()
