"""`ocrfill cells`: the cells of a page's ruled tables, found without a layout."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
import cv2

from ocrfill import __version__
from ocrfill.cli.text_option import one_line
from ocrfill.document.page import GridCell, Page
from ocrfill.document.result import FLIPPED_CODE, MAY_BE_FLIPPED_CODE, NEGATIVE_CODE, TURNED_CODE
from ocrfill.errors import BadInput, PageError
from ocrfill.export.views.cells_image import draw_cells
from ocrfill.layouts import load_layout
from ocrfill.pipeline.page_cells import FoundCells, find_layout_cells, find_page_cells
from ocrfill.pipeline.scans import open_scan
from ocrfill.store.atomic_file import whole

PUT_RIGHT = {
    NEGATIVE_CODE: "a negative, light writing on dark: taken as its positive",
    FLIPPED_CODE: "mirrored, left and right exchanged: the columns are counted as they read",
    MAY_BE_FLIPPED_CODE: "the writing leans to the left: if the page is mirrored (look whether it can be read), its "
    "columns are counted from the wrong side; mirror the scan and try again",
    TURNED_CODE: "turned: rows and columns are counted as on the upright page",
}
"""What is told of a page that was put right, by the code of its issue."""


@click.command()
@click.argument("scan", metavar="IMAGE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--page", "number", metavar="N", type=click.IntRange(min=1), default=1, help="Which page of a PDF or TIFF."
)
@click.option("--layout", "name", metavar="NAME", help="Take the cells of this table layout, shipped or a .yaml.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/reference/commands.md).")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Draw the cells: a .png to write."
)
def cells(*, scan: Path, number: int, name: str | None, as_json: bool, output: Path | None) -> None:
    """Find the cells of ruled tables on a page: outlines, rows and columns. It needs no layout.

    With --layout the cells are the lines of writing below the head, as the layout has them.

    \b
    Examples:
      ocrfill cells page.jpg
      ocrfill cells page.jpg --json > cells.json
      ocrfill cells book.pdf --page 3 -o cells.png
      ocrfill cells page.jpg --layout my_book.yaml --json
    """
    if output is not None and output.suffix.lower() != ".png":
        raise click.UsageError("-o: give a name that ends in .png")
    layout = None if name is None else load_layout(name)
    try:
        page = open_scan(scan).page(number)
        found = find_page_cells(page) if layout is None else find_layout_cells(page, layout)
    except PageError as error:
        raise BadInput(f"{scan}, page {number}: {error}") from error
    if as_json:
        click.echo(json.dumps(_document(page, found), ensure_ascii=False, indent=1))
    else:
        click.echo(one_line(f"{scan}, page {number}: {_summary(found.cells)}"))
    for issue in found.issues:
        click.echo(one_line(f"{scan}, page {number}: {PUT_RIGHT[issue.code]}"), err=True)
    if output is not None:
        _, png = cv2.imencode(".png", draw_cells(page.image, found.cells))
        with whole(output) as part:
            part.write_bytes(png.tobytes())


def _document(page: Page, found: FoundCells) -> dict[str, object]:
    return {
        "format": 1,
        "ocrfill": __version__,
        "source": page.source,
        "page": page.number,
        "width": page.width,
        "height": page.height,
        "cells": [
            {"table": cell.table, "rows": cell.rows, "columns": cell.columns, "polygon": cell.polygon}
            for cell in found.cells
        ],
        "issues": [{"code": issue.code, "text": issue.text} for issue in found.issues],
    }


def _summary(found: Sequence[GridCell]) -> str:
    if not found:
        return "no ruled table found"
    tables: dict[int, list[GridCell]] = defaultdict(list)
    for cell in found:
        tables[cell.table].append(cell)
    parts = [
        f"{max(c.rows[1] for c in table)} rows by {max(c.columns[1] for c in table)} columns, {len(table)} cells"
        for table in tables.values()
    ]
    return f"{len(parts)} table{'s' * (len(parts) > 1)}: {'; '.join(parts)}"
