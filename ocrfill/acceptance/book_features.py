"""The seam between layouts, rules and confidence: the signs of every field of a book, in the order of its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ocrfill.acceptance import Backing, Features, features_of
from ocrfill.acceptance.second_reading import BOOK_READER, SECOND_READING_CODE
from ocrfill.civil_status.orthography import compact
from ocrfill.civil_status.rules import RECORD_RULES, Verdict, Weight
from ocrfill.civil_status.rules.book_rules import BOOK_RULES
from ocrfill.document.result import Decision, Field, PageResult, Record, Value
from ocrfill.layouts.fields import Choice
from ocrfill.layouts.model import FieldSpec, Layout
from ocrfill.pipeline.validate import CHOSEN_ISSUE_CODE, CheckedPage, FieldFinding

RULE_ISSUE_CODES = frozenset(
    [
        *(rule.code for rule in RECORD_RULES),
        *(rule.code for rule in BOOK_RULES),
        CHOSEN_ISSUE_CODE,
        SECOND_READING_CODE,
    ]
)
"""Codes of issues that came from rules, not from a field's own type."""


@dataclass(frozen=True, slots=True)
class FieldWithFeatures:
    """A field that was read, on a page result's record, with its signs and what sort of field it is."""

    record: int
    field: Field
    sort: str
    signs: Features


def sort_of(spec: FieldSpec) -> str:
    """What sort of field it is: its kind, of a choice also its list, so that sex and ethnic group are told apart."""
    return f"choice {spec.type.list}" if isinstance(spec.type, Choice) else spec.type.kind


def holds_value(field: Field) -> bool:
    """Whether the field was read and is not called empty: only then there is a value to be sure of."""
    return field.decision in (Decision.ACCEPT, Decision.REVIEW) and bool(field.raw)


def features_of_book(
    checked: Iterable[CheckedPage], layout: Layout
) -> Iterator[tuple[PageResult, tuple[FieldWithFeatures, ...]]]:
    """Each page of a whole book with its fields, backed by what the rules found and by repetition in the book.

    A field that the book read again has no signs: it is never accepted, and its probability is the book's own. What
    repeats is counted as it was read, so that no proposed value speaks for another.
    """
    pages = tuple(checked)
    repeated = _repeated((page.result for page in pages), layout)
    for page in pages:
        result = page.result
        yield (
            result,
            tuple(
                one
                for record, evidence in zip(result.records, page.evidence, strict=True)
                for one in _weighed(record, result.fit, layout, evidence, repeated)
            ),
        )


def _weighed(
    record: Record,
    fit: float,
    layout: Layout,
    evidence: tuple[FieldFinding, ...],
    repeated: Mapping[str, Counter[str]],
) -> Iterator[FieldWithFeatures]:
    said = Counter((e.field, e.finding.verdict, e.finding.weight) for e in evidence)
    for field in record.fields:
        spec = layout.fields.get(field.name)
        if spec is None or not holds_value(field) or field.reader == BOOK_READER:
            continue
        backing = _backing(field, said, repeated[field.name])
        ruled = sum(issue.code in RULE_ISSUE_CODES for issue in field.issues)
        signs = features_of(field, spec.type.parse, backing, fit=fit, ruled=ruled)
        yield FieldWithFeatures(record.number, field, sort_of(spec), signs)


def _backing(field: Field, said: Counter[tuple[str, Verdict, Weight]], repeated: Counter[str]) -> Backing:
    return Backing(
        hard_for=said[field.name, Verdict.SUPPORTS, Weight.HARD],
        soft_for=said[field.name, Verdict.SUPPORTS, Weight.SOFT],
        hard_against=said[field.name, Verdict.CONTRADICTS, Weight.HARD],
        soft_against=said[field.name, Verdict.CONTRADICTS, Weight.SOFT],
        seen=repeated[_key(field)] - 1,
        entries=repeated.total() - 1,
        rival=_rival(_key(field), repeated),
    )


def _rival(value: str, repeated: Counter[str]) -> int:
    """How often the most frequent other value stands there."""
    return next((times for other, times in repeated.most_common(2) if other != value), 0)


def _repeated(pages: Iterable[PageResult], layout: Layout) -> Mapping[str, Counter[str]]:
    """For each field's name, how often each value stands in the book."""
    found: dict[str, Counter[str]] = {}
    for result in pages:
        for record in result.records:
            for field in record.fields:
                spec = layout.fields.get(field.name)
                if spec is None or not holds_value(field):
                    continue
                value = Value(field.raw, field.normalised)
                if field.reader == BOOK_READER:
                    value = spec.type.parse(field.readings)
                found.setdefault(field.name, Counter())[_key(value)] += 1
    return found


def _key(value: Field | Value) -> str:
    return compact(value.normalised or value.raw)
