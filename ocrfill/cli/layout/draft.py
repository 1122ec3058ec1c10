"""`ocrfill layout draft`: a first layout from filled pages of a form."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import get_args

import click

from ocrfill.authoring.draft import choose_pages, draft_layout, open_pages
from ocrfill.cli.read import PageNumbers, PageNumbersType
from ocrfill.errors import BadInput
from ocrfill.layouts.model import Kind
from ocrfill.pipeline.recognition.tesseract import TesseractReader
from ocrfill.pipeline.scans import find_scans
from ocrfill.store.atomic_file import whole


@click.command()
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
        drafted = draft_layout(open_pages(chosen), name, TesseractReader, kind, lambda _: bar.update(1))
        bar.update(bar.length - bar.pos if bar.length else 0)
    with whole(output, private=False) as part:
        part.write_text(drafted.text, encoding="utf-8")
    click.echo(f"{output}: {drafted.what}, from {len(drafted.used)} of {len(chosen)} pages; {drafted.checks} CHECKs")
    for source, number, why in drafted.left_out:
        click.echo(f"left out: {source}, page {number}: {why}")
    first = drafted.used[0][0]
    click.echo(
        f"put right what is marked CHECK; to see it: ocrfill layout show {output} --page {first} -o {output.stem}.png"
    )
