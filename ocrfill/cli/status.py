"""`ocrfill status`: how far each book of a workspace is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ocrfill.cli.workspace import failure_document, failure_line, open_store, workspace_option
from ocrfill.records import Decision
from ocrfill.store import BookStatus, FailedPage, State


@click.command()
@workspace_option
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object (docs/running.md).")
def status(workspace: Path, *, as_json: bool) -> None:
    r"""Show each book's scans, pages, records, fields, and what failed and why.

    \b
    Example:
      ocrfill status --workspace work
    """
    with open_store(workspace) as store:
        books, failures = store.status(), store.failures()
    if as_json:
        click.echo(json.dumps(_document(books, failures), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_told(books, failures)) or "no book yet; `ocrfill run` adds one")


def _told(books: Sequence[BookStatus], failures: Sequence[FailedPage]) -> Iterator[str]:
    for status in books:
        book, pages, fields = status.book, status.pages, status.fields
        yield f"{book.key}  layout {book.layout}, version {status.layout_version}" + (
            f", {book.place}" if book.place else ""
        )
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
        failed = [failure for failure in failures if failure.book == book.key]
        yield from (f"  failed: {failure_line(failure)}" for failure in failed)


def _document(books: Sequence[BookStatus], failures: Sequence[FailedPage]) -> dict[str, object]:
    return {
        "format": 1,
        "books": [
            {
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
                "failed": [failure_document(f) for f in failures if f.book == status.book.key],
            }
            for status in books
        ],
    }
