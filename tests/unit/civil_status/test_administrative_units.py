"""Kinds of administrative units: one table, read by all who know such words."""

import pytest

from ocrfill.civil_status.administrative_units import (
    CLEAR_INITIALS,
    LOOSE_CAPITALS,
    SETTLEMENT_WORDS,
    UNIT_KINDS,
    bare_unit,
    small,
    split_unit,
)
from ocrfill.civil_status.place_names import all_places


@pytest.mark.parametrize(
    ("unit", "kind", "name", "alone"),
    [
        ("Xã Hải Ba", "Xã", "Hải Ba", "Hải Ba"),
        ("Thị xã Quảng Trị", "Thị xã", "Quảng Trị", "Quảng Trị"),
        ("Phường 1", "Phường", "1", "Phường 1"),
        ("Hải Lăng", "", "Hải Lăng", "Hải Lăng"),
        ("Quận Gò Vấp", "", "Quận Gò Vấp", "Quận Gò Vấp"),
        ("Xãha", "", "Xãha", "Xãha"),
    ],
)
def test_a_unit_is_its_kind_and_its_name(unit, kind, name, alone):
    assert split_unit(unit) == (kind, name)
    assert bare_unit(unit) == alone


def test_a_kind_within_a_sentence_begins_small():
    assert small("Thị trấn Hồ Xá") == "thị trấn Hồ Xá"
    assert small("") == ""


def test_two_letters_shorten_one_kind_each():
    shortened = {kind.initials: kind.word for kind in UNIT_KINDS}
    assert len(shortened) == len(UNIT_KINDS)
    assert {shortened[initials] for initials in CLEAR_INITIALS} == {"thị xã", "thị trấn", "thành phố"}


def test_every_unit_of_the_country_begins_with_a_kind_of_the_table():
    starts = tuple(f"{kind.word} " for kind in UNIT_KINDS)
    firsts = [place.split(",")[0] for place in all_places() if "," in place]
    assert len(firsts) > 10_000
    assert [first for first in firsts if not first.casefold().startswith(starts)] == []


def test_words_of_names_keep_their_capitals():
    assert {"đội", "tiểu", "dân"} <= {word for kind in SETTLEMENT_WORDS for word in kind.split()} - LOOSE_CAPITALS
