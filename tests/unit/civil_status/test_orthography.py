"""When two spellings are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrfill.civil_status.orthography import compact, early_tones, folded, late_tones, without_tones, words


@pytest.mark.parametrize(
    ("late", "early"),
    [
        ("hoà", "hòa"), ("Hoá", "Hóa"), ("khoẻ", "khỏe"), ("Thuỷ", "Thủy"), ("thuý", "thúy"), ("HOÀ THUỶ", "HÒA THỦY"),
        ("toàn", "toàn"), ("quý", "quý"), ("quà", "quà"), ("Quỳ", "Quỳ"), ("hoàn", "hoàn"), ("tuỳ", "tùy"),
        ("khuỷu", "khuỷu"),
    ],
)  # fmt: skip
def test_the_tone_of_an_open_glide_comes_early(late, early):
    assert early_tones(late) == early
    assert early_tones(early) == early


@pytest.mark.parametrize(
    ("one", "other"),
    [("Nguyễn Văn Hoà", "NGUYỄN VĂN HÒA"), ("Bru - Vân Kiều", "bru vân kiều"), ("Thu\u0309y", "Thuỷ"),
     ("Trần  Thị.A", "Trần Thị A")],
)  # fmt: skip
def test_these_are_one(one, other):
    assert words(one) == words(other)
    assert compact(one) == compact(other)


def test_marks_part_words_unless_folded():
    assert compact("Hoa") != compact("Hoà")
    assert folded("Hoa") == folded("Hoà") == folded("hòa")
    assert folded("Đỗ") == "do"


@given(st.text(max_size=30))
def test_a_spelling_is_its_own_spelling(text):
    once = early_tones(text)
    assert early_tones(once) == once
    assert words(" ".join(words(text))) == words(text)


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("hòa", "hoà"),
        ("khỏe", "khoẻ"),
        ("thủy", "thuỷ"),
        ("ủy", "uỷ"),
        ("toàn", "toàn"),
        ("quý", "quý"),
        ("gió", "gió"),
    ],
)
def test_the_other_spelling(early, late):
    assert late_tones(early) == late
    assert early_tones(late) == early


def test_tones_go_and_vowels_stay():
    assert without_tones("Nguyễn Đường Ấp ỷ") == "Nguyên Đương Âp y"
