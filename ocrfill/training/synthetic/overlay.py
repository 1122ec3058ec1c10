"""What else comes onto a page: seals and stamps over the writing, and print that has lost its ink."""

from __future__ import annotations

import cv2
import numpy as np

from ocrfill.document.page import Image
from ocrfill.layouts.fields import Signature
from ocrfill.training.synthetic.degradation import Side
from ocrfill.training.synthetic.field_slots import PageSize
from ocrfill.training.synthetic.filled_page import WrittenPage, is_notes
from ocrfill.training.synthetic.ink_layers import PageCanvas
from ocrfill.training.synthetic.marks import STAMPING_INK_COLOUR, seal, stamp
from ocrfill.training.synthetic.printed_form import PrintedForm

NOTE_STAMP_TEXTS = ("ĐĂNG KÝ LẠI", "ĐĂNG KÝ QUÁ HẠN")
NAME_STAMP_TEXTS = ("CHỦ TỊCH", "PHÓ CHỦ TỊCH", "TƯ PHÁP - HỘ TỊCH", "TM. ỦY BAN NHÂN DÂN")


def stamp_seals(page: WrittenPage, size: PageSize, fold: Side, share: float, rng: np.random.Generator) -> None:
    """Seals and stamps on a written page, each with the chance `share`; they are nobody's ink."""
    sheet = page.sheet
    across = size.mm(36)
    signed = [f.slot for f in page.fields if isinstance(f.spec.type, Signature) and not is_notes(f.spec)]
    notes = [f.slot for f in page.fields if is_notes(f.spec)]
    if rng.random() < share:  # half of a seam seal, over the edges of the leaves
        x = {"left": 0, "right": sheet.width, "middle": int(rng.choice([0, sheet.width]))}[fold]
        _stamp(sheet, seal(across, rng), x + rng.normal(0, 0.1) * across, rng.uniform(0.08, 0.92) * sheet.height)
    if signed and rng.random() < share * 0.6:
        box = signed[-1].strips[0].box
        _stamp(sheet, seal(across, rng), box.left + rng.uniform(-0.1, 0.5) * across, (box.top + box.bottom) / 2)
    if signed and rng.random() < share:
        box = signed[-1].strips[-1].box
        mask = stamp(str(rng.choice(NAME_STAMP_TEXTS)), size.mm(3.2), rng, framed=False)
        _stamp(sheet, mask, (box.left + box.right) / 2, box.bottom + rng.uniform(-0.3, 1.2) * size.mm(8))
    if notes and rng.random() < share * 0.25:
        box = notes[int(rng.integers(len(notes)))].strips[0].box
        mask = _narrowed(stamp(str(rng.choice(NOTE_STAMP_TEXTS)), size.mm(3.4), rng, framed=True), box.width)
        _stamp(sheet, mask, (box.left + box.right) / 2, box.top + rng.uniform(0.05, 0.4) * box.height)


def _narrowed(mask: Image, room: int) -> Image:
    scale = min(1.0, max(0.6, room * 1.15 / mask.shape[1]))
    return np.asarray(cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _stamp(sheet: PageCanvas, mask: Image, x: float, y: float) -> None:
    """A stamp with its middle at a place."""
    sheet.lay(mask, round(x - mask.shape[1] / 2), round(y - mask.shape[0] / 2), STAMPING_INK_COLOUR)


def worn_print(printed: PrintedForm, size: PageSize, worn: float, lost: float, rng: np.random.Generator) -> PrintedForm:
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
    return PrintedForm(np.asarray(cover, np.uint8), printed.labels)
