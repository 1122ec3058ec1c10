#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Draw a register book with exact truth. Needs ocrfill installed (./scripts/test makes the environment)."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click
import cv2

from ocrfill.civil_status.book import Book
from ocrfill.errors import ExitCode, OcrfillError
from ocrfill.layouts import load_layout
from ocrfill.training.synthetic import DEGRADATIONS, DrawingOptions, HandKind, draw_book


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--layout", required=True, help="A shipped layout's name, or the path of a layout's YAML file.")
@click.option("--pages", type=click.IntRange(1), default=2, show_default=True, help="How many pages to draw.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same seed, same bytes.")
@click.option("--damage", type=click.Choice(list(DEGRADATIONS)), default="as-scanned", show_default=True)
@click.option(
    "--reprint",
    "strength",
    type=click.FloatRange(0, 3),
    help="How far the form is another printer's; 1 as printings differ. Default: 1 with --damage reprint, else 0.",
)
@click.option("--hand", type=click.Choice(["print", "fonts"]), default="fonts", show_default=True, help="What writes.")
@click.option(
    "--ink",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="A folder of real line images with labels.tsv: write with words cut out of them. Repeatable.",
)
@click.option("--writer", help="With --ink: the writer (of writers.tsv) whose words to use as far as they go.")
@click.option("--book", "key", help="The book's name; the default is volume 01 of the layout's first year.")
@click.option("--dpi", type=click.IntRange(72, 600), help="Default: 300 for clean pages, 200 for damaged ones.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where the book's folder goes."
)
def make_samples(
    *,
    layout: str,
    pages: int,
    seed: int,
    damage: str,
    strength: float | None,
    hand: HandKind,
    ink: tuple[Path, ...],
    writer: str | None,
    key: str | None,
    dpi: int | None,
    out: Path,
) -> None:
    r"""Draw a register book: each page a JPEG, its truth as JSON, and a map of whose ink lies where.

    \b
    Examples:
      scripts/make_samples.py --layout ks_2006_2015 --pages 3 --seed 7 --damage as-scanned --out drawn
      scripts/make_samples.py --layout kt_2006_2015 --hand print --damage clean --out drawn
      scripts/make_samples.py --layout ks_2006_2015 --ink data/lines --ink data/digits --out drawn
      scripts/make_samples.py --layout ks_2006_2015 --hand print --damage reprint --out drawn
    """
    if writer is not None and not ink:
        raise click.UsageError("--writer goes with --ink")
    form = load_layout(layout)
    book = Book.parse(key or f"{form.kind}.{form.years[0]}.01", form.name)
    kind = DEGRADATIONS[damage]
    if strength is not None:
        kind = replace(kind, reprint=strength)
    drawing = DrawingOptions(kind, "ink" if ink else hand, float(dpi or kind.dpi), ink, writer)
    cv2.setNumThreads(1)
    with click.progressbar(length=pages, label=f"drawing {book.key}", file=sys.stderr) as bar:
        folder = draw_book(form, book, pages, seed, drawing, out=out, progress=lambda _: bar.update(1))
    click.echo(folder)


if __name__ == "__main__":
    try:
        make_samples()
    except OcrfillError as error:
        click.echo(f"make_samples: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"make_samples: cannot write: {error}", err=True)
        sys.exit(ExitCode.OUTPUT)
