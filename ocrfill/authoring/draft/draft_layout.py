"""From filled pages of one form to the text of a layout file: straightened, laid together, read, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np

from ocrfill.authoring.draft.common_print import CommonPrint, common_print
from ocrfill.authoring.draft.form_draft import MIN_DOTTED_LINES, FormPrint, draft_form, find_form_print
from ocrfill.authoring.draft.label_vocabulary import mended_label
from ocrfill.authoring.draft.register_pages import SampleSheet, sample_sheet
from ocrfill.authoring.draft.table_draft import draft_table_form
from ocrfill.authoring.draft.table_skeleton import table_of
from ocrfill.authoring.draft.write_yaml import form_yaml, table_yaml
from ocrfill.document.page import Floats, Image, Page
from ocrfill.errors import BadInput
from ocrfill.layouts.model import Kind
from ocrfill.pipeline.locate.tables.line_tracing import Ridges, ridges_of
from ocrfill.pipeline.preprocess import is_blank, straighten
from ocrfill.pipeline.recognition import Reader
from ocrfill.pipeline.reduced_page import reduced_size

Step = Callable[[str], None]
"""Told what was done, once for each page straightened and each page laid on the others, and once for the reading."""

OTHER_FORM = "it is of another form than most, or too bent to be laid on them"

MIN_KNOWN_LABELS = 3
"""Print in which not so many known labels are read may lie on its side or upside down."""


@dataclass(frozen=True, slots=True)
class LayoutDraft:
    """A drafted layout: the text of its file, what it is in a few words, which pages it is of, and of each page left
    out why.
    """

    text: str
    what: str
    used: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int, str], ...]

    @property
    def checks(self) -> int:
        """How many places of the file a person must look at."""
        return self.text.count("# CHECK:")


def draft_layout(
    pages: Iterable[Page],
    name: str,
    make_reader: Callable[[], Reader],
    kind: Kind | None = None,
    tell: Step | None = None,
) -> LayoutDraft:
    """The draft of the form that most of the pages are of.

    Raises BadInput where there is nothing to draft, MissingProgram from `make_reader`, which is called where there are
    words to read.
    """
    told = tell or _silent
    sheets: list[SampleSheet] = []
    left_out: list[tuple[str, int, str]] = []
    for page in pages:
        if is_blank(page):
            left_out.append((page.source, page.number, "it is blank"))
        else:
            sheets.append(sample_sheet(straighten(page)))
        told("page")
    if not sheets:
        raise BadInput("all pages are blank: give pages of the form that are filled in")
    common = common_print(sheets, lambda _: told("laid"))
    left_out += [(sheets[i].source, sheets[i].number, OTHER_FORM) for i in common.left_out]
    used = tuple((one.sheet.source, one.sheet.number) for one in common.laid)
    pages_said = f"{len(used)} page{'s' * (len(used) > 1)}"
    text, what = _drafted(common, name, make_reader, kind, pages_said)
    told("read")
    return LayoutDraft(text, what, used, tuple(left_out))


def _drafted(
    common: CommonPrint, name: str, make_reader: Callable[[], Reader], kind: Kind | None, pages: str
) -> tuple[str, str]:
    marks = find_form_print(common, make_reader)
    if len(marks.dotted) < MIN_DOTTED_LINES:
        table = draft_table_form(common, table_of(_ridges(common)), make_reader, kind)
        size = (common.grey.shape[1], common.grey.shape[0])
        rows, columns = len(table.table.levels) - 1, len(table.table.written_columns())
        text = table_yaml(table, name, size, common.dpi / 25.4, pages)
        return text, f"a table of kind {table.kind}, {rows} rows by {columns} columns, {len(table.fields)} fields"
    common, marks = _upright(common, marks, make_reader)
    height, width = common.grey.shape
    mm = common.dpi / 25.4
    form = draft_form(marks, mm, height, kind)
    text = form_yaml(form, name, (width, height), mm, pages)
    return text, f"a form of kind {form.kind}, {len(form.fields)} fields"


def _upright(common: CommonPrint, marks: FormPrint, make_reader: Callable[[], Reader]) -> tuple[CommonPrint, FormPrint]:
    """The print the way up in which it can be read."""
    best = (_known(marks), common, marks)
    if best[0] >= MIN_KNOWN_LABELS:
        return common, marks
    for quarter in (2, 1, 3):
        turned = replace(common, grey=cast(Image, np.ascontiguousarray(np.rot90(common.grey, quarter))))
        tried = find_form_print(turned, make_reader)
        best = max(best, (_known(tried), turned, tried), key=lambda found: found[0])
    return best[1], best[2]


def _known(marks: FormPrint) -> int:
    return sum(mended_label(run.text)[1] for run in marks.runs if not run.dash)


def _ridges(common: CommonPrint) -> Ridges:
    width, height = reduced_size(common.grey.shape[1], common.grey.shape[0], common.dpi)
    small = cv2.resize(common.grey, (width, height), interpolation=cv2.INTER_AREA)
    ink = cast(Floats, 1 - small.astype(np.float32) / np.float32(255))
    return ridges_of(ink, common.grey.shape[1] / width)


def _silent(step: str) -> None:
    """Where nobody wants to know."""
