"""The seam between layouts and rules: records become entries by their layout's columns, findings become issues.

Rules know columns of the exports, layouts say which field fills which, so every rule works for every layout, those that
users write included. No value, probability or decision changes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ocrfill.civil_status.rules import ColumnValue, RuleEntry, RuleFinding, Verdict, check_entry
from ocrfill.civil_status.rules.book_rules import check_entries, demanded_numbers
from ocrfill.document.result import Decision, Field, Issue, PageResult, Reading, Record, Value
from ocrfill.layouts.fields import Number
from ocrfill.layouts.model import Layout


def entry_of(record: Record, layout: Layout, years: tuple[int, int] | None = None) -> RuleEntry:
    """A record by the columns of the exports; `years` are the book's, its form's where they are not known."""
    columns: dict[str, ColumnValue] = {}
    for field in record.fields:
        spec = layout.fields.get(field.name)
        if spec is None or not spec.read:
            continue
        value = Value(field.raw, field.normalised)
        for column, part in spec.columns.items():
            columns[column] = ColumnValue(field.name, spec.type.part(value, part), field.raw, field.normalised or "")
    return RuleEntry(layout.kind, years or layout.years, columns)


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """A finding on a field: what calibration learns from."""

    field: str
    finding: RuleFinding


def record_findings(record: Record, layout: Layout, years: tuple[int, int] | None = None) -> tuple[FieldFinding, ...]:
    """All that the rules within a record find."""
    entry = entry_of(record, layout, years)
    return _by_field(entry, check_entry(entry))


def check_record(record: Record, layout: Layout, years: tuple[int, int] | None = None) -> Record:
    """The record with what contradicts its values as issues of the fields concerned."""
    return _with_issues(record, record_findings(record, layout, years))


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A page with what rules contradict as issues of its fields, and for each of its records all that they found."""

    result: PageResult
    evidence: tuple[tuple[FieldFinding, ...], ...]


def check_book(results: Iterable[PageResult], layout: Layout, years: tuple[int, int]) -> Iterator[CheckedPage]:
    """The pages of a book, in their order, asked by the rules within records and by those along it, each once.

    Pages that failed keep their place in the runs; entries without any writing have none. Results that were checked
    before stay the same: an issue a field has is not added twice.
    """
    pages, entries, places = _along(results, layout, years)
    along = check_entries(entries)

    def found_on(record: Record, place: int | None) -> tuple[FieldFinding, ...]:
        entry = entries[place] if place is not None else None
        if entry is None or place is None:
            return record_findings(record, layout, years)
        return _by_field(entry, (*check_entry(entry), *along[place]))

    for page, result in enumerate(pages):
        evidence = tuple(found_on(record, places.get((page, at))) for at, record in enumerate(result.records))
        records = tuple(map(_with_issues, result.records, evidence))
        yield CheckedPage(replace(result, records=records), evidence)


SEQUENCE_COLUMNS = ("so", "trangSo")
"""Columns of numbers that run along a book."""

CHOSEN_ISSUE_CODE = "book.chosen"
"""Code of the issue of a number that the sequence chose among its readings."""


def choose_in_sequence(results: Iterable[PageResult], layout: Layout, years: tuple[int, int]) -> Iterator[PageResult]:
    """The pages of a book where, of a number's other readings, the one is taken that its neighbours ask for.

    Only where neighbours on both sides ask for it and a reader itself offers it; the issue `book.chosen` says what
    stood there before, the readings stay, and the field goes to review.
    """
    pages, entries, places = _along(results, layout, years)
    asked = {column: demanded_numbers(entries, column) for column in SEQUENCE_COLUMNS}
    for page, result in enumerate(pages):
        records = list(result.records)
        for at in range(len(records)):
            place = places.get((page, at))
            entry = entries[place] if place is not None else None
            if entry is None or place is None:
                continue
            for column, numbers in asked.items():
                number = numbers[place]
                if column in entry.columns and number is not None:
                    records[at] = _choose(records[at], entry.columns[column].field, number, layout)
        yield replace(result, records=tuple(records))


def _choose(record: Record, name: str, number: int, layout: Layout) -> Record:
    """The record whose field of that name has the alternative that says the number; itself where none does."""
    field, kind = record.field(name), layout.fields[name].type
    if field is None or not isinstance(kind, Number) or field.normalised == str(number) or len(field.readings) != 1:
        return record
    (reading,) = field.readings
    for other in reading.alternatives:
        value = kind.parse((Reading(other.text, other.score, reading.reader),))
        if value.normalised == str(number):
            said = Issue(CHOSEN_ISSUE_CODE, f"Máy đọc “{field.raw}”, theo thứ tự trong sổ chọn “{value.raw}”")
            chosen = replace(
                field,
                raw=value.raw,
                normalised=value.normalised,
                probability=round(other.score, 4),
                decision=Decision.REVIEW,
                issues=(*value.issues, said),
            )
            return replace(record, fields=tuple(chosen if f.name == name else f for f in record.fields))
    return record


def _along(
    results: Iterable[PageResult], layout: Layout, years: tuple[int, int]
) -> tuple[tuple[PageResult, ...], list[RuleEntry | None], dict[tuple[int, int], int]]:
    """The pages, the entries along them, and for each written record (page, place on it) which entry it is."""
    pages = tuple(results)
    entries: list[RuleEntry | None] = []
    places: dict[tuple[int, int], int] = {}
    for page, result in enumerate(pages):
        if result.failure is not None:
            entries.extend([None] * layout.records_per_page)
        for at, record in enumerate(result.records):
            if not record.is_blank:
                places[page, at] = len(entries)
                entries.append(entry_of(record, layout, years))
    return pages, entries, places


def _by_field(entry: RuleEntry, findings: Iterable[RuleFinding]) -> tuple[FieldFinding, ...]:
    return tuple(FieldFinding(entry.columns[f.column].field, f) for f in findings if f.column in entry.columns)


def _with_issues(record: Record, evidence: Iterable[FieldFinding]) -> Record:
    issues: dict[str, list[Issue]] = {}
    for each in evidence:
        if each.finding.verdict is Verdict.CONTRADICTS:
            issues.setdefault(each.field, []).append(Issue(each.finding.rule, each.finding.text))
    if not issues:
        return record
    return replace(record, fields=tuple(_field_with(field, issues.get(field.name, [])) for field in record.fields))


def _field_with(field: Field, issues: list[Issue]) -> Field:
    new = tuple(dict.fromkeys(issue for issue in issues if issue not in field.issues))
    return replace(field, issues=field.issues + new) if new else field
