"""Rules on persons: who declares, names and peoples within a family, sex, personal numbers."""

from __future__ import annotations

from ocrfill.civil_status.orthography import compact, words
from ocrfill.civil_status.personal_number import read_personal_number
from ocrfill.civil_status.rules.dates import date_of
from ocrfill.civil_status.rules.finding import RuleEntry, RuleFinding, Weight, contradicts, supports

SELF_COLUMNS = {
    "KS": (("nycQuanHe", "nksHoTen"),),
    "HN": (("nycQuanHe", "nxnHoTen"),),
    "CMC": (("nycQHNguoiNhan", "cmHoTen"), ("nycQHNguoiDuocNhan", "ncHoTen")),
}
"""Kind of register → the applicant's relation to somebody, and that person's name."""

SELF_RELATIONS = ("bảnthân", "tựkhai", "chínhtôi", "đươngsự")

NAME_COLUMN_OF_RELATION = {
    "cha": "chaHoTen",
    "chađẻ": "chaHoTen",
    "charuột": "chaHoTen",
    "bố": "chaHoTen",
    "bốđẻ": "chaHoTen",
    "mẹ": "meHoTen",
    "mẹđẻ": "meHoTen",
    "mẹruột": "meHoTen",
}
"""A relation to the child → the column of the name that the applicant then bears."""

UPLAND_PEOPLES = ("bru", "vânkiều", "tàôi", "taôi", "pacô", "pakô", "paco", "pahi")
"""Peoples of the mountains most of whom bear the surname Hồ (Vân Kiều since 16/6/1957), parents and children alike."""


def self_declared(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Who declares for himself bears the registrant's name."""
    found: tuple[RuleFinding, ...] = ()
    for relation, name in SELF_COLUMNS.get(entry.kind, ()):
        if compact(entry.coded(relation)) in SELF_RELATIONS:
            found += _one_name(entry, "person.self_declared", Weight.HARD, (name, "nycHoTen"), relation)
    return found


def declared_by_parent(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """A father or mother who declares a birth bears the name of the father or mother in the entry."""
    column = NAME_COLUMN_OF_RELATION.get(compact(entry.coded("nycQuanHe")), "") if entry.kind == "KS" else ""
    return _one_name(entry, "person.declared_by_parent", Weight.SOFT, (column, "nycHoTen"), "nycQuanHe")


def _one_name(
    entry: RuleEntry, rule: str, weight: Weight, pair: tuple[str, str], relation: str
) -> tuple[RuleFinding, ...]:
    """The two names are one person's. Names that differ throw doubt on the relation as well."""
    one, other = (entry.text(column) for column in pair)
    if not one or not other:
        return ()
    if compact(one) == compact(other):
        return supports(rule, Weight.HARD, *pair) + supports(rule, weight, relation)
    said = entry.text(relation)
    texts = {pair[0]: f"Người khai ghi “{said}” nhưng tên là {other}", pair[1]: f"Ghi “{said}” nhưng tên kia là {one}"}
    return contradicts(rule, weight, texts) + contradicts(rule, Weight.SOFT, {relation: "Hai tên khác nhau"})


def surname(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """A child bears the surname of its father or mother."""
    return _from_parents(entry, "person.surname", "HoTen", "Họ", first_word=True)


def people(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """A child is of the people of its father or mother."""
    return _from_parents(entry, "person.people", "DanToc", "Dân tộc", first_word=False)


def _from_parents(entry: RuleEntry, rule: str, ending: str, what: str, *, first_word: bool) -> tuple[RuleFinding, ...]:
    def compared(column: str) -> str:
        said = words(entry.text(column).partition("(")[0])
        return "".join(said[:1] if first_word else said)

    child, parents = f"nks{ending}", (f"cha{ending}", f"me{ending}")
    own = compared(child)
    others = {column: compared(column) for column in parents if compared(column)}
    if not own or not others:
        return ()
    same = [column for column, other in others.items() if other == own]
    if same:
        return supports(rule, Weight.SOFT, child, *same)
    upland = any(name in compact(entry.text("nksDanToc")) for name in UPLAND_PEOPLES)
    if len(others) < len(parents) or (first_word and upland and own == "hồ"):
        return ()
    return contradicts(rule, Weight.SOFT, {child: f"{what} của con khác {what.lower()} của cha và của mẹ"})


def sex_and_name(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """Thị in the middle is a woman's, Văn a man's."""
    rule = "person.sex_name"
    found: tuple[RuleFinding, ...] = ()
    for prefix in ("nks", "nkt", "nxn"):
        male = _male(entry.text(f"{prefix}GioiTinh"))
        middle = words(entry.text(f"{prefix}HoTen"))[1:-1]
        meant = {"thị": False, "văn": True}.get(middle[0]) if middle else None
        if male is None or meant is None:
            continue
        columns = (f"{prefix}GioiTinh", f"{prefix}HoTen")
        if male == meant:
            found += supports(rule, Weight.SOFT, *columns)
        else:
            text = f"Chữ đệm “{middle[0].capitalize()}” không hợp giới tính {'Nam' if male else 'Nữ'}"
            found += contradicts(rule, Weight.SOFT, dict.fromkeys(columns, text))
    return found


NUMBER_BEARER_COLUMNS = (
    ("nksSoDinhDanh", "nksNgaySinh", "nksGioiTinh", None),
    ("nktSoGiayToTuyThan", "nktNgaySinh", "nktGioiTinh", None),
    ("nxnSoGiayToTuyThan", "nxnNgaySinh", "nxnGioiTinh", None),
    ("chongSoGiayToTuyThan", "chongNgaySinh", "", True),
    ("voSoGiayToTuyThan", "voNgaySinh", "", False),
    ("chaSoDinhDanhCaNhan", "chaNgaySinh", "", True),
    ("meSoDinhDanhCaNhan", "meNgaySinh", "", False),
    ("chaSoGiayToTuyThan", "chaNgaySinh", "", True),
    ("meSoGiayToTuyThan", "meNgaySinh", "", False),
    ("cmSoGiayToTuyThan", "cmNgaySinh", "", None),
    ("ncSoGiayToTuyThan", "ncNgaySinh", "", None),
)
"""Columns of a number, of its bearer's birth and sex; the sex where the column itself tells it."""


def personal_number(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """A number of 12 digits tells its bearer's sex and year of birth."""
    rule = "identity.bearer"
    found: tuple[RuleFinding, ...] = ()
    for column, birth, sex, known in NUMBER_BEARER_COLUMNS:
        number = read_personal_number(entry.text(column))
        if number is None:
            continue
        born, male = date_of(entry, birth), _male(entry.text(sex)) if sex else known
        if born is not None:
            if born.first.year == number.year:
                found += supports(rule, Weight.HARD, column, birth)
            else:
                texts = {column: f"Năm sinh ghi là {born.first.year}", birth: f"Số định danh cho năm {number.year}"}
                found += contradicts(rule, Weight.HARD, texts)
        if male is not None:
            if male == number.male:
                found += supports(rule, Weight.SOFT, column, *((sex,) if sex else ()))
            else:
                text = f"Số định danh là của {'Nam' if number.male else 'Nữ'}"
                found += contradicts(rule, Weight.HARD, dict.fromkeys((column, *((sex,) if sex else ())), text))
    return found


def _male(text: str) -> bool | None:
    """From the column's code or word."""
    return {"1": True, "nam": True, "2": False, "nữ": False}.get(compact(text))
