"""When two spellings are one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrfill.civil_status.orthography import (
    compact,
    composed,
    early_tones,
    folded,
    late_tones,
    no_character,
    one_spelling,
    spelt_words,
    tidy,
    without_tones,
    words,
)


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\u00d0ặng Văn \u00d0ức", "Đặng Văn Đức"),
        ("Ê-\u00d0ê", "Ê-Đê"),
        ("Ê \u00d0Ê", "Ê ĐÊ"),
        ("Ê\u00d0ê", "ÊĐê"),
        ("\u00d0inh", "Đinh"),
        ("\u00d0", "Đ"),
        ("xã \u00f0ông", "xã đông"),
        ("\u0189ỗ", "Đỗ"),
        ("\u0256ỗ", "đỗ"),
        ("D\u0335ỗ", "Đỗ"),
        ("d\u0336ỗ", "đỗ"),
        ("H\u2019\u00d0ok", "H\u2019Đok"),
        ("Bru(\u00d0akrông)", "Bru(Đakrông)"),
        ("Gu\u00f0mundur", "Gu\u00f0mundur"),
        ("SIGUR\u00d0ARDÓTTIR", "SIGUR\u00d0ARDÓTTIR"),
        ("Đỗ Đức", "Đỗ Đức"),
        ("D\u1eadng \u0110", "Dậng Đ"),
    ],
)
def test_a_letter_that_only_looks_like_d_with_stroke_is_one_where_a_vietnamese_word_is_meant(typed, meant):
    assert tidy(typed) == composed(typed) == meant
    for compared in (words, compact, folded, one_spelling, spelt_words):
        assert compared(typed) == compared(meant)


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("Le\u0302 Ba\u0300", "Lê Bà"),
        ("Le\u0302\u0340", "Lề"),
        ("e\u200b\u0302", "ê"),
        ("\ufeffLê\u00adBa", "LêBa"),
        ("Lê\u202eBa\u2069", "LêBa"),
        ("Lê\x07\x1bBa", "LêBa"),
        ("Lê\x0bBa\x85Bé\u2028", "Lê Ba Bé"),
        ("Lê \u200b Ba", "Lê Ba"),
        ("Lê\0Ba", "LêBa"),
        ("Lê\ufffeBa\uffff\ufdd0\U0010ffff", "LêBa"),
        ("Lê\ud800Ba", "LêBa"),
        ("Lê\ufe0fBa", "LêBa"),
        ("\u3000Lê\u00a0Ba", "Lê Ba"),
        ("\ue000", "\ue000"),
    ],
)
def test_what_is_not_seen_is_left_out(came, kept):
    assert tidy(came) == kept


@given(st.text(st.characters(), max_size=30))
def test_a_tidy_text_is_tidy_and_any_file_can_hold_it(text):
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert no_character(once) is None
    once.encode()
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in once)


@pytest.mark.parametrize(
    ("code", "name"),
    [("\0", "U+0000"), ("\ud800", "U+D800"), ("\udfff", "U+DFFF"), ("\ufffe", "U+FFFE"), ("\uffff", "U+FFFF"),
     ("\ufdd0", "U+FDD0"), ("\U0001fffe", "U+1FFFE"), ("\U0010ffff", "U+10FFFF")],
)  # fmt: skip
def test_codes_that_stand_for_no_character_are_named(code, name):
    assert no_character(f"Lê{code}Ba{code}") == name


@pytest.mark.parametrize("text", ["", "Lê Ba", "\ufffd", "\ue000", "\U00020000", "\u200b", "\x07", "😀"])
def test_other_codes_stand_for_characters(text):
    assert no_character(text) is None
