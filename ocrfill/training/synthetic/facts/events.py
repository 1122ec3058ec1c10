"""What happened and was registered: one function a kind of register makes the facts of an entry."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace

from ocrfill.civil_status.administrative_units import small
from ocrfill.training.synthetic.facts.date_writing import KnownDay, TimeOfDay
from ocrfill.training.synthetic.facts.desk import (
    LEFT_EMPTY,
    EntryFacts,
    Fact,
    RegistryOffice,
    Wordings,
    about,
    birth_place,
    hospital,
    itself,
    phrases,
    remark,
)
from ocrfill.training.synthetic.facts.drawn_people import Person, make_paper, make_personal_number
from ocrfill.training.synthetic.facts.places import Home


def birth(desk: RegistryOffice, when: KnownDay) -> EntryFacts:
    """A birth: in time, late, or registered again in later life."""
    rng = desk.rng
    roll = rng.random()
    again, late = roll < 0.05, 0.05 <= roll < 0.14
    if again:
        born = desk.born(when, 18, 72)
    else:
        born = desk.before(
            when, rng.randint(61, 3000) if late else rng.choice((rng.randint(1, 20), rng.randint(3, 60)))
        )
    home = desk.home()
    people = desk.people_of(home)
    mother_born = desk.born(born, 17, 41)
    father_born = KnownDay(mother_born.year - rng.randint(-1, 6), rng.randint(1, 12), rng.randint(1, 28))
    if born.year - father_born.year < 19:
        father_born = replace(father_born, year=born.year - 19)
    father = desk.person(male=True, born=father_born, home=home, people=people, when=when, paper=0.96)
    mother = desk.person(male=False, born=mother_born, home=home, people=desk.people_of(home), when=when, paper=0.96)
    alone = not again and desk.happens(0.04)
    male = desk.happens(0.52)
    child = desk.person(
        male=male, born=born, home=home, people=mother.people if alone else people, when=when, vague=False,
        surname=mother.surname if alone else father.surname,
    )  # fmt: skip
    child = replace(child, origin=mother.origin if alone else father.origin)
    declarant, relation = _birth_declarant(desk, child, father, mother, when, again=again, alone=alone)
    facts: dict[str, Fact] = {
        **about("nks", child),
        **about("me", mother),
        **({} if alone else about("cha", father)),
        **about("nyc", declarant),
        "nycQuanHe": Wordings(relation),
        "nksNoiSinh": birth_place(desk, child),
        "nksNgaySinhBangChu": LEFT_EMPTY if desk.happens(0.02) else born,
        "nksLoaiKhaiSinh": Wordings(("3" if alone else "1",)),
        "loaiDangKy": Wordings(("2" if again else "4" if late else "1",)),
        "ghiChu": remark(desk, late=late, again=again),
    }
    if when.year >= 2016 and not again and desk.happens(0.75):
        number = make_personal_number(born, male=male, rng=rng)
        facts["nksSoDinhDanh"] = Wordings((number,))
    return EntryFacts(facts)


def _birth_declarant(
    desk: RegistryOffice, child: Person, father: Person, mother: Person, when: KnownDay, *, again: bool, alone: bool
) -> tuple[Person, tuple[str, ...]]:
    """Who declared the birth, and the words for the relation."""
    if again:
        paper = make_paper(child.born, male=child.male, when=when, rng=desk.rng)
        return replace(child, paper=paper), itself(desk)
    roll = desk.rng.random()
    if roll < 0.6 and not alone:
        return father, ("Cha",)
    if roll < 0.86:
        return mother, ("Mẹ",)
    paternal = not alone and desk.happens(0.65)
    parent = father if paternal else mother
    male = desk.happens(0.5)
    born = KnownDay(parent.born.year - desk.rng.randint(20, 36), desk.rng.randint(1, 12), desk.rng.randint(1, 28))
    surname = parent.surname if male else None
    elder = desk.person(
        male=male, born=born, home=child.home, people=parent.people, when=when, surname=surname, paper=0.9
    )
    word = "Ông" if male else "Bà"
    full = f"{word} {'nội' if paternal else 'ngoại'}"
    return elder, (full, word) if desk.happens(0.75) else (word, full)


def marriage(desk: RegistryOffice, when: KnownDay) -> EntryFacts:
    """A marriage; one of the two lives in the book's commune."""
    rng = desk.rng
    again = desk.happens(0.03)
    wed = desk.before(when, rng.randint(3650, 12000)) if again else when
    older = desk.happens(0.08)
    wife_born = desk.born(wed, 18, 45 if older else 29)
    gap = rng.randint(-1, 7)
    husband_born = min(
        desk.born(wed, 20, 24), KnownDay(max(wife_born.year - gap, 1900), rng.randint(1, 12), rng.randint(1, 28))
    )
    local = desk.places.local()
    his_is_local = desk.happens(0.6)
    other = desk.places.far() if desk.happens(0.07) else desk.home(0.4)
    his, hers = (local, other) if his_is_local else (other, local)
    husband = desk.person(male=True, born=husband_born, home=his, people=desk.people_of(his), when=when, paper=0.92)
    wife = desk.person(male=False, born=wife_born, home=hers, people=desk.people_of(hers), when=when, paper=0.92)
    return EntryFacts(
        {
            **about("chong", husband),
            **about("vo", wife),
            "chongLanKetHon": 2 if desk.happens(0.05) else 1,
            "voLanKetHon": 2 if desk.happens(0.03) else 1,
            "ngayXacLapQuanHeHonNhan": wed if again or desk.happens(0.85) else LEFT_EMPTY,
            "loaiDangKy": Wordings(("2" if again else "1",)),
            "ghiChu": remark(desk, again=again),
        }
    )


def death(desk: RegistryOffice, when: KnownDay) -> EntryFacts:
    """A death: mostly of the old, within days; some are registered years late."""
    rng = desk.rng
    late = desk.happens(0.15)
    died = desk.before(when, rng.randint(16, 1500) if late else rng.randint(0, 14))
    least, most, causes = rng.choices(
        ((0, 0, "infant"), (1, 4, "young"), (5, 34, "young"), (35, 61, "middle"), (62, 97, "old")), (2, 2, 8, 18, 70)
    )[0]
    home = desk.home(0.97)
    people = desk.people_of(home)
    male = desk.happens(0.54)
    born = desk.born(died, least, most) if most else desk.before(died, rng.randint(1, 360))
    age = (died.date - born.date).days / 365.25
    dead = desk.person(
        male=male, born=born, home=home, people=people, when=died, vague=age > 15, paper=0.5 if age < 85 else 0.15
    )
    declarant, relation = _death_declarant(desk, dead, died, when, age)
    # the district's hospital or the home
    in_hospital = desk.happens(0.12 if age > 62 else 0.3)
    clinic = hospital(desk, home, station=0)
    at_home = ("Tại nhà", "Nhà riêng", "Tại nhà riêng", f"Tại {home.village}" if home.village else "Tại nhà")
    where: Fact = Wordings((clinic,), home) if in_hospital else Wordings((rng.choice(at_home),), home)
    if not in_hospital and desk.happens(0.45):
        where = home
    hour = TimeOfDay(rng.randint(0, 23), 5 * rng.randint(0, 11) if desk.happens(0.75) else 0)
    noticed = min(desk.before(when, 0), KnownDay.of(died.date + datetime.timedelta(days=rng.randint(0, 4))))
    number = rng.randint(1, 60)
    issued = desk.happens(0.65)
    return EntryFacts(
        {
            **about("nkt", dead),
            **about("nyc", declarant),
            "nycQuanHe": Wordings(relation),
            "nktNgayChet": died,
            "nktNgayChetGhiBangChu": died,
            "nktGioPhutChet": hour if desk.happens(0.72) else LEFT_EMPTY,
            "nktNoiChet": where,
            "nktNguyenNhanChet": Wordings((rng.choice(phrases()["causes"][causes]),))
            if desk.happens(0.93)
            else LEFT_EMPTY,
            "gbt": Wordings((_death_paper(desk, home, clinic, noticed, number),)) if desk.happens(0.7) else LEFT_EMPTY,
            "gbtSo": Wordings((desk.pick(f"{number:02d}/{noticed.year}", f"{number:02d}"),)) if issued else LEFT_EMPTY,
            "gbtNgay": noticed if issued else LEFT_EMPTY,
            "gbtCoQuanCap": Wordings((f"UBND {small(home.commune)}",)) if issued else LEFT_EMPTY,
            "loaiDangKy": Wordings(("4" if late else "1",)),
            "ghiChu": remark(desk, late=late),
        },
        frozenset({"Trẻ dưới 01 tuổi"} if age < 1 else {"Trẻ từ 01 tuổi đến dưới 5 tuổi"} if age < 5 else ()),
    )


def _death_declarant(
    desk: RegistryOffice, dead: Person, died: KnownDay, when: KnownDay, age: float
) -> tuple[Person, tuple[str, ...]]:
    """Who declared the death, and the words for the relation."""
    rng = desk.rng
    if age < 22:
        father = desk.happens(0.65)
        born = KnownDay(dead.born.year - rng.randint(20, 38), rng.randint(1, 12), rng.randint(1, 28))
        parent = desk.person(
            male=father, born=born, home=dead.home, people=dead.people, when=when, paper=0.9,
            surname=dead.surname if father else None,
        )  # fmt: skip
        return parent, ("Cha" if father else "Mẹ",)
    roll = rng.random()
    if roll < (0.2 if age > 62 else 0.55):
        spouse_male = not dead.male
        born = KnownDay(
            min(dead.born.year + rng.randint(-5, 5), died.year - 20), rng.randint(1, 12), rng.randint(1, 28)
        )
        spouse = desk.person(
            male=spouse_male, born=born, home=dead.home, people=dead.people, when=when, paper=0.85,
        )  # fmt: skip
        return spouse, ("Chồng" if spouse_male else "Vợ",)
    if age >= 40 and roll < 0.9:
        male = desk.happens(0.75)
        year = min(dead.born.year + rng.randint(19, 38), when.year - 18)
        surname = dead.surname if dead.male else None
        child = desk.person(
            male=male, born=KnownDay(year, rng.randint(1, 12), rng.randint(1, 28)), home=dead.home, people=dead.people,
            when=when, surname=surname, paper=0.9,
        )  # fmt: skip
        full = "Con trai" if male else "Con gái"
        return child, ("Con", full) if desk.happens(0.7) else (full, "Con")
    male = desk.happens(0.6)
    kin = desk.person(
        male=male, born=desk.born(when, 20, 60), home=dead.home, people=dead.people, when=when, paper=0.9,
        surname=dead.surname,
    )  # fmt: skip
    younger = kin.born > dead.born
    if age >= 62:
        return kin, (desk.pick("Cháu", "Cháu nội") if dead.male else "Cháu", "Cháu")
    return kin, (("Em" if younger else "Anh" if male else "Chị"),)


def _death_paper(desk: RegistryOffice, home: Home, clinic: str, noticed: KnownDay, number: int) -> str:
    wording = desk.rng.choice(phrases()["death_paper"]).replace("xã {commune}", small(home.commune))
    return str(
        wording.format(
            n=f"{number:02d}",
            year=noticed.year,
            date=desk.dates.digits(noticed, desk.rng),
            hospital=clinic,
            village=home.village or "thôn",
        )
    )


def recognition(desk: RegistryOffice, when: KnownDay) -> EntryFacts:
    """A father (seldom a mother) is recognised: the parent takes the child, or a grown child asks."""
    rng = desk.rng
    child_asks = desk.happens(0.06)
    child_born = desk.born(when, 18, 35) if child_asks else desk.born(when, 0, 12)
    father = desk.happens(0.92)
    parent_born = KnownDay(child_born.year - rng.randint(20, 35), rng.randint(1, 12), rng.randint(1, 28))
    home = desk.home()
    people = desk.people_of(home)
    parent = desk.person(male=father, born=parent_born, home=home, people=people, when=when, paper=0.9)
    hers = desk.home(0.7)
    mother = desk.person(
        male=False, born=KnownDay(child_born.year - rng.randint(17, 33), rng.randint(1, 12), rng.randint(1, 28)),
        home=hers, people=desk.people_of(hers), when=when, paper=0.9,
    )  # fmt: skip
    child = desk.person(
        male=desk.happens(0.5), born=child_born, home=hers, people=people, when=when, vague=False,
        surname=parent.surname if desk.happens(0.7) else mother.surname, paper=0.5,
    )  # fmt: skip
    taker, taken = (child, parent) if child_asks else (parent, child)
    declarant, to_taker, to_taken = taker, itself(desk), ("Con" if child_asks else "Cha" if father else "Mẹ",)
    if father and not child_asks and desk.happens(0.25):
        declarant, to_taker, to_taken = mother, ("Vợ",), ("Mẹ",)
    kind = {(False, True): "1", (False, False): "2", (True, True): "3", (True, False): "4"}[child_asks, father]
    return EntryFacts(
        {
            **about("cm", taker),
            **about("nc", taken),
            **about("nyc", declarant),
            "ncNoiSinh": birth_place(desk, taken),
            "nycQHNguoiNhan": Wordings(to_taker),
            "nycQHNguoiDuocNhan": Wordings(to_taken),
            "nycQuanHe": Wordings(to_taker),
            "loaiXacNhan": Wordings((kind,)),
            "loaiDangKy": Wordings(("1",)),
        },
        frozenset({"Con nhận cha, mẹ" if child_asks else "Cha, mẹ nhận con"}),
    )


def marriage_status(desk: RegistryOffice, when: KnownDay) -> EntryFacts:
    """A paper on somebody's marriage status, mostly for a wedding."""
    rng = desk.rng
    state = rng.choices(("single", "divorced", "widowed", "married"), (82, 9, 4, 5))[0]
    least, most = {"single": (18, 33), "divorced": (26, 50), "widowed": (35, 60), "married": (28, 60)}[state]
    home = desk.home(0.97)
    people = desk.people_of(home)
    male = desk.happens(0.5)
    person = desk.person(
        male=male,
        born=desk.born(when, max(least, 20 if male else 18), most),
        home=home,
        people=people,
        when=when,
        paper=0.92,
    )
    other = desk.person(male=not male, born=desk.born(when, 20, 32), home=desk.home(0.3), people=people, when=when)
    past = desk.before(when, rng.randint(400, 3500))
    words = {
        "from_year": min(person.born.year + 20, when.year),
        "n": f"{rng.randint(3, 90):02d}",
        "year": past.year,
        "date": desk.dates.digits(past, rng),
        "court": small(home.district),
        "spouse": "vợ" if male else "chồng",
        "Spouse": "Vợ" if male else "Chồng",
        "whom": other.name,
        "office": small(home.commune),
    }
    wedding = state != "married" and desk.happens(0.78)
    purpose = rng.choice(phrases()["wed" if wedding else "other"]).format(
        **{**words, "year": other.born.year}, title="chị" if male else "anh", place=desk.place(other.home)
    )
    declarant, relation = _oneself_or_parent(desk, person, home, when)
    status = rng.choice(phrases()[state])
    shorter = (
        ("Đã ly hôn", "Ly hôn") if state == "divorced" else ("Độc thân", "Chưa kết hôn") if state == "single" else ()
    )
    abroad = wedding and desk.happens(0.06)
    return EntryFacts(
        {
            **about("nxn", person),
            **about("nyc", declarant),
            "nycQuanHe": Wordings(relation),
            "nxnNoiSinh": replace(person.origin, village=""),
            "nxnTinhTrangHonNhan": Wordings((status.format(**words), *shorter)),
            "nxnMucDichSuDung": Wordings((purpose, "Kết hôn" if wedding else "Vay vốn")),
            "nxnNoiCuTruTruocXuatCanh": LEFT_EMPTY,
            "nxnThoiGianCuTruTai": home,
            "nxnThoiGianCuTruTu": KnownDay(
                min(person.born.year + 18, when.year - 1), person.born.month, person.born.day
            ),
            "nxnThoiGianCuTruDen": desk.before(when, 1),
            "nxnLoaiMucDichSuDung": Wordings(("2" if abroad else "1" if wedding else "3",)),
        },
        frozenset({"Để ĐKKH ở nước ngoài" if abroad else "Để ĐKKH trong nước" if wedding else "Mục đích khác"}),
    )


def _oneself_or_parent(
    desk: RegistryOffice, person: Person, home: Home, when: KnownDay
) -> tuple[Person, tuple[str, ...]]:
    """Who asks for the paper, and what that person is to the one it is about: mostly the same, else a parent."""
    relation = itself(desk)
    if not desk.happens(0.12):
        return person, relation
    father = desk.happens(0.5)
    born = KnownDay(person.born.year - desk.rng.randint(20, 35), desk.rng.randint(1, 12), desk.rng.randint(1, 28))
    parent = desk.person(
        male=father, born=born, home=home, people=person.people, when=when, paper=0.9,
        surname=person.surname if father else None,
    )  # fmt: skip
    return parent, ("Cha" if father else "Mẹ",)


EVENT_OF_KIND: Mapping[str, Callable[[RegistryOffice, KnownDay], EntryFacts]] = {
    "KS": birth,
    "KH": marriage,
    "KT": death,
    "CMC": recognition,
    "HN": marriage_status,
}
"""Kind of register → what makes an entry of it."""
