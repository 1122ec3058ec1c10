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
from ocrfill.errors import BadInput, PageError
from ocrfill.export.views.cells_image import draw_cells
from ocrfill.layouts import load_layout
from ocrfill.pipeline.page_cells import cells_of_layout, cells_of_page
from ocrfill.pipeline.scans import open_scan
from ocrfill.store.atomic_file import whole


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
        found = cells_of_page(page) if layout is None else cells_of_layout(page, layout)
    except PageError as error:
        raise BadInput(f"{scan}, page {number}: {error}") from error
    if as_json:
        click.echo(json.dumps(_document(page, found), ensure_ascii=False, indent=1))
    else:
        click.echo(one_line(f"{scan}, page {number}: {_summary(found)}"))
    if output is not None:
        _, png = cv2.imencode(".png", draw_cells(page.image, found))
        with whole(output) as part:
            part.write_bytes(png.tobytes())


def _document(page: Page, found: Sequence[GridCell]) -> dict[str, object]:
    return {
        "format": 1,
        "ocrfill": __version__,
        "source": page.source,
        "page": page.number,
        "width": page.width,
        "height": page.height,
        "cells": [
            {"table": cell.table, "rows": cell.rows, "columns": cell.columns, "polygon": cell.polygon} for cell in found
        ],
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
