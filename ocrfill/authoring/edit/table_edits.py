"""Rectangles of a table's first record put back into its columns and cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocrfill.authoring.edit.label_studio_screen import EditedRectangle, RectangleAssignment
from ocrfill.authoring.edit.regions import Corners, Region
from ocrfill.document.template import RecordCell, TableTemplate
from ocrfill.errors import BadInput
from ocrfill.layouts.yaml_edits import DropEntry, InsertEntry, SetValue, YamlDocument
from ocrfill.layouts.yaml_text import PLACE_DECIMALS, Value
from ocrfill.pipeline.locate.registration.page_map import PageMap

MAX_RULE_DISAGREEMENT_SHARE = 0.003
"""Two cells that move one rule must move it to the same place, to this share of the page's width."""


@dataclass(frozen=True, slots=True)
class TablePlaces:
    """How a table's places follow what was done. `wobble` is in pixels of the page."""

    body: TableTemplate
    places: PageMap
    wobble: float

    def change(self, draft: YamlDocument, regions: Sequence[Region], given: RectangleAssignment) -> Iterator[str]:
        """Change the draft, and tell each thing that was done. Heights of records are not changed here."""
        rules: dict[int, float] = {}
        for region, cell in zip(regions, self.body.cells, strict=True):
            if region.id in given.kept:
                yield from self._cell(draft, rules, (region, cell), given.kept[region.id])
        for number, x in sorted(rules.items()):
            yield f"rule {number + 1}: moved"
            draft.take([SetValue(("body", "columns", number), x)])
        for region in reversed(regions):
            if region.id not in given.kept:
                yield f"{region.field}: a place taken away"
                draft.take([DropEntry(region.path)])
        for one, name in given.new:
            column, lines = self._column(one.box), self._lines(one.box)
            yield f"{name}: a place drawn, column {column}, lines {lines[0]} to {lines[1]}"
            place: dict[str, Value] = {"field": name, "column": column, "lines": list(lines)}
            draft.take([InsertEntry(("body", "cells"), len(draft.plain["body"]["cells"]), place)])

    def _cell(
        self,
        draft: YamlDocument,
        rules: dict[int, float],
        before: tuple[Region, RecordCell],
        given: tuple[EditedRectangle, str],
    ) -> Iterator[str]:
        (region, cell), (one, name) = before, given
        column, lines = self._column(one.box), self._lines(one.box)
        if lines != cell.lines:
            yield f"{name}: on lines {lines[0]} to {lines[1]} now"
            draft.take([SetValue((*region.path, "lines"), list(lines))])
        if column != cell.column:
            yield f"{name}: in column {column} now"
            draft.take([SetValue((*region.path, "column"), column)])
            return
        for side, rule in ((0, cell.column - 1), (2, cell.column)):
            if abs(one.box[side] - region.box[side]) > self.wobble:
                x = round(self.places.to_form(one.box[side], one.box[3])[0], PLACE_DECIMALS)
                if abs(rules.setdefault(rule, x) - x) > MAX_RULE_DISAGREEMENT_SHARE:
                    raise BadInput(
                        f"rule {rule + 1} was moved to two places, by {name} and another field: take one back"
                    )

    def _column(self, box: Corners) -> int:
        """The column in which the middle of a rectangle lies, from 1."""
        x, _ = self.places.to_form((box[0] + box[2]) / 2, box[3])
        inside = sum(rule <= x for rule in self.body.columns)
        return min(max(inside, 1), len(self.body.columns) - 1)

    def _lines(self, box: Corners) -> tuple[int, int]:
        """The first and last line of the record that a rectangle covers more than half of; at least the nearest."""
        edges = self.body.line_edges()[: self.body.lines_per_record + 1]
        _, top = self.places.to_form(box[0], box[1])
        _, bottom = self.places.to_form(box[2], box[3])
        middles = [(a + b) / 2 for a, b in pairwise(edges)]
        covered = [i for i, middle in enumerate(middles, 1) if top < middle < bottom]
        if not covered:
            nearest = min(range(len(middles)), key=lambda i: abs(middles[i] - (top + bottom) / 2)) + 1
            covered = [nearest]
        return covered[0], covered[-1]
