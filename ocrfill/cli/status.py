"""`ocrfill status`: how far each book of a workspace is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from ocrfill.cli.settings import load_settings
from ocrfill.cli.workspace import (
    failure_document,
    failure_line,
    note_document,
    note_line,
    open_store,
    workspace_option,
)
from ocrfill.document.result import Decision
from ocrfill.store import BookCounts, FailedPage, PageNote, State
from ocrfill.store.access_trail import due_books, unfinished_purges


@dataclass(frozen=True, slots=True)
class BookReport:
    """A book in figures, with what failed in it, what a person should know of its pages, and since when it is due to be
    purged, if it is.
    """

    status: BookCounts
    failures: Sequence[FailedPage]
    notes: Sequence[PageNote]
    due: datetime | None


@click.command()
@workspace_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print the figures as one JSON object (docs/reference/commands.md)."
)
def status(workspace: Path, *, as_json: bool) -> None:
    """Show each book's scans, pages, records, fields, and what failed and why.

    \b
    Example:
      ocrfill status --workspace work
    """
    settings = load_settings(workspace)
    due = due_books(workspace, settings.retention_days, datetime.now(UTC))
    unfinished = unfinished_purges(workspace)
    with open_store(workspace, settings) as store:
        statuses, failures, notes = store.status(), store.failures(), store.notes()
    books = [
        BookReport(
            status,
            [failure for failure in failures if failure.book == status.book.key],
            [note for note in notes if note.book == status.book.key],
            due.get(status.book.key),
        )
        for status in statuses
    ]
    if as_json:
        click.echo(
            json.dumps({"format": 1, "books": [_document(book) for book in books]}, ensure_ascii=False, indent=1)
        )
    else:
        click.echo("\n".join(line for book in books for line in _told(book)) or "no book yet; `ocrfill run` adds one")
    for key in unfinished:
        click.echo(f"{key}: a purge was not finished; `ocrfill purge --workspace {workspace} --book {key}`", err=True)


def _told(known: BookReport) -> Iterator[str]:
    status = known.status
    book, pages, fields = status.book, status.pages, status.fields
    place = f", {book.place}" if book.place else ""
    yield f"{book.key}  layout {book.layout}, version {status.layout_version}{place}"
    scans = f"  scans: {status.scans}"
    scans += f", {status.failed_scans} of them could not be opened" if status.failed_scans else ""
    yield scans + (f", {status.replaced} replaced by newer ones" if status.replaced else "")
    yield (
        f"  pages: {pages[State.DONE]} done, {pages[State.PENDING]} pending, {pages[State.FAILED]} failed; "
        f"records: {status.records}"
    )
    yield (
        f"  fields: {fields[Decision.REVIEW]} for review, {fields[Decision.ACCEPT]} accepted, "
        f"{fields[Decision.EMPTY]} empty, {fields[Decision.NOT_READ]} not read"
    )
    if known.due is not None:
        yield f"  due to be purged since {known.due:%Y-%m-%d} (retention_days after its export); `ocrfill purge --due`"
    yield from (f"  to know: {note_line(note)}" for note in known.notes)
    yield from (f"  failed: {failure_line(failure)}" for failure in known.failures)


def _document(known: BookReport) -> dict[str, object]:
    status = known.status
    return {
        "book": status.book.key,
        "layout": status.book.layout,
        "layout_version": status.layout_version,
        "place": status.book.place,
        "scans": status.scans,
        "scans_failed": status.failed_scans,
        "scans_replaced": status.replaced,
        "pages": {state.value: status.pages[state] for state in State},
        "records": status.records,
        "fields": {decision.value: status.fields[decision] for decision in Decision},
        "notes": [note_document(note) for note in known.notes],
        "failed": [failure_document(failure) for failure in known.failures],
        "due": known.due.isoformat(timespec="seconds") if known.due is not None else None,
    }
