"""`ocrfill layout tune`: a layout's settings found by reviewed pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import click
import cv2

from ocrfill.authoring.edit.layout_file import LayoutFile, open_layout
from ocrfill.authoring.tune.cached_reader import cached_readers
from ocrfill.authoring.tune.ground_truth_pages import GroundTruthPage, drawn_pages, listed_pages, reviewed_pages
from ocrfill.authoring.tune.objective import TuningObjective, TuningSettings
from ocrfill.authoring.tune.report import FieldGain, by_field, held_out, in_all
from ocrfill.authoring.tune.search import TRIAL_COUNT, search_settings
from ocrfill.authoring.tune.selection import TuningSelection, select_settings
from ocrfill.authoring.tune.significance import SIGNIFICANCE_LEVEL
from ocrfill.authoring.tune.write_settings import with_settings
from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store
from ocrfill.errors import BadInput, MissingProgram
from ocrfill.layouts import Tuning
from ocrfill.layouts.model import WritingReader
from ocrfill.pipeline.recognition import Reader, TesseractReader
from ocrfill.store.access_trail import Act, note_access

MIN_PAGES = 5
"""With fewer pages no gain can be told from chance: five pages that all gain come about by chance in 3 of 100 cases."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--truth",
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="A folder of pages with their truth (docs/development/evaluation.md), or a CSV of values with the column raw.",
)
@click.option(
    "--workspace",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take the values that persons entered in this workspace.",
)
@click.option(
    "--book", "keys", multiple=True, type=TEXT, metavar="KEY", help="Only this book of the workspace; may be repeated."
)
@click.option(
    "--reader",
    type=click.Choice(get_args(WritingReader)),
    default="auto",
    show_default=True,
    help="Who reads writing where the layout names nobody, as in ocrfill run.",
)
@click.option("--trials", type=click.IntRange(min=2), default=TRIAL_COUNT, show_default=True, help="Settings to try.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same trials.")
@click.option("--dry-run", is_flag=True, help="Tell what would be kept; leave FILE as it is.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/reference/commands.md).")
def tune(
    *,
    file: Path,
    truth: Path | None,
    workspace: Path | None,
    keys: tuple[str, ...],
    reader: WritingReader,
    trials: int,
    seed: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Find a layout's settings (darkness of ink, dots, rules, margins, reader, lexicon) by pages with known values.

    A setting is kept only if other pages than those it was chosen by are read better, by more than chance explains.
    What is kept goes into FILE, under tuning; the old file is kept beside it.

    \b
    Examples:
      ocrfill layout tune my_book.yaml --workspace work
      ocrfill layout tune my_book.yaml --truth values.csv --dry-run
    """
    if (truth is None) == (workspace is None) or (keys and workspace is None):
        raise click.UsageError("give one of --truth and --workspace; --book goes with --workspace")
    cv2.setNumThreads(1)
    layout = open_layout(file)
    bench = TuningObjective(layout.layout, _known(layout, truth, workspace, keys), _readers(reader), reader)
    for reason in bench.skipped:
        click.echo(f"left out: {reason}", err=True)
    if len(bench.names) < MIN_PAGES:
        raise BadInput(
            f"{len(bench.names)} pages with known values fit this layout; {MIN_PAGES} are the fewest, 10 better"
        )
    tried = search_settings(bench, TuningSettings.of(layout.layout), trials=trials, seed=seed, tell=_progress)
    choice = select_settings(bench, tried)
    text = with_settings(layout.text, choice.kept.settings)
    kept = None if dry_run else layout.replaced(text)
    if as_json:
        click.echo(json.dumps(_document(choice, len(bench.names), len(tried)), ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(_told(choice, len(bench.names), len(tried))))
    if kept is not None:
        click.echo(
            f"{file}: changed; the old file is {kept.name}; raise its version if pages were read with it already"
        )


def _known(
    layout: LayoutFile, truth: Path | None, workspace: Path | None, keys: tuple[str, ...]
) -> list[GroundTruthPage]:
    if workspace is not None:
        with open_store(workspace) as store:
            known = reviewed_pages(store, keys, layout.layout)
            for key in keys or ("",):
                note_access(workspace, Act.SAW, "layout tune", key)
            return known
    assert truth is not None
    return drawn_pages(truth, layout.layout) if truth.is_dir() else listed_pages(truth)


def _readers(usual: str) -> dict[str, Reader]:
    """All readers there are; without Tesseract only the network, if that is the usual one."""
    try:
        return cached_readers(TesseractReader("vie", twice=usual == "tesseract"))
    except MissingProgram:
        if usual != "hand":
            raise
        return cached_readers(None)


def _progress(done: int, of: int, best: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {of} settings tried, best {best:.3f} exact", err=True, nl=done == of)


def _told(choice: TuningSelection, pages: int, tried: int) -> Iterator[str]:
    yield f"{pages} pages, {tried} settings tried"
    yield from _table([*by_field(choice), in_all(choice)])
    other = held_out(choice)
    yield (
        f"on pages they were not chosen by, the best settings read {other.after:.3f} exact, before {other.before:.3f} "
        f"(gain {_gain(other)}; by chance in {choice.chance:.3f} of cases)"
    )
    if not choice.changed:
        yield f"nothing is changed: no gain that chance does not explain (limit {SIGNIFICANCE_LEVEL:g})"
        return
    for one in fields(Tuning):
        before, after = (getattr(t.settings.tuning, one.name) for t in (choice.start, choice.kept))
        if before != after:
            yield f"tuning.{one.name}: {before} → {after}"
    readers = [dict(t.settings.readers) for t in (choice.start, choice.kept)]
    for name in sorted({*readers[0], *readers[1]}):
        was, now = (found.get(name, "as all") for found in readers)
        if was != now:
            yield f"fields.{name}.reader: {was} → {now}"


def _table(lines: list[FieldGain]) -> Iterator[str]:
    wide = max(len(line.name) for line in lines)
    yield f"{'field':<{wide}}  known  before   after  gain, 95 %"
    for line in lines:
        yield f"{line.name:<{wide}}  {line.known:>5}  {line.before:>6.3f}  {line.after:>6.3f}  {_gain(line)}"


def _gain(line: FieldGain) -> str:
    return f"{line.gain[0]:+.3f} to {line.gain[1]:+.3f}"


def _document(choice: TuningSelection, pages: int, tried: int) -> dict[str, object]:
    def settings(one: TuningSettings) -> dict[str, object]:
        return {f.name: getattr(one.tuning, f.name) for f in fields(Tuning)} | {"readers": dict(one.readers)}

    return {
        "format": 1,
        "pages": pages,
        "tried": tried,
        "changed": choice.changed,
        "chance": round(choice.chance, 5),
        "before": settings(choice.start.settings),
        "after": settings(choice.kept.settings),
        "all": in_all(choice).document(),
        "held_out": held_out(choice).document(),
        "fields": [line.document() for line in by_field(choice)],
    }
