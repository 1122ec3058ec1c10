"""`ocrfill run`: add the scans that are new, read the pages that are pending, say what came of it."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import click

from ocrfill.acceptance.trust_evidence import proven_trust
from ocrfill.batch import BookOptions, RunPlan, RunReport, ScanOutcome, WorkerPool, execute_plan, plan_run
from ocrfill.batch.worker import PageReader
from ocrfill.cli.settings import load_settings
from ocrfill.cli.text_option import TEXT, one_line
from ocrfill.cli.workspace import (
    failure_document,
    failure_line,
    note_document,
    note_line,
    open_store,
    workspace_option,
)
from ocrfill.document.page import shown_path
from ocrfill.document.result import Decision
from ocrfill.errors import ExitCode
from ocrfill.layouts.model import WritingReader
from ocrfill.pipeline.recognition.model_files import HAND_MODELS_FOLDER, newest_model
from ocrfill.store.access_trail import Act, note_access

PROGRESS_LINE_SECONDS = 30.0
"""Without a terminal, a line of progress at most so often."""

MAX_SHOWN_FILES = 20
"""So many files of one sort are named in the summary; all are in --json."""


@click.command()
@click.argument("scans", metavar="[SCANS]...", nargs=-1, type=click.Path(path_type=Path))
@workspace_option
@click.option(
    "--layout", metavar="NAME", help="The printed form of new books: a shipped layout, a layout's .yaml, or auto."
)
@click.option("--book", type=TEXT, metavar="KEY", help="The book, like KS.2006.01, where no folder is named after it.")
@click.option("--place", type=TEXT, metavar="TEXT", help="Who keeps the book (noiDangKy), like 'UBND xã Hải Lệ'.")
@click.option("--change-layout", is_flag=True, help="Give a known book the layout of --layout; it is read again.")
@click.option("--retry-failed", is_flag=True, help="Also try again what failed before.")
@click.option("--reader", type=click.Choice(get_args(WritingReader)), help="Who reads writing  [auto].")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Pages read at the same time  [all cores].")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the summary as one JSON object (docs/reference/commands.md)."
)
def run(
    scans: tuple[Path, ...],
    workspace: Path,
    *,
    layout: str | None,
    book: str | None,
    place: str | None,
    change_layout: bool,
    retry_failed: bool,
    reader: WritingReader | None,
    jobs: int | None,
    as_json: bool,
) -> ExitCode:
    """Add scans to a workspace and read all pages that are not read yet.

    SCANS are files or folders; the folder (or file) is named after its book, like KS.2006.01. Without SCANS it goes
    on with what is pending. It can be stopped at any time and started again; nothing is read twice.

    \b
    Examples:
      ocrfill run scans/KS.2006.01 --layout ks_2006_2015 --workspace work
      ocrfill run scans/ --layout auto --workspace work
      ocrfill run scan.pdf --book KT.2006.02 --layout kt_2006_2015 --workspace work
      ocrfill run --workspace work
      ocrfill run --workspace work --retry-failed
    """
    if not scans and book is None and (layout is not None or place is not None or change_layout):
        raise click.UsageError("--layout, --place and --change-layout need SCANS or --book to say which book is meant")
    settings = load_settings(workspace)
    wanted = BookOptions(layout, place, change_layout)
    order = plan_run(scans, book, wanted, retry_failed=retry_failed, jobs=jobs or settings.jobs or _cores())
    with open_store(workspace, settings, create=bool(order.files)) as store:
        trust = proven_trust(workspace, store)
        for key in sorted({key for _, key in order.files} | ({book} if book is not None else set())) or [""]:
            note_access(workspace, Act.CHANGED, "run", key)
        report = execute_plan(
            order,
            store,
            PageReader(settings.languages, reader or settings.reader, newest_model(workspace / HAND_MODELS_FOLDER)),
            lambda workers: WorkerPool(workers, settings.page_seconds),
            progress,
            trust=trust,
        )
    if as_json:
        click.echo(json.dumps(_document(order, report), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_told(order, report, workspace)))
    return ExitCode.SOME_PAGES_FAILED if report.failures else ExitCode.OK


def _cores() -> int:
    return len(os.sched_getaffinity(0))


@contextmanager
def progress(what: str, length: int) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal, else a line now and then, on stderr; nothing for nothing to do."""
    if sys.stderr.isatty() and length:
        with click.progressbar(length=length, label=what, file=sys.stderr, show_pos=True) as bar:
            yield lambda: bar.update(1)
        return
    done = 0
    told = time.monotonic()

    def step() -> None:
        nonlocal done, told
        done += 1
        if time.monotonic() - told >= PROGRESS_LINE_SECONDS:
            told = time.monotonic()
            click.echo(f"{what}: {done} of {length}", err=True)

    yield step


def _told(order: RunPlan, report: RunReport, workspace: Path) -> Iterator[str]:
    """The summary for a person."""
    outcomes = Counter(added.outcome for added in report.added)
    if report.added:
        yield "scans: " + ", ".join(f"{number} {outcome.value}" for outcome, number in sorted(outcomes.items()))
    for outcome, words in (
        (ScanOutcome.DUPLICATE, "has the same content as {}; taken once"),
        (ScanOutcome.MOVED, "was {}"),
        (ScanOutcome.CHANGED, "has changed; its new pages take the place of the old ones"),
    ):
        files = [added for added in report.added if added.outcome is outcome]
        yield from _some([f"{shown_path(added.file)} {words.replace('{}', added.note)}" for added in files])
    yield from _some([f"{shown_path(file)}: left out: {reason}" for file, reason in order.found.ignored])
    if report.pages:
        speed = 60 * report.pages / max(report.seconds, 0.001)
        good = report.pages - report.failed_pages
        yield f"pages: {good} done, {report.failed_pages} failed, {speed:.1f} a minute"
        yield (
            f"fields: {report.fields[Decision.REVIEW]} for review, {report.fields[Decision.ACCEPT]} accepted, "
            f"{report.fields[Decision.EMPTY]} empty, {report.fields[Decision.NOT_READ]} not read"
        )
    else:
        yield "pages: nothing was pending"
    if report.notes:
        yield f"to know, {len(report.notes)} in all:"
        yield from _some([note_line(note) for note in report.notes])
    if report.failures:
        yield f"failed, {len(report.failures)} in all:"
        yield from (f"  {failure_line(f)}" for f in report.failures)
        again = f"ocrfill run --workspace {shlex.quote(str(workspace))} --retry-failed"
        yield f"when they are put right, under the same names: {again}"


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {one_line(line)}" for line in lines[:MAX_SHOWN_FILES])
    if len(lines) > MAX_SHOWN_FILES:
        yield f"  ... and {len(lines) - MAX_SHOWN_FILES} more"


def _document(order: RunPlan, report: RunReport) -> dict[str, object]:
    return {
        "format": 1,
        "scans": [{"file": shown_path(a.file), "outcome": a.outcome.value, "note": a.note} for a in report.added],
        "ignored": [{"file": shown_path(file), "reason": reason} for file, reason in order.found.ignored],
        "pages_done": report.pages - report.failed_pages,
        "pages_failed": report.failed_pages,
        "fields": {decision.value: report.fields[decision] for decision in Decision},
        "seconds": round(report.seconds, 3),
        "notes": [note_document(note) for note in report.notes],
        "failed": [failure_document(f) for f in report.failures],
    }
