"""What field types doubt: units no list has, words no name has, marks for "the same", numbers no office gave."""

import json
from importlib import resources

import pytest

from ocrfill.civil_status.personal_number import PersonalNumber, read_personal_number
from ocrfill.civil_status.syllables import is_syllable
from ocrfill.document.result import Reading
from ocrfill.layouts.fields import Choice, Identity, Name, Place, Signatory, Text
from ocrfill.layouts.fields.place_check import find_units, unit_issues


def readings(text):
    return (Reading(text, 1.0, "test"),)


def codes(value):
    return [issue.code for issue in value.issues]


@pytest.mark.parametrize(
    "place",
    [
        "Thôn Tân Trại, xã Vĩnh Lâm, huyện Vĩnh Linh, tỉnh Quảng Trị",
        "xã Cam Thuỷ, huyện Bến Hải, tỉnh Bình Trị Thiên",  # QĐ 62-CP/1977: Cam Lộ in Bến Hải until 1990
        "TT. Hồ Xá, huyện Vĩnh Linh",
        "phường 5, thị xã Đông Hà",
        "xã Hoà Phong, huyện Hoà Vang, tỉnh Quảng Nam - Đà Nẵng",
        "xã Phú Lộc",
        "Bệnh viện đa khoa tỉnh Quảng Trị",
        "Tại nhà",
        "",
    ],
)
def test_places_nobody_doubts(place):
    assert unit_issues(place) == ()
    assert Place().parse(readings(place)).issues == ()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("xã Vĩnh Lầm, huyện Vĩnh Linh", "Không có trong danh mục đơn vị: Vĩnh Lầm; gần giống Vĩnh Lâm"),
        ("xã Vĩnh Lâm, huyện Vĩnh Lĩnh", "Không có trong danh mục đơn vị: Vĩnh Lĩnh; gần giống Vĩnh Linh"),
        ("xã Pơ Kêng, tỉnh Quảng Trị", "Không có trong danh mục đơn vị: Pơ Kêng"),
        ("tỉnh Quảng Trí", "Không có trong danh mục đơn vị: Quảng Trí; gần giống Quảng Trị"),
    ],
)
def test_units_no_list_has(place, text):
    value = Place().parse(readings(place))
    assert (value.raw, value.normalised) == (place, None)
    assert [(i.code, i.text) for i in value.issues] == [("place.unknown_unit", text)]


def test_units_are_found_with_their_level():
    found = find_units("Trạm y tế xã Gio Mỹ huyện Gio Linh tỉnh Quảng Trị")
    assert [(u.level, u.name, u.known) for u in found] == [
        ("commune", "Gio Mỹ", True),
        ("district", "Gio Linh", True),
        ("province", "Quảng Trị", True),
    ]


def test_every_listed_syllable_of_names_is_one():
    lists = json.loads((resources.files("ocrfill.civil_status") / "data" / "names.json").read_text(encoding="utf-8"))
    syllables = {w for key in ("male", "female") for pair in lists[key]["pairs"] for w in pair.split()}
    assert len(syllables) > 300
    assert [w for w in syllables | set(lists["surnames"]) if not is_syllable(w)] == []


@pytest.mark.parametrize("word", ["Nguỹen", "Lòngg", "Xyz", "Hồồ", "Kwang", "Trầnn", "Nhgĩa", "T", "", "1", "Thịị"])
def test_no_syllables(word):
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("name", "issues"),
    [("NGUYỄN THỊ HOÀ", []), ("Hồ Văn Pả", []), ("Nguyễn Văn Trầnn", ["name.odd_word"]), ("", [])],
)
def test_names_with_words_no_spelling_allows(name, issues):
    value = Name().parse(readings(name))
    assert (value.raw, codes(value)) == (name, issues)


DITTO = ["nt", "NT", "-nt-", ", nt", "như trên", "Như trên.", '"', "- nt -", "〃"]


@pytest.mark.parametrize("mark", DITTO)
def test_marks_for_the_same_where_the_form_allows_them(mark):
    for kind in (
        Text(ditto=True),
        Name(ditto=True),
        Place(ditto=True),
        Signatory(ditto=True),
        Choice("dan_toc", ditto=True),
    ):
        value = kind.parse(readings(mark))
        assert (value.raw, value.normalised, codes(value)) == (mark, None, ["value.ditto"])
    assert "value.ditto" not in codes(Place().parse(readings(mark)))


@pytest.mark.parametrize("text", ["Kinh", "..", "Nt Hoa", "xã Gio Mỹ nt", ""])
def test_other_texts_are_no_such_marks(text):
    assert "value.ditto" not in codes(Place(ditto=True).parse(readings(text)))


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("045085001234", PersonalNumber("045", male=True, year=1985)),
        ("045185001234", PersonalNumber("045", male=False, year=1985)),
        ("045306001234", PersonalNumber("045", male=False, year=2006)),
        ("045906001234", None),
        ("197123456", None),
        ("", None),
    ],
)
def test_personal_numbers_by_tt_07_2016(number, parts):
    """TT 07/2016/TT-BCA, annex I: province, century and sex, year, six at random."""
    assert read_personal_number(number) == parts


def test_numbers_no_office_gave():
    assert codes(Identity().parse(readings("045085001234"))) == []
    assert codes(Identity().parse(readings("003085001234"))) == ["identity.province"]
    assert codes(Identity().parse(readings("045785001234"))) == ["identity.century"]
    assert codes(Identity().parse(readings("197123456"))) == []
