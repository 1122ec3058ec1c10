"""The signs of a field: what its readings, its type, the rules and the rest of the book say of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.builders.book import ks_layout, made_record, made_result
from support.builders.true_book import true_book

from ocrfill.acceptance.decide_book import book_with_features
from ocrfill.acceptance.features import FEATURE_NAMES, FEATURES_FROM_OTHERS, feature_matrix, features_of, means_same
from ocrfill.document.result import Alternative, Character, Decision, Field, Reading, Value
from ocrfill.layouts.fields import Choice, Date, DateWords, Name, Place

PEOPLES = Choice(list="dan_toc")


def field(text, kind, *, score=0.9, letters=(), others=(), strips=()):
    reading = Reading(
        text,
        score,
        "hand",
        tuple(Character(c, s) for c, s in zip(text, letters, strict=False)),
        tuple(Alternative(t, s) for t, s in others),
    )
    value = kind.parse((reading,))
    return Field(
        "f",
        "F",
        kind.kind,
        value.raw,
        value.normalised,
        score,
        Decision.REVIEW,
        value.issues,
        "hand",
        (),
        strips,
        (reading,),
    )


def signs(*args, **kwargs):
    kind = args[1]
    return features_of(field(*args, **kwargs), kind.parse)


def test_other_spellings_of_one_entry_are_no_rivals():
    """Kình, which no list has, means Kinh: it speaks for the value; Hoa speaks against it."""
    alike = signs("Kinh", PEOPLES, score=0.5, others=[("kinh", 0.3)])
    rival = signs("Kinh", PEOPLES, score=0.5, others=[("Hoa", 0.3)])
    assert alike.same > rival.same == pytest.approx(np.log(0.5 / 0.3))
    assert rival.margin == pytest.approx(np.log(0.5 / 0.3))
    assert alike.margin > rival.margin


def test_tone_marks_in_another_place_are_no_rival_and_another_mark_is():
    same = signs("Hòa", Name(), score=0.5, others=[("Hoà", 0.4)])
    other = signs("Hòa", Name(), score=0.5, others=[("Hóa", 0.4)])
    assert same.margin > other.margin == pytest.approx(np.log(0.5 / 0.4))


def test_the_least_sure_letters_count():
    found = signs("Lan", Name(), letters=(0.99, 0.6, 0.8))
    assert found.weakest == pytest.approx(np.log(0.6 / 0.4))
    assert found.second == pytest.approx(np.log(0.8 / 0.2))


def test_of_several_strips_the_least_sure_counts_and_others_stay_as_read():
    kind = Name()
    first = Reading("Hồ Thị", 0.9, "hand", alternatives=(Alternative("Hồ Thì", 0.05),))
    second = Reading("Lan", 0.5, "hand", alternatives=(Alternative("Lân", 0.45),))
    value = kind.parse((first, second))
    both = Field("f", "F", "name", value.raw, None, 0.5, Decision.REVIEW, (), "hand", (), (), (first, second))
    assert features_of(both, kind.parse).margin == pytest.approx(np.log(0.5 / 0.45))
    assert features_of(both, kind.parse).strips == 2


def test_crowded_tells_a_strip_with_too_many_letters():
    wide = ((0, 0), (400, 0), (400, 40), (0, 40))
    narrow = ((0, 0), (40, 0), (40, 40), (0, 40))
    text = "Nguyễn Văn An"
    assert signs(text, Name(), strips=(narrow,)).crowded > signs(text, Name(), strips=(wide,)).crowded


def test_a_field_with_nothing_read_has_signs_too():
    empty = Field("f", "F", "name", "", None, 0.0, Decision.REVIEW, (), "hand", (), (), (Reading("", 0.0, "hand"),))
    assert np.isfinite(features_of(empty, Name().parse).vector()).all()
    assert feature_matrix([]).shape == (0, len(FEATURE_NAMES))


def test_same_values():
    read = field("Kinh", PEOPLES)
    assert means_same(Value("kinh", "Kinh"), read)
    assert not means_same(Value("Hoa", "Hoa"), read)
    assert not means_same(Value("Kinh", None), read)


def test_a_date_in_words_is_meant_by_its_words():
    """Both are the eighth: a person types what is written."""
    kind = DateWords()
    same = signs("ngày mùng tám", kind, score=0.5, others=[("Ngày mùng tám,", 0.4)])
    other = signs("ngày mùng tám", kind, score=0.5, others=[("ngày mồng tám", 0.4)])
    assert other.margin == pytest.approx(np.log(0.5 / 0.4))
    assert same.margin > other.margin


def read_by_two(text, kind, *others):
    one = field(text, kind, score=0.6)
    (reading,) = one.readings
    more = tuple(Reading(t, s, "tesseract") for t, s in others)
    return features_of(replace(one, readings=(replace(reading, others=more),)), kind.parse)


def test_what_another_reader_says_counts_by_how_sure_it_is():
    agreed = read_by_two("12/1/2018", Date(), ("12-1-2018", 0.7))
    assert (agreed.agreed, agreed.denied) == (0.7, 0.0)
    denied = read_by_two("12/1/2012", Date(), ("12/1/2018", 0.59))
    assert (denied.agreed, denied.denied) == (0.0, 0.59)
    assert denied.margin == pytest.approx(np.log(0.6 / 0.59)), "a reader without alternatives is not sure for that"
    assert denied.same == pytest.approx(np.log(0.6 / 0.59)), "nor does all that was read mean the same"
    assert agreed.margin > denied.margin


def test_what_is_no_value_of_the_type_is_no_rival_of_one_that_is():
    nonsense = read_by_two("12/1/2012", Date(), ("l2.Q©", 0.59))
    assert nonsense.denied == 0.59
    assert nonsense.margin > 3


def test_ink_that_gave_no_letter_is_told():
    """Of "Quảng" / "Trị" the second line was shown to the reader, and it made nothing of it."""
    first = field("Gio Linh, Quảng", Place())
    lost, blank = Reading("", 0.8, "hand", (), (Alternative("7", 0.1),)), Reading("", 0.0, "hand")
    kind = Place()
    assert features_of(replace(first, readings=(*first.readings, lost)), kind.parse).silent == 1
    assert features_of(replace(first, readings=(*first.readings, blank)), kind.parse).silent == 0


def in_book(pages, number, layout, years):
    """The fields of one page of a book, by name."""
    return {one.field.name: one for one in list(book_with_features(pages, layout, years))[number][1]}


def test_rules_and_the_rest_of_the_book_speak_for_right_values_and_against_wrong_ones():
    layout, years, pages = true_book("ks_2006_2015", seed=1, entries=12)
    date = "nks_ngay_sinh"
    whole = {f.name: f for f in pages[5].records[0].fields}
    wrong = replace(whole[date], raw="31/12/1899", normalised="31.12.1899")
    fields = tuple(wrong if f.name == date else f for f in pages[5].records[0].fields)
    changed = replace(pages[5], records=(replace(pages[5].records[0], fields=fields),))
    before = in_book(pages, 5, layout, years)
    after = in_book([*pages[:5], changed, *pages[6:]], 5, layout, years)
    assert before[date].signs.hard_for > 0
    assert before[date].signs.hard_against == 0
    assert after[date].signs.hard_against > 0
    assert before["so"].signs.hard_for > 0, "its neighbours ask for the number"
    assert before["nks_dan_toc"].signs.seen > 0
    assert before["nks_dan_toc"].sort == "choice dan_toc"


def test_a_page_alone_knows_nothing_of_the_book():
    layout, years, pages = true_book("ks_2006_2015", seed=1, entries=12)
    alone = in_book([pages[5]], 0, layout, years)
    among_others = in_book(pages, 5, layout, years)
    assert alone["so"].signs.hard_for < among_others["so"].signs.hard_for
    assert alone["nguoi_ky"].signs.seen == 0
    assert set(FEATURES_FROM_OTHERS) < set(FEATURE_NAMES)


def test_issues_that_rules_gave_are_not_the_types_own():
    layout = ks_layout()
    record = made_record(layout, nks_ngay_sinh=("32/10/2005",))
    page = made_result("1.jpg", record)
    alone = in_book([page], 0, layout, (2006, 2006))
    assert alone["nks_ngay_sinh"].signs.own == 1
    assert alone["me_dan_toc"].signs.own == 0
