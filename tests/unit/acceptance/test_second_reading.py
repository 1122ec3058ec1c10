"""What the rest of a book proposes for its doubtful fields, and what it must leave alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.builders.book import KS, made_record, made_result
from support.builders.reviewed import answered, layout_of_book, reviewed_workspace

from ocrfill.acceptance import (
    Calibrator,
    CalibratorOrigin,
    Group,
    GroupTrust,
    ProvenGuarantee,
    RiskGuarantee,
    Threshold,
    Trust,
)
from ocrfill.acceptance.book_words import MAX_SAID_PROBABILITY
from ocrfill.acceptance.decide_book import as_read, book_with_features, decide_book_pages
from ocrfill.acceptance.decide_books import decide_stored_books
from ocrfill.acceptance.entered_values import entered_values
from ocrfill.acceptance.second_reading import BOOK_READER, SECOND_READING_CODE
from ocrfill.document.result import Alternative, Character, Decision, Issue, Reading
from ocrfill.document.result_json import to_document
from ocrfill.store import Store

ACCEPTS_ALL = Trust(
    ("fake 1",),
    dict.fromkeys(
        Group,
        GroupTrust(
            Calibrator(9.0, {}, {}, 900, 9),
            CalibratorOrigin.OWN,
            ProvenGuarantee(RiskGuarantee.OF_ACCEPTED, 0.01, 900, Threshold(0.5, 500, 1)),
        ),
    ),
)


def reading(text, score, *others, letters=None):
    """A reading whose letters are as sure as it is, unless told otherwise, and others with their scores."""
    own = tuple(Character(c, letters if letters is not None else score) for c in text)
    return Reading(text, score, "fake", own, tuple(Alternative(t, s) for t, s in others))


def book_of(count=10, rest=None, **doubted):
    """So many entries alike but for `rest`; the fields of `doubted` of the middle one have these readings."""
    layout = layout_of_book()
    pages = []
    for number in range(1, count + 1):
        texts = {"so": f"{number:02d}", "trang": str(number), "ngay_dang_ky": (f"{number:02d}", "03", "2006")}
        pages.append(made_result(f"scans/{number:04d}.jpg", made_record(layout, **texts | (rest or {}))))
    at = count // 2
    fields = []
    for field in pages[at].records[0].fields:
        given = doubted.get(field.name)
        if given is None:
            fields.append(field)
            continue
        given = given if isinstance(given, tuple) else (given,)
        value = layout.fields[field.name].type.parse(given)
        fields.append(replace(field, raw=value.raw, normalised=value.normalised, issues=value.issues, readings=given))
    pages[at] = replace(pages[at], records=(replace(pages[at].records[0], fields=tuple(fields)),))
    return pages, at


def judged(pages, trust=None, **options):
    return list(decide_book_pages(pages, layout_of_book(), KS.years, trust, **options))


def field_of(pages, at, name):
    return pages[at].records[0].field(name)


def test_a_value_that_recurs_is_proposed_and_what_was_read_stays_beside_it():
    pages, at = book_of(nks_dan_toc=reading("1écnh", 0.3))
    field = field_of(judged(pages, ACCEPTS_ALL), at, "nks_dan_toc")
    assert (field.raw, field.normalised, field.reader) == ("Kinh", "Kinh", BOOK_READER)
    assert field.decision is Decision.REVIEW, "what the book proposes is never accepted"
    assert 0.5 <= field.probability <= MAX_SAID_PROBABILITY
    assert field.issues == (Issue(SECOND_READING_CODE, "Máy đọc “1écnh”, theo các trang khác trong sổ là “Kinh”"),)
    assert field.readings == field_of(pages, at, "nks_dan_toc").readings


def test_a_seldom_entry_of_a_list_is_found_where_it_fits_what_was_read():
    pages, at = book_of(nks_dan_toc=reading("1ò4", 0.2))
    pages[0] = replace(pages[0], records=(made_record(layout_of_book(), nks_dan_toc="Hoa"),))
    pages[1] = replace(pages[1], records=(made_record(layout_of_book(), nks_dan_toc="Hoa"),))
    field = field_of(judged(pages), at, "nks_dan_toc")
    assert (field.raw, field.normalised) == ("Hoa", "Hoa")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("nks_dan_toc", reading("Hoa", 0.97)),
        ("nks_noi_sinh", reading("Trạm y tế xã Vĩnh Lâm B", 0.95)),
        ("nks_noi_sinh", reading("Trạm y tế xã Vinh Lâm", 0.95, ("Trạm y tế xã Vĩnh Lâm", 0.001))),
        ("nguoi_ky", (reading("Lê Văn Tâm - Chủ tịch", 0.97), reading("", 0.0))),
    ],
)
def test_a_rare_value_read_surely_stays_as_it_is(name, read):
    pages, at = book_of(**{name: read})
    field = field_of(judged(pages), at, name)
    assert (field.raw, field.reader) == (field_of(pages, at, name).raw, "fake")


def test_a_rare_value_that_looks_like_a_frequent_one_is_never_made_sure():
    doubted = reading("Trạm y tế xã Vinh Lâm", 0.4, ("Trạm y tế xã Vĩnh Lâm", 0.35))
    pages, at = book_of(count=40, nks_noi_sinh=doubted)
    field = field_of(judged(pages, ACCEPTS_ALL), at, "nks_noi_sinh")
    assert field.decision is Decision.REVIEW
    assert field.probability <= MAX_SAID_PROBABILITY


def test_what_is_always_misread_alike_is_not_believed():
    """Half of a hand's readings say one thing and half another: neither is put in the other's place."""
    pages, _ = book_of(count=20)
    layout = layout_of_book()
    pages = [
        replace(page, records=(made_record(layout, nguoi_ky=("Lê Văn Tàm - Chủ tịch", "")),)) if at % 2 else page
        for at, page in enumerate(pages)
    ]
    assert all(field_of(judged(pages), at, "nguoi_ky").reader == "fake" for at in range(20))


def test_names_of_persons_are_not_taught_by_other_entries():
    doubted = reading("Trần Thị Đàc", 0.3, ("Trần Thị Đào", 0.29))
    pages, at = book_of(me_ho_ten=doubted, nks_ho_ten=reading("NGUYỄN THỊ HO4", 0.3, ("NGUYỄN THỊ HOA", 0.29)))
    after = judged(pages)
    assert field_of(after, at, "me_ho_ten").raw == "Trần Thị Đàc"
    assert field_of(after, at, "nks_ho_ten").raw == "NGUYỄN THỊ HO4"


@pytest.mark.parametrize(("relation", "expected"), [("Cha", "Nguyễn Văn Bình"), ("Ông", "Nguyễn Vãn Bình")])
def test_the_declarant_is_the_father_where_the_entry_says_so(relation, expected):
    doubted = reading("Nguyễn Vãn Bình", 0.5, ("Nguyễn Văn Bình", 0.3))
    pages, at = book_of(rest={"nyc_quan_he": relation}, nyc_ho_ten=doubted)
    assert field_of(judged(pages), at, "nyc_ho_ten").raw == expected


def test_parts_of_a_date_are_read_under_the_calendar_and_between_their_neighbours():
    gaps = (
        reading("31", 0.6, ("11", 0.2), ("21", 0.15)),
        reading("03", 0.5, ("02", 0.4)),
        reading("2000", 0.5, ("2006", 0.3)),
    )
    pages, at = book_of(count=21, ngay_dang_ky=gaps)
    field = field_of(judged(pages), at, "ngay_dang_ky")
    assert (field.raw, field.normalised, field.decision) == ("11/03/2006", "11.03.2006", Decision.REVIEW)
    assert SECOND_READING_CODE in [issue.code for issue in field.issues]


def test_a_day_no_calendar_has_is_not_left_standing():
    gaps = (reading("31", 0.5, ("21", 0.3)), reading("04", 0.99), reading("2006", 0.99))
    layout = layout_of_book()
    pages = [
        made_result(f"{at}.jpg", made_record(layout, ngay_dang_ky=(f"{day:02d}", "04", "2006")))
        for at, day in enumerate((17, 18, 20, 20, 24, 25, 26))
    ]
    (record,) = pages[3].records
    fields = [
        replace(f, raw="31/04/2006", normalised=None, readings=gaps) if f.name == "ngay_dang_ky" else f
        for f in record.fields
    ]
    pages[3] = replace(pages[3], records=(replace(record, fields=tuple(fields)),))
    assert field_of(judged(pages), 3, "ngay_dang_ky").normalised == "21.04.2006"


def test_judging_again_gives_the_same_bytes_and_the_readers_word_comes_back():
    flag = Issue("field.stamped", "Có dấu")
    pages, at = book_of(
        nks_dan_toc=reading("1écnh", 0.3), nguoi_ky=(reading("Lê Vẵn Tám - Chủ tịch", 0.4), reading("", 0))
    )
    (record,) = pages[at].records
    stamped = tuple(replace(f, issues=(*f.issues, flag)) if f.name == "nks_dan_toc" else f for f in record.fields)
    pages[at] = replace(pages[at], records=(replace(record, fields=stamped),))
    once = judged(pages)
    again = judged(once)
    assert [json.dumps(to_document(p)) for p in again] == [json.dumps(to_document(p)) for p in once]
    assert flag in field_of(once, at, "nks_dan_toc").issues
    back = field_of([as_read(once[at], layout_of_book())], 0, "nks_dan_toc")
    first = field_of([as_read(pages[at], layout_of_book())], 0, "nks_dan_toc")
    assert back == first
    assert (back.raw, back.reader) == ("1écnh", "fake")


def test_signs_of_other_fields_do_not_change_by_what_is_proposed():
    """What repeats is counted as it was read; a proposed value has no signs, and teaches no calibrator."""
    pages, at = book_of(nks_dan_toc=reading("1écnh", 0.3))
    weighed = [
        {one.field.name: one.signs for one in signs}
        for _, signs in book_with_features(pages, layout_of_book(), KS.years)
    ]
    assert "nks_dan_toc" not in weighed[at]
    assert weighed[0]["nks_dan_toc"].repeated == pytest.approx(8 / 9)


def test_what_persons_entered_teaches_the_others_and_not_its_own_field():
    shown = reading("Lê Văn Tàm - PCT", 0.5, ("Lê Văn Lâm - PCT", 0.2))
    pages, at = book_of(nguoi_ky=(shown, reading("", 0.0)))
    entered = {(other, 0, "nguoi_ky"): "Lê Văn Lâm - PCT" for other in range(6) if other != at}
    assert field_of(judged(pages), at, "nguoi_ky").raw == "Lê Văn Tàm - PCT"
    assert field_of(judged(pages, entered=entered), at, "nguoi_ky").raw == "Lê Văn Lâm - PCT"
    own = {(at, 0, "nguoi_ky"): "Lê Văn Lâm - PCT"}
    assert field_of(judged(pages, entered=own), at, "nguoi_ky").raw == "Lê Văn Tàm - PCT"


def test_corrections_of_a_workspace_are_taught_and_judging_again_keeps_all(tmp_path):
    folder, _ = reviewed_workspace(tmp_path, pages=12, reviewed=0)
    with Store.open(folder) as store:
        before = [page.records[0].field("nguoi_ky").raw for page in decide_stored_books(store, None)]
        said = ["Trần Văn Bảy - Chủ tịch", *before[1:]]
        store.add_corrections([answered(n, "nguoi_ky", said[n - 1], before[n - 1], annotation=n) for n in range(1, 13)])
        taught = entered_values(store, KS.key, list(store.pages(KS.key)))
        after = list(decide_stored_books(store, None))
        assert list(decide_stored_books(store, None)) == after
    assert taught == {(at, 0, "nguoi_ky"): text for at, text in enumerate(said)}
