"""The seam between layouts, rules and confidence: the signs of every field of a book, in the order of its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ocrfill.acceptance import Backing, Signs, signs_of
from ocrfill.civil_status.orthography import compact
from ocrfill.civil_status.rules import RULES, Verdict, Weight
from ocrfill.civil_status.rules.book_rules import BOOK_RULES
from ocrfill.document.result import Decision, Field, PageResult, Record
from ocrfill.layouts.fields import Choice
from ocrfill.layouts.model import FieldSpec, Layout
from ocrfill.pipeline.validate import Evidence, book_evidence, record_evidence

RULED = frozenset([*(rule.code for rule in RULES), *(rule.code for rule in BOOK_RULES), "book.chosen"])
"""Codes of issues that came from rules, not from a field's own type."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A field that was read, on a page result's record, with its signs and what sort of field it is."""

    record: int
    field: Field
    sort: str
    signs: Signs


def sort_of(spec: FieldSpec) -> str:
    """What sort of field it is: its kind, of a choice also its list, so that sex and ethnic group are told apart."""
    return f"choice {spec.type.list}" if isinstance(spec.type, Choice) else spec.type.kind


def is_judged(field: Field) -> bool:
    """Whether there is a value to be sure of: fields that were read and are not called empty."""
    return field.decision in (Decision.ACCEPT, Decision.REVIEW) and bool(field.raw)


def weigh_page(result: PageResult, layout: Layout, years: tuple[int, int] | None = None) -> tuple[Weighed, ...]:
    """The fields of a page by itself: what its own records say, nothing of the rest of the book."""
    return tuple(
        one
        for record in result.records
        for one in _weighed(record, result.fit, layout, record_evidence(record, layout, years), {})
    )


def weigh_book(
    results: Iterable[PageResult], layout: Layout, years: tuple[int, int]
) -> Iterator[tuple[PageResult, tuple[Weighed, ...]]]:
    """Each page of a book with its fields, backed by the rules within records and along the book, and by repetition."""
    pages = tuple(results)
    repeated = _repeated(pages)
    for result, along in book_evidence(pages, layout, years):
        weighed = tuple(
            one
            for record, evidence in zip(result.records, along, strict=True)
            for one in _weighed(
                record, result.fit, layout, (*record_evidence(record, layout, years), *evidence), repeated
            )
        )
        yield result, weighed


def _weighed(
    record: Record,
    fit: float,
    layout: Layout,
    evidence: tuple[Evidence, ...],
    repeated: Mapping[str, Counter[str]],
) -> Iterator[Weighed]:
    for field in record.fields:
        spec = layout.fields.get(field.name)
        if spec is None or not is_judged(field):
            continue
        backing = _backing(field, evidence, repeated.get(field.name))
        ruled = sum(issue.code in RULED for issue in field.issues)
        signs = signs_of(field, spec.type.parse, backing, fit=fit, ruled=ruled)
        yield Weighed(record.number, field, sort_of(spec), signs)


def _backing(field: Field, evidence: tuple[Evidence, ...], repeated: Counter[str] | None) -> Backing:
    counts = Counter((e.finding.verdict, e.finding.weight) for e in evidence if e.field == field.name)
    return Backing(
        hard_for=counts[Verdict.SUPPORTS, Weight.HARD],
        soft_for=counts[Verdict.SUPPORTS, Weight.SOFT],
        hard_against=counts[Verdict.CONTRADICTS, Weight.HARD],
        soft_against=counts[Verdict.CONTRADICTS, Weight.SOFT],
        seen=repeated[_key(field)] - 1 if repeated else 0,
        entries=repeated.total() - 1 if repeated else 0,
        rival=_rival(_key(field), repeated) if repeated else 0,
    )


def _rival(value: str, repeated: Counter[str]) -> int:
    """How often the most frequent other value stands there."""
    return next((times for other, times in repeated.most_common(2) if other != value), 0)


def _repeated(pages: Iterable[PageResult]) -> Mapping[str, Counter[str]]:
    """For each field's name, how often each value stands in the book."""
    found: dict[str, Counter[str]] = {}
    for result in pages:
        for record in result.records:
            for field in record.fields:
                if is_judged(field):
                    found.setdefault(field.name, Counter())[_key(field)] += 1
    return found


def _key(field: Field) -> str:
    return compact(field.normalised or field.raw)
