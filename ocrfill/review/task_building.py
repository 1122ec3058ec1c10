"""From the planned tasks of a batch to the tasks themselves: with pictures, options and marks, as last read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ocrfill.document.correction import Correction, FieldPlace, Purpose
from ocrfill.document.result import Field, PageResult, Record
from ocrfill.document.settlement import corrections_by_field
from ocrfill.export import Originals, short_names
from ocrfill.layouts import Layout
from ocrfill.review.field_view import frames_of, marks_of, options_of, whole_list
from ocrfill.review.page_images import BookPictures, PictureSource
from ocrfill.review.tasks import DoubtedField, PagePicture, task_of
from ocrfill.review.translations import SCREEN_TEXTS, Language
from ocrfill.store import ReviewTask, StoredPage

Read = tuple[StoredPage, PageResult, Record, Field]


def kinds_of(pages: Iterable[StoredPage]) -> dict[FieldPlace, str]:
    """The kind of every field that was read."""
    return {place: read[3].kind for place, read in _fields(pages).items()}


def _fields(pages: Iterable[StoredPage]) -> dict[FieldPlace, Read]:
    return {
        FieldPlace(page.sha256, page.number, record.number, field.name): (page, page.result, record, field)
        for page in pages
        if page.result is not None
        for record in page.result.records
        for field in record.fields
    }


class TaskMaker:
    """Makes the tasks of a book's batches."""

    def __init__(
        self, layout: Layout, pages: Sequence[StoredPage], corrections: Iterable[Correction], language: Language
    ) -> None:
        self._layout = layout
        self._fields = _fields(pages)
        self._said = corrections_by_field(corrections)
        self._words = SCREEN_TEXTS[language]
        self._names = short_names(page.scan for page in pages)
        self._several = {page.scan for page in pages if page.number > 1}
        self._originals = Originals()

    def bodies(self, tasks: Sequence[ReviewTask], pictures: BookPictures) -> dict[int, dict[str, Any]]:
        """The tasks by position. A field that the book no longer has (its scan was replaced) is left out."""
        there = [(task, self._fields[task.place]) for task in tasks if task.place in self._fields]
        pages = {(page.sha256, page.number): (page, result) for _, (page, result, _, _) in there}
        shown = pictures.of(
            (scan, result, self._source(page))
            for (scan, _), (page, result) in sorted(pages.items(), key=lambda item: item[0])
        )
        return {task.position: self._body(task, read, shown) for task, read in there}

    def _source(self, page: StoredPage) -> PictureSource:
        return PictureSource(partial(self._originals.jpeg, page), partial(self._originals.page, page))

    def _body(self, task: ReviewTask, read: Read, shown: Mapping[tuple[str, int], PagePicture]) -> dict[str, Any]:
        page, result, record, field = read
        spec = self._layout.fields.get(field.name)
        others = self._others(task)
        doubt = DoubtedField(
            key=str(task.position),
            label=self._layout.full_label(field.name) if spec else field.label,
            page_name=self._names[page.scan] + (f":{page.number}" if page.scan in self._several else ""),
            record=record.number if len(result.records) > 1 else None,
            prefilled=task.prefilled,
            marks=marks_of(task.prefilled, field.readings),
            options=options_of(field, spec.type, others) if spec else others,
            closed=bool(spec and whole_list(spec.type)),
            issues=field.issues,
            frames=frames_of(field, result),
        )
        return task_of(doubt, shown[page.sha256, page.number], self._words)

    def _others(self, task: ReviewTask) -> tuple[str, ...]:
        """For a checker what persons entered; a second person must not see what the first one did."""
        if task.purpose is not Purpose.CHECK:
            return ()
        return tuple(c.entered for c in self._said.get(task.place, ()) if c.entered)
