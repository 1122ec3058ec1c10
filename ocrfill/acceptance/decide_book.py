"""The judgement of a whole book: what its sequence chooses and its rules say, how sure each value is, what is accepted.

It starts from the readings each time, so that judging again gives the same, and judging without trust takes every
acceptance back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ocrfill.acceptance import Thresholds, Trust, is_accepted
from ocrfill.acceptance.book_features import RULE_ISSUE_CODES, FieldWithFeatures, features_of_book, holds_value
from ocrfill.acceptance.second_reading import (
    FLAG_CODES,
    NOTHING_ENTERED,
    SECOND_READING_CODE,
    FieldKey,
    read_again,
)
from ocrfill.document.result import Decision, Field, PageResult, Record
from ocrfill.layouts.model import Layout
from ocrfill.pipeline.decide import read_score
from ocrfill.pipeline.validate import CHOSEN_ISSUE_CODE, CheckedPage, check_book, choose_in_sequence


def decide_book_pages(
    results: Iterable[PageResult],
    layout: Layout,
    years: tuple[int, int],
    trust: Trust | None = None,
    cuts: Thresholds | None = None,
    *,
    entered: Mapping[FieldKey, str] = NOTHING_ENTERED,
) -> Iterator[PageResult]:
    """The pages of a book, in their order, judged together; `entered` is what persons said of its fields.

    With trust, probabilities are calibrated on pages that its readers read, and what is above `cuts` (by default the
    promises') is accepted; else a value has its reader's own score and goes to a person.
    """
    checked = checked_book(results, layout, years, entered)
    if trust is None:
        yield from (page.result for page in checked)
        return
    allowed = cuts if cuts is not None else trust.cuts
    for result, weighed in features_of_book(checked, layout):
        if not is_calibrated(trust, result):
            yield result
            continue
        by_place = {(one.record, one.field.name): one for one in weighed}
        records = tuple(
            replace(
                record,
                fields=tuple(_sure(f, by_place.get((record.number, f.name)), trust, allowed) for f in record.fields),
            )
            for record in result.records
        )
        yield replace(result, records=records)


def book_with_features(
    results: Iterable[PageResult],
    layout: Layout,
    years: tuple[int, int],
    entered: Mapping[FieldKey, str] = NOTHING_ENTERED,
) -> Iterator[tuple[PageResult, tuple[FieldWithFeatures, ...]]]:
    """The pages of a book with what the book says of them, no value accepted yet, and the signs of their fields."""
    return features_of_book(checked_book(results, layout, years, entered), layout)


def checked_book(
    results: Iterable[PageResult],
    layout: Layout,
    years: tuple[int, int],
    entered: Mapping[FieldKey, str] = NOTHING_ENTERED,
) -> Iterator[CheckedPage]:
    """The pages of a book with what the book says of them, no value accepted yet, whatever was decided before."""
    read = [as_read(result, layout) for result in results]
    again = read_again(read, layout, years, entered)
    return check_book(choose_in_sequence(again, layout, years), layout, years)


def is_calibrated(trust: Trust, result: PageResult) -> bool:
    """Whether trust was learnt from the readers that read this page, in the same versions."""
    return set(result.models) <= set(trust.models)


def as_read(result: PageResult, layout: Layout) -> PageResult:
    """The page as its readers left it: without what rules said, a sequence chose or trust accepted."""
    return replace(result, records=tuple(_as_read(record, layout) for record in result.records))


def _as_read(record: Record, layout: Layout) -> Record:
    return replace(record, fields=tuple(_field_as_read(field, layout) for field in record.fields))


def _field_as_read(field: Field, layout: Layout) -> Field:
    own = tuple(issue for issue in field.issues if issue.code not in RULE_ISSUE_CODES)
    spec = layout.fields.get(field.name)
    if spec is None or not holds_value(field):
        return replace(field, issues=own)
    changed = {issue.code for issue in field.issues} & {CHOSEN_ISSUE_CODE, SECOND_READING_CODE}
    if changed:
        value = spec.type.parse(field.readings)
        field = replace(field, raw=value.raw, normalised=value.normalised)
        own = (*value.issues, *(issue for issue in own if issue.code.startswith(FLAG_CODES)))
    if SECOND_READING_CODE in changed:
        field = replace(field, reader=next((r.reader for r in field.readings if r.text), field.reader))
    return replace(
        field, issues=own, decision=Decision.REVIEW, probability=round(read_score(field.kind, field.readings), 4)
    )


def _sure(field: Field, weighed: FieldWithFeatures | None, trust: Trust, cuts: Thresholds) -> Field:
    """The field with its calibrated probability, accepted where that is enough.

    A number that the sequence chose among readings goes to a person all the same: it says so, and nothing silently
    takes the place of what was read.
    """
    if weighed is None:
        return field
    probability = trust.probability(field.kind, weighed.sort, weighed.signs)
    if probability is None:
        return field
    chosen = any(issue.code == CHOSEN_ISSUE_CODE for issue in field.issues)
    accepted = not chosen and is_accepted(field.kind, weighed.signs, probability, cuts)
    return replace(field, probability=round(probability, 4), decision=Decision.ACCEPT if accepted else Decision.REVIEW)
