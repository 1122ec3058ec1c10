"""`ocrfill review pull`: what persons entered comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.review.pull import Pull, Pulled
from ocrfill.review.server_access import need
from ocrfill.review.server_process import server_at
from ocrfill.store.access_trail import Act, note_access


@click.command()
@workspace_option
@click.option("--watch", type=click.FloatRange(min=1), metavar="SECONDS", help="Pull again every so many seconds.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what came as one JSON object a pull (docs/reference/commands.md)."
)
def pull(workspace: Path, watch: float | None, *, as_json: bool) -> None:
    """Fetch what persons entered since the last pull. Run it as often as you like; each answer is kept once."""
    access = need(workspace)
    with open_store(workspace) as store:
        pulling = Pull(store, server_at(access), access.name)
        while True:
            pulled = pulling.once()
            if pulled.corrections or pulled.withdrawn:
                counts = {"answers": pulled.corrections, "withdrawn": pulled.withdrawn}
                note_access(workspace, Act.CHANGED, "review pull", counts=counts)
            if as_json:
                click.echo(json.dumps({"format": 1, **_document(pulled)}))
            else:
                click.echo("\n".join(_told(pulled)))
            if watch is None:
                return
            time.sleep(watch)


def _document(pulled: Pulled) -> dict[str, object]:
    return {
        "corrections": pulled.corrections,
        "withdrawn": pulled.withdrawn,
        "lost_batches": pulled.lost_batches,
        "strange_tasks": pulled.strangers,
        "set_aside": [asdict(one) for one in pulled.set_aside],
    }


def _told(pulled: Pulled) -> Iterator[str]:
    yield f"{pulled.corrections} new answers"
    if pulled.withdrawn:
        yield f"{pulled.withdrawn} answers were taken back on the server and count no more"
    if pulled.lost_batches:
        yield f"{pulled.lost_batches} batches are not on the server any more; `ocrfill review push` sends them again"
    if pulled.strangers:
        yield f"{pulled.strangers} answered tasks are not ocrfill's and were left alone"
    for one in pulled.set_aside:
        yield (
            f"{one.book}: an answer to task {one.task} of project {one.project} was set aside: {one.reason}; "
            "give it again there, all others were taken"
        )
