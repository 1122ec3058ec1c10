"""Answers from the reviewing server into the store: by polling, as often as one likes, each answer once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ocrfill.document.correction import Correction
from ocrfill.review.answers import (
    FIRST_YEAR,
    MAX_ROW_NUMBER,
    AskedField,
    UnusableAnswer,
    annotation_number,
    annotator_number,
    correction_of,
)
from ocrfill.review.label_studio import AnsweredTask, ReviewServer
from ocrfill.store import BatchState, Ledger, ReviewBatch, ReviewTask, Store

PULL_OVERLAP = timedelta(minutes=1)
"""How far before the last change seen a pull begins: a slow transaction may show an earlier moment later."""

MAX_CLOCK_LEAD = timedelta(days=2)
"""How far the server's clock may go before this computer's. A later moment is taken for a wrong one: what is asked for
after it would never come."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """An answer that cannot be taken: whose task it is, on the server, and why; nothing of what it holds."""

    book: str
    project: int
    task: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought: new corrections, answers taken back, projects that the server no longer has.

    `set_aside` are the answers that cannot be taken; they are told at each pull until they are given again.
    """

    corrections: int = 0
    withdrawn: int = 0
    lost_batches: int = 0
    strangers: int = 0
    set_aside: tuple[SetAside, ...] = ()


@dataclass(slots=True)
class Pull:
    """Pulls from one server that goes by `name` in the ledger."""

    store: Store
    server: ReviewServer
    name: str
    _ledger: Ledger = field(init=False)
    _people: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.store)

    def once(self) -> Pulled:
        """Pull all that is new. Each batch is kept, whole, before the next one is asked for."""
        projects = self.server.projects()
        added = withdrawn = lost = strangers = 0
        aside: list[SetAside] = []
        there: list[ReviewBatch] = []
        for batch in self._ledger.batches(self.name):
            if batch.project is None or batch.state is BatchState.LOST:
                continue
            project = projects.get(batch.project)
            if project is None or batch.token not in project.description:
                lost += 1
            else:
                there.append(batch)
        with ThreadPoolExecutor(1) as ahead:  # the server works on the next batch while this one is stored
            answers = [ahead.submit(self._answered, batch) for batch in there]
            try:
                for batch, answered in zip(there, answers, strict=True):
                    more, fewer, unknown = self._keep(batch, answered.result(), aside)
                    added, withdrawn, strangers = added + more, withdrawn + fewer, strangers + unknown
            finally:
                ahead.shutdown(cancel_futures=True)
        return Pulled(added, withdrawn, lost, strangers, tuple(aside))

    def _answered(self, batch: ReviewBatch) -> list[AnsweredTask]:
        assert batch.project is not None
        return self.server.answered_tasks(batch.project, _before(batch.seen))

    def _keep(self, batch: ReviewBatch, found: list[AnsweredTask], aside: list[SetAside]) -> tuple[int, int, int]:
        """New corrections, withdrawn ones and tasks that are not ours; what cannot be taken goes to `aside`."""
        if not found:
            return 0, 0, 0
        asked = self._ledger.tasks(batch.id)
        by_row = {task.task: task for task in asked if task.task is not None}
        by_position = {str(task.position): task for task in asked}
        source = source_of(batch)
        corrections: list[Correction] = []
        standing: dict[int, set[int]] = {}
        unusable: list[AnsweredTask] = []
        strangers = 0
        for answered in found:
            number = answered.number
            task = by_row.get(number) or by_position.get(self.server.key_of(number) or "")
            if task is None or not 0 <= number <= MAX_ROW_NUMBER:
                strangers += 1
                continue
            reasons: list[str] = []
            numbered: set[int] = set()
            for annotation in answered.annotations:
                try:
                    numbered.add(annotation_number(annotation))
                    corrections.append(correction_of(_asked(task), annotation, self._who(annotation), source, number))
                except UnusableAnswer as error:
                    reasons.append(str(error))
            if len(numbered) == len(answered.annotations):  # else nobody knows which answer is gone
                standing[number] = numbered
            if reasons:
                unusable.append(answered)
                aside += [SetAside(batch.book, batch.project or 0, number, reason) for reason in reasons]
        more, fewer = self._ledger.pulled(batch, source, corrections, standing, _seen(batch, found, unusable))
        return more, fewer, strangers

    def _who(self, annotation: object) -> str:
        """Who answered last: the e-mail address, or the number of a user that the server does not list."""
        number = annotator_number(annotation)
        if number is None:
            return ""
        if number not in self._people:
            self._people = self.server.people()
        return self._people.get(number, f"user {number}")


def _seen(batch: ReviewBatch, found: list[AnsweredTask], unusable: list[AnsweredTask]) -> str | None:
    """Up to which change all was taken: the last one, but none after an answer that is still to be given again."""
    latest = datetime.now(UTC) + MAX_CLOCK_LEAD
    told = [task.updated_at for task in found if task.updated_at is not None]
    moments = [moment for moment in told if moment.year >= FIRST_YEAR and moment < latest]
    open_since = [t.updated_at for t in unusable]
    if not moments or any(moment is None or moment not in moments for moment in open_since):
        return batch.seen
    moment = min([max(moments), *(one for one in open_since if one)])
    # never back: the listing begins a little before what was seen
    before = None if batch.seen is None else datetime.fromisoformat(batch.seen)
    return batch.seen if before is not None and moment < before else _as_written(moment)


def source_of(batch: ReviewBatch) -> str:
    """Where corrections of a batch come from; its token tells apart two databases behind one address."""
    return f"{batch.server} project {batch.project} {batch.token[:12]}"


def _asked(task: ReviewTask) -> AskedField:
    return AskedField(task.place, task.prefilled, task.purpose, task.outline)


def _as_written(moment: datetime) -> str:
    """A moment as the server writes it in its answers."""
    return moment.isoformat().removesuffix("+00:00") + "Z"


def _before(seen: str | None) -> str | None:
    """A moment as the server's filters take it: with Z; +00:00 is an error to them."""
    if seen is None:
        return None
    return (datetime.fromisoformat(seen).astimezone(UTC) - PULL_OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
