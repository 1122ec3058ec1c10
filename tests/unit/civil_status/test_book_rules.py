"""Rules along a book: runs, days, pages, what recurs; and how findings come to the fields of results."""

import random

import pytest
from support.builders.book import ks_layout, made_pages, made_record, made_result, with_alternatives

from ocrfill.civil_status.rules import ColumnValue, RuleEntry
from ocrfill.civil_status.rules.book_rules import BOOK_RULES, check_entries, demanded_numbers
from ocrfill.civil_status.rules.sequence import DemandedNumber, demanded_by_neighbours, longest_rise
from ocrfill.document.result import Decision, Field, Issue, Record
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.pipeline.validate import (
    check_book,
    check_record,
    choose_in_sequence,
    entry_of,
    record_findings,
)

HARD_FOR, SOFT_FOR = ("supports", "hard"), ("supports", "soft")
HARD_NO, SOFT_NO = ("contradicts", "hard"), ("contradicts", "soft")


def book(years=(2006, 2006), **columns):
    """Entries whose columns hold these lists of texts; None for a page that could not be read."""
    rows = zip(*columns.values(), strict=True)
    return [
        None
        if None in row
        else RuleEntry("KS", years, {c: ColumnValue(c.lower(), t, t) for c, t in zip(columns, row, strict=True)})
        for row in rows
    ]


def found(rule, column, entries):
    """For each entry the verdict of one rule on one column."""
    verdicts = []
    for findings in check_entries(entries):
        mine = [(f.verdict.value, f.weight.value) for f in findings if (f.rule, f.column) == (rule, column)]
        assert len(mine) <= 1
        verdicts.append(mine[0] if mine else None)
    return verdicts


def texts(rule, entries):
    return [[f.text for f in findings if f.rule == rule and f.text] for findings in check_entries(entries)]


class TestVolume:
    """The forms of TT 15/2015/TT-BTP and TT 04/2020/TT-BTP ask each entry for "Quyển số"; a book is one volume."""

    rule = "book.volume"

    def test_one_that_differs_is_contradicted(self):
        entries = book(quyenSo=["01/2017", "01/2017", "21/2017", "01", "01/2017", None, "01/2017"])
        verdicts = found(self.rule, "quyenSo", entries)
        assert verdicts == [SOFT_FOR, SOFT_FOR, HARD_NO, SOFT_FOR, SOFT_FOR, None, SOFT_FOR]
        assert texts(self.rule, entries)[2] == ["Các trang khác của sổ ghi quyển 1"]

    def test_too_few_entries_or_no_majority_say_nothing(self):
        assert found(self.rule, "quyenSo", book(quyenSo=["1", "1", "1", "2"])) == [None] * 4
        assert found(self.rule, "quyenSo", book(quyenSo=["1", "2"] * 4)) == [None] * 8
        assert found(self.rule, "quyenSo", book(quyenSo=[""] * 6)) == [None] * 6


class TestNumbersRun:
    """TT 04/2020/TT-BTP Đ29: numbers start at 01 each year and go on, pages in order, none left blank."""

    rule = "book.numbers_run"

    def test_a_run_supports_its_numbers(self):
        verdicts = found(self.rule, "so", book(so=["1", "2", "3", "4", "5"]))
        assert verdicts == [SOFT_FOR, HARD_FOR, HARD_FOR, HARD_FOR, SOFT_FOR]

    def test_the_published_misreading_16_for_46(self):
        entries = book(so=["44", "45", "16", "47", "48"])
        assert found(self.rule, "so", entries)[2] == HARD_NO
        assert texts(self.rule, entries)[2] == ["Theo thứ tự trong sổ phải là 46"]
        assert found(self.rule, "so", entries)[1] == HARD_FOR

    def test_an_empty_number_is_asked_for(self):
        assert texts(self.rule, book(so=["1", "2", "", "4"]))[2] == ["Theo thứ tự trong sổ phải là 3"]

    def test_a_page_that_failed_keeps_its_place(self):
        assert found(self.rule, "so", book(so=["1", "2", None, "4", "5"])) == [
            SOFT_FOR,
            HARD_FOR,
            None,
            HARD_FOR,
            SOFT_FOR,
        ]

    def test_numbers_begin_anew_with_the_year(self):
        entries = book(
            (2005, 2006),
            so=["98", "99", "100", "1", "2", "3"],
            ngayDangKy=["01.12.2005", "02.12.2005", "03.12.2005", "04.01.2006", "05.01.2006", "06.01.2006"],
        )
        assert found(self.rule, "so", entries) == [SOFT_FOR, HARD_FOR, SOFT_FOR, SOFT_FOR, HARD_FOR, SOFT_FOR]

    def test_too_few_or_no_numbers(self):
        assert found(self.rule, "so", book(so=["1", "2"])) == [None, None]
        assert found(self.rule, "so", book(so=["", "", ""])) == [None] * 3
        assert check_entries([]) == ()

    def test_a_gap_changes_nobody(self):
        assert HARD_NO not in found(self.rule, "so", book(so=["1", "2", "3", "5", "6", "7"]))

    def test_numbers_with_their_year(self):
        assert found(self.rule, "so", book(so=["01/2006", "02/2006", "03/2006"]))[1] == HARD_FOR


class TestNumberOnce:
    rule = "book.number_once"

    def test_the_one_out_of_place_is_doubted(self):
        entries = book(so=["1", "2", "3", "4", "2", "6", "7", "8"])
        assert found(self.rule, "so", entries) == [None, None, None, None, HARD_NO, None, None, None]
        assert texts(self.rule, entries)[4] == ["Số 2 có 2 lần trong sổ"]

    def test_another_year_may_have_it_again(self):
        entries = book((2005, 2006), so=["7", "7"], ngayDangKy=["01.12.2005", "05.01.2006"])
        assert found(self.rule, "so", entries) == [None, None]
        assert found(self.rule, "so", book(so=["", ""])) == [None, None]


class TestNumberGap:
    rule = "book.number_gap"

    def test_a_missing_page(self):
        entries = book(so=["1", "2", "3", "5", "6"])
        assert found(self.rule, "so", entries) == [None, None, None, SOFT_NO, None]
        assert texts(self.rule, entries)[3] == ["Thiếu số 4 trước số này"]
        assert texts(self.rule, book(so=["1", "2", "6", "7"]))[2] == ["Thiếu số 3 đến 5 trước số này"]

    def test_a_misread_number_is_no_gap(self):
        assert found(self.rule, "so", book(so=["1", "2", "13", "4", "5"])) == [None] * 5
        assert found(self.rule, "so", book(so=["1", "2", "", "5", "6"])) == [None] * 5


class TestPagesRun:
    rule = "book.pages_run"

    def test_pages(self):
        entries = book(trangSo=["11", "12", "18", "14", "15"])
        assert found(self.rule, "trangSo", entries)[1:4] == [HARD_FOR, HARD_NO, HARD_FOR]
        assert found(self.rule, "trangSo", book(trangSo=[""])) == [None]


class TestPageNumber:
    """In all five real scans the page bears the number of its entry."""

    rule = "book.page_number"

    def test_a_book_that_does_so(self):
        entries = book(so=["1", "2", "3", "4", "16", "6"], trangSo=["1", "2", "3", "4", "5", "6"])
        assert found(self.rule, "so", entries) == [HARD_FOR] * 4 + [SOFT_NO] + [HARD_FOR]
        assert texts(self.rule, entries)[4] == ["Trang ghi 5", "Số ghi 16"]

    def test_a_second_volume_is_off_by_as_much_on_every_page(self):
        entries = book(so=["101", "102", "103", "104", "105"], trangSo=["1", "2", "3", "4", "5"])
        assert found(self.rule, "trangSo", entries) == [HARD_FOR] * 5

    def test_a_book_that_does_not_and_too_few_pages(self):
        assert found(self.rule, "so", book(so=list("123456"), trangSo=list("112233"))) == [None] * 6
        assert found(self.rule, "so", book(so=list("1234"), trangSo=list("1234"))) == [None] * 4
        assert found(self.rule, "so", book(so=["1", ""], trangSo=["", "2"])) == [None] * 2


class TestDatesRise:
    """TT 04/2020/TT-BTP Đ29: entries stand in the order of registration."""

    rule = "book.dates_rise"
    days = ("04.01.2006", "05.01.2006", "09.01.2006", "09.01.2006", "02.02.2006")

    def test_days_in_order(self):
        verdicts = found(self.rule, "ngayDangKy", book(ngayDangKy=self.days))
        assert verdicts == [None, SOFT_FOR, SOFT_FOR, SOFT_FOR, None]

    @pytest.mark.parametrize("wrong", ["09.07.2006", "08.11.2005"])
    def test_a_day_that_goes_back_or_ahead(self, wrong):
        days = [*self.days]
        days[2] = wrong
        entries = book(ngayDangKy=days)
        assert found(self.rule, "ngayDangKy", entries)[2] == HARD_NO
        assert found(self.rule, "ngayDangKy", entries)[1] == SOFT_FOR
        assert texts(self.rule, entries)[2] == ["Không theo thứ tự trong sổ: trước đó là 5/1/2006, sau đó là 9/1/2006"]

    def test_partial_and_missing_days(self):
        days = ["04.01.2006", "01.2006", "", "09.01.2006", "10.01.2006"]
        assert found(self.rule, "ngayDangKy", book(ngayDangKy=days)) == [None, None, None, SOFT_FOR, None]
        assert found(self.rule, "ngayDangKy", book(ngayDangKy=["04.01.2006", "03.01.2006"])) == [None, None]


class TestYear:
    """Luật Hộ tịch 60/2014 Đ58: a book is closed on the last day of its year."""

    rule = "book.year"

    def test_years_of_the_book(self):
        entries = book(ngayDangKy=["04.01.2006", "04.01.2008", "", "2005"])
        assert found(self.rule, "ngayDangKy", entries) == [SOFT_FOR, HARD_NO, None, HARD_NO]
        assert texts(self.rule, entries)[1] == ["Sổ của năm 2006"]


class TestRecurring:
    """A book has few officials, and its places share their communes: learnt from the book itself."""

    rule = "book.recurring"

    def test_an_official_of_the_book_and_one_nearly_his(self):
        names = ["Nguyễn Văn Hoà"] * 3 + ["Nguyễn Văn Hòa"] * 3 + ["Nguyễn Văn Hóa", "Lê Thị Bưởi", ""]
        verdicts = found(self.rule, "nguoiKy", book(nguoiKy=names))
        assert verdicts == [SOFT_FOR] * 6 + [SOFT_NO, None, None]
        assert texts(self.rule, book(nguoiKy=names))[6] == ["Gần giống “Nguyễn Văn Hòa”, có 6 lần trong sổ"]

    def test_the_upper_units_of_places(self):
        homes = [f"thôn {n}, xã Vĩnh Lâm, Quảng Trị" for n in "ABCDE"] + ["thôn A, xã Vĩnh Lầm, Quảng Trị", "thôn A"]
        assert found(self.rule, "nksQueQuan", book(nksQueQuan=homes)) == [SOFT_FOR] * 5 + [SOFT_NO, None]

    def test_neighbours_are_not_taken_for_each_other(self):
        homes = ["tổ 2, phường 3, Đông Hà"] * 6 + ["tổ 2, phường 1, Đông Hà", "thôn A, xã Gio Mỹ, Gio Linh"]
        assert found(self.rule, "nksQueQuan", book(nksQueQuan=homes)) == [SOFT_FOR] * 6 + [None, None]

    def test_names_of_registrants_are_not_learnt(self):
        assert found(self.rule, "nksHoTen", book(nksHoTen=["Lê Văn A"] * 6)) == [None] * 6


def test_every_book_rule_has_its_class_here():
    tested = {c.rule for c in globals().values() if isinstance(c, type) and hasattr(c, "rule")}
    assert tested == {rule.code for rule in BOOK_RULES}


def test_nothing_makes_a_book_fail():
    rng = random.Random(3)
    for _ in range(50):
        count = rng.randint(0, 12)
        columns = {
            "so": [rng.choice(["", "1", "2", "99999999", "05/2006", "x"]) for _ in range(count)],
            "trangSo": [rng.choice(["", "1", "2", "0"]) for _ in range(count)],
            "ngayDangKy": [rng.choice(["", "04.01.2006", "2005", "31.02.2006", "x"]) for _ in range(count)],
            "nguoiKy": [rng.choice(["", ".", "A B"]) for _ in range(count)],
        }
        assert len(check_entries(book(**columns))) == count


def test_the_number_a_place_must_have():
    assert demanded_numbers(book(so=["1", "2", "9", "4", "5"])) == [None, 2, 3, 4, None]
    assert demanded_by_neighbours([5, None, 7], [None] * 3)[1] == DemandedNumber(6, 2, between=True)
    assert demanded_by_neighbours([5, 9], [None] * 2) == [None, None]


def test_the_longest_rise():
    assert longest_rise([1, 2, 9, 3, None, 3, 4]) == [0, 1, 3, 5, 6]
    assert longest_rise([]) == longest_rise([None]) == []
    rng = random.Random(4)
    for _ in range(100):
        values = [rng.choice([None, *range(9)]) for _ in range(rng.randint(0, 15))]
        rise = longest_rise(values)
        assert rise == sorted(set(rise))
        kept = [values[i] for i in rise]
        assert None not in kept
        assert kept == sorted(kept)


# --- from results to issues

WRONG = {"nks_ngay_sinh_bang_chu": "Ngày hai mươi sáu tháng mười năm hai nghìn lẻ năm"}


def issues(record, name):
    return [issue.text for issue in record.field(name).issues]


def test_what_rules_contradict_becomes_issues_of_the_fields():
    layout = ks_layout()
    record = check_record(made_record(layout, **WRONG), layout)
    assert issues(record, "nks_ngay_sinh") == ["Ngày bằng chữ là 26/10/2005"]
    assert issues(record, "nks_ngay_sinh_bang_chu") == ["Ngày bằng số là 27/10/2005"]


def test_no_value_changes_and_a_right_record_stays_as_it_is():
    layout = ks_layout()
    right, wrong = made_record(layout), made_record(layout, **WRONG)
    assert check_record(right, layout) == right
    for before, after in zip(wrong.fields, check_record(wrong, layout).fields, strict=True):
        assert (before.raw, before.normalised, before.probability, before.decision) == (
            after.raw,
            after.normalised,
            after.probability,
            after.decision,
        )


def test_support_is_evidence_and_no_issue():
    layout = ks_layout()
    evidence = record_findings(made_record(layout), layout)
    hard = {(e.field, e.finding.rule) for e in evidence if e.finding.weight == "hard"}
    assert {
        ("nks_ngay_sinh", "date.figures_words"),
        ("nks_ngay_sinh_bang_chu", "date.figures_words"),
        ("nyc_ho_ten", "person.declared_by_parent"),
    } <= hard
    assert all(e.finding.verdict == "supports" for e in evidence)


def test_a_book_is_checked_page_by_page_in_order():
    layout = ks_layout()
    pages = list(made_pages(layout, ["1", "2", "8", None, "5", "6"]))
    checked = [page.result for page in check_book(pages, layout, (2006, 2006))]
    assert [p.source for p in checked] == [p.source for p in pages]
    assert issues(checked[2].records[0], "so") == ["Theo thứ tự trong sổ phải là 3", "Trang ghi 3"]
    assert issues(checked[4].records[0], "so") == []
    assert checked[3] == pages[3]
    again = list(check_book(checked, layout, (2006, 2006)))
    assert [page.result for page in again] == checked
    assert [page.evidence for page in again] == [page.evidence for page in check_book(pages, layout, (2006, 2006))]


def test_unused_pages_at_the_end_are_not_part_of_the_runs():
    layout = ks_layout()
    pages = [*made_pages(layout, ["1", "2", "3"]), made_result("4.jpg", made_record(layout, {}))]
    checked = list(check_book(pages, layout, (2006, 2006)))
    assert checked[3].result == pages[3]
    assert checked[3].evidence == ((),)
    assert any(e.finding.rule == "book.numbers_run" for e in checked[1].evidence[0])


@pytest.mark.parametrize("name", shipped_layouts())
def test_every_layout_gives_rules_their_columns(name):
    layout = load_layout(name)
    fields = tuple(
        Field(n, s.label, s.type.kind, "", None, 0.0, Decision.EMPTY, (), None, ()) for n, s in layout.fields.items()
    )
    entry = entry_of(Record(1, fields), layout)
    assert entry.kind == layout.kind
    assert {"so", "ngayDangKy"} <= set(entry.columns)
    assert "ghiChu" not in entry.columns
    assert all(said.text == "" for said in entry.columns.values())


def test_issues_name_their_rule():
    layout = ks_layout()
    record = check_record(made_record(layout, **WRONG), layout)
    assert record.field("nks_ngay_sinh").issues == (Issue("date.figures_words", "Ngày bằng chữ là 26/10/2005"),)


# --- what the sequence chooses


def test_the_sequence_chooses_among_a_readers_own_alternatives_and_says_so():
    layout = ks_layout()
    pages = list(made_pages(layout, ["44", "45", "16", "47", "48"]))
    pages[2] = with_alternatives(pages[2], "10", "46", "40")
    chosen = list(choose_in_sequence(pages, layout, (2006, 2006)))
    field = chosen[2].records[0].field("so")
    assert (field.raw, field.normalised, field.decision, field.probability) == ("46", "46", Decision.REVIEW, 0.3)
    assert field.issues == (Issue("book.chosen", "Máy đọc “16”, theo thứ tự trong sổ chọn “46”"),)
    assert field.readings == pages[2].records[0].field("so").readings
    assert [chosen[i] for i in (0, 1, 3, 4)] == [pages[i] for i in (0, 1, 3, 4)]
    assert list(choose_in_sequence(chosen, layout, (2006, 2006))) == chosen


@pytest.mark.parametrize("offered", [(), ("10", "40"), ("số",)])
def test_what_no_reader_offers_is_not_chosen(offered):
    layout = ks_layout()
    pages = list(made_pages(layout, ["44", "45", "16", "47", "48"]))
    pages[2] = with_alternatives(pages[2], *offered)
    assert list(choose_in_sequence(pages, layout, (2006, 2006))) == pages


def test_one_side_alone_chooses_nothing():
    layout = ks_layout()
    pages = list(made_pages(layout, ["44", "45", "16"]))
    pages[2] = with_alternatives(pages[2], "46")
    assert list(choose_in_sequence(pages, layout, (2006, 2006))) == pages
