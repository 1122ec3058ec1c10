"""A book's print, learnt from some of its pages before they are read, and of those that are of none so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import cv2

from ocrfill.batch.choose_layout import spread_evenly
from ocrfill.batch.page_job import Job
from ocrfill.document.book_print import BookPrint, PageName, has_print
from ocrfill.document.template import FormTemplate
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts import Layout, load_layout
from ocrfill.pipeline.locate import PrintSeen, learn_prints
from ocrfill.pipeline.print_seen import print_seen
from ocrfill.pipeline.process_pool import TaskTimeout, WorkerDied
from ocrfill.pipeline.scans import open_scan
from ocrfill.store import State, Store, StoredPage
from ocrfill.store.book_prints import BookPrints, load_prints, save_prints

MAX_PAGES = 10
"""A print is learnt from so many pages at most, spread over the book."""

MIN_STRANGE_PAGES = 3
"""Another print is looked for where at least so many pages of a book were of none that is known."""


def look_at_print(job: Job) -> PrintSeen | None:
    """What a page tells of its book's print, in a worker; None where it tells nothing."""
    cv2.setNumThreads(1)
    layout = load_layout(job.layout)
    try:
        scan = open_scan(job.file)
        return print_seen(scan.page(job.number), layout) if scan.sha256 == job.sha256 else None
    except (BadInput, PageError):  # told when the page is read
        return None


def known_prints(store: Store, key: str, layout: Layout) -> tuple[BookPrint, ...]:
    """The prints of a book, the newest last; none where they are of another layout or another version of it."""
    known = load_prints(store.folder, key)
    if known is None or (known.layout, known.layout_version) != (layout.name, layout.version):
        return ()
    return known.prints


@dataclass(frozen=True, slots=True)
class PrintLearner:
    """Learns the prints of books, with the workers of an executor; `tell` is called after each page looked at.

    `books` tell where the layout of each book is loaded from, `layouts` give it by that. Tables are left alone: their
    rules tell all.
    """

    store: Store
    executor: Executor
    books: Mapping[str, str]
    layouts: Mapping[str, Layout]
    tell: Callable[[], None]

    def before_reading(self, key: str) -> tuple[BookPrint, ...]:
        """The prints of a book, learnt now where none is known."""
        layout = self.layouts[self.books[key]]
        known = known_prints(self.store, key, layout)
        if known or not isinstance(layout.body, FormTemplate):
            return known
        return self._learnt(key, layout.body, list(self.store.pages(key)), ())

    def after_reading(self, key: str) -> tuple[BookPrint, ...]:
        """The prints of a book that was read: another one besides, where enough pages are of none so far."""
        layout = self.layouts[self.books[key]]
        known = known_prints(self.store, key, layout)
        if not known or not isinstance(layout.body, FormTemplate):
            return known
        read = [page for page in self.store.pages(key) if page.state is State.DONE and page.result is not None]
        strange = [page for page in read if page.result is not None and not has_print(page.result.models)]
        if len(strange) < MIN_STRANGE_PAGES:
            return known
        return self._learnt(key, layout.body, strange, known)

    def _learnt(
        self, key: str, form: FormTemplate, pages: Sequence[StoredPage], known: tuple[BookPrint, ...]
    ) -> tuple[BookPrint, ...]:
        """The known prints and those that these pages tell besides, kept in the workspace."""
        layout = self.layouts[self.books[key]]
        chosen = [pages[index] for index in sorted(spread_evenly(len(pages))[:MAX_PAGES])]
        flying = [self.executor.submit(look_at_print, self._job(key, page)) for page in chosen]
        seen: list[tuple[StoredPage, PrintSeen]] = []
        for page, future in zip(chosen, flying, strict=True):
            try:
                told = future.result()
            except (TaskTimeout, WorkerDied):  # told when the page is read
                told = None
            if told is not None:
                seen.append((page, told))
            self.tell()
        prints = known
        for template, members in learn_prints(form, [told for _, told in seen]):
            pages_used = tuple(PageName(seen[n][0].sha256, seen[n][0].number) for n in members)
            prints = (*prints, BookPrint(len(prints) + 1, pages_used, template))
        if len(prints) > len(known):
            save_prints(self.store.folder, key, BookPrints(layout.name, layout.version, prints))
        return prints

    def _job(self, key: str, page: StoredPage) -> Job:
        where = self.books[key]
        layout = self.layouts[where]
        return Job(page.scan, Path(page.scan), page.sha256, page.number, where, layout.name, layout.version)
