"""A first layout of a ruled table drafted from one page: rules and rows as found, everything it cannot know marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ocrfill.authoring.draft.column_rules import column_rules
from ocrfill.document.page import Page, Reals
from ocrfill.errors import BadInput
from ocrfill.pipeline.locate.tables.grid import Lattice, find_lattices
from ocrfill.pipeline.locate.tables.line_tracing import Ridges, ridges
from ocrfill.pipeline.preprocess import straighten

MAX_ROW_DIFFERENCE_SHARE = 0.3
"""Rows of the body differ by less than this share from the usual height; the head's differ by more."""

MAX_HEIGHT_DIFFERENCE_SHARE = 0.15
"""Facing pages are as high as each other to this share."""

MAX_EQUAL_ROW_DIFFERENCE_SHARE = 0.03
"""Rows that differ by less than this share of the usual height are told as equal shares."""

MAX_RECORDS = 100


@dataclass(frozen=True, slots=True, eq=False)
class TableDraft:
    """Places on the page as fractions: of the upright rules, the fold if any, the head's upper rule if any, and of
    the edges of the rows below the head.
    """

    columns: Reals
    gutter: float | None
    head_top: float | None
    levels: Reals

    def written_columns(self) -> tuple[int, ...]:
        """The numbers of the columns, from 1, without the strip between facing pages."""
        fold = np.inf if self.gutter is None else self.gutter
        sides = pairwise(self.columns.tolist())
        return tuple(i for i, (left, right) in enumerate(sides, 1) if not left < fold < right)


def draft_table(page: Page) -> TableDraft:
    """The ruled table on an upright page, or on both pages of an opening. Raises BadInput where there is none."""
    return table_of(ridges(straighten(page)))


def table_of(maps: Ridges) -> TableDraft:
    """The same from the ridges of a straightened page."""
    height, width = maps.level.sure.shape
    tables = _facing(find_lattices(maps))
    if len(tables) == 1:
        tables = (replace(tables[0], uprights=column_rules(tables[0].uprights, tables[0].levels, maps)),)
    if not tables:
        raise BadInput(
            "no ruled table was found on this page: give one whose rules are well seen, or write the file by hand"
        )
    columns = np.array([rule.middle / width for table in tables for rule in table.uprights])
    bodies, heads = zip(*(_body(table, height) for table in tables), strict=True)
    levels = _common(bodies)
    if len(levels) < 2:
        raise BadInput("the facing pages' rows do not lie level: give a page that is less bent")
    gutter = None
    if len(tables) == 2:
        gutter = (tables[0].uprights[-1].middle + tables[1].uprights[0].middle) / 2 / width
    above = [head for head in heads if head is not None]
    return TableDraft(columns, gutter, float(np.mean(above)) if above else None, levels[: MAX_RECORDS + 1])


def _facing(tables: Sequence[Lattice]) -> tuple[Lattice, ...]:
    """The largest table, and the one beside it that is as high; from left to right."""
    if not tables:
        return ()
    largest = max(tables, key=lambda table: len(table.levels) * len(table.uprights))
    high = largest.levels[-1].middle - largest.levels[0].middle
    beside = [
        table
        for table in tables
        if table is not largest
        and abs((table.levels[-1].middle - table.levels[0].middle) / high - 1) < MAX_HEIGHT_DIFFERENCE_SHARE
    ]
    pair = (largest, *sorted(beside, key=lambda table: -len(table.levels))[:1])
    return tuple(sorted(pair, key=lambda table: table.uprights[0].middle))


def _body(table: Lattice, height: int) -> tuple[Reals, float | None]:
    """The edges of the longest run of even rows, and the uppermost rule if it lies above them; fractions.

    Where no row is like the others, nothing is ruled below the head: the highest row is all there is to write in.
    """
    across = (table.uprights[0].middle + table.uprights[-1].middle) / 2
    y = np.array([float(rule.at(across)) for rule in table.levels]) / height
    gaps = np.diff(y)
    even = np.abs(gaps / np.median(gaps) - 1) < MAX_ROW_DIFFERENCE_SHARE
    first, last, start = 0, 0, 0
    for i, fits in enumerate([*even, False]):
        if not fits:
            if i - start > last - first:
                first, last = start, i
            start = i + 1
    if first == last and len(gaps) > 1:
        first = int(gaps.argmax())
        last = first + 1
    return y[first : last + 1], float(y[0]) if first > 0 else None


def _common(bodies: Sequence[Reals]) -> Reals:
    """The rows that all bodies have, at their mean height."""
    common = bodies[0]
    for body in bodies[1:]:
        off = np.abs(common[:, None] - body[None])
        nearest = off.argmin(axis=1)
        together = off.min(axis=1) < 0.5 * np.median(np.diff(common))
        common = (common[together] + body[nearest[together]]) / 2
    return common


def skeleton_yaml(draft: TableDraft, name: str, kind: str, size: tuple[float, float]) -> str:
    """The draft as a layout file; `size` is the paper's width and height in millimetres. What is not known says so."""
    rows = np.diff(draft.levels)
    uneven = np.abs(rows / np.median(rows) - 1).max() > MAX_EQUAL_ROW_DIFFERENCE_SHARE
    written = draft.written_columns()
    lines = [
        "# Drafted by `ocrfill layout draft`. Lines marked CHECK are guesses: put them right, then run",
        "# `ocrfill layout check` and `ocrfill layout show FILE --page SCAN`.",
        f"name: {name}",
        "version: 1",
        f"title: {name}  # CHECK: what the book's cover says",
        f"kind: {kind}  # CHECK: KS, KH, KT, CMC or HN",
        "years: [1900, 2100]  # CHECK: first and last year of the books of this form",
        f"paper: {{width: {size[0]:.0f}, height: {size[1]:.0f}}}  # CHECK: from the scan's resolution",
        "body:",
        "  kind: table",
        f"  columns: [{_places(draft.columns)}]",
        *([f"  gutter: {draft.gutter:.4f}"] if draft.gutter is not None else []),
        *([f"  head_top: {draft.head_top:.4f}"] if draft.head_top is not None else []),
        f"  top: {draft.levels[0]:.4f}",
        f"  bottom: {draft.levels[-1]:.4f}",
        f"  records: {len(rows)}  # CHECK: each ruled row is taken for a record",
        "  lines_per_record: 1",
        "  record_rules: line",
        *([f"  levels: [{_places(draft.levels)}]"] if uneven else []),
        "  cells:",
        *(f"    - {{field: column_{i}, column: {i}, lines: [1, 1]}}" for i in written),
        "fields:  # CHECK: names, labels and types: the heads are not read yet",
        *(f'  column_{i}: {{label: "{i}", type: {{kind: text}}}}' for i in written),
    ]
    return "\n".join(lines) + "\n"


def _places(values: Reals) -> str:
    return ", ".join(f"{value:.4f}" for value in values)
