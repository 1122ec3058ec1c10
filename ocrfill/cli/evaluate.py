"""`ocrfill evaluate`: how right results are, against truth."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ocrfill.cli.evaluate_lines import lines
from ocrfill.document.result_json import results_in_file
from ocrfill.evaluation import EvaluationFigures, Score, compare_pages, read_truth, results_in_workspace
from ocrfill.store.access_trail import Act, note_access

TABLE_HEADS = (
    "kind",
    "filled",
    "exact",
    "CER",
    "WER",
    "coded",
    "coded exact",
    "called empty",
    "blank",
    "called filled",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def evaluate() -> None:
    """Measure how right results are, against truth that is known."""


evaluate.add_command(lines)


@evaluate.command()
@click.argument("truth", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take the results from this workspace's store.",
)
@click.option(
    "--results",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the results from this file: .json of `ocrfill read`, .jsonl of `ocrfill export`.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/development/evaluation.md).")
def pages(truth: Path, workspace: Path | None, results: Path | None, *, as_json: bool) -> None:
    """Compare drawn pages' truth, the .json files in the folder TRUTH, with what was read on them.

    \b
    Examples:
      ocrfill evaluate pages samples/KS.2006.01 --workspace work
      ocrfill read samples/KS.2006.01/*.jpg --layout ks_2006_2015 --json > read.json
      ocrfill evaluate pages samples/KS.2006.01 --results read.json
    """
    if (workspace is None) == (results is None):
        raise click.UsageError("give one of --workspace and --results")
    if workspace is not None:
        read = results_in_workspace(workspace)
        note_access(workspace, Act.SAW, "evaluate pages")
    else:
        read = results_in_file(results or Path())
    figures = compare_pages(read_truth(truth), read)
    click.echo(json.dumps(figures.document(), ensure_ascii=False, indent=1) if as_json else _table(figures))


def _table(figures: EvaluationFigures) -> str:
    """The figures for a person: pages, then a line a kind of field, then all."""
    rows = [
        TABLE_HEADS,
        *(_row(kind, score) for kind, score in sorted(figures.kinds.items())),
        _row("all", figures.total),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(TABLE_HEADS))]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
    total = figures.read + figures.failed + figures.missing
    head = f"{total} pages with truth: {figures.read} read, {figures.failed} failed, {figures.missing} without result"
    if figures.unmatched:
        head += f"; {figures.unmatched} results without truth"
    return "\n".join([head, "", *lines])


def _row(name: str, score: Score) -> tuple[str, ...]:
    shares = score.document()
    shown = [shares[key] for key in ("filled", "exact", "cer", "wer", "coded", "coded_exact")]
    shown += [score.called_empty, score.blank, score.called_filled]
    return (name, *("-" if s is None else f"{s:.3f}" if isinstance(s, float) else str(s) for s in shown))
