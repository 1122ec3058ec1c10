"""`ocrfill evaluate lines`: how right a reader is on line images with known texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import click

from ocrfill.evaluation.lines import LineFigures, evaluate_lines
from ocrfill.layouts.model import WritingReader
from ocrfill.pipeline.general_language import general_model, lexicon_model
from ocrfill.pipeline.recognition import make_writing_reader


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--reader", "name", type=click.Choice(get_args(WritingReader)), required=True, help="Who reads.")
@click.option(
    "--lexicon",
    "phrases",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Text file with a phrase a line; the handwriting reader weighs words by it.",
)
@click.option("--plain", is_flag=True, help="The network alone: nothing is known of the lines' words.")
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the handwriting model; without it what comes with ocrfill.",
)
@click.option("--most", type=click.IntRange(min=1), help="Read so many lines, spread evenly over the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/development/evaluation.md).")
def lines(
    folder: Path,
    name: WritingReader,
    phrases: Path | None,
    model: Path | None,
    most: int | None,
    *,
    plain: bool,
    as_json: bool,
) -> None:
    """Read the line images of FOLDER and compare with its labels.tsv (a row a line: path TAB text).

    \b
    Examples:
      ocrfill evaluate lines lines/ --reader hand --lexicon places.txt
      ocrfill evaluate lines lines/ --reader tesseract --json
    """
    if name == "tesseract" and (phrases is not None or model is not None or plain):
        raise click.UsageError("--lexicon, --plain and --model are for the handwriting reader: --reader hand, or auto")
    if plain and phrases is not None:
        raise click.UsageError("--plain leaves no room for --lexicon")
    known = None
    if name != "tesseract" and not plain:
        known = lexicon_model(phrases) if phrases is not None else general_model()
    figures = evaluate_lines(folder, make_writing_reader(name, model=model, knowledge=known), most)
    click.echo(json.dumps(figures.document(), ensure_ascii=False, indent=1) if as_json else _told(figures))


def _told(figures: LineFigures) -> str:
    return "\n".join(
        [
            f"{figures.lines} lines, reader {figures.reader} {figures.version}",
            f"CER          {figures.cer:.4f}   (tone marks forgiven {figures.cer_no_tone:.4f})",
            f"WER          {figures.wer:.4f}",
            f"exact lines  {figures.exact:.4f}",
            f"time         {figures.ms_per_line:.1f} ms a line",
        ]
    )
