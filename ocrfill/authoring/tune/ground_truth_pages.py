"""Pages whose values are known: drawn ones with truth, reviewed ones of a workspace, or those listed in a CSV."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ocrfill.civil_status.orthography import tidy
from ocrfill.document.page import Page
from ocrfill.document.settlement import corrections_by_field, settled_correction
from ocrfill.errors import BadInput, PageError
from ocrfill.evaluation.truth_files import read_truth
from ocrfill.export import Originals
from ocrfill.layouts import Layout
from ocrfill.pipeline.scans import open_scan
from ocrfill.store import Store

Key = tuple[int, str]
"""A record of a page, and a field."""

CSV_COLUMNS = ("page", "record", "field", "raw")
"""Columns that a CSV of values must have, besides `scan` or `source`: those of `ocrfill export` and `ocrfill read`."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruthPage:
    """A page and the texts that stand in its fields; fields left empty are not among them."""

    name: str
    page: Page
    texts: Mapping[Key, str]


def drawn_pages(folder: Path, layout: Layout) -> list[GroundTruthPage]:
    """The pages of a folder that have their truth beside them."""
    found = []
    for true in read_truth(folder):
        if true.truth.layout != layout.name and true.truth.layout_version:
            names = {f.name for record in true.truth.records for f in record.fields}
            if not names & set(layout.fields):
                raise BadInput(f"{true.path} is a page of layout {true.truth.layout}, which shares no field with yours")
        texts = {
            (record.number, field.name): tidy(field.text)
            for record in true.truth.records
            for field in record.fields
            if field.text and not field.unread
        }
        found.append(GroundTruthPage(str(true.path), _opened(true.path, 1), texts))
    return found


def reviewed_pages(store: Store, keys: Iterable[str], layout: Layout) -> list[GroundTruthPage]:
    """The pages of books on which persons have entered values."""
    found = []
    originals = Originals()
    wanted = set(keys)
    for book in store.books():
        if wanted and book.key not in wanted:
            continue
        said = corrections_by_field(store.corrections(book.key))
        for stored in store.pages(book.key):
            if stored.result is None or stored.result.layout != layout.name:
                continue
            texts: dict[Key, str] = {}
            for place, answers in said.items():
                last = settled_correction(answers)
                if (place.scan, place.page) == (stored.sha256, stored.number) and last is not None and last.entered:
                    texts[place.record, place.field] = tidy(last.entered)
            if texts:
                found.append(GroundTruthPage(f"{stored.scan}:{stored.number}", originals.page(stored), texts))
    return found


def listed_pages(file: Path) -> list[GroundTruthPage]:
    """The pages of a CSV with a line a field, as `ocrfill read --csv` and `ocrfill export` write it.

    `raw` is the truth. A scan's path may be relative to the file's own folder.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"cannot read {file}: {error}; save it as CSV in UTF-8") from error
    heads = set(rows[0]) if rows else set()
    lacking = [name for name in CSV_COLUMNS if name not in heads]
    where = next((name for name in ("scan", "source") if name in heads), None)
    if lacking or where is None:
        raise BadInput(f"{file}: a CSV of values needs the columns scan, {', '.join(CSV_COLUMNS)}")
    texts: dict[tuple[str, int], dict[Key, str]] = defaultdict(dict)
    for number, row in enumerate(rows, 2):
        try:
            place = (row[where].removeprefix("'"), int(row["page"]))
            text = tidy(row["raw"].removeprefix("'"))
            if text:
                texts[place][int(row["record"]), row["field"]] = text
        except (ValueError, AttributeError, TypeError) as error:  # a row too short has None
            raise BadInput(f"{file}, line {number}: page and record are whole numbers") from error
    return [
        GroundTruthPage(f"{scan}:{page}", _opened(_beside(file, scan), page), known)
        for (scan, page), known in texts.items()
    ]


def _beside(file: Path, scan: str) -> Path:
    path = Path(scan)
    try:
        return path if path.exists() else file.parent / path
    except OSError:  # a name that is none; opening it tells
        return path


def _opened(path: Path, number: int) -> Page:
    try:
        return open_scan(path).page(number)
    except PageError as error:
        raise BadInput(f"{path}, page {number}: {error.reason}") from error
