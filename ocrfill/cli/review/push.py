"""`ocrfill review push`: fields that need a person go to the reviewing server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import click

from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import BadInput
from ocrfill.layouts import load_layout
from ocrfill.review.proof_sample import draw_proof_sample
from ocrfill.review.push import Push
from ocrfill.review.server_access import folder_of, need
from ocrfill.review.server_process import server_at
from ocrfill.review.task_selection import BATCH_FIELDS, Order, ReviewOptions
from ocrfill.review.translations import Language
from ocrfill.store.access_trail import Act, note_access
from ocrfill.store.lock import folder_lock


@click.command()
@workspace_option
@click.option(
    "--book", "keys", multiple=True, type=TEXT, metavar="KEY", help="Only this book, like KS.2006.01; may be repeated."
)
@click.option(
    "--order",
    type=click.Choice(get_args(Order)),
    default="doubt",
    show_default=True,
    help="The most doubtful first, or as in the book.",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=BATCH_FIELDS,
    show_default=True,
    metavar="N",
    help="Fields in a batch.",
)
@click.option(
    "--person", "people", multiple=True, type=TEXT, metavar="WHO", help="Who gets batches, in turn; may be repeated."
)
@click.option("--second/--no-second", default=False, help="A second person for names, dates and numbers.")
@click.option("--checker", default="", type=TEXT, metavar="WHO", help="Who decides where two persons disagree.")
@click.option(
    "--audit",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    metavar="SHARE",
    help="Share of accepted and of empty fields that are mixed in.",
)
@click.option(
    "--by-lot",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only so many filled fields, drawn by lot over all books: they prove what `ocrfill calibrate` promises.",
)
@click.option("--language", type=click.Choice(get_args(Language)), default="vi", show_default=True, help="On the page.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was sent as one JSON object (docs/reference/commands.md)."
)
def push(
    workspace: Path,
    keys: tuple[str, ...],
    order: Order,
    batch: int,
    people: tuple[str, ...],
    *,
    second: bool,
    checker: str,
    audit: float,
    by_lot: int | None,
    language: Language,
    as_json: bool,
) -> None:
    """Send fields that need a person to the reviewing server; what is there already stays.

    It can be stopped at any moment and run again: nothing is lost or doubled.

    \b
    Examples:
      ocrfill review push --workspace work --by-lot 3000     # before the first `ocrfill calibrate`
      ocrfill review push --workspace work --audit 0.02      # after it: what is doubted, and an audit
      ocrfill review push --workspace work --book KS.2006.01 --person thu@xa.vn --person ba@xa.vn
    """
    if by_lot is not None and (audit or keys):
        raise click.UsageError("--by-lot draws over all books, accepted fields too: leave out --book and --audit")
    access = need(workspace)
    # two pushes at once would each plan the same fields
    with folder_lock(folder_of(workspace)), open_store(workspace) as store:
        known = {book.key: book for book in store.books()}
        for key in keys:
            if key not in known:
                raise BadInput(f"there is no book {key} in this workspace; it has {', '.join(known) or 'none'}")
        server = server_at(access)
        server.whoami()
        pages = (page for key in known for page in store.pages(key))
        proofs = draw_proof_sample(pages, by_lot) if by_lot is not None else None
        wishes = ReviewOptions(order, batch, people, second, checker, audit, proofs)
        sent = []
        for key in dict.fromkeys(keys or known):
            pushing = Push(store, server, access.name, known[key], load_layout(known[key].layout), language)
            note_access(workspace, Act.GAVE, "review push", key, files=(access.url,))
            sent.append(_send(pushing, wishes))
    if as_json:
        click.echo(json.dumps({"format": 1, "books": sent}, indent=1))
        return
    for line in (line for book in sent for line in _told(book)):
        click.echo(line)


def _send(pushing: Push, wishes: ReviewOptions) -> dict[str, object]:
    """Plan and send a book's fields, with a bar on a terminal; what was sent, as JSON data."""
    key = pushing.book.key
    lost = pushing.plan(wishes)
    waiting = sum(batch.size for batch in pushing.waiting())
    with click.progressbar(length=waiting, label=key, file=sys.stderr, hidden=not sys.stderr.isatty()) as progress:
        sent = pushing.send(progress.update)
    return {"book": key, "batches": sent.batches, "fields": sent.tasks, "lost_batches": lost}


def _told(book: Mapping[str, object]) -> Iterator[str]:
    if book["lost_batches"]:
        yield (
            f"{book['book']}: the server has lost {book['lost_batches']} batches (another database?); what was "
            "pulled from them is safe, the rest was sent again"
        )
    yield f"{book['book']}: {book['fields']} fields sent in {book['batches']} batches"
