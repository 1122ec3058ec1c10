"""A trial run of a layout on a few pages, without reading: does it fit, and are its places where people write?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, FieldBox, Page, Strip, shown_path
from ocrfill.document.result import Decision, Field, PageResult, Record
from ocrfill.document.template import FormTemplate
from ocrfill.document.warp import hull
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts import Layout
from ocrfill.pipeline.emptiness import MIN_BLANK_EMPTINESS, emptiness
from ocrfill.pipeline.page_issues import page_issues
from ocrfill.pipeline.read_files import failed_page
from ocrfill.pipeline.read_page import LocatedPage, locate_on_page
from ocrfill.pipeline.recognition import CheckboxReader
from ocrfill.pipeline.scans import open_scan

SMALL_LETTER_BAND_PITCHES = (0.5, 0.08)
"""Small letters stand this far above the base line, down to so far above it, in line distances. Whole strips overlap
by design, for capitals and tails; these bands of two fields must not."""

STRIP_HEIGHT_PITCHES = 1.37
"""Height of a strip of a line, in line distances."""

MIN_OVERLAP_WIDTH_SHARE = 0.02
"""Share of the page's width by which two strips must share a line: all reach a little beyond their dots or rules."""

MIN_OVERLAP_HEIGHT_SHARE = 0.3
"""What of the height of small letters they must share."""

MIN_OVERLAPPING_RECORDS_SHARE = 0.25
"""On this share of the records they must: now and then somebody writes far beyond a line's end."""


MIN_RECORDS_NEVER_FILLED = 3
"""Only after so many records is it strange that a field was never filled."""


@dataclass(frozen=True, slots=True)
class TriedPage:
    """A page of the trial: its fit from 0 to 1, or why the layout does not lie on it; `result` is for pictures."""

    name: str
    fit: float | None
    reason: str
    result: PageResult


@dataclass(frozen=True, slots=True)
class TriedField:
    """A field over all records of all pages that fit: on how many something is written, how often it reaches the edge
    of the page; `covers` are the printed words that its place lies over.
    """

    name: str
    records: int
    filled: int
    at_edge: int
    covers: tuple[str, ...]
    read: bool

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a person should look at, in words."""
        found = []
        if self.records >= MIN_RECORDS_NEVER_FILLED and not self.filled and self.read:
            found.append("never filled: is its place where people write?")
        found += [f"its place begins before the printed words {words!r}" for words in self.covers]
        if self.at_edge:
            found.append(f"reaches the edge of the page on {self.at_edge} of {self.records}: does it leave the page?")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class StripOverlap:
    """Two fields whose strips share a line: on how many records, and by how many millimetres at most."""

    fields: tuple[str, str]
    records: int
    millimetres: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the pages, the fields in the layout's order, and the strips that touch."""

    layout: Layout
    pages: tuple[TriedPage, ...]
    fields: tuple[TriedField, ...]
    touches: tuple[StripOverlap, ...]

    @property
    def doubts(self) -> int:
        """How many things a person should look at."""
        return (
            sum(page.fit is None for page in self.pages)
            + sum(len(found.doubts) for found in self.fields)
            + len(self.touches)
        )


@dataclass(slots=True)
class _Tally:
    """What was seen of the fields so far."""

    records: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    at_edge: Counter[str] = field(default_factory=Counter)
    touches: dict[tuple[str, str], list[float]] = field(default_factory=dict)


def try_layout(layout: Layout, scans: Iterable[Path], tell: Callable[[str], None] = lambda _: None) -> Trial:
    """Lay the layout on every page of the scans; `tell` is told each page's name before. Nothing is read."""
    tally, pages = _Tally(), []
    for path in scans:
        try:
            scan = open_scan(path)
        except BadInput as error:
            reason = error.without_path(path)
            result = failed_page(shown_path(path), 0, [layout], PageError("scan", reason))
            pages.append(TriedPage(shown_path(path), None, reason, result))
            continue
        for number in range(1, scan.pages + 1):
            name = f"{shown_path(path)}:{number}" if scan.pages > 1 else shown_path(path)
            tell(name)
            try:
                page = scan.page(number)
                laid = locate_on_page(page, layout)
            except PageError as error:
                pages.append(
                    TriedPage(name, None, error.reason, failed_page(shown_path(path), number, [layout], error))
                )
            else:
                pages.append(TriedPage(name, laid.located.fit.score, "", _seen(page, laid, layout, tally)))
    fields = tuple(_tried(name, layout, tally) for name in layout.fields)
    touches = tuple(
        StripOverlap(pair, len(found), max(found))
        for pair, found in sorted(tally.touches.items())
        if len(found) >= MIN_OVERLAPPING_RECORDS_SHARE * min(tally.records[name] for name in pair)
    )
    return Trial(layout, tuple(pages), fields, touches)


def _tried(name: str, layout: Layout, tally: _Tally) -> TriedField:
    return TriedField(
        name,
        tally.records[name],
        tally.filled[name],
        tally.at_edge[name],
        tuple(_covered(name, layout)),
        layout.fields[name].read,
    )


def _covered(name: str, layout: Layout) -> Iterator[str]:
    """The printed words that begin within one of the field's gaps, on the same line."""
    if isinstance(layout.body, FormTemplate):
        for line in layout.body.lines:
            for gap in line.gaps:
                if gap.field == name:
                    yield from (label.text for label in line.labels if gap.x[0] <= label.x < gap.x[1])


def _seen(page: Page, laid: LocatedPage, layout: Layout, tally: _Tally) -> PageResult:
    """Count a page's fields; what is found as a result without readings, for pictures."""
    fields: dict[int, list[Field]] = {}
    for box, cut in zip(laid.located.boxes, laid.crops, strict=True):
        tally.records[box.name] += 1
        written = [_written(crop, layout.fields[box.name].type.kind) for crop in cut]
        tally.filled[box.name] += any(written)
        tally.at_edge[box.name] += any(_at_edge(strip, laid.page) for strip in box.strips)
        fields.setdefault(box.record, []).append(_field(box, written, layout, laid))
    for number in fields:
        _touching([box for box in laid.located.boxes if box.record == number], laid.page, tally)
    records = tuple(Record(number, tuple(of)) for number, of in sorted(fields.items()))
    return PageResult(
        page.source, page.number, layout.name, layout.version, page.width, page.height, page.dpi,
        laid.page.turned, round(laid.located.fit.score, 4), records=records,
        issues=page_issues(laid.page, laid.located.fit.score),
    )  # fmt: skip


def _written(crop: Crop, kind: str) -> bool:
    if kind == "tick":
        return bool(CheckboxReader().read([crop])[0].text)
    return emptiness(crop) < MIN_BLANK_EMPTINESS


def _at_edge(strip: Strip, page: Page) -> bool:
    box = strip.box
    return box.is_empty() or box.left <= 0 or box.top <= 0 or box.right >= page.width or box.bottom >= page.height


def _field(box: FieldBox, written: Sequence[bool], layout: Layout, laid: LocatedPage) -> Field:
    spec = layout.fields[box.name]
    decision = Decision.NOT_READ if not spec.read else Decision.REVIEW if any(written) else Decision.EMPTY
    strips = tuple(laid.page.to_source.polygon(strip.box) for strip in box.strips)
    return Field(
        box.name, spec.label, spec.type.kind, box.name if any(written) else "", None, 0.0, decision, (), None,
        hull(strips), strips,
    )  # fmt: skip


def _touching(boxes: Sequence[FieldBox], page: Page, tally: _Tally) -> None:
    """Note the pairs of fields of one record whose lines of small letters lie over each other."""
    bands = [(box.name, _core(strip)) for box in boxes for strip in box.strips]
    widest: dict[tuple[str, str], float] = {}
    for (name, band), (other, beside) in combinations(bands, 2):
        shared = band.intersection(beside)
        high = min(band.height, beside.height)
        wide = shared.width * 25.4 / page.dpi
        if (
            name != other
            and shared.width > MIN_OVERLAP_WIDTH_SHARE * page.width
            and shared.height > MIN_OVERLAP_HEIGHT_SHARE * high
        ):
            pair = (name, other) if name < other else (other, name)
            widest[pair] = max(wide, widest.get(pair, 0.0))
    for pair, wide in widest.items():
        tally.touches.setdefault(pair, []).append(wide)


def _core(strip: Strip) -> Box:
    """The band of a strip's small letters; all of a tick's or an area's."""
    if strip.box.bottom - strip.baseline <= 1:
        return strip.box
    pitch = strip.box.height / STRIP_HEIGHT_PITCHES
    upper, lower = (round(strip.baseline - share * pitch) for share in SMALL_LETTER_BAND_PITCHES)
    return Box(strip.box.left, upper, strip.box.right, lower)
