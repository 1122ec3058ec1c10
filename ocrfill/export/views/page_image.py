"""A page as a picture: its fields outlined in the colour of their decision, what was read in a margin beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from ocrfill.document.page import Image, Page
from ocrfill.document.result import Decision, Field, PageResult
from ocrfill.export.views.decision_style import DECISION_STYLES, STAGE_TEXTS, WARNING_COLOUR, percent
from ocrfill.export.views.font import lettering, wrapped
from ocrfill.export.views.upright_page import UprightPage, upright_picture

MAX_PAGE_HEIGHT_PX = 2200
"""Greatest height of the page in the picture, in pixels: an A4 page of 300 dpi shrinks to about 190."""

MIN_PICTURE_HEIGHT_PX = 900
"""Height of the picture for a small page: the margin's text needs it."""

BAR_HEIGHT_PX, COLUMN_WIDTH_PX, PADDING_PX = 64, 660, 16
"""Height of the bar above, width of a column of text and the space around it, in pixels."""

LABEL_HEIGHT_PX, VALUE_HEIGHT_PX = 18, 23
"""Height of labels and of values, in pixels."""

TEXT_COLOUR, FAINT_TEXT_COLOUR, PAPER_COLOUR, RULE_COLOUR = (
    (28, 32, 38),
    (96, 102, 112),
    (250, 250, 248),
    (218, 220, 224),
)

FILL_OPACITY_SHARE = 0.16
"""How strongly a strip's outline is filled: enough to see, little enough to read the writing under it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Note:
    """A field's text in the margin: its number, the upper left and lower edge of its first strip, and its lines."""

    number: int
    field: Field
    record: int
    first: tuple[float, float]
    low: float
    label: str
    value: tuple[str, ...]
    issues: tuple[str, ...]

    @property
    def height(self) -> int:
        return 4 + (VALUE_HEIGHT_PX + 3) * len(self.value) + (LABEL_HEIGHT_PX + 3) * len(self.issues)


def draw_page(page: Page, result: PageResult, labels: Mapping[str, str] | None = None) -> Image:
    """The scan page, upright, with all its fields; blue-green-red. A failed page says where and why it failed.

    `labels` are fuller labels by field name, where those on the form do not tell enough: "Dân tộc (mẹ)".
    Raises BadInput where the scan is not the one that was read.
    """
    sheet = upright_picture(page, result, MAX_PAGE_HEIGHT_PX)
    notes = _numbered(result, sheet, labels or {})
    columns = _columns(notes, max(sheet.image.shape[0], MIN_PICTURE_HEIGHT_PX))
    height = max(sheet.image.shape[0], MIN_PICTURE_HEIGHT_PX)
    width = sheet.image.shape[1] + COLUMN_WIDTH_PX * max(1, len(columns))
    picture = Pictures.new("RGB", (width, height + BAR_HEIGHT_PX), PAPER_COLOUR)
    picture.paste(Pictures.fromarray(_outlined(sheet, result)[:, :, ::-1]), (0, BAR_HEIGHT_PX))
    draw = ImageDraw.Draw(picture)
    _draw_bar(draw, width, result)
    for note in notes:
        _draw_tag(draw, note)
    left = sheet.image.shape[1]
    if result.failure is not None:
        _draw_failure(draw, left, result.failure.stage, result.failure.reason)
    for i, column in enumerate(columns):
        _draw_column(draw, left + i * COLUMN_WIDTH_PX, column)
    return np.asarray(picture, dtype=np.uint8)[:, :, ::-1].copy()


def _outlined(sheet: UprightPage, result: PageResult) -> Image:
    """The page with each strip filled lightly and outlined; a strip with an issue gets a second, red line."""
    veil = sheet.image.copy()
    fields = [f for record in result.records for f in record.fields]
    strips = [(f, _corners(sheet, s)) for f in fields for s in f.strips]
    for field, corners in strips:
        cv2.fillPoly(veil, [corners], DECISION_STYLES[field.decision].colour[::-1])
    image = np.asarray(
        cv2.addWeighted(veil, FILL_OPACITY_SHARE, sheet.image, 1 - FILL_OPACITY_SHARE, 0), dtype=np.uint8
    )
    for field, corners in strips:
        cv2.polylines(image, [corners], True, DECISION_STYLES[field.decision].colour[::-1], 2, cv2.LINE_AA)  # noqa: FBT003
    for field, corners in strips:
        if field.issues:
            left, right = corners[:, 0].min(), corners[:, 0].max()
            bottom = int(corners[:, 1].max()) + 4
            cv2.line(image, (int(left), bottom), (int(right), bottom), WARNING_COLOUR[::-1], 3)
    return image


def _corners(
    sheet: UprightPage, strip: tuple[tuple[float, float], ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.rint(sheet.place(strip)).astype(np.int32)


def _numbered(result: PageResult, sheet: UprightPage, labels: Mapping[str, str]) -> tuple[_Note, ...]:
    """The fields with a place, record by record in the order of the page, numbered from 1."""
    notes: list[_Note] = []
    for record in result.records:
        placed = [(f, tuple(sheet.place(f.strips[0]).min(axis=0))) for f in record.fields if f.strips]
        for field, first in _in_lines(placed, sheet.image.shape[0] * 0.008):
            low = float(sheet.place(field.strips[0])[:, 1].max())
            label = labels.get(field.name, field.label)
            value, issues = _texts(field, label)
            notes.append(_Note(len(notes) + 1, field, record.number, first, low, label, value, issues))
    return tuple(notes)


def _in_lines(
    placed: Sequence[tuple[Field, tuple[float, float]]], slack: float
) -> Iterator[tuple[Field, tuple[float, float]]]:
    """From top to bottom, and from left to right among those whose heights differ by less than `slack`."""
    line: list[tuple[Field, tuple[float, float]]] = []
    for item in sorted(placed, key=lambda p: p[1][1]):
        if line and item[1][1] - line[0][1][1] > slack:
            yield from sorted(line, key=lambda p: p[1][0])
            line = []
        line.append(item)
    yield from sorted(line, key=lambda p: p[1][0])


def _texts(field: Field, label: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of a field's value (the first stands beside its label) and those of its issues."""
    room = COLUMN_WIDTH_PX - 2 * PADDING_PX - 34
    beside = room - lettering(LABEL_HEIGHT_PX).getlength(f"{label}: ")
    value = wrapped(
        _value(field), lettering(VALUE_HEIGHT_PX), room, beside - lettering(LABEL_HEIGHT_PX).getlength("100 % ")
    )
    issues = tuple(
        line for issue in field.issues for line in wrapped(f"! {issue.text}", lettering(LABEL_HEIGHT_PX), room)
    )
    return value, issues


def _value(field: Field) -> str:
    if field.decision is Decision.NOT_READ or (field.decision is Decision.EMPTY and not field.raw):
        return DECISION_STYLES[field.decision].name.lower()
    if field.normalised is not None and field.normalised != field.raw:
        return f"{field.raw} ({field.normalised})"
    return field.raw


def _columns(notes: Sequence[_Note], height: int) -> tuple[tuple[tuple[_Note, int], ...], ...]:
    """Each note with the height of its upper edge, in as many columns as are needed.

    In one column a note stands level with its writing where there is room, further down where there is not; notes
    that do not fit into one column follow one another.
    """
    column: list[tuple[_Note, int]] = []
    below = 0
    for note in notes:
        top = max(below, int(note.first[1]))
        column.append((note, top))
        below = top + note.height + 4
    if below <= height:
        return (tuple(column),) if column else ()
    columns: list[tuple[tuple[_Note, int], ...]] = []
    column, below = [], 0
    for note in notes:
        if below + note.height > height:
            columns.append(tuple(column))
            column, below = [], 0
        column.append((note, below))
        below += note.height + 4
    return (*columns, tuple(column))


def _draw_bar(draw: ImageDraw.ImageDraw, width: int, result: PageResult) -> None:
    draw.rectangle((0, 0, width, BAR_HEIGHT_PX - 1), fill=(255, 255, 255))
    draw.line((0, BAR_HEIGHT_PX - 1, width, BAR_HEIGHT_PX - 1), fill=RULE_COLOUR, width=2)
    fields = [f for record in result.records for f in record.fields]
    x = PADDING_PX
    for decision, look in DECISION_STYLES.items():
        text = f"{look.name}: {sum(f.decision is decision for f in fields)}"
        draw.rounded_rectangle((x, 20, x + 24, 44), 5, fill=look.colour)
        draw.text((x + 34, 32), text, TEXT_COLOUR, lettering(24), anchor="lm")
        x += 34 + int(lettering(24).getlength(text)) + 34
    text = f"Có vấn đề: {sum(bool(f.issues) for f in fields)}"
    draw.line((x, 32, x + 24, 32), fill=WARNING_COLOUR, width=4)
    draw.text((x + 34, 32), text, WARNING_COLOUR, lettering(24), anchor="lm")
    x += 34 + int(lettering(24).getlength(text)) + 34
    about = f"trang {result.page} • mẫu {result.layout} • độ khớp {percent(result.fit)}"
    if x + lettering(22).getlength(about) + PADDING_PX < width:
        draw.text((width - PADDING_PX, 32), about, FAINT_TEXT_COLOUR, lettering(22), anchor="rm")


def _draw_tag(draw: ImageDraw.ImageDraw, note: _Note) -> None:
    """The field's number on the page, before its writing: there it hides the end of a printed label, no handwriting."""
    _number(draw, note.first[0] - 11, (note.first[1] + note.low) / 2 + BAR_HEIGHT_PX, note)


def _number(draw: ImageDraw.ImageDraw, x: float, y: float, note: _Note) -> None:
    font = lettering(16)
    half = max(11.0, font.getlength(str(note.number)) / 2 + 5)
    draw.rounded_rectangle((x - half, y - 11, x + half, y + 11), 7, fill=DECISION_STYLES[note.field.decision].colour)
    draw.text((x, y), str(note.number), (255, 255, 255), font, anchor="mm")


def _draw_column(draw: ImageDraw.ImageDraw, left: int, column: Sequence[tuple[_Note, int]]) -> None:
    previous: int | None = None
    for note, upper in column:
        top = upper + BAR_HEIGHT_PX
        if previous is not None and note.record != previous:
            draw.line(
                (left + PADDING_PX, top - 3, left + COLUMN_WIDTH_PX - PADDING_PX, top - 3),
                fill=FAINT_TEXT_COLOUR,
                width=2,
            )
        previous = note.record
        _draw_note(draw, left + PADDING_PX, top, note)


def _draw_note(draw: ImageDraw.ImageDraw, left: int, top: int, note: _Note) -> None:
    field, look = note.field, DECISION_STYLES[note.field.decision]
    _number(draw, left + 12, top + VALUE_HEIGHT_PX / 2 + 2, note)
    x = left + 34
    base = top + VALUE_HEIGHT_PX
    draw.text((x, base), f"{note.label}: ", FAINT_TEXT_COLOUR, lettering(LABEL_HEIGHT_PX), anchor="ls")
    beside = x + lettering(LABEL_HEIGHT_PX).getlength(f"{note.label}: ")
    read = field.decision in (Decision.REVIEW, Decision.ACCEPT)
    for i, line in enumerate(note.value):
        place = (beside if i == 0 else x, base + i * (VALUE_HEIGHT_PX + 3))
        draw.text(
            place,
            line,
            TEXT_COLOUR if read else FAINT_TEXT_COLOUR,
            lettering(VALUE_HEIGHT_PX if read else LABEL_HEIGHT_PX),
            anchor="ls",
        )
    if read:
        right = left + COLUMN_WIDTH_PX - 2 * PADDING_PX
        draw.text((right, base), percent(field.probability), look.colour, lettering(LABEL_HEIGHT_PX), anchor="rs")
    base += (len(note.value) - 1) * (VALUE_HEIGHT_PX + 3)
    for i, line in enumerate(note.issues, 1):
        draw.text((x, base + i * (LABEL_HEIGHT_PX + 3)), line, WARNING_COLOUR, lettering(LABEL_HEIGHT_PX), anchor="ls")


def _draw_failure(draw: ImageDraw.ImageDraw, left: int, stage: str, reason: str) -> None:
    draw.text(
        (left + PADDING_PX, BAR_HEIGHT_PX + 40),
        f"Không đọc được trang: {STAGE_TEXTS.get(stage, stage)}",
        WARNING_COLOUR,
        lettering(26),
    )
    for i, line in enumerate(wrapped(reason, lettering(VALUE_HEIGHT_PX), COLUMN_WIDTH_PX - 2 * PADDING_PX)):
        draw.text(
            (left + PADDING_PX, BAR_HEIGHT_PX + 84 + i * (VALUE_HEIGHT_PX + 6)),
            line,
            TEXT_COLOUR,
            lettering(VALUE_HEIGHT_PX),
        )
