"""The ledger of review: which fields were put before whom, in which project, and what was pulled from there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Update, bindparam, func, insert, select, update

from ocrfill.document.correction import Correction, FieldPlace, Purpose
from ocrfill.store.book_table import BOOK_COLUMNS, book_id, book_in
from ocrfill.store.corrections import (
    add_corrections,
    outline_in,
    outline_json,
    page_id,
    place_in,
    withdraw_corrections,
)
from ocrfill.store.page_rows import Row, number_in, read_back, scan_in_words, text_in
from ocrfill.store.rows_out import BatchState, ReviewBatch, ReviewTask
from ocrfill.store.schema import BOOKS, CORRECTIONS, PAGES, REVIEW_BATCHES, REVIEW_TASKS, SCANS, next_id
from ocrfill.store.store import Store


class Ledger:
    """The review tables of an open store; each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def plan(self, book: str, server: str, batches: Iterable[tuple[str, str, Sequence[ReviewTask]]]) -> None:
        """Keep new batches, each with its person, token and tasks, all or none."""
        with self._store.writes() as connection:
            book_row = book_id(connection, book)
            number = next_id(connection, REVIEW_BATCHES.c.id)
            pages: dict[tuple[str, int], int] = {}
            for batch, (person, token, tasks) in enumerate(batches, start=number):
                row = {"id": batch, "book_id": book_row, "server": server, "person": person, "token": token}
                connection.execute(insert(REVIEW_BATCHES), row | {"state": BatchState.PLANNED})
                connection.execute(insert(REVIEW_TASKS), [_task_row(connection, batch, task, pages) for task in tasks])

    def batches(self, server: str | None = None, book: str | None = None) -> tuple[ReviewBatch, ...]:
        """Batches in the order they were planned: of a server, of a book, or all."""
        sizes = select(REVIEW_TASKS.c.batch_id, func.count().label("size")).group_by(REVIEW_TASKS.c.batch_id).subquery()
        query = (
            select(REVIEW_BATCHES, sizes.c.size, *BOOK_COLUMNS)
            .select_from(REVIEW_BATCHES)
            .join(BOOKS, BOOKS.c.id == REVIEW_BATCHES.c.book_id)
            .join(sizes, sizes.c.batch_id == REVIEW_BATCHES.c.id)
            .order_by(REVIEW_BATCHES.c.id)
        )
        if server is not None:
            query = query.where(REVIEW_BATCHES.c.server == server)
        with self._store.reads() as connection:
            if book is not None:
                query = query.where(REVIEW_BATCHES.c.book_id == book_id(connection, book))
            return tuple(_batch(row) for row in connection.execute(query).mappings())

    def tasks(self, batch: int) -> tuple[ReviewTask, ...]:
        """The tasks of a batch in their order."""
        with self._store.reads() as connection:
            query = _TASKS.where(REVIEW_TASKS.c.batch_id == batch).order_by(REVIEW_TASKS.c.position)
            return tuple(_task(row) for row in connection.execute(query).mappings())

    def asked(self, book: str) -> frozenset[tuple[FieldPlace, Purpose]]:
        """What persons of a book were asked, or are about to be; not what was lost before anybody answered."""
        with self._store.reads() as connection:
            query = _TASKS.join(REVIEW_BATCHES, REVIEW_BATCHES.c.id == REVIEW_TASKS.c.batch_id).where(
                REVIEW_BATCHES.c.book_id == book_id(connection, book), REVIEW_BATCHES.c.state != BatchState.LOST
            )
            asked = {(task.place, task.purpose) for task in map(_task, connection.execute(query).mappings())}
        return frozenset(asked | {(c.place, c.purpose) for c in self._store.corrections(book)})

    def placed(self, batch: int, project: int) -> None:
        """The batch has a project on its server."""
        with self._store.writes() as connection:
            connection.execute(_of(batch).values(project=project))

    def sent(self, batch: int, tasks: Mapping[int, int]) -> None:
        """All tasks of the batch are on the server; `tasks` gives their rows there by position."""
        with self._store.writes() as connection:
            where = (REVIEW_TASKS.c.batch_id == batch) & (REVIEW_TASKS.c.position == bindparam("place"))
            rows = [{"place": position, "row": task} for position, task in tasks.items()]
            if rows:
                connection.execute(update(REVIEW_TASKS).where(where).values(task=bindparam("row")), rows)
            connection.execute(_of(batch).values(state=BatchState.SENT))

    def reopen(self, batch: int) -> None:
        """Tasks of the batch are missing on the server and are to be sent again."""
        with self._store.writes() as connection:
            connection.execute(_of(batch).values(state=BatchState.PLANNED))

    def lost(self, batch: int) -> None:
        """The server has no such project any more; what nobody answered there can be planned again."""
        with self._store.writes() as connection:
            connection.execute(_of(batch).values(state=BatchState.LOST))

    def pulled(
        self,
        batch: ReviewBatch,
        source: str,
        corrections: Collection[Correction],
        standing: Mapping[int, Collection[int]],
        seen: str | None,
    ) -> tuple[int, int]:
        """Keep what was pulled, all or nothing: the corrections, and that all up to `seen` was; None: nothing yet.

        `standing` holds, by task, the annotations that the server still has; what came from others is withdrawn. Says
        how many corrections are new and how many were withdrawn. A correction that says the same as the last one from
        its annotation (saved again without a change) is not kept.
        """
        with self._store.writes() as connection:
            last = _last_words(connection, source)
            new = [c for c in corrections if last.get(c.annotation) != (c.answer, c.entered, c.who)]
            added = add_corrections(connection, new)
            gone = _withdrawn(connection, source, standing)
            withdrawn = withdraw_corrections(connection, source, gone)
            connection.execute(_of(batch.id).values(seen=seen))
        return added, withdrawn


def _of(batch: int) -> Update:
    return update(REVIEW_BATCHES).where(REVIEW_BATCHES.c.id == batch)


def _last_words(connection: Connection, source: str) -> dict[int, tuple[str, str | None, str]]:
    """By annotation of that source: the last answer, value and person that stand."""
    query = (
        select(CORRECTIONS.c.annotation, CORRECTIONS.c.answer, CORRECTIONS.c.entered, CORRECTIONS.c.who)
        .where(CORRECTIONS.c.source == source, CORRECTIONS.c.withdrawn == 0)
        .order_by(CORRECTIONS.c.moment)
    )
    return {row.annotation: (row.answer, row.entered, row.who) for row in connection.execute(query)}


def _withdrawn(connection: Connection, source: str, standing: Mapping[int, Collection[int]]) -> set[int]:
    query = select(CORRECTIONS.c.task, CORRECTIONS.c.annotation).where(
        CORRECTIONS.c.source == source, CORRECTIONS.c.withdrawn == 0
    )
    found = connection.execute(query).all()
    return {row.annotation for row in found if row.task in standing and row.annotation not in standing[row.task]}


_TASKS: Select[Any] = (
    select(REVIEW_TASKS, PAGES.c.number, SCANS.c.sha256)
    .select_from(REVIEW_TASKS)
    .join(PAGES, PAGES.c.id == REVIEW_TASKS.c.page_id)
    .join(SCANS, SCANS.c.id == PAGES.c.scan_id)
)


def _batch(row: Row) -> ReviewBatch:
    with read_back("the table of review's batches"):
        if row["seen"] is not None:
            datetime.fromisoformat(row["seen"])
        return ReviewBatch(
            id=number_in(row["id"]),
            book=book_in(row).key,
            server=text_in(row["server"]),
            person=text_in(row["person"]),
            state=BatchState(row["state"]),
            token=text_in(row["token"]),
            project=None if row["project"] is None else number_in(row["project"]),
            seen=row["seen"],
            size=number_in(row["size"]),
        )


def _task(row: Row) -> ReviewTask:
    with read_back(f"a task of page {row['number']} of {scan_in_words(row)}"):
        return ReviewTask(
            position=number_in(row["position"]),
            place=place_in(row),
            purpose=Purpose(row["purpose"]),
            prefilled=text_in(row["prefilled"]),
            outline=outline_in(row["outline"]),
            task=None if row["task"] is None else number_in(row["task"]),
        )


def _task_row(
    connection: Connection, batch: int, task: ReviewTask, pages: dict[tuple[str, int], int]
) -> dict[str, object]:
    """The row of a task; `pages` keeps the ids of pages that were looked up."""
    page = (task.place.scan, task.place.page)
    if page not in pages:
        pages[page] = page_id(connection, task.place)
    return {
        "batch_id": batch,
        "position": task.position,
        "page_id": pages[page],
        "record": task.place.record,
        "field": task.place.field,
        "purpose": task.purpose,
        "prefilled": task.prefilled,
        "outline": outline_json(task.outline),
    }
