"""From a fit to strips: the box of each line of writing on the page itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.geometry import Box
from ocrfill.document.page import FieldBox, Strip
from ocrfill.document.template import Checkbox, FormLine, FormTemplate, Gap
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.form import FormFit, label_stretches, usual_pitch
from ocrfill.pipeline.locate.registration.printed_labels import FoundLabel, FoundLabels, neighbours

ABOVE_BASE_PITCHES, BELOW_BASE_PITCHES = 0.95, 0.42
"""How far a strip reaches above and below its base line, in usual line distances: capitals with tone marks above,
long tails below. Strips of neighbouring lines overlap; `crops` shares the ink out between them."""

BESIDE_DOTS_WIDTH_SHARE = 0.006
"""How far a strip reaches beyond both ends of its dots, as a share of the page's width."""

RIGHT_ROOM_WIDTH_SHARE = 0.008
"""How much farther a strip reaches at its right, as a share of the page's width: room for a letter that begins within
it and ends beyond; `crops` leaves out what begins there."""

LEFT_ROOM_WIDTH_SHARE = 0.004
"""How much farther a strip reaches at its left than its label leaves room, as a share of the page's width: writing
begins a little before its dots. `crops` leaves out print."""

LABEL_SPACE_PX = 0.5
"""Between a label's ink and writing beside it lies at least so much, in pixels of the reduced page."""

DOT_BLUR_PX = 0.5
"""Dots smoothed into a line seem to begin so many pixels of the reduced page too early; a pixel of it is left to
writing that begins before them."""

AROUND_CHECKBOX_SHARE = 0.45
"""How far a tick's strip reaches beyond its printed square, as a share of its side: ticks do; `crops` takes the
square's edges away."""

MAX_WORD_GAP_PITCHES = 0.7
"""Writing that runs on beyond its dots may leave so much room between its words, in line distances."""

MAX_LETTER_GAP_PITCHES, MAX_WORD_BEYOND_PITCHES = 0.3, 1.2
"""A word that runs into a tick's square has at most so much room between its letters and goes at most so far on, in
line distances."""

MIN_WRITING_DARKNESS = 0.15
"""Darkness of a column of the reduced page that holds writing."""


def form_boxes(
    evidence: PageFeatures, template: FormTemplate, fit: FormFit, labels: FoundLabels, size: tuple[int, int]
) -> tuple[FieldBox, ...]:
    """The strips of every field, fields in the template's order; where `labels` stand beside them, from ink to ink.

    `size` is the page's width and height in pixels.
    """
    width, height = size
    scale = evidence.scale
    pitch = usual_pitch(template) * fit.down.size
    written = _written(evidence)
    strips: dict[str, list[Strip]] = {name: [] for name in template.field_names()}
    for index, line in enumerate(template.lines):
        base = fit.line_y(template, index)
        for gap in line.gaps:
            room = _room(template, line, gap)
            limits = (fit.line_x(index, room[0]) + DOT_BLUR_PX, fit.line_x(index, room[1]), fit.line_x(index, room[2]))
            ends = (fit.line_x(index, gap.x[0]) + DOT_BLUR_PX, fit.line_x(index, gap.x[1]))
            before, after = (labels.get((index, number)) for number in neighbours(line, gap))
            moved = 0.0 if after is None else after.x - fit.line_x(index, after.label.x)
            ends, limits = _between_labels((ends[0], ends[1] + moved), limits, before, after)
            left, right = _run_on(written, base, pitch, ends, limits)
            sides = (left, base - ABOVE_BASE_PITCHES * pitch, right, base + BELOW_BASE_PITCHES * pitch)
            box = _box([(v + 0.5) * scale - 0.5 for v in sides], width, height)
            strips[gap.field].append(Strip(box, (base + 0.5) * scale - 0.5))
    for tick in template.ticks:
        across, down = _label_moved(template, fit, labels, tick)
        sides = _placed(tick.box, template, fit, scale)
        left, top, right, bottom = (v + scale * by for v, by in zip(sides, (across, down) * 2, strict=True))
        edge = AROUND_CHECKBOX_SHARE * (right - left)
        outer = (left - edge, top - edge, right + edge, bottom + edge)
        strips[tick.field].append(Strip(_box(outer, width, height), bottom + edge))
    for area in template.areas:
        sides = _placed(area.box, template, fit, scale)
        strips[area.field].append(Strip(_box(sides, width, height), sides[3]))
    return tuple(FieldBox(1, name, tuple(found)) for name, found in strips.items())


def _written(evidence: PageFeatures) -> NDArray[np.bool_]:
    """Where the reduced page is dark, upright rules left out."""
    rules = cv2.dilate((evidence.upright > 0.3).astype(np.uint8), np.ones((3, 5), np.uint8)) > 0
    return (evidence.ink > MIN_WRITING_DARKNESS) & ~rules


def _room(template: FormTemplate, line: FormLine, gap: Gap) -> tuple[float, float, float]:
    """How far a strip may reach beyond its gap to both sides: to the next print at its height, or the frame. The last
    is how far a word may that runs into what is at the right: farther where that is a tick's square.

    A label before the gap ends where the gap begins, whatever its width.
    """
    frame, near = template.frame, 0.8 * usual_pitch(template)
    left, right = (0.0, 1.0) if frame is None else (frame.left, frame.right)
    beside = [other for other in template.lines if abs(other.y - line.y) < near]
    prints = [p for other in beside for p in label_stretches(other)] + [g.x for g in line.gaps if g is not gap]
    ticks = [t.box for t in template.ticks if t.box[1] < line.y and t.box[3] > line.y - 0.6 * near]
    squares = [(box[0] - 0.4 * (box[2] - box[0]), box[2]) for box in ticks]
    left = max([left, *(end for _, end in prints + squares if end <= gap.x[0] + 1e-6)])
    farthest = min([right, *(start for start, _ in prints if start >= gap.x[1] - 1e-6)])
    right = min([farthest, *(start for start, _ in squares if start >= gap.x[1] - 1e-6)])
    if any(label.x < gap.x[0] for label in line.labels):
        starts = [label.x for label in line.labels if label.x < gap.x[0]]
        between = [g for g in line.gaps if max(starts) < g.x[0] < gap.x[0]]
        left = left if between else gap.x[0]
    return min(left, gap.x[0]), max(right, gap.x[1]), max(farthest, gap.x[1])


def _between_labels(
    ends: tuple[float, float],
    limits: tuple[float, float, float],
    before: FoundLabel | None,
    after: FoundLabel | None,
) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """The ends of a gap and the limits of its strip, moved to where the labels before and after it were found."""
    (start, stop), (left, near, far) = ends, limits
    if before is not None:
        start = left = before.right + LABEL_SPACE_PX
    if after is not None:
        near = far = after.left - LABEL_SPACE_PX
        stop = min(stop, near)
    stop = max(stop, start + 1)
    return (start, stop), (min(left, start), max(near, stop), max(far, stop))


def _label_moved(template: FormTemplate, fit: FormFit, labels: FoundLabels, tick: Checkbox) -> tuple[float, float]:
    """How far the label beside a box to tick, its words behind it, was found off its place: across and down."""
    place = label_beside(template, tick, labels)
    if place is None:
        return 0.0, 0.0
    label, index = labels[place], place[0]
    return label.x - fit.line_x(index, label.label.x), label.baseline - fit.line_y(template, index)


def label_beside(template: FormTemplate, tick: Checkbox, among: Collection[tuple[int, int]]) -> tuple[int, int] | None:
    """Which of these labels, by their line and number, has its words right behind a box to tick."""
    beside = 0.5 * usual_pitch(template)
    middle = (tick.box[1] + tick.box[3]) / 2
    found = [
        (abs(template.lines[i].labels[n].x - tick.box[2]), (i, n))
        for i, n in among
        if template.lines[i].labels[n].x >= tick.box[2] and abs(template.lines[i].y - middle) < beside
    ]
    return min(found)[1] if found else None


def _run_on(
    written: NDArray[np.bool_], base: float, pitch: float, ends: tuple[float, float], limits: tuple[float, float, float]
) -> tuple[float, float]:
    """The ends of a gap with a little room beside, moved out as far as writing runs on beyond them.

    A wide space ends the writing. The left and right limit are passed by no more than a word that runs into the right
    one, to the last limit.
    """
    top, bottom = (min(max(round(base + v * pitch), 0), len(written) - 1) for v in (-0.65, -0.12))
    columns = np.flatnonzero(written[top : bottom + 1].any(axis=0))
    wide, beside = MAX_WORD_GAP_PITCHES * pitch, BESIDE_DOTS_WIDTH_SHARE * written.shape[1]
    left = -_run_to(-columns[::-1], -ends[0], wide, -limits[0])
    right = _run_to(columns, ends[1], wide, limits[1])
    letter, limit = MAX_LETTER_GAP_PITCHES * pitch, limits[1]
    if right >= limit - letter:
        right = limit = _run_to(columns, limit, letter, min(limits[2], limit + MAX_WORD_BEYOND_PITCHES * pitch))
    room = RIGHT_ROOM_WIDTH_SHARE * written.shape[1]
    before = LEFT_ROOM_WIDTH_SHARE * written.shape[1]
    return max(left - beside, min(limits[0], ends[0]) - before), min(right + beside, max(limit, ends[1])) + room


def _run_to(columns: NDArray[np.intp], end: float, wide: float, limit: float) -> float:
    """How far writing that comes up to the end of a gap runs on beyond it; the end itself where it does not.

    `columns` are those with writing, rising.
    """
    before = columns[columns <= end]
    last = float(before[-1]) if len(before) else -np.inf
    for column in columns[columns > end]:
        if column > last + wide or column > limit:
            break
        last = float(column)
    return max(end, last)


def _placed(
    box: tuple[float, float, float, float], template: FormTemplate, fit: FormFit, scale: float
) -> tuple[float, float, float, float]:
    left, top = fit.place(template, box[0], box[1])
    right, bottom = fit.place(template, box[2], box[3])
    return (left * scale, top * scale, right * scale, bottom * scale)


def _box(sides: Sequence[float], width: int, height: int) -> Box:
    left, top, right, bottom = (round(v) for v in sides)
    return Box(left, top, right, bottom).clipped(width, height)
