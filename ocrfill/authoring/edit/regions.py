"""The places of a layout as rectangles on a straightened page, each with its path in the YAML file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ocrfill.document.template import FormTemplate, TableTemplate
from ocrfill.layouts import Layout
from ocrfill.layouts.faults import Path
from ocrfill.pipeline.locate.registration.form import usual_pitch
from ocrfill.pipeline.locate.registration.page_map import PageMap

GAP_HEIGHT_PITCHES = 0.75
"""A gap is drawn so high above its base line, in usual distances between lines; only its lower edge means a height."""

Corners = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of the straightened page or as fractions of the template."""


@dataclass(frozen=True, slots=True)
class Region:
    """A place of a field. `id` names it on the server, `path` in the file; `box` is in pixels of the page."""

    id: str
    field: str
    box: Corners
    path: Path


@dataclass(frozen=True, slots=True)
class LayoutRegions:
    """The places of a layout on a straightened page of `width` by `height` pixels, and the way back to the layout."""

    regions: tuple[Region, ...]
    places: PageMap
    width: int
    height: int
    dpi: float


def regions_of(layout: Layout, places: PageMap) -> tuple[Region, ...]:
    """Every gap, tick and area of a form; every cell of a table's first record."""
    found = _of_form(layout.body) if isinstance(layout.body, FormTemplate) else _of_table(layout.body)
    return tuple(
        Region("-".join(str(step) for step in path[1:]), field, _on_page(box, places), path)
        for field, box, path in found
    )


def _on_page(box: Corners, places: PageMap) -> Corners:
    left, top = places.to_page(box[0], box[1])
    right, bottom = places.to_page(box[2], box[3])
    return left, top, right, bottom


def _of_form(body: FormTemplate) -> Iterator[tuple[str, Corners, Path]]:
    high = GAP_HEIGHT_PITCHES * usual_pitch(body)
    for i, line in enumerate(body.lines):
        for j, gap in enumerate(line.gaps):
            box = (gap.x[0], max(line.y - high, 0.0), gap.x[1], line.y)
            yield gap.field, box, ("body", "lines", i, "gaps", j)
    for i, tick in enumerate(body.ticks):
        yield tick.field, tick.box, ("body", "ticks", i)
    for i, area in enumerate(body.areas):
        yield area.field, area.box, ("body", "areas", i)


def _of_table(body: TableTemplate) -> Iterator[tuple[str, Corners, Path]]:
    edges = body.line_edges()
    for i, cell in enumerate(body.cells):
        left, right = body.columns[cell.column - 1 : cell.column + 1]
        yield cell.field, (left, edges[cell.lines[0] - 1], right, edges[cell.lines[1]]), ("body", "cells", i)
