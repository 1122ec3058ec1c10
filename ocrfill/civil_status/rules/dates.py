"""Rules on dates: words and figures, the order of events, what was in time, ages."""

from __future__ import annotations

import datetime

from ocrfill.civil_status.oldest_person import OLDEST_PERSON_YEARS
from ocrfill.civil_status.rules.finding import RuleEntry, RuleFinding, Weight, contradicts, supports
from ocrfill.civil_status.rules.partial_date import PartialDate

FIGURES_AND_WORDS_COLUMNS = (("nksNgaySinh", "nksNgaySinhBangChu"), ("nktNgayChet", "nktNgayChetGhiBangChu"))
"""Columns of one date in figures and in words."""

EARLIER_DATE_COLUMNS = {
    "KS": ("nksNgaySinh", "chaNgaySinh", "meNgaySinh", "nycNgayCapGiayToTuyThan"),
    "KH": (
        "chongNgaySinh",
        "voNgaySinh",
        "chongNgayCapGiayToTuyThan",
        "voNgayCapGiayToTuyThan",
        "ngayXacLapQuanHeHonNhan",
    ),
    "KT": ("nktNgaySinh", "nktNgayChet", "gbtNgay", "nktNgayCapGiayToTuyThan", "nycNgayCapGiayToTuyThan"),
    "CMC": ("cmNgaySinh", "ncNgaySinh", "cmNgayCapGiayToTuyThan", "ncNgayCapGiayToTuyThan"),
    "HN": ("nxnNgaySinh", "nxnNgayCapGiayToTuyThan"),
}
"""Kind of register → columns of dates that come before its registration, or fall on that day."""

DATE_LABELS = {
    "nksNgaySinh": "ngày sinh",
    "nktNgaySinh": "ngày sinh",
    "nxnNgaySinh": "ngày sinh",
    "chaNgaySinh": "ngày sinh của cha",
    "meNgaySinh": "ngày sinh của mẹ",
    "chongNgaySinh": "ngày sinh của chồng",
    "voNgaySinh": "ngày sinh của vợ",
    "cmNgaySinh": "ngày sinh của người nhận",
    "ncNgaySinh": "ngày sinh của người được nhận",
    "nktNgayChet": "ngày chết",
    "gbtNgay": "ngày của giấy báo tử",
    "ngayXacLapQuanHeHonNhan": "ngày xác lập quan hệ hôn nhân",
}
"""How the clerk's texts call a column's date; papers' dates are "ngày cấp giấy tờ"."""

MIN_PARENT_AGE_YEARS = 15
"""Years a parent is usually older than the child, at least."""

BIRTH_DEADLINES_DAYS = (
    (datetime.date(1961, 4, 1), datetime.date(1998, 12, 31), 30),
    (datetime.date(2006, 4, 1), datetime.date(9999, 12, 31), 60),
)
"""First and last day of registration, days to declare a birth in. NĐ 4-CP/1961 Đ1: 30, in force 1/4/1961; NĐ 158/2005
Đ14 and Luật Hộ tịch 60/2014 Đ15: 60, from 1/4/2006. What NĐ 83/1998 asked was not found: no verdict between."""

DEATH_DEADLINES_DAYS = ((datetime.date(2006, 4, 1), datetime.date(9999, 12, 31), 15),)
"""NĐ 158/2005 Đ20 and Luật Hộ tịch 60/2014 Đ33: 15 days."""

ON_TIME_CODE, REGISTERED_AGAIN_CODE, LATE_CODE = "1", "2", "4"
"""Codes of `loaiDangKy` in the books of births and deaths."""


def date_of(entry: RuleEntry, column: str) -> PartialDate | None:
    """The column's date; of one written in words, the date they say."""
    return PartialDate.parse(entry.text(column)) or PartialDate.parse(entry.coded(column))


def figures_and_words(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Both say the same day: each stands for the other. One that says less than the other says nothing of the rest."""
    rule = "date.figures_words"
    found: tuple[RuleFinding, ...] = ()
    for figures, words in FIGURES_AND_WORDS_COLUMNS:
        left, right = date_of(entry, figures), date_of(entry, words)
        if left is None or right is None:
            continue
        if not left.agrees(right):
            texts = {figures: f"Ngày bằng chữ là {right.shown}", words: f"Ngày bằng số là {left.shown}"}
            found += contradicts(rule, Weight.HARD, texts)
        elif left.coded == right.coded:
            found += supports(rule, Weight.HARD, figures, words)
    return found


def in_order(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Nothing that a registration speaks of comes after it."""
    rule = "date.order"
    found: tuple[RuleFinding, ...] = ()
    registered = date_of(entry, "ngayDangKy")
    if registered is None:
        return ()
    for column in EARLIER_DATE_COLUMNS.get(entry.kind, ()):
        event = date_of(entry, column)
        if event is None:
            continue
        if event.first > registered.last:
            label = DATE_LABELS.get(column, "ngày cấp giấy tờ")
            texts = {
                column: f"Sau ngày đăng ký {registered.shown}",
                "ngayDangKy": f"Trước {label} {event.shown}",
            }
            found += contradicts(rule, Weight.HARD, texts)
        elif event.last <= registered.first:
            found += supports(rule, Weight.SOFT, column)
    return found


def in_time(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Days from event to registration against the kind of registration; in time supports both dates."""
    rule = "registration.in_time"
    column, terms = {
        "KS": ("nksNgaySinh", BIRTH_DEADLINES_DAYS),
        "KT": ("nktNgayChet", DEATH_DEADLINES_DAYS),
    }.get(entry.kind, ("", ()))
    event, registered = date_of(entry, column), date_of(entry, "ngayDangKy")
    if event is None or registered is None or not (event.whole and registered.whole):
        return ()
    term = next((days for first, last, days in terms if first <= registered.first <= last), None)
    passed = (registered.first - event.first).days
    if term is None or passed < 0:
        return ()
    said = entry.text("loaiDangKy")
    late = passed > term
    if (said == ON_TIME_CODE and late) or (said == LATE_CODE and not late):
        text = f"Đăng ký sau {passed} ngày, hạn là {term} ngày"
        return contradicts(rule, Weight.SOFT, dict.fromkeys((column, "ngayDangKy", "loaiDangKy"), text))
    if not late:
        return supports(rule, Weight.SOFT, column, "ngayDangKy", *(("loaiDangKy",) if said == ON_TIME_CODE else ()))
    return supports(rule, Weight.SOFT, "loaiDangKy") if said == LATE_CODE else ()


def life_span(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Nobody dies before birth or after 120 years."""
    rule = "date.life_span"
    born, died = date_of(entry, "nktNgaySinh"), date_of(entry, "nktNgayChet")
    if born is None or died is None:
        return ()
    if died.last < born.first:
        texts = {"nktNgaySinh": f"Sau ngày chết {died.shown}", "nktNgayChet": f"Trước ngày sinh {born.shown}"}
        return contradicts(rule, Weight.HARD, texts)
    if died.first.year - born.last.year > OLDEST_PERSON_YEARS:
        years = died.first.year - born.last.year
        text = f"Thọ {years} tuổi: quá {OLDEST_PERSON_YEARS}"
        return contradicts(rule, Weight.HARD, dict.fromkeys(("nktNgaySinh", "nktNgayChet"), text))
    return ()


def within_book(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """No date is later than the book; no person in it was born more than 120 years before it."""
    rule = "date.within_book"
    found: tuple[RuleFinding, ...] = ()
    first, last = entry.years
    for column in ("ngayDangKy", *EARLIER_DATE_COLUMNS.get(entry.kind, ())):
        date = date_of(entry, column)
        if date is None:
            continue
        if date.first.year > last:
            found += contradicts(rule, Weight.HARD, {column: f"Sau năm cuối của sổ ({last})"})
        elif date.last.year < first - OLDEST_PERSON_YEARS:
            text = f"Quá {OLDEST_PERSON_YEARS} năm trước năm đầu của sổ ({first})"
            found += contradicts(rule, Weight.HARD, {column: text})
    return found


def parents_age(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """A parent is usually at least 15 years older than the child, and not born after it."""
    rule = "person.parents_age"
    found: tuple[RuleFinding, ...] = ()
    child = date_of(entry, "nksNgaySinh")
    for column, who in (("meNgaySinh", "mẹ"), ("chaNgaySinh", "cha")):
        parent = date_of(entry, column)
        if child is None or parent is None:
            continue
        years = child.last.year - parent.first.year
        if years < MIN_PARENT_AGE_YEARS:
            texts = {column: f"Chỉ hơn con {years} tuổi", "nksNgaySinh": f"Con kém {who} chỉ {years} tuổi"}
            found += contradicts(rule, Weight.SOFT, texts)
    return found


USUAL_MAX_SPOUSE_AGE_YEARS, USUAL_MAX_MOTHER_AGE_YEARS, USUAL_MAX_FATHER_AGE_YEARS = 70, 55, 75
"""Years above which hardly anybody marries, or becomes a mother or a father."""


def usual_age(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Hardly anybody marries after 70, or has a child after 55 (a mother) or 75 (a father): custom, no law."""
    event, persons = (
        ("ngayDangKy", {"chongNgaySinh": USUAL_MAX_SPOUSE_AGE_YEARS, "voNgaySinh": USUAL_MAX_SPOUSE_AGE_YEARS})
        if entry.kind == "KH"
        else ("nksNgaySinh", {"meNgaySinh": USUAL_MAX_MOTHER_AGE_YEARS, "chaNgaySinh": USUAL_MAX_FATHER_AGE_YEARS})
    )
    then = date_of(entry, event)
    found: tuple[RuleFinding, ...] = ()
    for column, oldest in persons.items():
        born = date_of(entry, column)
        if then is not None and born is not None and then.first.year - born.last.year > oldest:
            text = f"Khi đó đã {then.first.year - born.last.year} tuổi: hiếm khi quá {oldest}"
            found += contradicts("person.usual_age", Weight.SOFT, {column: text})
    return found


FULL_AGE_FROM_DATE = datetime.date(2015, 1, 1)
"""Luật Hôn nhân và gia đình 2014 Đ8, in force 1/1/2015: 20 and 18 years completed. Before it, begun: the Law of 2000
with its circular counted a woman of 17 years, 11 months and 28 days as of age."""


def marriage_age(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Man 20, woman 18, by the law of the day; a missing month counts as January, a missing day as the first."""
    rule = "marriage.age"
    found: tuple[RuleFinding, ...] = ()
    married = date_of(entry, "ngayDangKy")
    if entry.kind != "KH" or married is None:
        return ()
    for column, age in (("chongNgaySinh", 20), ("voNgaySinh", 18)):
        born = date_of(entry, column)
        if born is None:
            continue
        full = married.last >= FULL_AGE_FROM_DATE
        needed = age if full else age - 1
        if _birthday(born.first, needed) > married.last:
            law = f"đủ {age}" if full else f"bước sang {age}"
            text = f"Chưa {law} tuổi khi đăng ký kết hôn"
            found += contradicts(rule, Weight.SOFT, {column: text, "ngayDangKy": text})
    return found


def _birthday(born: datetime.date, years: int) -> datetime.date:
    """The day on which that many years are completed; of the 29th of February the 1st of March."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return datetime.date(born.year + years, 3, 1)
