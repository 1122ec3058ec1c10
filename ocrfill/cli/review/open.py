"""`ocrfill review open`: where each batch is reviewed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import ReviewError
from ocrfill.review.progress import progress_of
from ocrfill.review.server_access import Access, need
from ocrfill.review.server_process import check_ours


@click.command("open")
@workspace_option
@click.option("--book", "key", type=TEXT, metavar="KEY", help="Only this book's batches.")
def open_(workspace: Path, key: str | None) -> None:
    """Print where each batch is reviewed, and open the first one that is not done in a browser, on a desktop."""
    access = need(workspace)
    with open_store(workspace) as store:
        progress = progress_of(store, key)
    there = [batch for batch in progress.batches if batch.project is not None and batch.server == access.name]
    if not there:
        raise ReviewError("nothing was pushed yet; `ocrfill review push` does it")
    check_ours(access)  # whoever else listens there would be told the password
    for batch in there:
        click.echo(f"{_address(access, batch.project or 0)}  {batch.answered}/{batch.tasks}  {batch.person}".rstrip())
    left = next((batch for batch in there if batch.answered < batch.tasks), None)
    if left is not None and sys.stdout.isatty():
        click.launch(_address(access, left.project or 0))


def _address(access: Access, project: int) -> str:
    """The page that shows one field after the other."""
    return f"{access.url}/projects/{project}/data?labeling=1"
