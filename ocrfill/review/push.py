"""Fields to the reviewing server: planned in the store first, then sent; killed anywhere, it goes on where it was.

A batch of tasks is one project. Before anything is sent again, the server is asked what it has: a project is known by
the token in its description, a task by its key. So an answer that got lost on the way doubles nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from ocrfill.civil_status.book import Book
from ocrfill.document.settlement import corrections_by_field
from ocrfill.layouts import Layout
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.labeling_config import screen
from ocrfill.review.page_images import BookPictures
from ocrfill.review.server_errors import Unanswered
from ocrfill.review.task_building import TaskMaker, kinds_of
from ocrfill.review.task_selection import ReviewOptions, by_person, checks, first_looks, in_turn, numbered, second_looks
from ocrfill.review.translations import Language
from ocrfill.store import BatchState, Ledger, ReviewBatch, Store

MAX_TITLE_CHARACTERS = 50
"""Characters that Label Studio takes for a project's title."""

SETTLE_SECONDS = 20.0
"""How long to wait, after no answer came to an import, for what the server may still be doing."""

Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was sent, and how long it took."""

    batches: int = 0
    tasks: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Push:
    """One push of a book to a server that goes by `name` in the ledger."""

    store: Store
    server: ReviewServer
    name: str
    book: Book
    layout: Layout
    language: Language = "vi"
    settle_seconds: float = SETTLE_SECONDS
    _ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.store)

    def plan(self, wishes: ReviewOptions) -> int:
        """Forget what the server lost, then plan batches of all that is to be asked. Says how many were lost."""
        lost = self._forget_lost()
        key = self.book.key
        known = self._ledger.asked(key)
        earlier = len(self._ledger.batches(book=key))
        said = corrections_by_field(self.store.corrections(key))
        pages = tuple(self.store.pages(key))
        planned = in_turn(first_looks(pages, known, wishes), wishes.people, earlier)
        if wishes.second:
            planned += by_person(second_looks(said, kinds_of(pages), known), wishes.people, wishes.batch)
            found = checks(said, known)
            size = wishes.batch
            parts = [numbered(found[i : i + size]) for i in range(0, len(found), size)]
            planned += [(wishes.checker, part) for part in parts]
        if planned:
            self._ledger.plan(key, self.name, [(person, uuid4().hex, tasks) for person, tasks in planned])
        return lost

    def waiting(self) -> tuple[ReviewBatch, ...]:
        """The batches that are not wholly on the server."""
        return tuple(b for b in self._ledger.batches(self.name, self.book.key) if b.state is BatchState.PLANNED)

    def send(self, step: Step = lambda _: None) -> Pushed:
        """Send what is planned. Raises ReviewError where the server fails; what was sent until then is kept."""
        started = time.monotonic()
        batches = self.waiting()
        if not batches:
            return Pushed()
        key = self.book.key
        pictures = BookPictures(self.server, key, f"pictures {key} {self._ledger.batches(book=key)[0].token}")
        projects = {project.description: number for number, project in self.server.projects().items()}
        said = self.store.corrections(key)
        answered = {(c.place, c.purpose) for c in said}
        maker = TaskMaker(self.layout, tuple(self.store.pages(key)), said, self.language)
        count = 0
        for batch in batches:
            # a task that was deleted on the server after it was answered is not asked again
            asked = [t for t in self._ledger.tasks(batch.id) if (t.place, t.purpose) not in answered]
            bodies = maker.bodies(asked, pictures)
            count += self._send(batch, bodies, projects.get(_description(batch)))
            step(len(asked))
        return Pushed(len(batches), count, time.monotonic() - started)

    def _send(self, batch: ReviewBatch, bodies: Mapping[int, Mapping[str, object]], project: int | None) -> int:
        """Bring the tasks of a batch, by position, to its project, but for those that are there. Says how many."""
        fresh = project is None
        if project is None:
            project = self._make_project(batch)
        if batch.project != project:
            self._ledger.placed(batch.id, project)
        there = {} if fresh else self._there(project)
        missing = {position: body for position, body in bodies.items() if position not in there}
        if missing:
            try:
                there |= dict(zip(missing, self.server.add_tasks(project, list(missing.values())), strict=True))
            except Unanswered as error:
                there = self._after_silence(project, set(bodies), error)
        self._ledger.sent(batch.id, there)
        return len(missing)

    def _make_project(self, batch: ReviewBatch) -> int:
        title = f"{batch.book} {batch.id:03d}" + (f" {batch.person}" if batch.person else "")
        try:
            return self.server.make_project(title[:MAX_TITLE_CHARACTERS], _description(batch), screen(self.language))
        except Unanswered:
            found = self.server.find_project(_description(batch))
            if found is None:
                raise
            return found

    def _after_silence(self, project: int, wanted: set[int], error: Unanswered) -> dict[int, int]:
        """What is there of an import whose answer got lost: it is all or nothing, but may still be under way."""
        until = time.monotonic() + self.settle_seconds
        while True:
            there = self._there(project)
            if wanted <= there.keys():
                return there
            if time.monotonic() > until:
                raise error
            time.sleep(1)

    def _there(self, project: int) -> dict[int, int]:
        """The tasks of a project by position; where one is there twice, the later one goes if nobody has answered."""
        there: dict[int, int] = {}
        for task, key in sorted(self.server.keys(project)):
            if not key.isdecimal():
                continue  # somebody else's task
            if int(key) in there:
                self.server.delete_unanswered(task)
            else:
                there[int(key)] = task
        return there

    def _forget_lost(self) -> int:
        """Mark batches whose project is gone, reopen those that tasks were deleted from. Says how many are lost."""
        projects = self.server.projects()
        lost = 0
        for batch in self._ledger.batches(self.name, self.book.key):
            if batch.state is BatchState.LOST or batch.project is None:
                continue
            project = projects.get(batch.project)
            if project is None or project.description != _description(batch):
                self._ledger.lost(batch.id)
                lost += 1
            elif batch.state is BatchState.SENT and project.tasks < batch.size:
                self._ledger.reopen(batch.id)
        return lost


def _description(batch: ReviewBatch) -> str:
    """What stands in a project's description: nothing that tells a reviewer why a field is in it."""
    return f"ocrfill {batch.token}"
