"""Rules: what values of a record, and the records of a book, say about each other. None changes a value."""

from ocrfill.civil_status.oldest_person import OLDEST_PERSON_YEARS
from ocrfill.civil_status.rules.dates import (
    figures_and_words,
    in_order,
    in_time,
    life_span,
    marriage_age,
    parents_age,
    usual_age,
    within_book,
)
from ocrfill.civil_status.rules.finding import ColumnValue, RecordRule, RuleEntry, RuleFinding, Verdict, Weight
from ocrfill.civil_status.rules.numbers import year_of_number
from ocrfill.civil_status.rules.people import (
    declared_by_parent,
    people,
    personal_number,
    self_declared,
    sex_and_name,
    surname,
)

RECORD_RULES: tuple[RecordRule, ...] = (
    RecordRule(
        "date.figures_words", "the date in words is the date in figures", "TT 04/2020/TT-BTP Đ31", figures_and_words
    ),
    RecordRule("date.order", "registration is not before what it registers", "Luật Hộ tịch 60/2014 Đ15, Đ33", in_order),
    RecordRule(
        "registration.in_time",
        "the time from event to registration goes with the kind of registration",
        "Luật Hộ tịch 60/2014 Đ15, Đ33; NĐ 158/2005 Đ14, Đ20; NĐ 4-CP/1961 Đ1",
        in_time,
    ),
    RecordRule(
        "date.life_span", f"death is not before birth nor after {OLDEST_PERSON_YEARS} years", "common sense", life_span
    ),
    RecordRule(
        "date.within_book",
        f"no date is later than the book or {OLDEST_PERSON_YEARS} years before it",
        "Luật Hộ tịch Đ58",
        within_book,
    ),
    RecordRule(
        "marriage.age",
        "the man is 20, the woman 18, by the law of the day",
        "Luật Hôn nhân và gia đình 2014 Đ8; before 2015 the age is entered, not completed (Luật 2000)",
        marriage_age,
    ),
    RecordRule(
        "person.parents_age", "parents are at least 15 years older than the child", "custom, not law", parents_age
    ),
    RecordRule(
        "person.usual_age",
        "nobody marries after 70 or has a child after 55 (a mother) or 75 (a father)",
        "custom, not law",
        usual_age,
    ),
    RecordRule(
        "person.self_declared", "who declares for himself bears the registrant's name", "the form", self_declared
    ),
    RecordRule(
        "person.declared_by_parent",
        "an applicant who is father or mother bears that parent's name",
        "the form (QĐ 01/2006/QĐ-BTP)",
        declared_by_parent,
    ),
    RecordRule("person.surname", "the child's surname is the father's or the mother's", "custom", surname),
    RecordRule(
        "person.people", "the child is of the father's or the mother's people", "Bộ luật Dân sự 2015 Đ29", people
    ),
    RecordRule("person.sex_name", "Thị in a name is a woman's, Văn a man's", "custom, not law", sex_and_name),
    RecordRule(
        "identity.bearer",
        "the personal number tells its bearer's sex and year of birth",
        "TT 07/2016/TT-BCA, annex I",
        personal_number,
    ),
    RecordRule("number.year", "the number's year is the year of registration", "TT 04/2020/TT-BTP Đ29", year_of_number),
)
"""All rules within a record, in the order they are asked."""


def check_entry(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """What all rules find in an entry."""
    return tuple(finding for rule in RECORD_RULES for finding in rule.check(entry))


__all__ = ["RECORD_RULES", "ColumnValue", "RecordRule", "RuleEntry", "RuleFinding", "Verdict", "Weight", "check_entry"]
