"""Rules within a record: each from the law or form it comes from, where it holds, where not, and where values lack."""

import pytest

from ocrfill.civil_status.rules import RECORD_RULES, ColumnValue, RuleEntry, Verdict, Weight, check_entry
from ocrfill.civil_status.rules.partial_date import PartialDate


def entry(kind="KS", years=(2006, 2015), **columns):
    """An entry whose columns hold these texts; a pair is text and coded form."""
    said = {}
    for column, given in columns.items():
        text, coded = given if isinstance(given, tuple) else (given, "")
        said[column] = ColumnValue(column.lower(), text, text, coded)
    return RuleEntry(kind, years, said)


def found(rule, kind="KS", years=(2006, 2015), **columns):
    """{column: (verdict, weight)} of one rule."""
    (check,) = [r.check for r in RECORD_RULES if r.code == rule]
    findings = check(entry(kind, years, **columns))
    assert all(f.rule == rule for f in findings)
    for finding in findings:
        assert bool(finding.text) == (finding.verdict is Verdict.CONTRADICTS)
        assert "\n" not in finding.text
        assert finding.column in columns or finding.column == "loaiDangKy"
    return {f.column: (f.verdict.value, f.weight.value) for f in findings}


def texts(rule, kind="KS", years=(2006, 2015), **columns):
    (check,) = [r.check for r in RECORD_RULES if r.code == rule]
    return {f.column: f.text for f in check(entry(kind, years, **columns))}


HARD_FOR, SOFT_FOR = ("supports", "hard"), ("supports", "soft")
HARD_NO, SOFT_NO = ("contradicts", "hard"), ("contradicts", "soft")

WORDS = "Ngày hai mươi sáu, tháng sáu, Năm một ngàn chín trăm bốn mươi tám"


class TestFiguresAndWords:
    """TT 04/2020/TT-BTP Đ31: the date of birth is written "both numerical and textual"."""

    rule = "date.figures_words"

    def test_the_same_day_supports_both(self):
        assert found(self.rule, nksNgaySinh="26.06.1948", nksNgaySinhBangChu=(WORDS, "26.06.1948")) == {
            "nksNgaySinh": HARD_FOR,
            "nksNgaySinhBangChu": HARD_FOR,
        }

    def test_another_day_is_told_on_both_as_a_clerk_says_it(self):
        """The ministry template's own example rows disagree like this: 01.09.2008 against the 27th of August."""
        columns = {"nksNgaySinh": "01.09.2008", "nksNgaySinhBangChu": ("Ngày Hai Mươi Bảy …", "27.08.2008")}
        assert found(self.rule, **columns) == {"nksNgaySinh": HARD_NO, "nksNgaySinhBangChu": HARD_NO}
        assert texts(self.rule, **columns) == {
            "nksNgaySinh": "Ngày bằng chữ là 27/8/2008",
            "nksNgaySinhBangChu": "Ngày bằng số là 1/9/2008",
        }

    def test_a_year_alone_says_nothing_of_the_day(self):
        assert found(self.rule, nksNgaySinh="26.06.1948", nksNgaySinhBangChu=("năm …", "1948")) == {}
        assert found(self.rule, nksNgaySinh="26.06.1948", nksNgaySinhBangChu=("năm …", "1949")) != {}

    def test_without_one_of_them_there_is_no_verdict(self):
        assert found(self.rule, nksNgaySinh="26.06.1948") == {}
        assert found(self.rule, nksNgaySinhBangChu=(WORDS, "26.06.1948")) == {}
        assert found(self.rule, nksNgaySinh="26.06.1948", nksNgaySinhBangChu=("chữ gì", "")) == {}

    def test_deaths_have_it_in_the_software_too(self):
        columns = {"nktNgayChet": "03.04.2006", "nktNgayChetGhiBangChu": ("…", "03.04.2006")}
        assert set(found(self.rule, "KT", **columns).values()) == {HARD_FOR}


class TestOrder:
    """Luật Hộ tịch 60/2014 Đ15, Đ33: births and deaths are declared within days after they happened."""

    rule = "date.order"

    def test_registration_before_birth(self):
        columns = {"nksNgaySinh": "05.03.2006", "ngayDangKy": "04.03.2006"}
        assert found(self.rule, **columns) == {"nksNgaySinh": HARD_NO, "ngayDangKy": HARD_NO}
        assert texts(self.rule, **columns) == {
            "nksNgaySinh": "Sau ngày đăng ký 4/3/2006",
            "ngayDangKy": "Trước ngày sinh 5/3/2006",
        }

    def test_in_order_or_on_one_day(self):
        for born in ("04.03.2006", "01.01.1990", "1948"):
            assert found(self.rule, nksNgaySinh=born, ngayDangKy="04.03.2006") == {"nksNgaySinh": SOFT_FOR}

    def test_a_year_that_may_be_either_side_has_no_verdict(self):
        assert found(self.rule, nksNgaySinh="2006", ngayDangKy="04.03.2006") == {}
        assert found(self.rule, nksNgaySinh="2007", ngayDangKy="04.03.2006") != {}

    def test_other_registers_and_missing_values(self):
        assert found(self.rule, "KT", nktNgayChet="05.03.2006", ngayDangKy="04.03.2006")["nktNgayChet"] == HARD_NO
        assert found(self.rule, "KH", voNgaySinh="05.03.2016", ngayDangKy="04.03.2006")["voNgaySinh"] == HARD_NO
        assert found(self.rule, nksNgaySinh="05.03.2006") == {}
        assert found(self.rule, ngayDangKy="05.03.2006", nksNgaySinh="85 tuổi") == {}


class TestInTime:
    """Luật Hộ tịch 60/2014 Đ15: 60 days; Đ33: 15 days; NĐ 4-CP/1961 Đ1: 30 days."""

    rule = "registration.in_time"

    @pytest.mark.parametrize(
        ("born", "registered", "code", "verdict"),
        [
            ("01.03.2016", "30.04.2016", "1", SOFT_FOR),  # the 60th day
            ("01.03.2016", "01.05.2016", "1", SOFT_NO),
            ("01.03.2016", "01.05.2016", "4", SOFT_FOR),
            ("01.03.2016", "01.04.2016", "4", SOFT_NO),
            ("01.03.1970", "31.03.1970", "1", SOFT_FOR),  # 30 days under NĐ 4-CP/1961
            ("01.03.1970", "01.04.1970", "1", SOFT_NO),
            ("01.03.1970", "01.04.1970", "2", None),
            ("01.03.2002", "15.04.2002", "1", None),  # NĐ 83/1998: not found
        ],
    )
    def test_births(self, born, registered, code, verdict):
        columns = {"nksNgaySinh": born, "ngayDangKy": registered, "loaiDangKy": code}
        assert found(self.rule, years=(1960, 2020), **columns).get("loaiDangKy") == verdict

    def test_deaths_15_days(self):
        columns = {"nktNgayChet": "01.03.2016", "loaiDangKy": "1"}
        assert found(self.rule, "KT", ngayDangKy="16.03.2016", **columns)["loaiDangKy"] == SOFT_FOR
        assert found(self.rule, "KT", ngayDangKy="17.03.2016", **columns)["nktNgayChet"] == SOFT_NO

    def test_in_time_supports_both_dates_where_the_form_has_no_boxes(self):
        both = {"nksNgaySinh": SOFT_FOR, "ngayDangKy": SOFT_FOR}
        assert found(self.rule, nksNgaySinh="01.03.2007", ngayDangKy="20.03.2007") == both
        assert found(self.rule, nksNgaySinh="01.03.1997", ngayDangKy="20.03.2007") == {}

    def test_missing_and_partial_values(self):
        assert found(self.rule, nksNgaySinh="2007", ngayDangKy="20.03.2007", loaiDangKy="1") == {}
        assert found(self.rule, ngayDangKy="20.03.2007", loaiDangKy="1") == {}
        assert found(self.rule, "KH", ngayDangKy="20.03.2007", loaiDangKy="1") == {}


class TestLifeSpan:
    rule = "date.life_span"

    def test_death_before_birth_and_after_120_years(self):
        assert found(self.rule, "KT", nktNgaySinh="05.03.2006", nktNgayChet="04.03.2006")["nktNgaySinh"] == HARD_NO
        assert found(self.rule, "KT", nktNgaySinh="1885", nktNgayChet="04.03.2006")["nktNgayChet"] == HARD_NO
        assert found(self.rule, "KT", nktNgaySinh="1886", nktNgayChet="04.03.2006") == {}

    def test_missing_values(self):
        assert found(self.rule, "KT", nktNgaySinh="1920") == {}
        assert found(self.rule, "KT", nktNgaySinh="85 tuổi", nktNgayChet="04.03.2006") == {}


class TestWithinBook:
    """Luật Hộ tịch 60/2014 Đ58: a book is closed on the last day of its year. The clock of today has no say."""

    rule = "date.within_book"

    def test_the_published_misreading_2073(self):
        columns = {"ngayDangKy": "04.03.2073"}
        assert found(self.rule, **columns) == {"ngayDangKy": HARD_NO}
        assert texts(self.rule, **columns) == {"ngayDangKy": "Sau năm cuối của sổ (2015)"}

    def test_dates_a_book_can_hold(self):
        assert found(self.rule, ngayDangKy="31.12.2015", nksNgaySinh="1886") == {}
        assert found(self.rule, nksNgaySinh="1885") == {"nksNgaySinh": HARD_NO}
        assert found(self.rule) == {}


class TestMarriageAge:
    """Luật HNGĐ 2014 Đ8: completed 20 and 18 from 1/1/2015; before, by the Law of 2000, entered."""

    rule = "marriage.age"

    @pytest.mark.parametrize(
        ("column", "born", "married", "allowed"),
        [
            ("voNgaySinh", "02.01.1997", "01.01.2015", False),
            ("voNgaySinh", "01.01.1997", "01.01.2015", True),
            ("voNgaySinh", "04.01.1997", "31.12.2014", True),  # 17 years, 11 months, 28 days: of age then
            ("voNgaySinh", "02.03.1990", "01.03.2007", False),
            ("chongNgaySinh", "01.03.1987", "01.03.2006", True),
            ("chongNgaySinh", "02.03.1987", "01.03.2006", False),
            ("chongNgaySinh", "1987", "01.03.2006", True),  # no day: the first of January
            ("voNgaySinh", "29.02.1996", "28.02.2013", False),
        ],
    )
    def test_by_the_law_of_the_day(self, column, born, married, allowed):
        verdicts = found(self.rule, "KH", **{column: born, "ngayDangKy": married})
        assert verdicts == ({} if allowed else {column: SOFT_NO, "ngayDangKy": SOFT_NO})

    def test_missing_values(self):
        assert found(self.rule, "KH", ngayDangKy="01.03.2007") == {}
        assert found(self.rule, "KH", voNgaySinh="2005") == {}


class TestParentsAge:
    """No law: custom. Parents' years are in the form of TT 15/2015."""

    rule = "person.parents_age"

    def test_a_mother_of_nine(self):
        columns = {"nksNgaySinh": "01.03.2016", "meNgaySinh": "2007", "chaNgaySinh": "1985"}
        assert found(self.rule, **columns) == {"meNgaySinh": SOFT_NO, "nksNgaySinh": SOFT_NO}
        assert texts(self.rule, **columns)["meNgaySinh"] == "Chỉ hơn con 9 tuổi"

    def test_usual_parents_and_missing_values(self):
        assert found(self.rule, nksNgaySinh="01.03.2016", meNgaySinh="2001", chaNgaySinh="1985") == {}
        assert found(self.rule, nksNgaySinh="01.03.2016") == {}


class TestUsualAge:
    """No law: custom. 1910 for 1970 is how a register is misread, seldom how it is written."""

    rule = "person.usual_age"

    def test_a_bride_of_ninety(self):
        columns = {"voNgaySinh": "10.09.1910", "chongNgaySinh": "10.09.1970", "ngayDangKy": "01.02.2000"}
        assert found(self.rule, "KH", **columns) == {"voNgaySinh": SOFT_NO}
        assert texts(self.rule, "KH", **columns) == {"voNgaySinh": "Khi đó đã 90 tuổi: hiếm khi quá 70"}

    def test_old_parents(self):
        columns = {"nksNgaySinh": "01.03.2016", "meNgaySinh": "1950", "chaNgaySinh": "1945"}
        assert found(self.rule, **columns) == {"meNgaySinh": SOFT_NO}

    def test_usual_ages_and_missing_values(self):
        assert found(self.rule, "KH", voNgaySinh="1930", ngayDangKy="01.02.2000") == {}
        assert found(self.rule, "KH", voNgaySinh="1910") == {}
        assert found(self.rule, nksNgaySinh="01.03.2016", meNgaySinh="1961", chaNgaySinh="1941") == {}


class TestSelfDeclared:
    """The forms of QĐ 01/2006/QĐ-BTP ask for the applicant's name and relation: "Tự khai", "Bản thân"."""

    rule = "person.self_declared"

    @pytest.mark.parametrize("relation", ["Tự khai", "Bản thân", "tự khai."])
    def test_the_same_name(self, relation):
        columns = {"nksHoTen": "NGUYỄN VĂN HOÀ", "nycHoTen": "Nguyễn Văn Hòa", "nycQuanHe": relation}
        assert found(self.rule, **columns) == dict.fromkeys(columns, HARD_FOR)

    def test_another_tone_mark_as_in_the_published_errors(self):
        columns = {"nksHoTen": "NGUYỄN VĂN HÒA", "nycHoTen": "Nguyễn Văn Hóa", "nycQuanHe": ("Tự khái", "Bản thân")}
        verdicts = found(self.rule, **columns)
        assert verdicts == {"nksHoTen": HARD_NO, "nycHoTen": HARD_NO, "nycQuanHe": SOFT_NO}

    def test_other_relations_and_missing_names(self):
        assert found(self.rule, nksHoTen="A B", nycHoTen="A C", nycQuanHe="Cha") == {}
        assert found(self.rule, nycHoTen="A C", nycQuanHe="Tự khai") == {}
        assert found(self.rule, nksHoTen="A B", nycHoTen="A C") == {}

    def test_other_registers(self):
        assert found(self.rule, "HN", nxnHoTen="A B", nycHoTen="A B", nycQuanHe="Bản thân")["nxnHoTen"] == HARD_FOR
        cmc = {"cmHoTen": "A B", "nycHoTen": "A C", "nycQHNguoiNhan": "Bản thân"}
        assert found(self.rule, "CMC", **cmc)["cmHoTen"] == HARD_NO


class TestDeclaredByParent:
    rule = "person.declared_by_parent"

    def test_the_father_declares(self):
        columns = {"chaHoTen": "Nguyễn Văn Bình", "meHoTen": "Trần Thị Đào", "nycQuanHe": "Cha"}
        assert found(self.rule, **columns, nycHoTen="Nguyễn Văn Bình") == {
            "chaHoTen": HARD_FOR,
            "nycHoTen": HARD_FOR,
            "nycQuanHe": SOFT_FOR,
        }
        assert found(self.rule, **columns, nycHoTen="Nguyễn Văn Bính")["chaHoTen"] == SOFT_NO

    def test_others_and_missing_names(self):
        assert found(self.rule, chaHoTen="A B", nycHoTen="C D", nycQuanHe="Ông nội") == {}
        assert found(self.rule, nycHoTen="C D", nycQuanHe="Mẹ") == {}


class TestSurname:
    rule = "person.surname"

    def test_from_father_or_mother(self):
        columns = {"chaHoTen": "Nguyễn Văn Bình", "meHoTen": "Trần Thị Đào"}
        assert found(self.rule, nksHoTen="NGUYỄN THỊ HOA", **columns) == {"nksHoTen": SOFT_FOR, "chaHoTen": SOFT_FOR}
        assert found(self.rule, nksHoTen="TRẦN THỊ HOA", **columns) == {"nksHoTen": SOFT_FOR, "meHoTen": SOFT_FOR}
        assert found(self.rule, nksHoTen="LÊ THỊ HOA", **columns) == {"nksHoTen": SOFT_NO}

    def test_one_parent_alone_contradicts_nothing(self):
        assert found(self.rule, nksHoTen="LÊ THỊ HOA", meHoTen="Trần Thị Đào") == {}
        assert found(self.rule, nksHoTen="LÊ THỊ HOA") == {}

    def test_ho_in_the_mountains(self):
        """Vân Kiều took the surname Hồ on 16/6/1957 (danvan.vn, thanhnien.vn): parents may bear older names."""
        columns = {"nksHoTen": "HỒ VĂN LAN", "chaHoTen": "Pả Lan", "meHoTen": "Căn Hoa"}
        assert found(self.rule, nksDanToc="Bru Vân Kiều", **columns) == {}
        assert found(self.rule, nksDanToc="Kinh", **columns) == {"nksHoTen": SOFT_NO}


class TestPeople:
    """Bộ luật Dân sự 2015 Đ29: a child's people is its father's or mother's."""

    rule = "person.people"

    def test_father_or_mother(self):
        columns = {"chaDanToc": "Kinh", "meDanToc": "Bru Vân Kiều (Vân Kiều)"}
        assert found(self.rule, nksDanToc="Bru Vân Kiều", **columns) == {"nksDanToc": SOFT_FOR, "meDanToc": SOFT_FOR}
        assert found(self.rule, nksDanToc="Mông", **columns) == {"nksDanToc": SOFT_NO}
        assert found(self.rule, nksDanToc="Mông", chaDanToc="Kinh") == {}


class TestSexAndName:
    """Custom, not law."""

    rule = "person.sex_name"

    @pytest.mark.parametrize(
        ("name", "sex", "verdict"),
        [
            ("NGUYỄN THỊ HOA", "2", SOFT_FOR),
            ("NGUYỄN THỊ HOA", "1", SOFT_NO),
            ("NGUYỄN VĂN HOÀ", "Nam", SOFT_FOR),
            ("Nguyễn Văn Hòa", "Nữ", SOFT_NO),
            ("Nguyễn Minh Hòa", "1", None),
            ("Văn Thị", "1", None),
            ("Nguyễn Thị Hoa", "3", None),
            ("Nguyễn Thị Hoa", "", None),
        ],
    )
    def test_names(self, name, sex, verdict):
        columns = {"nksHoTen": name, "nksGioiTinh": sex}
        assert found(self.rule, **columns) == ({} if verdict is None else dict.fromkeys(columns, verdict))


class TestPersonalNumber:
    """TT 07/2016/TT-BCA, annex I: the fourth digit is century and sex, the next two the year."""

    rule = "identity.bearer"

    def test_year_and_sex(self):
        columns = {"nksSoDinhDanh": "045216001234", "nksNgaySinh": "01.03.2016", "nksGioiTinh": "1"}
        assert set(found(self.rule, **columns)) == set(columns)
        assert {v for v, _ in found(self.rule, **columns).values()} == {"supports"}

    def test_another_year(self):
        columns = {"nksSoDinhDanh": "045216001234", "nksNgaySinh": "01.03.2018"}
        assert found(self.rule, **columns) == dict.fromkeys(columns, HARD_NO)
        assert texts(self.rule, **columns)["nksNgaySinh"] == "Số định danh cho năm 2016"

    def test_another_sex(self):
        assert found(self.rule, "KH", voSoGiayToTuyThan="045085001234") == {"voSoGiayToTuyThan": HARD_NO}
        assert found(self.rule, "KH", voSoGiayToTuyThan="045185001234") == {"voSoGiayToTuyThan": SOFT_FOR}

    def test_older_papers_say_nothing(self):
        assert found(self.rule, "KH", voSoGiayToTuyThan="197123456", voNgaySinh="1985") == {}
        assert found(self.rule, "KH", voNgaySinh="1985") == {}


class TestYearOfNumber:
    """TT 04/2020/TT-BTP Đ29: numbers start at 01 each year; the rest of a book may be used in the next."""

    rule = "number.year"

    def test_year_of_the_number(self):
        assert found(self.rule, so="05/2006", ngayDangKy="04.03.2006") == {"so": HARD_FOR, "ngayDangKy": HARD_FOR}
        assert found(self.rule, so="05/2006", ngayDangKy="04.03.2008") == {"so": HARD_NO, "ngayDangKy": HARD_NO}

    def test_a_volume_may_go_on_into_the_next_year(self):
        assert found(self.rule, quyenSo="01/2006", ngayDangKy="04.03.2007") == {}
        assert found(self.rule, quyenSo="01/2008", ngayDangKy="04.03.2007")["quyenSo"] == SOFT_NO

    def test_missing_years(self):
        assert found(self.rule, so="5", ngayDangKy="04.03.2007") == {}
        assert found(self.rule, so="05/2006") == {}


def test_every_rule_has_its_class_here():
    tested = {c.rule for c in globals().values() if isinstance(c, type) and hasattr(c, "rule")}
    assert tested == {rule.code for rule in RECORD_RULES}
    assert len({rule.code for rule in RECORD_RULES}) == len(RECORD_RULES)


def test_an_entry_without_values_has_no_findings():
    for kind in ("KS", "KH", "KT", "CMC", "HN"):
        assert check_entry(entry(kind)) == ()


def test_nonsense_has_no_findings_and_raises_nothing():
    columns = {"ngayDangKy", "nksNgaySinh", "so", "nycQuanHe", "nksHoTen", "chaHoTen", "nksSoDinhDanh", "loaiDangKy"}
    for text in ("", "31.02.2006", "00.00.0000", "?", "99.99.9999 99:99", "(", "/"):
        assert all(f.weight is Weight.SOFT for f in check_entry(entry(**dict.fromkeys(columns, text))))


@pytest.mark.parametrize(
    ("text", "first", "last", "shown"),
    [
        ("26.06.1948", (1948, 6, 26), (1948, 6, 26), "26/6/1948"),
        ("02.2000", (2000, 2, 1), (2000, 2, 29), "2/2000"),
        ("1948", (1948, 1, 1), (1948, 12, 31), "1948"),
        ("03.04.2006 20:15", (2006, 4, 3), (2006, 4, 3), "3/4/2006"),
    ],
)
def test_known_dates(text, first, last, shown):
    date = PartialDate.parse(text)
    assert (date.first.timetuple()[:3], date.last.timetuple()[:3], date.shown) == (first, last, shown)
