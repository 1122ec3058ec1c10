"""One page, written but not yet scanned: every field of its entries in its place, notes, signatures, seals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocrfill.fields import Date, Signature, Tick
from ocrfill.geometry import Box
from ocrfill.layouts.model import FieldSpec, Layout
from ocrfill.records import Image, Strip
from ocrfill.synth.clerks import signing_ink
from ocrfill.synth.entries import Entry
from ocrfill.synth.form import Printed
from ocrfill.synth.marks import RED, seal, signature, stamp
from ocrfill.synth.sheet import Sheet
from ocrfill.synth.slots import Size, Slot
from ocrfill.synth.writing import Clerk, Written, write_parts, write_tick, write_value

NOTES = ("Đăng ký lại", "Đăng ký quá hạn", "Đã cấp bản sao", "Cấp lại bản chính", "Có cải chính, xem mặt sau")
"""What clerks jot into the column for notes where the entry brings no note of its own."""

NOTES_SHARE = 0.15
SIGNED_SHARE = 0.96

STAMPS = ("ĐĂNG KÝ LẠI", "ĐĂNG KÝ QUÁ HẠN")
NAME_STAMPS = ("CHỦ TỊCH", "PHÓ CHỦ TỊCH", "TƯ PHÁP - HỘ TỊCH", "TM. ỦY BAN NHÂN DÂN")


@dataclass(frozen=True, slots=True, eq=False)
class WrittenField:
    """A field as it came to stand on the page; the ink of its strip i is owned by `first` + i."""

    slot: Slot
    spec: FieldSpec
    first: int
    written: Written
    struck: bool


@dataclass(frozen=True, slots=True, eq=False)
class WrittenPage:
    """A page on its sheet, its fields in the order of records and layout, and the printed labels left on it."""

    sheet: Sheet
    fields: tuple[WrittenField, ...]
    labels: tuple[tuple[str, Box], ...]


def write_page(
    layout: Layout,
    printed: Printed,
    slots: tuple[Slot, ...],
    entries: tuple[Entry, ...],
    clerk: Clerk,
    rng: np.random.Generator,
    black: int = 30,
) -> WrittenPage:
    """Write entries into a form, one a record from the top; records without an entry stay empty."""
    sheet = Sheet(printed.cover, black)
    fields = []
    owner = 1
    for slot in slots:
        entry = entries[slot.record - 1] if slot.record <= len(entries) else None
        spec = layout.fields[slot.field]
        field = _write_field(sheet, slot, spec, entry, clerk, owner, rng)
        owner += len(slot.strips)
        fields.append(field)
    return WrittenPage(sheet, tuple(fields), printed.labels)


def _write_field(
    sheet: Sheet,
    slot: Slot,
    spec: FieldSpec,
    entry: Entry | None,
    clerk: Clerk,
    owner: int,
    rng: np.random.Generator,
) -> WrittenField:
    nothing = Written(("",) * len(slot.strips), overflow=False)
    if entry is None:
        return WrittenField(slot, spec, owner, nothing, struck=False)
    writing = entry.writings.get(slot.field)
    text, struck = (writing.text, writing.crossed_out) if writing else ("", "")
    if isinstance(spec.type, Signature):
        if is_notes(slot, spec):
            _write_notes(sheet, slot, text, clerk, owner, rng)
        elif rng.random() < SIGNED_SHARE:
            _sign(sheet, slot, clerk, owner, rng)
        return WrittenField(slot, spec, owner, nothing, struck=False)
    if isinstance(spec.type, Tick):
        written = write_tick(sheet, slot, text, clerk, owner, rng)
    elif isinstance(spec.type, Date) and spec.type.split:
        written = write_parts(sheet, slot, _parts(text, len(slot.strips)), clerk, owner, rng)
    elif slot.kind == "area":
        written = _write_freely(sheet, slot, text, struck, clerk, owner, rng)
    else:
        written = write_value(sheet, slot, text, struck, clerk, owner, rng)
    return WrittenField(slot, spec, owner, written, struck=bool(struck))


def is_notes(slot: Slot, spec: FieldSpec) -> bool:
    """Whether a field that is not read is the column for notes, not a signature."""
    return isinstance(spec.type, Signature) and spec.label.casefold().startswith("ghi chú")


def _parts(text: str, count: int) -> tuple[str, ...]:
    """Day, month and year of a date, the last part last; parts that are not written are ""."""
    parts = text.split("/") if text else []
    return ("",) * (count - len(parts)) + tuple(parts)


def _write_freely(
    sheet: Sheet, slot: Slot, text: str, struck: str, clerk: Clerk, owner: int, rng: np.random.Generator
) -> Written:
    """Write into a box without lines; all its ink belongs to the one strip."""
    lines = _lines_in(slot.strips[0].box, slot.line)
    free = Sheet(np.zeros((sheet.height, sheet.width), np.uint8), 0)
    written = write_value(free, replace(slot, strips=lines), text, struck, clerk, 1, rng)
    _transfer(free, sheet, slot.strips[0].box, owner)
    return Written((" ".join(t for t in written.texts if t),), written.overflow)


def _lines_in(box: Box, pitch: float) -> tuple[Strip, ...]:
    count = max(1, int(box.height / pitch))
    return tuple(
        Strip(
            Box(box.left, round(box.top + i * pitch), box.right, round(box.top + (i + 1) * pitch)),
            box.top + (i + 0.75) * pitch,
        )
        for i in range(count)
    )


def _transfer(free: Sheet, sheet: Sheet, box: Box, owner: int) -> None:
    """Lay what was written on a free sheet about a box onto the page, all for one owner."""
    around = box.grown(round(0.05 * sheet.width), round(0.02 * sheet.height)).clipped(sheet.width, sheet.height)
    rows, columns = slice(around.top, around.bottom), slice(around.left, around.right)
    light = cv2.multiply(sheet.light[rows, columns], free.light[rows, columns], scale=1 / 255)
    sheet.light[rows, columns] = light
    sheet.owner[rows, columns][free.owner[rows, columns] > 0] = owner


def _write_notes(sheet: Sheet, slot: Slot, text: str, clerk: Clerk, owner: int, rng: np.random.Generator) -> None:
    if not text and rng.random() < NOTES_SHARE:
        text = NOTES[int(rng.integers(len(NOTES)))]
    if not text:
        return
    if slot.kind == "area":
        box = slot.strips[0].box
        down = round(box.height * rng.uniform(0, 0.5))
        room = Box(box.left, box.top + down, box.right, box.bottom)
        _write_freely(sheet, replace(slot, strips=(replace(slot.strips[0], box=room),)), text, "", clerk, owner, rng)
    else:
        write_value(sheet, slot, text, "", clerk, owner, rng)


def _sign(sheet: Sheet, slot: Slot, clerk: Clerk, owner: int, rng: np.random.Generator) -> None:
    """A signature about the middle of the field's room; in a table its ink belongs to the strip it lies on."""
    boxes = [s.box for s in slot.strips]
    room = Box(boxes[0].left, boxes[0].top, boxes[-1].right, boxes[-1].bottom)
    width = min(room.width * rng.uniform(0.6, 0.95), clerk.pixels * rng.uniform(28, 48))
    height = min(room.height * rng.uniform(0.5, 0.8), width * rng.uniform(0.35, 0.6))
    mask = signature(width, height, clerk.thick * rng.uniform(0.7, 1.0), rng)
    left = round(room.left + (room.width - width) * rng.uniform(0.2, 0.8))
    top = round(room.top + (room.height - height) * rng.uniform(0.2, 0.8))
    colour = signing_ink(rng, clerk)
    for i, strip in enumerate(slot.strips):
        part = mask.copy()
        rows = np.arange(mask.shape[0]) + top
        first, last = i == 0, i == len(slot.strips) - 1
        part[~((rows >= strip.box.top) | first) | ~((rows < strip.box.bottom) | last)] = 0
        sheet.lay(part, left, top, colour, owner + i)


def press_seals(page: WrittenPage, size: Size, fold: str, share: float, rng: np.random.Generator) -> None:
    """Seals and stamps on a written page, each with the chance `share`; they are nobody's ink."""
    sheet = page.sheet
    across = size.mm(36)
    signed = [f.slot for f in page.fields if isinstance(f.spec.type, Signature) and not is_notes(f.slot, f.spec)]
    notes = [f.slot for f in page.fields if is_notes(f.slot, f.spec)]
    if rng.random() < share:  # half of a seam seal, over the edges of the leaves
        x = {"left": 0, "right": sheet.width}.get(fold, int(rng.choice([0, sheet.width])))
        _stamp(sheet, seal(across, rng), x + rng.normal(0, 0.1) * across, rng.uniform(0.08, 0.92) * sheet.height)
    if signed and rng.random() < share * 0.6:
        box = signed[-1].strips[0].box
        _stamp(sheet, seal(across, rng), box.left + rng.uniform(-0.1, 0.5) * across, (box.top + box.bottom) / 2)
    if signed and rng.random() < share:
        box = signed[-1].strips[-1].box
        mask = stamp(str(rng.choice(NAME_STAMPS)), size.mm(3.2), rng, framed=False)
        _stamp(sheet, mask, (box.left + box.right) / 2, box.bottom + rng.uniform(-0.3, 1.2) * size.mm(8))
    if notes and rng.random() < share * 0.5:
        box = notes[int(rng.integers(len(notes)))].strips[0].box
        mask = _narrowed(stamp(str(rng.choice(STAMPS)), size.mm(3.4), rng, framed=True), box.width)
        _stamp(sheet, mask, (box.left + box.right) / 2, box.top + rng.uniform(0.05, 0.4) * box.height)


def _narrowed(mask: Image, room: int) -> Image:
    scale = min(1.0, room * 1.15 / mask.shape[1])
    return np.asarray(cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _stamp(sheet: Sheet, mask: Image, x: float, y: float) -> None:
    """A stamp with its middle at a place."""
    sheet.lay(mask, round(x - mask.shape[1] / 2), round(y - mask.shape[0] / 2), RED)


def worn_print(printed: Printed, size: Size, worn: float, lost: float, rng: np.random.Generator) -> Printed:
    """The form's print with ink gone in patches, and a share of its labels half gone."""
    if not (worn or lost):
        return printed
    small = (max(4, size.width // 160), max(4, size.height // 160))
    patches = 1 - worn * np.clip(rng.normal(0.5, 0.45, (small[1], small[0])), 0, 1)
    even = cv2.resize((patches * 255).astype(np.uint8), (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    cover = cv2.multiply(printed.cover, even, scale=1 / 255)
    for _, box in printed.labels:
        if rng.random() >= lost:
            continue
        spot = cover[box.top : box.bottom, box.left : box.right]
        if spot.size:
            holes = rng.uniform(0, 1, (max(2, box.height // 12), max(2, box.width // 12))).astype(np.float32)
            keep = np.clip((cv2.resize(holes, (spot.shape[1], spot.shape[0])) - 0.35) * 4, 0.05, 1)
            spot[:] = (spot * keep).astype(np.uint8)
    return Printed(np.asarray(cover, np.uint8), printed.labels)
