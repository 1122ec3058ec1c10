"""What persons entered, in the place of what was read: for exports and pictures. The readings stay as they were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ocrfill.civil_status.book import Book
from ocrfill.civil_status.orthography import tidy
from ocrfill.document.correction import ANSWERS_WITH_VALUE, Answer, Correction, FieldPlace
from ocrfill.document.result import Decision, Field, Issue, PageResult, Reading, Record, Value
from ocrfill.document.settlement import corrections_by_field, latest_of_each, settled_correction
from ocrfill.errors import BadInput
from ocrfill.layouts import Layout, load_layout
from ocrfill.layouts.fields import FieldType, Tick
from ocrfill.pipeline.validate import check_record
from ocrfill.store import FailedPage, State, Store, StoredPage
from ocrfill.store.store import DAMAGED_PAGE, DAMAGED_STAGE

PERSON_READER = "person"
"""Stands as the reader of a field whose value a person entered or confirmed."""

MARKED_UNREADABLE = Issue("review.unreadable", "Người kiểm tra: không đọc được")
WRONGLY_CUT = Issue("review.wrongly_cut", "Người kiểm tra: cắt sai, phải xem trên trang")
PERSONS_DISAGREE = Issue("review.disagree", "Hai người nhập khác nhau, chờ người thứ ba")

CorrectionsByField = Mapping[FieldPlace, Sequence[Correction]]


@dataclass(frozen=True, slots=True)
class CorrectedBook:
    """A book, its layout, and its pages as last read, with what persons entered in the place of what was read."""

    book: Book
    layout: Layout
    pages: tuple[StoredPage, ...]


def corrected_book(store: Store, key: str, damaged: list[FailedPage] | None = None) -> CorrectedBook:
    """The book of that key as it is known: read, judged and corrected; the store stays as it is.

    Raises BadInput where there is no such book, or its layout can no longer be loaded, and StoreError at a row that is
    damaged. With `damaged`, pages with such rows are told there, and come as ones that failed, without a result.
    """
    known = store.book(key)
    if known is None:
        raise BadInput(f"there is no book {key} in this workspace; `ocrfill status` lists its books")
    book = known[0]
    layout = load_layout(book.layout)
    spoilt: set[tuple[str, int]] | None = None if damaged is None else set()
    said = corrections_by_field(store.corrections(key, spoilt))
    pages = tuple(
        page
        if page.result is None
        else replace(page, result=corrected(page.sha256, page.result, said, layout, book.years))
        for page in _sound(store.pages(key, damaged), key, spoilt or frozenset(), damaged)
    )
    return CorrectedBook(book, layout, pages)


def _sound(
    pages: Iterable[StoredPage], key: str, spoilt: Collection[tuple[str, int]], damaged: list[FailedPage] | None
) -> Iterator[StoredPage]:
    """The pages, those of which an answer is damaged without their result: nobody knows which field it settles."""
    for page in pages:
        if damaged is not None and page.result is not None and (page.sha256, page.number) in spoilt:
            damaged.append(FailedPage(key, page.scan, page.number, DAMAGED_STAGE, DAMAGED_PAGE))
            yield replace(page, state=State.FAILED, result=None)
        else:
            yield page


def corrected(
    scan: str, result: PageResult, said: CorrectionsByField, layout: Layout, years: tuple[int, int] | None = None
) -> PageResult:
    """The page with what persons say of its fields; `scan` is the SHA-256 of its file.

    A value that a person confirmed or entered is accepted, with probability 1; it keeps no issue that the person saw,
    but gets those that the rules find in the record as it is now. Where a correction is of another place on the page
    (the page was located otherwise since), it does not count.
    """
    records = []
    for record in result.records:
        fields = tuple(
            _corrected(field, said.get(FieldPlace(scan, result.page, record.number, field.name), ()), layout)
            for field in record.fields
        )
        records.append(record if fields == record.fields else _checked(record, fields, layout, years))
    return replace(result, records=tuple(records))


def _checked(before: Record, fields: tuple[Field, ...], layout: Layout, years: tuple[int, int] | None) -> Record:
    """The record with the new fields, and the issues that come of them: what was entered may contradict as well."""
    after = check_record(replace(before, fields=fields), layout, years)
    known = {field.name: set(field.issues) for field in before.fields}
    return replace(
        after,
        fields=tuple(
            field
            if field.reader != PERSON_READER
            else replace(field, issues=tuple(i for i in field.issues if i not in known[field.name]))
            for field in after.fields
        ),
    )


def _corrected(field: Field, said: Sequence[Correction], layout: Layout) -> Field:
    here = [c for c in said if not c.outline or not field.polygon or _meet(c, field)]
    correction = settled_correction(here)
    if correction is None:
        if not latest_of_each(here):
            return field
        return replace(field, decision=Decision.REVIEW, issues=(*field.issues, PERSONS_DISAGREE))
    if correction.answer is Answer.WRONGLY_CUT:
        return replace(field, decision=Decision.REVIEW, issues=(*field.issues, WRONGLY_CUT))
    if correction.answer not in ANSWERS_WITH_VALUE:
        return replace(
            field,
            raw="",
            normalised=None,
            probability=1.0,
            decision=Decision.EMPTY,
            issues=(MARKED_UNREADABLE,),
            reader=PERSON_READER,
        )
    spec = layout.fields.get(field.name)
    value = _value(spec.type if spec else None, correction.entered or "")
    return replace(
        field,
        raw=value.raw,
        normalised=value.normalised,
        probability=1.0,
        decision=Decision.ACCEPT if value.raw else Decision.EMPTY,
        issues=(),
        reader=PERSON_READER,
    )


def _value(kind: FieldType | None, text: str) -> Value:
    """What the field's type makes of a text that a person entered; the text itself stays as entered.

    It is tidied all the same: earlier versions kept answers that no file can hold.
    """
    text = tidy(text)
    if kind is None or not text:
        return Value(text, None)
    if isinstance(kind, Tick):
        return Value(text, text if text in kind.options else None)
    parsed = kind.parse((Reading(text, 1.0, PERSON_READER),))
    return Value(text, parsed.normalised)


def _meet(correction: Correction, field: Field) -> bool:
    """Whether the field still lies where it lay when a person looked: the frames around both share a point."""
    one, other = correction.outline, field.polygon
    return all(
        min(p[axis] for p in one) <= max(p[axis] for p in other)
        and min(p[axis] for p in other) <= max(p[axis] for p in one)
        for axis in (0, 1)
    )
