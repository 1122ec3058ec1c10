"""`ocrfill layout`: lists the layouts there are, checks layout files, draws a layout."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import get_args

import click
import cv2

from ocrfill.cli.read import PageNumbers, PageNumbersType
from ocrfill.draft import choose_pages, draft_layout, opened
from ocrfill.errors import BadInput, BadLayout, ExitCode
from ocrfill.export import whole
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.layouts.model import Kind
from ocrfill.read.tesseract import TesseractReader
from ocrfill.records import Image
from ocrfill.report.layout_picture import draw_layout
from ocrfill.scans import find_scans, open_scan


@click.group()
def layout() -> None:
    """List, check and draw layouts: the YAML files that describe printed forms.

    \b
    Examples:
      ocrfill layout list
      ocrfill layout check my_book.yaml
      ocrfill layout show ks_2006_2015 -o form.png
    """


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
@click.argument("files", metavar="[FILE|NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: each layout with the list of its faults.")
@click.pass_context
def check(ctx: click.Context, *, files: tuple[str, ...], as_json: bool) -> None:
    """Check layout files, or those that come with ocrfill; every fault is told with its line and path.

    Ends with 4 if any layout has faults.

    \b
    Examples:
      ocrfill layout check my_book.yaml
      ocrfill layout check layouts/*.yaml --json
      ocrfill layout check
    """
    found = [(name, *_checked(name)) for name in files or shipped_layouts()]
    if as_json:
        listed = [{"layout": name, "faults": list(faults)} for name, _, faults in found]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
    for name, good, faults in found:
        if good and not as_json:
            click.echo(f"{name}: {good}")
        elif faults and not as_json:
            click.echo(f"{name}: {len(faults)} fault{'s' * (len(faults) > 1)}")
            for fault in faults:
                click.echo(f"  {fault}")
    if any(faults for _, _, faults in found):
        ctx.exit(ExitCode.BAD_LAYOUT)


def _checked(name: str) -> tuple[str, tuple[str, ...]]:
    """What to say of a layout without faults, or its faults."""
    try:
        found = load_layout(name)
    except BadLayout as error:
        return "", error.faults
    return f"no faults, version {found.version}, {len(found.fields)} fields", ()


@layout.command()
@click.argument("scans", metavar="SCAN...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--pages", "numbers", type=PageNumbersType(), help="Only these pages of each file, like 1,3-5,8-.")
@click.option(
    "--kind", type=click.Choice(get_args(Kind)), help="Kind of register; told by the printed words if left out."
)
@click.option(
    "-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The .yaml to write."
)
def draft(*, scans: tuple[Path, ...], numbers: PageNumbers | None, kind: Kind | None, output: Path) -> None:
    """Draft a layout from filled pages of one form: files, PDFs or folders.

    What repeats from page to page is print, what differs is writing: ten pages are good, one is the least. Pages of
    another form, covers and blank pages are left out and named. The form's labels are read with Tesseract; fields with
    names, types and export columns are proposed. What is not sure is marked CHECK in the file, with the reason.

    \b
    Examples:
      ocrfill layout draft scans/KS.1999.01 -o my_book.yaml
      ocrfill layout draft book.pdf --pages 4-13 -o my_book.yaml
      ocrfill layout draft page1.jpg page2.jpg page3.jpg --kind KH -o my_book.yaml
    """
    if output.suffix.lower() not in (".yaml", ".yml"):
        raise click.UsageError("-o: give a name that ends in .yaml")
    if output.exists():
        raise BadInput(f"{output} is there already: a draft never overwrites a file; give another name")
    name = re.sub(r"[^a-z0-9_]+", "_", output.stem.lower()).lstrip("_0123456789") or "my_book"
    chosen = choose_pages(find_scans(scans).scans, numbers)
    with click.progressbar(length=2 * len(chosen) + 1, label="drafting", file=sys.stderr) as bar:
        drafted = draft_layout(opened(chosen), name, TesseractReader, kind, lambda _: bar.update(1))
        bar.update(bar.length - bar.pos if bar.length else 0)
    with whole(output) as part:
        part.write_text(drafted.text, encoding="utf-8")
    click.echo(f"{output}: {drafted.what}, from {len(drafted.used)} of {len(chosen)} pages; {drafted.checks} CHECKs")
    for source, number, why in drafted.left_out:
        click.echo(f"left out: {source}, page {number}: {why}")
    first = drafted.used[0][0]
    click.echo(
        f"put right what is marked CHECK; to see it: ocrfill layout show {output} --page {first} -o {output.stem}.png"
    )


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
