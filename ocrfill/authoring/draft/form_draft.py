"""The draft of a form: its marks on the common print put together as lines, gaps, boxes, places and fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ocrfill.authoring.draft.checkbox_fields import DraftCheckbox, find_checkbox_fields
from ocrfill.authoring.draft.checkboxes import find_checkboxes
from ocrfill.authoring.draft.common_print import CommonPrint
from ocrfill.authoring.draft.dotted_leaders.tracking import DottedLine, find_dotted
from ocrfill.authoring.draft.field_guessing import DraftField, FieldMaker, NamedGap, guess_fields
from ocrfill.authoring.draft.frame import RuledFrame, find_frame
from ocrfill.authoring.draft.label_lines import PrintedLabel, PrintLine, group_into_lines
from ocrfill.authoring.draft.label_vocabulary import bare_label, kind_of
from ocrfill.authoring.draft.printed_words import Run, find_runs, read_runs
from ocrfill.authoring.draft.signature_areas import (
    Ground,
    Heading,
    SignatureArea,
    find_headings,
    find_notes_area,
    find_signature_areas,
)
from ocrfill.authoring.draft.split_labels import split_runs
from ocrfill.document.geometry import Box
from ocrfill.document.page import Image
from ocrfill.layouts.model import Kind
from ocrfill.pipeline.locate.segmentation.crops import USUAL_PITCH_MM
from ocrfill.pipeline.recognition import Reader

MIN_DOTTED_LINES = 3
"""A form has at least so many dotted lines; what has fewer is a table."""


@dataclass(frozen=True, slots=True)
class FormPrint:
    """What is printed on a form: frame, dotted lines, boxes and words, in pixels of the common print."""

    frame: RuledFrame | None
    dotted: tuple[DottedLine, ...]
    boxes: tuple[Box, ...]
    runs: tuple[Run, ...]
    black: float


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A form's places and fields, in pixels of the common print; `sure` is how sure its kind is."""

    kind: Kind
    sure: float
    frame: RuledFrame | None
    lines: tuple[PrintLine, ...]
    placed: tuple[NamedGap, ...]
    ticks: tuple[DraftCheckbox, ...]
    places: tuple[SignatureArea, ...]
    fields: tuple[DraftField, ...]
    texts: tuple[str, ...]


def blackness(grey: Image) -> float:
    """How dark solid print is."""
    dark = 255 - grey
    ink = dark[dark > 100]
    return float(np.percentile(ink, 75)) if len(ink) > 200 else 150.0


def find_form_print(common: CommonPrint, make_reader: Callable[[], Reader]) -> FormPrint:
    """Everything printed on a form, read; the reader is made where there are words."""
    grey, dpi = common.grey, common.dpi
    black = blackness(grey)
    frame = find_frame(grey, black, dpi)
    dotted = find_dotted(grey, black, dpi)
    boxes = find_checkboxes(grey, black, dpi)
    runs = find_runs(grey, black, dpi, dotted, boxes)
    if any(not run.dash for run in runs):
        reader = make_reader()
        runs = read_runs(runs, grey, black, reader)
        if len(dotted) >= MIN_DOTTED_LINES:  # else it is a table, and nothing stands on dots
            runs, more = split_runs(runs, grey, black, dpi, reader)
            dotted = tuple(sorted((*dotted, *more), key=lambda line: (line.base, line.left)))
    return FormPrint(frame, dotted, boxes, runs, black)


def draft_form(marks: FormPrint, mm: float, height: float, kind: Kind | None) -> FormDraft:
    """The draft of a form from what is printed on it; `kind` where it is known, `mm` pixels a millimetre."""
    texts = tuple(run.text for run in marks.runs)
    told, sure = kind_of(texts)
    maker = FieldMaker(kind or told or "KS")
    ticks, used = find_checkbox_fields(marks.boxes, marks.runs, maker, mm)
    words = [run for run in marks.runs if run not in used and (run.dash or bare_label(run.text))]
    regions = group_into_lines(words, marks.dotted, marks.frame, mm)
    ground = Ground(marks.frame, marks.frame.bottom if marks.frame else height, mm)
    placed: list[NamedGap] = []
    places: list[SignatureArea] = []
    for region, lines in regions.items():
        done, room = _region(region, lines, ground, maker, _pitch(marks.dotted, mm))
        placed += done
        places += room
    every = [*(line for lines in regions.values() for line in lines), *(_word_line(run) for run in used)]
    every.sort(key=lambda line: line.base)
    return FormDraft(
        maker.kind, 1.0 if kind else sure, marks.frame, tuple(every), tuple(placed), tuple(ticks), tuple(places),
        tuple(maker.fields.values()), texts,
    )  # fmt: skip


def _region(
    region: int, lines: Sequence[PrintLine], ground: Ground, maker: FieldMaker, pitch: float
) -> tuple[list[NamedGap], list[SignatureArea]]:
    """The fields of one part of the form."""
    places: list[SignatureArea] = []
    headings: list[Heading] = []
    taken: set[PrintedLabel] = set()
    if region:
        if ground.frame is not None and region > 1:
            found = find_notes_area(lines, ground.frame.verticals[region - 2], ground.frame, maker, ground.mm)
            if found is not None:
                places.append(found[0])
                taken.add(found[1])
        headings = [h for h in find_headings(lines, ground) if not taken.intersection(h.words)]
        taken.update(word for heading in headings for word in heading.words)
    placed = guess_fields(lines, maker, pitch, taken)
    signed, names = find_signature_areas(headings, lines, placed, maker, ground)
    return [*placed, *names], [*places, *signed]


def _pitch(dotted: Sequence[DottedLine], mm: float) -> float:
    bases = np.unique(np.round([line.base for line in dotted]))
    steps = np.diff(bases)
    steps = steps[steps > 3 * mm]
    return float(np.median(steps)) if len(steps) > 3 else USUAL_PITCH_MM * mm


def _word_line(run: Run) -> PrintLine:
    """Words beside a box to tick, as a line of their own."""
    words = PrintedLabel(run.text, run.box.left, run.box.right, run.box.top, run.base, run.score, known=True)
    return PrintLine(run.base, (words,))
