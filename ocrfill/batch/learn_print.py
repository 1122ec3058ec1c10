"""A book's print, learnt from some of its pages before they are read, and of those that are of none so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ocrfill.batch.choose_layout import spread_evenly
from ocrfill.batch.page_job import Job
from ocrfill.batch.work_progress import Progress
from ocrfill.batch.worker import look_at_print
from ocrfill.document.book_print import BookPrint, PageName, has_print
from ocrfill.document.template import FormTemplate
from ocrfill.layouts import Layout
from ocrfill.pipeline.locate import PrintSeen, learn_prints
from ocrfill.pipeline.process_pool import TaskTimeout, WorkerDied
from ocrfill.store import State, Store, StoredPage
from ocrfill.store.book_prints import BookPrints, prints_of, save_prints

MAX_PAGES = 10
"""A print is learnt from so many pages at most, spread over the book."""

MIN_STRANGE_PAGES = 3
"""Another print is looked for where at least so many pages of a book were of none that is known."""


@dataclass(frozen=True, slots=True)
class PrintLearner:
    """Learns the prints of books, with the workers of an executor.

    `books` tell where the layout of each book is loaded from, `layouts` give it by that. Tables are left alone: their
    rules tell all.
    """

    store: Store
    executor: Executor
    books: Mapping[str, str]
    layouts: Mapping[str, Layout]
    progress: Progress

    def before_reading(self, key: str) -> tuple[BookPrint, ...]:
        """The prints of a book, learnt now where none is known."""
        form = self._layout(key).body
        if not isinstance(form, FormTemplate):
            return ()
        known = self._known(key, form)
        return known or self._learnt(key, form, list(self.store.pages(key)), ())

    def after_reading(self, key: str) -> tuple[BookPrint, ...]:
        """The prints of a book that was read: another one besides, where enough pages are of none so far."""
        form = self._layout(key).body
        if not isinstance(form, FormTemplate) or not (known := self._known(key, form)):
            return ()
        strange = [
            page
            for page in self.store.pages(key)
            if page.state is State.DONE and page.result is not None and not has_print(page.result.models)
        ]
        return known if len(strange) < MIN_STRANGE_PAGES else self._learnt(key, form, strange, known)

    def _layout(self, key: str) -> Layout:
        return self.layouts[self.books[key]]

    def _known(self, key: str, form: FormTemplate) -> tuple[BookPrint, ...]:
        layout = self._layout(key)
        return prints_of(self.store.folder, key, (layout.name, layout.version), form)

    def _learnt(
        self, key: str, form: FormTemplate, pages: Sequence[StoredPage], known: tuple[BookPrint, ...]
    ) -> tuple[BookPrint, ...]:
        """The known prints and those that these pages tell besides, kept in the workspace."""
        where, layout = self.books[key], self._layout(key)
        chosen = [pages[index] for index in sorted(spread_evenly(len(pages))[:MAX_PAGES])]
        flying = [
            self.executor.submit(
                look_at_print,
                Job(page.scan, Path(page.scan), page.sha256, page.number, where, layout.name, layout.version),
            )
            for page in chosen
        ]
        seen: list[tuple[PageName, PrintSeen]] = []
        with self.progress("learning the print", len(chosen)) as step:
            for page, future in zip(chosen, flying, strict=True):
                with suppress(TaskTimeout, WorkerDied):  # told when the page is read
                    if (told := future.result()) is not None:
                        seen.append((PageName(page.sha256, page.number), told))
                step()
        prints = known
        for template, members in learn_prints(form, [told for _, told in seen]):
            prints = (*prints, BookPrint(len(prints) + 1, tuple(seen[n][0] for n in members), template))
        if len(prints) > len(known):
            save_prints(self.store.folder, key, BookPrints(layout.name, layout.version, prints))
        return prints
