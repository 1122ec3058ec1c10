"""Answers from the reviewing server into the store: by polling, as often as one likes, each answer once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ocrfill.review.label_studio import AnsweredTask, ReviewServer
from ocrfill.review.tasks import AskedField, correction_of
from ocrfill.store import BatchState, Ledger, ReviewBatch, ReviewTask, Store

PULL_OVERLAP = timedelta(minutes=1)
"""How far before the last change seen a pull begins: a slow transaction may show an earlier moment later."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought: new corrections, answers taken back, and projects that the server no longer has."""

    corrections: int = 0
    withdrawn: int = 0
    lost_batches: int = 0
    strangers: int = 0


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
                    more, fewer, unknown = self._keep(batch, answered.result())
                    added, withdrawn, strangers = added + more, withdrawn + fewer, strangers + unknown
            finally:
                ahead.shutdown(cancel_futures=True)
        return Pulled(added, withdrawn, lost, strangers)

    def _answered(self, batch: ReviewBatch) -> list[AnsweredTask]:
        assert batch.project is not None
        return self.server.answered_tasks(batch.project, _before(batch.seen))

    def _keep(self, batch: ReviewBatch, found: list[AnsweredTask]) -> tuple[int, int, int]:
        """New corrections, withdrawn ones and tasks that are not ours."""
        if not found:
            return 0, 0, 0
        asked = self._ledger.tasks(batch.id)
        by_row = {task.task: task for task in asked if task.task is not None}
        by_position = {str(task.position): task for task in asked}
        source = source_of(batch)
        corrections = []
        standing: dict[int, set[int]] = {}
        strangers = 0
        for answered in found:
            number = answered.number
            task = by_row.get(number) or by_position.get(self.server.key_of(number) or "")
            if task is None:
                strangers += 1
                continue
            standing[number] = {int(a["id"]) for a in answered.annotations}
            corrections += [correction_of(_asked(task), a, self._who(a), source, number) for a in answered.annotations]
        seen = _as_written(max(answered.updated_at for answered in found))
        more, fewer = self._ledger.pulled(batch, source, corrections, standing, seen)
        return more, fewer, strangers

    def _who(self, annotation: Mapping[str, Any]) -> str:
        """Who answered last: the e-mail address, or the number of a user that the server does not list."""
        number = annotation.get("updated_by") or annotation.get("completed_by")
        if isinstance(number, Mapping):
            number = number.get("id")
        if number is None:
            return ""
        if number not in self._people:
            self._people = self.server.people()
        return self._people.get(int(number), f"user {number}")


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
