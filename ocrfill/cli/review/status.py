"""`ocrfill review status`: how far review is and how fast it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import ReviewError
from ocrfill.review.progress import Progress, progress_of
from ocrfill.review.server_access import Access, load
from ocrfill.review.server_process import alive, server_at

PATIENCE_SECONDS = 10.0
"""How long a server that does not answer may hold this command up."""


@click.command()
@workspace_option
@click.option("--book", "key", type=TEXT, metavar="KEY", help="Only this book.")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object (docs/reference/commands.md).")
def status(workspace: Path, key: str | None, *, as_json: bool) -> None:
    """Tell how far review is, how fast it goes, and whether the server answers."""
    access = load(workspace)
    with open_store(workspace) as store:
        progress = progress_of(store, key)
    server = "never started" if access is None else f"{access.url}, {_state(access)}"
    if as_json:
        click.echo(json.dumps({"format": 1, "server": server, **progress.document()}, ensure_ascii=False, indent=1))
        return
    click.echo(f"server: {server}")
    click.echo("\n".join(_told(progress)))


def _state(access: Access) -> str:
    if access.process is not None and not alive(access):
        return "stopped"
    try:
        server_at(access, patience=PATIENCE_SECONDS, tries=1).whoami()
    except ReviewError as error:
        return f"not to be used: {error}"
    return "answers"


def _told(progress: Progress) -> Iterator[str]:
    for batch in progress.batches:
        whom = f" {batch.person}" if batch.person else ""
        yield f"batch {batch.number} {batch.book}{whom}: {batch.answered} of {batch.tasks} answered, {batch.state}"
    if progress.answers:
        yield "answers: " + ", ".join(f"{count} {answer}" for answer, count in progress.answers.items())
    if progress.open:
        yield f"{progress.open} fields wait for a checker: two persons disagree (`ocrfill review push --second`)"
    for speed in progress.speeds:
        yield (
            f"{speed.what}: {speed.fields} fields, {speed.median_seconds:.1f} s a field (half of them), "
            f"{speed.mean_seconds:.1f} s on average, {speed.keys:.1f} keys a field"
        )
