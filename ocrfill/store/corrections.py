"""The corrections in the store, on an open connection: add, take back, list."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.geometry import Polygon
from ocrfill.document.result import PageResult
from ocrfill.errors import BadInput, StoreError
from ocrfill.store.book_table import book_in
from ocrfill.store.page_rows import Row, check_text, number_in, read_back, scan_in_words, text_in
from ocrfill.store.rows_out import CorrectedField
from ocrfill.store.schema import CORRECTIONS, FIELDS, PAGES, SCANS, next_id

MAX_VALUES_IN_A_LIST = 500
"""Values in one IN (...): SQLite's own limit lies far above, PostgreSQL's driver slows down with more."""


def add_corrections(connection: Connection, corrections: Iterable[Correction]) -> int:
    """Add those that are not there yet and say how many; an answer taken back and given again counts again.

    Raises BadInput where a page is not in the store, ValueError where a text cannot be stored.
    """
    given = list(corrections)
    known = _known(connection, {correction.source for correction in given})
    pages: dict[tuple[str, int], int] = {}
    number = next_id(connection, CORRECTIONS.c.id)
    new: list[dict[str, Any]] = []
    for correction in given:
        place = correction.place
        if (place.scan, place.page) not in pages:
            pages[place.scan, place.page] = page_id(connection, place)
        key = (correction.source, correction.annotation, moment_text(correction.when))
        row, withdrawn = known.get(key, (None, False))
        if row is None:
            known[key] = number, False
            new.append(_row(correction) | {"id": number, "page_id": pages[place.scan, place.page]})
            number += 1
        elif withdrawn:
            connection.execute(update(CORRECTIONS).where(CORRECTIONS.c.id == row).values(withdrawn=0))
    if new:
        connection.execute(insert(CORRECTIONS), new)
    return len(new)


def _known(connection: Connection, sources: Collection[str]) -> dict[tuple[str, int, str], tuple[int | None, bool]]:
    """By source, annotation and moment: the id of what is there, and whether it was withdrawn."""
    columns = (CORRECTIONS.c.source, CORRECTIONS.c.annotation, CORRECTIONS.c.moment, CORRECTIONS.c.id)
    known: dict[tuple[str, int, str], tuple[int | None, bool]] = {}
    for source in sources:
        query = select(*columns, CORRECTIONS.c.withdrawn).where(CORRECTIONS.c.source == source)
        for row in connection.execute(query):
            known[row.source, row.annotation, row.moment] = row.id, bool(row.withdrawn)
    return known


def withdraw_corrections(connection: Connection, source: str, annotations: Collection[int]) -> int:
    """The answers that came from these annotations count no more; they stay in the table. Says how many."""
    changed = 0
    for some in _portions(sorted(annotations)):
        those = (CORRECTIONS.c.source == source) & CORRECTIONS.c.annotation.in_(some) & (CORRECTIONS.c.withdrawn == 0)
        changed += connection.execute(update(CORRECTIONS).where(those).values(withdrawn=1)).rowcount
    return changed


def list_corrections(
    connection: Connection, pages: Sequence[int] | None = None, damaged: set[tuple[str, int]] | None = None
) -> list[tuple[int, Correction]]:
    """What stands, with the id of its page, in order of time; of all pages, or of those with these ids.

    Raises StoreError at a damaged one; where `damaged` is given, scan and number of its page are put there instead.
    """
    if pages is None:
        rows = list(connection.execute(_LIST).mappings())
    else:
        rows = [
            row
            for some in _portions(pages)
            for row in connection.execute(_LIST.where(CORRECTIONS.c.page_id.in_(some))).mappings()
        ]
    found = []
    for row in rows:
        try:
            with read_back(f"a correction on page {row['number']} of {scan_in_words(row)}"):
                found.append((int(row["page_id"]), _correction(row)))
        except StoreError:
            if damaged is None:
                raise
            damaged.add((row["sha256"], row["number"]))
    return sorted(found, key=lambda one: (one[1].when, one[1].source, one[1].annotation))


def reviewed_kinds(connection: Connection) -> Counter[str]:
    """How many fields persons have answered, by the fields' type; "" for those whose page is to be read again.

    Fields that were skipped are left out.
    """
    answered = (
        select(CORRECTIONS.c.page_id, CORRECTIONS.c.record, CORRECTIONS.c.field, FIELDS.c.detail)
        .outerjoin(
            FIELDS,
            (CORRECTIONS.c.page_id == FIELDS.c.page_id)
            & (CORRECTIONS.c.record == FIELDS.c.record)
            & (CORRECTIONS.c.field == FIELDS.c.name),
        )
        .where(CORRECTIONS.c.withdrawn == 0, CORRECTIONS.c.answer != Answer.SKIPPED.value)
        .distinct()
    )
    counted: Counter[str] = Counter()
    for row in connection.execute(answered):
        with read_back(f"a field of record {row.record}"):
            counted["" if row.detail is None else str(json.loads(row.detail)["kind"])] += 1
    return counted


def corrected_on_page(
    row: RowMapping, result: PageResult | None, scan: str, said: Mapping[FieldPlace, Sequence[Correction]]
) -> Iterator[CorrectedField]:
    """The fields of a listed page of which something was said; `scan` is a path that can be opened."""
    for record in () if result is None else result.records:
        for field in record.fields:
            place = FieldPlace(row["sha256"], row["number"], record.number, field.name)
            if place in said:
                yield CorrectedField(
                    book_in(row).key, scan, row["sha256"], row["number"], record.number, field, tuple(said[place])
                )


_LIST: Select[Any] = (
    select(CORRECTIONS, PAGES.c.number, SCANS.c.sha256)
    .select_from(CORRECTIONS)
    .join(PAGES, PAGES.c.id == CORRECTIONS.c.page_id)
    .join(SCANS, SCANS.c.id == PAGES.c.scan_id)
    .where(CORRECTIONS.c.withdrawn == 0)
)


def _portions(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), MAX_VALUES_IN_A_LIST):
        yield numbers[start : start + MAX_VALUES_IN_A_LIST]


def outline_json(outline: Polygon) -> str:
    """An outline as the store keeps it."""
    return json.dumps(outline, separators=(",", ":"))


def outline_in(text: str) -> Polygon:
    """The outline that the store keeps so."""
    return tuple((float(x), float(y)) for x, y in json.loads(text))


def page_id(connection: Connection, place: FieldPlace) -> int:
    """The row of the page that a field is on, that of the scan in use first. Raises BadInput where there is none."""
    query = select(PAGES.c.id).join(SCANS).where(SCANS.c.sha256 == place.scan, PAGES.c.number == place.page)
    found = connection.execute(query.order_by(SCANS.c.replaced, SCANS.c.id)).scalar()
    if found is None:
        raise BadInput(
            f"a correction is of page {place.page} of a scan that this workspace does not know "
            f"(SHA-256 {place.scan[:12]}…); open the workspace whose book was pushed"
        )
    return int(found)


def _row(correction: Correction) -> dict[str, Any]:
    check_text(correction.prefilled + (correction.entered or "") + correction.who)
    return {
        "record": correction.place.record,
        "field": correction.place.field,
        "prefilled": correction.prefilled,
        "entered": correction.entered,
        "answer": correction.answer,
        "purpose": correction.purpose,
        "who": correction.who,
        "moment": moment_text(correction.when),
        "seconds": correction.seconds,
        "source": correction.source,
        "task": correction.task,
        "annotation": correction.annotation,
        "outline": outline_json(correction.outline),
        "withdrawn": 0,
    }


def _correction(row: RowMapping) -> Correction:
    return Correction(
        place=place_in(row),
        prefilled=text_in(row["prefilled"]),
        entered=None if row["entered"] is None else text_in(row["entered"]),
        answer=Answer(row["answer"]),
        purpose=Purpose(row["purpose"]),
        who=text_in(row["who"]),
        when=datetime.fromisoformat(row["moment"]),
        seconds=None if row["seconds"] is None else float(row["seconds"]),
        source=text_in(row["source"]),
        task=number_in(row["task"]),
        annotation=number_in(row["annotation"]),
        outline=outline_in(row["outline"]),
    )


def place_in(row: Row) -> FieldPlace:
    """The field that a row of corrections or of review's tasks is of. Raises TypeError for a damaged one."""
    return FieldPlace(text_in(row["sha256"]), number_in(row["number"]), number_in(row["record"]), text_in(row["field"]))


def moment_text(when: datetime) -> str:
    """A moment as the store keeps it: in UTC, to the microsecond."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")
