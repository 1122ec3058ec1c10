"""A drawn book: entries written into printed forms page by page, scanned with a damage, the truth beside each page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Image
from ocrfill.document.result import Reading
from ocrfill.document.template import TableTemplate
from ocrfill.document.warp import Warp
from ocrfill.errors import BadInput
from ocrfill.evaluation.ground_truth import FieldTruth, LabelTruth, PageTruth, RecordTruth, StripTruth, save_truth
from ocrfill.layouts.model import Layout
from ocrfill.training.synthetic.degradation import Side, page_warp
from ocrfill.training.synthetic.facts.composed_entries import SyntheticEntry, compose_book
from ocrfill.training.synthetic.field_slots import PageSize, slots_of
from ocrfill.training.synthetic.filled_page import WrittenField, WrittenPage, write_page
from ocrfill.training.synthetic.jpeg import encoded_jpeg
from ocrfill.training.synthetic.options import DrawingOptions, random_for
from ocrfill.training.synthetic.overlay import stamp_seals, worn_print
from ocrfill.training.synthetic.printed_form import print_form
from ocrfill.training.synthetic.reprint import reprint
from ocrfill.training.synthetic.scan_simulation import SheetPlacement, simulated_scan, warped_ink_map
from ocrfill.training.synthetic.writers import BookWriters

A4_AREA_MM2 = 210 * 297
"""Square millimetres; a damage's size of file is meant for a page this large."""

MAX_FIELDS = 255
"""An ink map has one byte a pixel."""


PNG_OPTIONS = (cv2.IMWRITE_PNG_COMPRESSION, 6, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE)
"""Ink maps are mostly empty: without filters they are smaller, and level 9 takes four times as long for 2 %."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPage:
    """A drawn page: the scan as a JPEG file, the same before it was packed, whose ink lies where, and the truth."""

    jpeg: bytes
    image: Image
    ink: Image
    truth: PageTruth


def draw_book(
    layout: Layout,
    book: Book,
    pages: int,
    seed: int,
    drawing: DrawingOptions,
    *,
    out: Path,
    progress: Callable[[int], None] | None = None,
    entries: tuple[SyntheticEntry, ...] | None = None,
) -> Path:
    """Draw a book's first pages into the folder `out`/KEY: image, truth and ink map of each; the folder is returned.

    The same arguments give the same bytes. `progress` is told each page's number when it is done. With `entries` these
    are drawn, on as many pages as they need.
    """
    folder = out / book.key
    folder.mkdir(parents=True, exist_ok=True)
    if entries is None:
        drawn = draw_pages(layout, book, pages, seed, drawing)
    else:
        drawn = draw_entries(layout, book, entries, seed, drawing)
    for page in drawn:
        stem = folder / Path(page.truth.image).stem
        stem.with_suffix(".jpg").write_bytes(page.jpeg)
        packed = cv2.imencode(".png", page.ink, PNG_OPTIONS)[1]
        stem.with_suffix(".ink.png").write_bytes(packed.tobytes())
        save_truth(page.truth, stem.with_suffix(".json"))
        if progress is not None:
            progress(page.truth.page)
    return folder


def draw_pages(layout: Layout, book: Book, pages: int, seed: int, drawing: DrawingOptions) -> Iterator[DrawnPage]:
    """The first pages of a book, one after another."""
    clerks = BookWriters(book, seed, drawing)
    entries = compose_book(layout, book, pages * layout.records_per_page, seed, clerks.vocabulary)
    yield from draw_entries(layout, book, entries, seed, drawing, clerks=clerks)


def draw_entries(
    layout: Layout,
    book: Book,
    entries: tuple[SyntheticEntry, ...],
    seed: int,
    drawing: DrawingOptions,
    *,
    clerks: BookWriters | None = None,
) -> Iterator[DrawnPage]:
    """Pages that hold the given entries. The two sides of a leaf are drawn together: each shows through the other."""
    clerks = clerks or BookWriters(book, seed, drawing)
    layout = reprint(layout, drawing.damage.reprint, random_for(book, seed, "printing"))
    size = PageSize.of(layout, drawing.dpi)
    slots = slots_of(layout, size)
    form = print_form(layout, size, random_for(book, seed, "form"))
    each = layout.records_per_page
    held = [entries[i : i + each] for i in range(0, len(entries), each)]
    for start in range(0, len(held), 2):
        leaf = []
        for number in range(start + 1, min(start + 2, len(held)) + 1):
            rng = random_for(book, seed, "page", number)
            printed = worn_print(form, size, drawing.damage.worn * rng.uniform(0.3, 1), drawing.damage.lost, rng)
            written = write_page(layout, printed, slots, held[number - 1], clerk=clerks.at(number), rng=rng)
            if drawing.damage.seals:
                stamp_seals(written, size, _fold(layout, number), drawing.damage.seals, rng)
            leaf.append(written)
        for i, page in enumerate(leaf):
            back = leaf[1 - i].sheet.light if len(leaf) == 2 else None
            yield _scan(layout, book, page, back, seed=seed, number=start + i + 1, drawing=drawing)


def _fold(layout: Layout, page: int) -> Side:
    if isinstance(layout.body, TableTemplate) and layout.body.gutter is not None:
        return "middle"
    return "left" if page % 2 else "right"


def _scan(
    layout: Layout,
    book: Book,
    page: WrittenPage,
    back: Image | None,
    *,
    seed: int,
    number: int,
    drawing: DrawingOptions,
) -> DrawnPage:
    rng = random_for(book, seed, "scan", number)
    width, height = page.sheet.width, page.sheet.height
    fold = _fold(layout, number)
    warp = page_warp(drawing.damage, width, height, fold, rng)
    lie = SheetPlacement.of(warp, width, height, fold)
    image = simulated_scan(page.sheet.light, back, lie, drawing, rng)
    owner = warped_ink_map(page.sheet.owner, lie)
    area = layout.paper.width * layout.paper.height / A4_AREA_MM2
    records, ink = _records(page, owner, warp)
    truth = PageTruth(
        image=f"{number:04d}.jpg",
        book=book.key,
        layout=layout.name,
        layout_version=layout.version,
        page=number,
        seed=seed,
        damage=drawing.damage.name,
        hand=drawing.hand,
        width=width,
        height=height,
        dpi=drawing.dpi,
        warp=warp,
        records=records,
        labels=tuple(LabelTruth(text, warp.polygon(box)) for text, box in page.labels),
    )
    return DrawnPage(encoded_jpeg(image, drawing.damage.kilobytes * area, drawing.dpi), image, ink, truth)


def _records(page: WrittenPage, owner: NDArray[np.uint16], warp: Warp) -> tuple[tuple[RecordTruth, ...], Image]:
    """The truth of every field, and the ink map: owners of strips become numbers of fields."""
    boxes = _ink_boxes(owner, sum(len(f.slot.strips) for f in page.fields))
    numbers = np.zeros(len(boxes) + 1, np.uint8)
    found: dict[int, list[FieldTruth]] = {}
    number = 0
    for field in page.fields:
        owners = range(field.first, field.first + len(field.slot.strips))
        has_ink = any(boxes[o - 1] is not None for o in owners)
        if has_ink:
            number += 1
            if number > MAX_FIELDS:
                raise BadInput(f"a page with more than {MAX_FIELDS} filled fields cannot be drawn: its ink map is full")
            numbers[owners.start : owners.stop] = number
        strips = tuple(
            StripTruth(text, warp.polygon(strip.box), boxes[o - 1])
            for text, strip, o in zip(field.written.texts, field.slot.strips, owners, strict=True)
        )
        found.setdefault(field.slot.record, []).append(_field(field, strips, number if has_ink else 0))
    records = tuple(RecordTruth(record, tuple(fields)) for record, fields in sorted(found.items()))
    return records, numbers[owner]


def _field(field: WrittenField, strips: tuple[StripTruth, ...], ink: int) -> FieldTruth:
    """The field's text joined and coded just as its type joins and codes readings."""
    kind = field.spec.type
    value = kind.parse(tuple(Reading(text, 1.0, "truth") for text in field.written.texts))
    return FieldTruth(
        name=field.slot.field,
        kind=kind.kind,
        text=value.raw,
        normalised=value.normalised,
        strips=strips,
        ink=ink,
        crossed_out=field.struck,
        overflow=field.written.overflow,
        unread=not field.spec.read,
    )


def _ink_boxes(owner: NDArray[np.uint16], count: int) -> list[tuple[int, int, int, int] | None]:
    """The bounds of each owner's ink, half open; None where it has none. Owner 1 comes first."""
    rows, columns = np.nonzero(owner)
    owners = owner[rows, columns]
    far = np.iinfo(np.int32).max
    low = np.full((count + 1, 2), far, np.int64)
    high = np.full((count + 1, 2), -1, np.int64)
    for axis, values in enumerate((columns, rows)):
        np.minimum.at(low[:, axis], owners, values)
        np.maximum.at(high[:, axis], owners, values)
    return [
        (int(low[o, 0]), int(low[o, 1]), int(high[o, 0]) + 1, int(high[o, 1]) + 1) if high[o, 0] >= 0 else None
        for o in range(1, count + 1)
    ]
