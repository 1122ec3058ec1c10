"""A book as one HTML file: every page with its picture and, beside it, what was read. It needs nothing from outside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

import cv2
import numpy as np
from markupsafe import Markup

from ocrfill.document.geometry import Box, Polygon
from ocrfill.document.page import Page
from ocrfill.document.result import Decision, Field, PageResult, Record
from ocrfill.errors import BadInput, PageError
from ocrfill.export.views.decision_style import DECISION_STYLES, STAGE_TEXTS, percent
from ocrfill.export.views.html_templates import html_templates
from ocrfill.export.views.upright_page import UprightPage, upright_picture

PAGE_HEIGHT_PX = 1414
"""Height of a page's picture in pixels: an A4 page becomes 1000 wide (about 120 dpi), an A3 opening 2000."""

JPEG_QUALITY_PERCENT = 55
"""Handwriting stays clear at this quality and size; a page takes some 100 to 150 kB."""

CROP_MARGIN_SHARES = (0.4, 0.05)
"""What of a strip's height is shown beside it and above and below: writing runs over the end of its line."""

MAX_MARGIN_BASIS_PX = 60
"""Height of a strip, in pixels of the picture, above which no more is shown around it."""

MAX_EDGE_DIFFERENCE_SHARE = 0.1
"""How far, in widths of the strip above, a strip's edges may be off to count as the same."""


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page to show: its name for the clerk, and what was read there, None where nothing was yet.

    `labels` are fuller labels by field name, where those on the form do not tell enough: "Dân tộc (mẹ)".
    """

    name: str
    result: PageResult | None
    labels: Mapping[str, str] = field(default_factory=dict)


PageSource = Callable[[int], Page]
"""Opens the scan of the shown page at an index. Raises BadInput or PageError where it cannot be opened."""


@dataclass(frozen=True, slots=True)
class _Crop:
    """A strip cut from the page's picture by CSS: its greatest width, its shape, and the picture's size and shift."""

    width: int
    ratio: str
    size: str
    position: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A field in the table, and its strips as points of an SVG polygon."""

    id: str
    number: int
    label: str
    field: Field
    crops: tuple[_Crop, ...]
    outlines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Picture:
    """A page's picture as base64 of a JPEG, with its size in pixels."""

    jpeg: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Section:
    """A page in the document. `missing` says why there is no picture."""

    shown: ShownPage
    index: int
    records: tuple[tuple[Record, tuple[_Row, ...]], ...]
    picture: _Picture | None
    missing: str


def book_html(
    title: str, pages: Sequence[ShownPage], open_page: PageSource, figures: Sequence[tuple[str, str]] = ()
) -> Iterator[str]:
    """The document in pieces, to be written one after the other; one page's picture is in memory at a time.

    `figures` are more figures for its head, each with its name: how review goes, for one.
    """
    script = _asset("book.js")
    return (
        html_templates("ocrfill.export.views")
        .get_template("book.html")
        .generate(
            title=title,
            pages=[(i, page, _to_check(page.result)) for i, page in enumerate(pages, 1)],
            counts=_counts(pages),
            figures=figures,
            sections=_sections(pages, open_page),
            looks=DECISION_STYLES,
            stages=STAGE_TEXTS,
            percent=percent,
            style=Markup(_asset("book.css")),  # noqa: S704 - a file of this package
            script=Markup(script),  # noqa: S704 - a file of this package
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def _asset(name: str) -> str:
    return (resources.files("ocrfill.export.views") / "templates" / name).read_text(encoding="utf-8")


def _fields(result: PageResult | None) -> tuple[Field, ...]:
    return tuple(f for record in result.records for f in record.fields) if result else ()


def _to_check(result: PageResult | None) -> int:
    return sum(f.decision is Decision.REVIEW for f in _fields(result))


def _is_written(record: Record) -> bool:
    return any(f.decision in (Decision.REVIEW, Decision.ACCEPT) for f in record.fields)


def _counts(pages: Sequence[ShownPage]) -> dict[str, int]:
    read = [p.result for p in pages if p.result is not None and p.result.failure is None]
    fields = [f for result in read for f in _fields(result)]
    return {
        "read": len(read),
        "failed": sum(p.result is not None and p.result.failure is not None for p in pages),
        "pending": sum(p.result is None for p in pages),
        "records": sum(_is_written(record) for result in read for record in result.records),
        "issues": sum(bool(f.issues) for f in fields),
    } | {str(decision): sum(f.decision is decision for f in fields) for decision in Decision}


def _sections(pages: Sequence[ShownPage], open_page: PageSource) -> Iterator[_Section]:
    for i, page in enumerate(pages):
        try:
            sheet = upright_picture(open_page(i), page.result, PAGE_HEIGHT_PX)
        except (BadInput, PageError) as error:
            yield _Section(page, i + 1, _rows(page, None, i + 1), None, str(error))
            continue
        yield _Section(page, i + 1, _rows(page, sheet, i + 1), _picture(sheet), "")


def _picture(sheet: UprightPage) -> _Picture:
    done, jpeg = cv2.imencode(".jpg", sheet.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY_PERCENT])
    assert done, "OpenCV encodes any 8-bit picture as JPEG"
    height, width = sheet.image.shape[:2]
    return _Picture(base64.b64encode(jpeg.tobytes()).decode(), width, height)


def _rows(shown: ShownPage, sheet: UprightPage | None, index: int) -> tuple[tuple[Record, tuple[_Row, ...]], ...]:
    rows: list[tuple[Record, tuple[_Row, ...]]] = []
    number = 0
    for record in shown.result.records if shown.result else ():
        of_record = []
        for read in record.fields:
            number += 1
            crops = tuple(_crops(sheet, read.strips)) if sheet else ()
            outlines = tuple(_outline(sheet, s) for s in read.strips) if sheet else ()
            of_record.append(
                _Row(f"f{index}-{number}", number, shown.labels.get(read.name, read.label), read, crops, outlines)
            )
        rows.append((record, tuple(of_record)))
    return tuple(rows)


def _outline(sheet: UprightPage, strip: Polygon) -> str:
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in sheet.place(strip))


def _crops(sheet: UprightPage, strips: Sequence[Polygon]) -> Iterator[_Crop]:
    """What is shown of a field: its strips, those that lie below one another (sub-lines of a table's cell) as one."""
    boxes: list[Box] = []
    for strip in strips:
        points = sheet.place(strip)
        if not len(points):
            continue
        box = Box(*np.rint([*points.min(axis=0), *points.max(axis=0)]).astype(int).tolist())
        if boxes and _is_below(box, boxes[-1]):
            last = boxes.pop()
            box = Box(min(last.left, box.left), last.top, max(last.right, box.right), max(last.bottom, box.bottom))
        boxes.append(box)
    height, width = sheet.image.shape[:2]
    for box in boxes:
        air = min(box.height, MAX_MARGIN_BASIS_PX)
        seen = box.grown(round(air * CROP_MARGIN_SHARES[0]), round(air * CROP_MARGIN_SHARES[1])).clipped(width, height)
        if not seen.is_empty():
            yield _Crop(
                width=seen.width,
                ratio=f"{seen.width}/{seen.height}",
                size=f"{width / seen.width:.2%}",
                position=f"{_shift(seen.left, width - seen.width)} {_shift(seen.top, height - seen.height)}",
            )


def _is_below(box: Box, other: Box) -> bool:
    """Whether a box goes on below another, with the same edges on left and right."""
    slack = MAX_EDGE_DIFFERENCE_SHARE * other.width
    edges = abs(box.left - other.left) < slack and abs(box.right - other.right) < slack
    return edges and box.top - other.bottom < box.height / 2


def _shift(start: float, room: int) -> str:
    """Where CSS puts a background: its percentage counts from the part's range of movement."""
    return f"{start / room:.2%}" if room > 0 else "0%"
