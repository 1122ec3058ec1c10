"""One page, written but not yet scanned: every field of its entries in its place, notes and signatures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocrfill.document.geometry import Box
from ocrfill.document.page import Strip
from ocrfill.layouts.fields import Date, Signature, Tick
from ocrfill.layouts.model import FieldSpec, Layout
from ocrfill.training.synthetic.facts.composed_entries import FieldWriting, SyntheticEntry
from ocrfill.training.synthetic.field_slots import FieldSlot
from ocrfill.training.synthetic.handwriting_layout import PageWriter, Writer, WrittenStrips
from ocrfill.training.synthetic.ink_layers import PageCanvas
from ocrfill.training.synthetic.marks import signature
from ocrfill.training.synthetic.printed_form import PrintedForm
from ocrfill.training.synthetic.writers import signing_ink

NOTE_TEXTS = ("Đăng ký lại", "Đăng ký quá hạn", "Đã cấp bản sao", "Cấp lại bản chính", "Có cải chính, xem mặt sau")
"""What clerks jot into the column for notes where the entry brings no note of its own."""

NOTES_SHARE = 0.15
SIGNED_SHARE = 0.96

PRINT_GREY_LEVEL = 30
"""How dark printer's ink is on fresh paper, in grey levels."""

NO_WRITING = FieldWriting("")


@dataclass(frozen=True, slots=True, eq=False)
class WrittenField:
    """A field as it came to stand on the page; the ink of its strip i is owned by `first` + i."""

    slot: FieldSlot
    spec: FieldSpec
    first: int
    written: WrittenStrips
    struck: bool


@dataclass(frozen=True, slots=True, eq=False)
class WrittenPage:
    """A page on its sheet, its fields in the order of records and layout, and the printed labels left on it."""

    sheet: PageCanvas
    fields: tuple[WrittenField, ...]
    labels: tuple[tuple[str, Box], ...]


def write_page(
    layout: Layout,
    printed: PrintedForm,
    slots: tuple[FieldSlot, ...],
    entries: tuple[SyntheticEntry, ...],
    *,
    clerk: Writer,
    rng: np.random.Generator,
) -> WrittenPage:
    """Write entries into a form, one a record from the top; records without an entry stay empty."""
    sheet = PageCanvas(printed.cover, PRINT_GREY_LEVEL)
    writer = PageWriter(sheet, clerk, rng)
    fields = []
    owner = 1
    for slot in slots:
        entry = entries[slot.record - 1] if slot.record <= len(entries) else None
        spec = layout.fields[slot.field]
        writing = entry.writings.get(slot.field, NO_WRITING) if entry else NO_WRITING
        written = _write_field(writer, slot, spec, writing, owner) if entry else _empty(slot)
        fields.append(WrittenField(slot, spec, owner, written, struck=bool(writing.crossed_out and spec.read)))
        owner += len(slot.strips)
    return WrittenPage(sheet, tuple(fields), printed.labels)


def _empty(slot: FieldSlot) -> WrittenStrips:
    return WrittenStrips(("",) * len(slot.strips), overflow=False)


def _write_field(
    writer: PageWriter, slot: FieldSlot, spec: FieldSpec, writing: FieldWriting, owner: int
) -> WrittenStrips:
    if isinstance(spec.type, Signature):
        if is_notes(spec):
            _write_notes(writer, slot, writing.text, owner)
        elif writer.rng.random() < SIGNED_SHARE:
            _sign(writer, slot, owner)
        return _empty(slot)
    if isinstance(spec.type, Tick):
        return writer.tick(slot, writing.text, owner)
    if isinstance(spec.type, Date) and spec.type.split:
        return writer.parts(slot, _parts(writing.text, len(slot.strips)), owner)
    if slot.kind == "area":
        return _write_freely(writer, slot, writing, owner)
    return writer.value(slot, writing.text, writing.crossed_out, owner)


def is_notes(spec: FieldSpec) -> bool:
    """Whether a field that is not read is the column for notes, not a signature."""
    return isinstance(spec.type, Signature) and spec.label.casefold().startswith("ghi chú")


def _parts(text: str, count: int) -> tuple[str, ...]:
    """Day, month and year of a date, the last part last; parts that are not written are ""."""
    parts = text.split("/") if text else []
    return ("",) * (count - len(parts)) + tuple(parts)


def _write_freely(writer: PageWriter, slot: FieldSlot, writing: FieldWriting, owner: int) -> WrittenStrips:
    """Write into a box without lines; all its ink belongs to the one strip."""
    sheet, box = writer.sheet, slot.strips[0].box
    free = PageCanvas(np.zeros((sheet.height, sheet.width), np.uint8), PRINT_GREY_LEVEL)
    lines = replace(slot, strips=_lines_in(box, slot.line))
    written = writer.on(free).value(lines, writing.text, writing.crossed_out, 1)
    around = box.grown(round(0.05 * sheet.width), round(0.02 * sheet.height)).clipped(sheet.width, sheet.height)
    rows, columns = slice(around.top, around.bottom), slice(around.left, around.right)
    light = cv2.multiply(sheet.light[rows, columns], free.light[rows, columns], scale=1 / 255)
    sheet.light[rows, columns] = light
    sheet.owner[rows, columns][free.owner[rows, columns] > 0] = owner
    return WrittenStrips((" ".join(t for t in written.texts if t),), written.overflow)


def _lines_in(box: Box, pitch: float) -> tuple[Strip, ...]:
    count = max(1, int(box.height / pitch))
    tops = [box.top + i * pitch for i in range(count)]
    return tuple(Strip(Box(box.left, round(y), box.right, round(y + pitch)), y + 0.75 * pitch) for y in tops)


def _write_notes(writer: PageWriter, slot: FieldSlot, text: str, owner: int) -> None:
    rng = writer.rng
    if not text and not writer.clerk.pen.limited and rng.random() < NOTES_SHARE:
        text = NOTE_TEXTS[int(rng.integers(len(NOTE_TEXTS)))]
    if not text:
        return
    if slot.kind == "area":
        box = slot.strips[0].box
        room = replace(box, top=box.top + round(box.height * rng.uniform(0, 0.5)))
        _write_freely(writer, replace(slot, strips=(replace(slot.strips[0], box=room),)), FieldWriting(text), owner)
    else:
        writer.value(slot, text, "", owner)


def _sign(writer: PageWriter, slot: FieldSlot, owner: int) -> None:
    """A signature about the middle of the field's room; in a table its ink belongs to the strip it lies on."""
    rng, clerk = writer.rng, writer.clerk
    boxes = [s.box for s in slot.strips]
    room = Box(boxes[0].left, boxes[0].top, boxes[-1].right, boxes[-1].bottom)
    width = min(room.width * rng.uniform(0.6, 0.95), clerk.pixels * rng.uniform(28, 48))
    height = min(room.height * rng.uniform(0.5, 0.8), width * rng.uniform(0.35, 0.6))
    mask = signature(width, height, clerk.thick * rng.uniform(0.7, 1.0), rng)
    left = round(room.left + (room.width - width) * rng.uniform(0.2, 0.8))
    top = round(room.top + (room.height - height) * rng.uniform(0.2, 0.8))
    colour = signing_ink(rng, clerk)
    rows = np.arange(mask.shape[0]) + top
    for i, strip in enumerate(slot.strips):
        first, last = i == 0, i == len(slot.strips) - 1
        here = ((rows >= strip.box.top) | first) & ((rows < strip.box.bottom) | last)
        writer.sheet.lay(np.where(here[:, None], mask, 0).astype(np.uint8), left, top, colour, owner + i)
