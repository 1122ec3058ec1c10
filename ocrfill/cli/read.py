"""`ocrfill read`: pages to stdout, with no state kept."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click

from ocrfill import __version__
from ocrfill.cli.text_option import one_line
from ocrfill.document.page import shown_path
from ocrfill.document.result import Field, PageResult, Record
from ocrfill.document.result_json import to_document
from ocrfill.errors import BadInput, ExitCode
from ocrfill.layouts import Layout, load_layout, shipped_layouts
from ocrfill.layouts.model import WritingReader
from ocrfill.pipeline.form_identification import AUTO_LAYOUT
from ocrfill.pipeline.read_files import read_files
from ocrfill.pipeline.recognition import make_readers
from ocrfill.pipeline.scans import find_scans

CSV_HEADS = (
    "source",
    "page",
    "record",
    "field",
    "label",
    "raw",
    "normalised",
    "probability",
    "decision",
    "reader",
    "issues",
    "polygon",
)


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """Ranges of page numbers, first and last of each; a last of None stands for the end of the file."""

    ranges: tuple[tuple[int, int | None], ...]

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(
            first <= number and (last is None or number <= last) for first, last in self.ranges
        )


class PageNumbersType(click.ParamType[PageNumbers]):
    """Page numbers as people write them: "1,3-5,8-"."""

    name = "numbers"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> PageNumbers:
        """What was typed, as the command takes it; a usage error where it cannot be."""
        ranges = []
        for part in value.split(","):
            found = re.fullmatch(r"\s*(\d{1,6})\s*(?:(-)\s*(\d{1,6})?\s*)?", part)
            if found is None:
                self.fail(f"{part!r} is no page number or range; write them like 1,3-5,8-", param, ctx)
            first = int(found[1])
            last = None if found[2] and not found[3] else int(found[3] or first)
            if first < 1 or (last is not None and last < first):
                self.fail(f"{part!r}: pages count from 1, and a range goes upwards", param, ctx)
            ranges.append((first, last))
        return PageNumbers(tuple(ranges))


@click.command()
@click.argument("paths", metavar="PAGE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--layout", "layout_name", required=True, metavar="NAME", help="A shipped layout, a layout's .yaml, or auto."
)
@click.option("--pages", "numbers", type=PageNumbersType(), help="Only these pages of each file, like 1,3-5,8-.")
@click.option(
    "--reader",
    type=click.Choice(get_args(WritingReader)),
    default="auto",
    show_default=True,
    help="Who reads writing: Tesseract is right for print, hand for handwriting.",
)
@click.option("--json", "form", flag_value="json", help="Print one JSON object (docs/reference/results.md).")
@click.option("--csv", "form", flag_value="csv", help="Print CSV, one line a field.")
def read(
    paths: tuple[Path, ...], layout_name: str, numbers: PageNumbers | None, reader: WritingReader, form: str | None
) -> ExitCode:
    """Read pages and print what stands in their fields; nothing is kept.

    PAGE is a scan (PDF, TIFF, JPEG, PNG, BMP, WebP) or a folder of scans. Pages that cannot be read are told on
    stderr, the rest is done, and the exit code is 5.

    \b
    Examples:
      ocrfill read page.jpg --layout ks_2006_2015
      ocrfill read book.pdf --pages 3-5 --layout ks_2006_2015 --json
      ocrfill read page.jpg --layout auto
      ocrfill read scans/ --layout kt_2006_2015 --csv > fields.csv
    """
    layouts = [load_layout(name) for name in (shipped_layouts() if layout_name == AUTO_LAYOUT else (layout_name,))]
    found = find_scans(paths)
    for path, reason in found.ignored:
        click.echo(one_line(f"{shown_path(path)}: left out: {reason}"), err=True)
    if not found.scans:
        raise BadInput("no scan among the given paths: give PDF, TIFF, JPEG, PNG, BMP or WebP files, or their folder")
    told = _Told()
    results = told.failures_of(read_files(found.scans, layouts, make_readers(writing=reader), numbers))
    match form:
        case "json":
            lines = _json(results)
        case "csv":
            lines = _csv(results)
        case _:
            lines = _text(results, {layout.name: layout for layout in layouts})
    for line in lines:
        click.echo(line)
    return ExitCode.SOME_PAGES_FAILED if told.failed else ExitCode.OK


class _Told:
    """Tells of each failed page on stderr as it comes by, and counts them."""

    def __init__(self) -> None:
        self.failed = 0

    def failures_of(self, results: Iterable[PageResult]) -> Iterator[PageResult]:
        for result in results:
            if result.failure is not None:
                self.failed += 1
                click.echo(f"{_where(result)}: {result.failure.stage}: {result.failure.reason}", err=True)
            yield result


def _where(result: PageResult) -> str:
    return one_line(f"{result.source}, page {result.page}" if result.page else result.source)


def _json(results: Iterable[PageResult]) -> Iterator[str]:
    document = {"format": 1, "ocrfill": __version__, "pages": [to_document(result) for result in results]}
    yield json.dumps(document, ensure_ascii=False, indent=1)


def _csv(results: Iterable[PageResult]) -> Iterator[str]:
    yield _csv_line(CSV_HEADS)
    for result in results:
        for record in result.records:
            for field in record.fields:
                yield _csv_line(_csv_row(result, record, field))


def _csv_row(result: PageResult, record: Record, field: Field) -> tuple[str, ...]:
    return (
        result.source,
        str(result.page),
        str(record.number),
        field.name,
        field.label,
        field.raw,
        field.normalised or "",
        f"{field.probability:.4f}",
        field.decision.value,
        field.reader or "",
        " ".join(issue.code for issue in field.issues),
        " ".join(f"{x:g},{y:g}" for x, y in field.polygon),
    )


def _csv_line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()


def _text(results: Iterable[PageResult], layouts: Mapping[str, Layout]) -> Iterator[str]:
    """For a person: a line a field, under the form's section heads."""
    for result in results:
        if result.failure is not None:
            continue
        layout = layouts[result.layout]
        yield f"{_where(result)}: {layout.title}, fit {result.fit:.2f}"
        yield from (f"  ! {issue.text}" for issue in result.issues)
        for record in result.records:
            if len(result.records) > 1:
                yield f"  [{record.number}]"
            yield from _record_lines(record, layout)
        yield ""


def _record_lines(record: Record, layout: Layout) -> Iterator[str]:
    section = ""
    for field in record.fields:
        spec = layout.fields[field.name]
        if spec.section != section:
            section = spec.section
            yield f"  {section or '–'}"
        yield f"    {field.label}: {_answer(field)}"


def _answer(field: Field) -> str:
    if field.reader is None:
        return "(not read)"
    shown = field.raw or "–"
    if field.normalised is not None and field.normalised != field.raw:
        shown += f" → {field.normalised}"
    issues = "".join(f"; {issue.text}" for issue in field.issues)
    return f"{shown}  ({field.decision.value} {field.probability:.2f}{issues})"
