"""The second reading of a book's doubtful fields, under what its other fields say: values that recur, one person named
twice in an entry, the days between which an entry was made.

It proposes; nothing it proposes is ever sure. What the reader read stays in the field's readings, and an issue says it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from ocrfill.acceptance.book_dates import DatedEntry, believed_dates
from ocrfill.acceptance.book_words import (
    MAX_SAID_PROBABILITY,
    MIXED_WORD_COST_NATS,
    NONE_SHARE,
    BelievedText,
    PoolMember,
    PoolSort,
    believed_texts,
    odd_words_cost,
)
from ocrfill.acceptance.likely_texts import OfferedText, log_likeness, offered_texts, shares
from ocrfill.civil_status.orthography import compact
from ocrfill.civil_status.rules.book_rules import PLACE_COLUMN_ENDINGS, RECURRING_COLUMNS
from ocrfill.civil_status.rules.people import NAME_COLUMN_OF_RELATION, SELF_COLUMNS, SELF_RELATIONS
from ocrfill.document.result import Decision, Field, Issue, PageResult, Reading, Record, Value
from ocrfill.layouts.fields import Choice, Date, FieldType, Name, Place, Signatory
from ocrfill.layouts.fields.choice import entries_of, find_entry
from ocrfill.layouts.fields.equality import is_right
from ocrfill.layouts.fields.join_readings import ditto
from ocrfill.layouts.model import Layout

BOOK_READER = "book"
"""Stands as the reader of a field whose value the rest of its book proposes."""

SECOND_READING_CODE = "book.words"
"""Code of the issue of such a field; its text says what the reader read."""

FLAG_CODES = "field."
"""Beginning of the codes of what lies over a field's writing, whatever is read there."""

MIN_CHANGE_PROBABILITY = 0.5
"""How likely another value must be for it to take the place of what was read."""

LISTED_COUNT = 1.0
"""What all entries of a closed list together count beside a book's values."""

COMMON_ENTRY_SHARES = {"Kinh": 0.6, "Việt Nam": 0.9, "Nam": 0.5, "Nữ": 0.5}
"""Their share of what a list's entries count; the others share the rest evenly."""

OFF_LIST_COST_NATS = 3.0
"""What it costs a text of a closed list to mean no entry of it."""

PLACE_POOL = "places"

NEW_HEAD_SHARE = 0.3
"""Share of places whose commune, district and province recur that name a village or house that does not."""

FieldKey = tuple[int, int, str]
"""A field of a book: the page's place in it, the record's on that page, both from 0, and the field's name."""

NOTHING_ENTERED: Mapping[FieldKey, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Placed:
    key: FieldKey
    field: Field
    kind: FieldType


def read_again(
    results: Sequence[PageResult], layout: Layout, years: tuple[int, int], entered: Mapping[FieldKey, str]
) -> list[PageResult]:
    """The pages of a book, as its readers left them, with a second reading of what the rest of the book doubts.

    `entered` is what persons said of fields: it teaches the others. A field's own second reading does not depend on it,
    so that what is reviewed is what is left unreviewed. A field that is read again goes to review with the book's
    probability; its readings stay.
    """
    believed: dict[FieldKey, BelievedText] = {}
    for members in _pools(results, layout):
        pool = [PoolMember(_offered(one), entered.get(one.key)) for one in members]
        for one, found in zip(members, believed_texts(pool, _sort_of(members[0].kind)), strict=True):
            if found is not None:
                believed[one.key] = found
    for key, found in _one_person(results, layout, entered):
        believed.setdefault(key, found)
    believed |= _dates(results, layout, years, entered)
    return [_page_again(result, page, believed, layout) for page, result in enumerate(results)]


def _page_again(result: PageResult, page: int, believed: Mapping[FieldKey, BelievedText], layout: Layout) -> PageResult:
    records = tuple(
        replace(record, fields=tuple(_changed(f, believed.get((page, at, f.name)), layout) for f in record.fields))
        for at, record in enumerate(result.records)
    )
    return replace(result, records=records)


def _changed(field: Field, believed: BelievedText | None, layout: Layout) -> Field:
    if believed is None or believed.probability < MIN_CHANGE_PROBABILITY or believed.text == field.raw:
        return field
    kind = layout.fields[field.name].type
    value = kind.parse(tuple(Reading(text, 1.0, BOOK_READER) for text in _strips_of(believed.text, kind)))
    if is_right(field.kind, Value(field.raw, field.normalised), value):
        return field
    said = Issue(SECOND_READING_CODE, f"Máy đọc “{field.raw}”, theo các trang khác trong sổ là “{value.raw}”")
    return replace(
        field,
        raw=value.raw,
        normalised=value.normalised,
        probability=round(believed.probability, 4),
        decision=Decision.REVIEW,
        issues=(*value.issues, *(i for i in field.issues if i.code.startswith(FLAG_CODES)), said),
        reader=BOOK_READER,
    )


def _strips_of(text: str, kind: FieldType) -> list[str]:
    return text.split("/") if isinstance(kind, Date) and kind.split else [text]


def _written(results: Sequence[PageResult], layout: Layout) -> Iterator[_Placed]:
    for page, result in enumerate(results):
        for at, record in enumerate(result.records):
            for field in record.fields:
                spec = layout.fields.get(field.name)
                if spec is not None and spec.read and field.raw and field.decision is not Decision.EMPTY:
                    yield _Placed((page, at, field.name), field, spec.type)


def _pools(results: Sequence[PageResult], layout: Layout) -> Iterator[list[_Placed]]:
    """Fields that hold values of one sort: one field's along the book, and all places of it together."""
    found: dict[str, list[_Placed]] = {}
    for one in _written(results, layout):
        columns = layout.fields[one.key[2]].columns
        if isinstance(one.kind, Choice) or any(column in RECURRING_COLUMNS for column in columns):
            found.setdefault(one.key[2], []).append(one)
        elif any(column.endswith(PLACE_COLUMN_ENDINGS) for column in columns):
            found.setdefault(PLACE_POOL, []).append(one)
    yield from found.values()


def _sort_of(kind: FieldType) -> PoolSort:
    return PoolSort(
        _listed(kind) if isinstance(kind, Choice) else None,
        partial(_can_recur, kind),
        partial(_strange, kind),
        _tails if isinstance(kind, Place) else None,
    )


def _strange(kind: FieldType, text: str) -> float:
    """What it costs a text, in nats, to be none of the values that recur."""
    if isinstance(kind, Choice):
        if find_entry(kind.list, text) is not None or (kind.ditto and ditto(text) is not None):
            return 0.0
        return OFF_LIST_COST_NATS + odd_words_cost(text)
    return odd_words_cost(text)


def _listed(kind: Choice) -> Mapping[str, float]:
    entries = entries_of(kind.list)
    common = {entry: share for entry, share in COMMON_ENTRY_SHARES.items() if entry in entries}
    rest = max(1 - sum(common.values()), 0.1) / max(len(entries) - len(common), 1)
    return {entry: LISTED_COUNT * common.get(entry, rest) for entry in entries}


def _can_recur(kind: FieldType, text: str) -> bool:
    """Whether a text is a value that others may hold too: an entry of its list, or words without a misread figure."""
    if isinstance(kind, Choice):
        return find_entry(kind.list, text) is not None
    if isinstance(kind, Name | Signatory):
        return not any(letter.isdigit() for letter in text)
    return odd_words_cost(text) < MIXED_WORD_COST_NATS


def _offered(one: _Placed) -> tuple[OfferedText, ...]:
    return offered_texts(one.field.readings, _joined(" "))


def _joined(between: str) -> Callable[[Sequence[str]], str]:
    return lambda texts: between.join(text for text in texts if text)


_BETWEEN_UNITS = re.compile(r"\s*,\s*|\s+[-–]\s+")


def _tails(member: PoolMember, others: Mapping[str, float]) -> Mapping[str, float]:
    """Places that begin as read and go on as others of the book do."""
    found: dict[str, float] = {}
    tails: dict[str, float] = {}
    for text, count in others.items():
        for parted in _BETWEEN_UNITS.finditer(text):
            tail = text[parted.start() :]
            tails[tail] = tails.get(tail, 0.0) + count
    for one in member.offered[:4]:
        for parted in _BETWEEN_UNITS.finditer(one.text):
            head, rest = one.text[: parted.start()], len(_BETWEEN_UNITS.findall(one.text[parted.start() :]))
            for tail, count in tails.items():
                if len(_BETWEEN_UNITS.findall(tail)) == rest and head:
                    whole = head + tail
                    found[whole] = max(found.get(whole, 0.0), NEW_HEAD_SHARE * count)
    return found


def _one_person(
    results: Sequence[PageResult], layout: Layout, entered: Mapping[FieldKey, str]
) -> Iterator[tuple[FieldKey, BelievedText]]:
    """Both names of an entry where its relation says that they are one person's: the text that explains both best."""
    name_of = {column: name for name, spec in layout.fields.items() for column in spec.columns if spec.read}
    for page, result in enumerate(results):
        for at, record in enumerate(result.records):
            for columns in _columns_of_one_person(record, layout.kind, name_of):
                fields = [record.field(name_of[column]) for column in columns if column in name_of]
                pair = [f for f in fields if f is not None and f.raw]
                if len(pair) == 2 and not any(field.raw.isupper() for field in pair):
                    for own, other in (pair, pair[::-1]):
                        said = entered.get((page, at, other.name))
                        if (found := _common_name(own, other, said)) is not None:
                            yield (page, at, own.name), found


def _columns_of_one_person(record: Record, kind: str, name_of: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    def said(column: str) -> str:
        field = record.field(name_of[column]) if column in name_of else None
        return compact(field.normalised or field.raw) if field is not None else ""

    if kind == "KS" and (parent := NAME_COLUMN_OF_RELATION.get(said("nycQuanHe"))):
        yield parent, "nycHoTen"
    for relation, name in SELF_COLUMNS.get(kind, ()):
        if said(relation) in SELF_RELATIONS:
            yield name, "nycHoTen"


def _common_name(own: Field, other: Field, said: str | None) -> BelievedText | None:
    """The text of a field where another field, or a person who entered that, names the same person."""
    offered = [offered_texts(own.readings, _joined(" "))]
    offered.append(
        (OfferedText(said, 0.0, (1.0,) * len(said)),) if said else offered_texts(other.readings, _joined(" "))
    )
    if not all(offered):
        return None
    read = [texts[0] for texts in offered]
    apart = math.log(NONE_SHARE) + sum(one.log_score - odd_words_cost(one.text) for one in read)
    weights: dict[str | None, float] = {
        text: sum(log_likeness(texts, text) for texts in offered) - odd_words_cost(text)
        for text in {one.text for texts in offered for one in texts}
    }
    chances = shares(weights | {None: apart})
    chance, text = max((chance, text) for text, chance in chances.items() if text is not None)
    return BelievedText(text, min(chance, MAX_SAID_PROBABILITY))


def _dates(
    results: Sequence[PageResult], layout: Layout, years: tuple[int, int], entered: Mapping[FieldKey, str]
) -> dict[FieldKey, BelievedText]:
    """Days of registration in gaps of a printed line, under the calendar and the entries before and after."""
    placed = [
        one
        for one in _written(results, layout)
        if isinstance(one.kind, Date) and one.kind.split and "ngayDangKy" in layout.fields[one.key[2]].columns
    ]
    found = believed_dates(
        [DatedEntry(one.field.readings, one.field.normalised, entered.get(one.key)) for one in placed], years
    )
    return {one.key: said for one, said in zip(placed, found, strict=True) if said is not None}
