"""Another printing of a form: provinces had the ministry's forms set and printed by their own printers."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ocrfill.document.template import FormLine, FormTemplate, Frame, Gap, Label
from ocrfill.layouts.model import Layout

TYPE_WIDTH_RANGE: Final = 0.07
"""How much wider or narrower another printer's type may be, as a share of the form's own."""
PITCH_RANGE: Final = 0.015
"""How much farther apart or closer his lines may stand, as a share of their distance."""
SHIFT_ACROSS_RANGE: Final = 0.012
SHIFT_DOWN_RANGE: Final = 0.01
"""How far the whole may lie off, as a share of the page's width and height."""
LABEL_SPREAD: Final = 0.003
"""How far each label within a line lies off, as a share of the page's width (standard deviation)."""
LINE_SPREAD: Final = 0.0015
"""How far each line lies off, as a share of the page's height (standard deviation)."""
MIN_GAP_WIDTH: Final = 0.02
"""No dotted stretch is narrower, as a share of the page's width."""
SPACE_BEFORE_LABEL: Final = 0.004
"""Where a label follows on the same line, dots end so much before it, as a share of the page's width."""


def reprint(layout: Layout, strength: float, rng: np.random.Generator) -> Layout:
    """The layout as another printer would have set its form; tables stay as they are, since their rules tell all.

    `strength` scales every difference; 1 is what printings of one form were seen to differ by. Fields stay in their
    order; lines never pass one another.
    """
    if not strength or not isinstance(layout.body, FormTemplate):
        return layout
    body = layout.body
    wider = 1 + strength * rng.uniform(-TYPE_WIDTH_RANGE, TYPE_WIDTH_RANGE)
    pitch = 1 + strength * rng.uniform(-PITCH_RANGE, PITCH_RANGE)
    across = strength * rng.uniform(-SHIFT_ACROSS_RANGE, SHIFT_ACROSS_RANGE)
    down = strength * rng.uniform(-SHIFT_DOWN_RANGE, SHIFT_DOWN_RANGE)
    top = 0.0 if body.frame is None else body.frame.top
    lines, above = [], 0.0
    for line in body.lines:
        y = max(top + (line.y - top) * pitch + down + strength * rng.normal(0, LINE_SPREAD), above)
        lines.append(_set_anew(replace(line, y=_on_page(y)), wider, across, strength, rng))
        above = lines[-1].y
    frame = body.frame and Frame(
        _on_page(body.frame.left + across),
        _on_page(body.frame.top + down),
        _on_page(body.frame.right + across),
        _on_page(body.frame.bottom + down),
    )
    verticals = tuple(_on_page(x + across) for x in body.verticals)
    heights = [line.y for line in body.lines], [line.y for line in lines]
    ticks = tuple(replace(tick, box=_moved(tick.box, across, heights)) for tick in body.ticks)
    areas = tuple(replace(area, box=_moved(area.box, across, heights)) for area in body.areas)
    moved = replace(body, lines=tuple(lines), frame=frame, verticals=verticals, ticks=ticks, areas=areas)
    return replace(layout, body=moved)


def _moved(
    box: tuple[float, float, float, float], across: float, heights: tuple[list[float], list[float]]
) -> tuple[float, float, float, float]:
    """A box moved as the lines around it are, its size kept."""
    left, top, right, bottom = box
    down = float(np.interp((top + bottom) / 2, *heights)) - (top + bottom) / 2 + _beyond(heights, (top + bottom) / 2)
    return (_on_page(left + across), _on_page(top + down), _on_page(right + across), _on_page(bottom + down))


def _beyond(heights: tuple[list[float], list[float]], y: float) -> float:
    """How far a place above the first or below the last line lies from it."""
    return min(y - heights[0][0], 0.0) + max(y - heights[0][-1], 0.0)


def _set_anew(line: FormLine, wider: float, across: float, strength: float, rng: np.random.Generator) -> FormLine:
    """A line in type so much wider: its first mark keeps its place, gaps begin where their label ends."""
    marks: list[Label | Gap] = sorted([*line.labels, *line.gaps], key=_start)
    starts: list[float] = []
    for i, mark in enumerate(marks):
        before = next((j for j in reversed(range(i)) if isinstance(marks[j], Label)), None)
        start = _start(mark) + across
        if isinstance(mark, Label) and i:
            start += strength * rng.normal(0, LABEL_SPREAD)
        elif isinstance(mark, Gap) and before is not None and before == i - 1:
            start = starts[before] + (_start(mark) - _start(marks[before])) * wider
        starts.append(start)
    labels, gaps = [], []
    for i, mark in enumerate(marks):
        if isinstance(mark, Label):
            labels.append(replace(mark, x=_on_page(starts[i]), size=round(mark.size * wider, 3)))
            continue
        last = i + 1 == len(marks)
        end = mark.x[1] + across if last else starts[i + 1] - SPACE_BEFORE_LABEL
        if not last and isinstance(marks[i + 1], Gap):
            end = mark.x[1] + across
        gaps.append(replace(mark, x=(_on_page(starts[i]), _on_page(max(end, starts[i] + MIN_GAP_WIDTH)))))
    return replace(line, labels=tuple(labels), gaps=tuple(gaps))


def _start(mark: Label | Gap) -> float:
    return mark.x if isinstance(mark, Label) else mark.x[0]


def _on_page(fraction: float) -> float:
    return round(min(max(fraction, 0.0), 1.0), 5)
