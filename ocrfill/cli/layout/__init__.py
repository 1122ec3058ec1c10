"""`ocrfill layout`: lists the layouts there are, checks layout files, draws a layout."""

from __future__ import annotations

import json
from pathlib import Path

import click
import cv2

from ocrfill.cli.layout.check import check
from ocrfill.cli.layout.draft import draft
from ocrfill.cli.layout.edit import edit
from ocrfill.cli.layout.tune import tune
from ocrfill.document.page import Image
from ocrfill.errors import BadInput
from ocrfill.export.views.layout_image import draw_layout
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.pipeline.scans import open_scan
from ocrfill.store.atomic_file import whole


@click.group()
def layout() -> None:
    """List, check, draw and correct layouts: the YAML files that describe printed forms.

    \b
    Examples:
      ocrfill layout list
      ocrfill layout check my_book.yaml
      ocrfill layout show ks_2006_2015 -o form.png
      ocrfill layout edit my_book.yaml page.jpg
    """


layout.add_command(check)
layout.add_command(draft)
layout.add_command(edit)
layout.add_command(tune)


@layout.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_layouts(*, as_json: bool) -> None:
    """List the layouts that come with ocrfill.

    \b
    Examples:
      ocrfill layout list
      ocrfill layout list --json
    """
    layouts = [load_layout(name) for name in shipped_layouts()]
    if as_json:
        listed = [
            {
                "name": found.name,
                "version": found.version,
                "title": found.title,
                "kind": found.kind,
                "years": found.years,
                "body": found.body.kind,
                "fields": len(found.fields),
                "records_per_page": found.records_per_page,
                "paper": {"width": found.paper.width, "height": found.paper.height},
            }
            for found in layouts
        ]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    for found in layouts:
        first, last = found.years
        click.echo(f"{found.name:<18} {found.kind:<4} {first}-{last}  {found.title}")


@layout.command()
@click.argument("name", metavar="FILE|NAME")
@click.option(
    "--page",
    metavar="IMAGE",
    type=click.Path(path_type=Path),
    help="Draw over this page (the first of a PDF or TIFF) instead of a blank sheet.",
)
@click.option(
    "-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The .png to write."
)
def show(*, name: str, page: Path | None, output: Path) -> None:
    """Draw a layout: its rules, its print, and every field's places with its name.

    With --page it is stretched over the page as it was scanned; to see fields where they were found, use
    `ocrfill show`.

    \b
    Examples:
      ocrfill layout show ks_2006_2015 -o form.png
      ocrfill layout show my_book.yaml --page scan.jpg -o over.png
    """
    if output.suffix.lower() != ".png":
        raise click.UsageError("-o: give a name that ends in .png")
    picture = draw_layout(load_layout(name), None if page is None else open_scan(page).page(1).image)
    with whole(output) as part:
        part.write_bytes(_as_png(picture))


def _as_png(picture: Image) -> bytes:
    written, data = cv2.imencode(".png", picture)
    if not written:
        raise BadInput("the picture could not be made: the page is too large to be drawn on")
    return data.tobytes()
