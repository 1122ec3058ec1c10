"""`ocrfill review`: doubted fields to Label Studio, answers back."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from ocrfill.cli.settings import load_settings
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import BadInput, ReviewError
from ocrfill.layouts import load_layout
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.label_studio_env import environment_folder, install
from ocrfill.review.local_server import alive
from ocrfill.review.local_server import start as start_server
from ocrfill.review.local_server import stop as stop_server
from ocrfill.review.progress import Progress, progress_of
from ocrfill.review.proof_sample import drawn
from ocrfill.review.pull import Pull, Pulled
from ocrfill.review.push import Push
from ocrfill.review.server_access import Access, folder_of, keep, load, need
from ocrfill.review.task_selection import BATCH, Order, Wishes
from ocrfill.review.translations import Language
from ocrfill.store.lock import folder_lock

TOKEN_VARIABLE = "LABEL_STUDIO_API_KEY"  # noqa: S105 - the name of a variable, Label Studio's own
"""Gives the token of a server at --url without typing it; it never stands in a command, where others see it."""


@click.group()
def review() -> None:
    """Put fields that need a person before one, in Label Studio, and fetch what was entered.

    \b
    Examples:
      ocrfill review start --workspace work
      ocrfill review push  --workspace work --book KS.2006.01
      ocrfill review open  --workspace work
      ocrfill review pull  --workspace work
      ocrfill review status --workspace work
      ocrfill review stop  --workspace work
    """


@review.command()
@workspace_option
@click.option("--url", metavar="URL", help="A Label Studio that runs already, instead of one of this workspace's own.")
@click.option("--port", type=click.IntRange(1024, 65535), metavar="N", help="Port of the own server  [from 8290 on].")
def start(workspace: Path, url: str | None, port: int | None) -> None:
    """Start a Label Studio of this workspace's own, or remember a given one.

    The own one is installed into an environment of its own the first time (about 1 GB), listens on this computer
    only and sends nothing anywhere. For --url the token is asked for, or taken from LABEL_STUDIO_API_KEY.
    """
    open_store(workspace).close()  # a workspace must be there
    if url is not None:
        if port is not None:
            raise click.UsageError("--port is for the own server; it cannot stand with --url")
        token = os.environ.get(TOKEN_VARIABLE) or click.prompt("token", hide_input=True, err=True)
        access = Access(url.rstrip("/"), token, url.rstrip("/"))
        who = ReviewServer(access.url, access.token).whoami()
        keep(workspace, access)
        click.echo(f"{access.url}: reached as {who}")
        return
    environment = environment_folder(load_settings(workspace).label_studio)
    install(environment, _tell)
    access = start_server(workspace, environment, port=port, tell=_tell)
    ReviewServer(access.url, access.token).whoami()
    click.echo(f"{access.url}: runs, for this computer only")
    click.echo(f"log in as {access.user}; the password is in {workspace / 'review' / 'server.json'}")


@review.command()
@workspace_option
def stop(workspace: Path) -> None:
    """Stop the workspace's own server. What was entered stays in its database."""
    click.echo("stopped" if stop_server(workspace) else "it does not run")


@review.command("open")
@workspace_option
@click.option("--book", "key", metavar="KEY", help="Only this book's batches.")
def open_(workspace: Path, key: str | None) -> None:
    """Print where each batch is reviewed, and open the first one that is not done in a browser, on a desktop."""
    access = need(workspace)
    with open_store(workspace) as store:
        progress = progress_of(store, key)
    there = [batch for batch in progress.batches if batch.project is not None and batch.server == access.name]
    if not there:
        raise ReviewError("nothing was pushed yet; `ocrfill review push` does it")
    for batch in there:
        click.echo(f"{_address(access, batch.project or 0)}  {batch.answered}/{batch.tasks}  {batch.person}".rstrip())
    left = next((batch for batch in there if batch.answered < batch.tasks), None)
    if left is not None and sys.stdout.isatty():
        click.launch(_address(access, left.project or 0))


def _address(access: Access, project: int) -> str:
    """The page that shows one field after the other."""
    return f"{access.url}/projects/{project}/data?labeling=1"


@review.command()
@workspace_option
@click.option("--book", "keys", multiple=True, metavar="KEY", help="Only this book, like KS.2006.01; may be repeated.")
@click.option(
    "--order",
    type=click.Choice(get_args(Order)),
    default="doubt",
    show_default=True,
    help="The most doubtful first, or as in the book.",
)
@click.option(
    "--batch", type=click.IntRange(min=1), default=BATCH, show_default=True, metavar="N", help="Fields in a batch."
)
@click.option("--person", "people", multiple=True, metavar="WHO", help="Who gets batches, in turn; may be repeated.")
@click.option("--second/--no-second", default=False, help="A second person for names, dates and numbers.")
@click.option("--checker", default="", metavar="WHO", help="Who decides where two persons disagree.")
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
@click.option("--json", "as_json", is_flag=True, help="Print what was sent as one JSON object (docs/review.md).")
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
    books = []
    # two pushes at once would each plan the same fields
    with folder_lock(folder_of(workspace)), open_store(workspace) as store:
        known = {book.key: book for book in store.books()}
        for key in keys:
            if key not in known:
                raise BadInput(f"there is no book {key} in this workspace; it has {', '.join(known) or 'none'}")
        server = ReviewServer(access.url, access.token)
        server.whoami()
        pages = (page for key in known for page in store.pages(key))
        proofs = drawn(pages, by_lot) if by_lot is not None else None
        wishes = Wishes(order, batch, people, second, checker, audit, proofs)
        for key in dict.fromkeys(keys or known):
            pushing = Push(store, server, access.name, known[key], load_layout(known[key].layout), language)
            lost = pushing.plan(wishes)
            waiting = sum(b.size for b in pushing.waiting())
            with click.progressbar(
                length=waiting, label=key, file=sys.stderr, hidden=not sys.stderr.isatty()
            ) as progress:
                sent = pushing.send(progress.update)
            books.append({"book": key, "batches": sent.batches, "fields": sent.tasks, "lost_batches": lost})
    if as_json:
        click.echo(json.dumps({"format": 1, "books": books}, indent=1))
        return
    for book in books:
        if book["lost_batches"]:
            click.echo(
                f"{book['book']}: the server has lost {book['lost_batches']} batches (another database?); what was "
                "pulled from them is safe, the rest was sent again"
            )
        click.echo(f"{book['book']}: {book['fields']} fields sent in {book['batches']} batches")


@review.command()
@workspace_option
@click.option("--watch", type=click.FloatRange(min=1), metavar="SECONDS", help="Pull again every so many seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print what came as one JSON object a pull (docs/review.md).")
def pull(workspace: Path, watch: float | None, *, as_json: bool) -> None:
    """Fetch what persons entered since the last pull. Run it as often as you like; each answer is kept once."""
    access = need(workspace)
    with open_store(workspace) as store:
        pulling = Pull(store, ReviewServer(access.url, access.token), access.name)
        while True:
            pulled = pulling.once()
            if as_json:
                click.echo(json.dumps({"format": 1, **_pulled_document(pulled)}))
            else:
                click.echo("\n".join(_pulled_told(pulled)))
            if watch is None:
                return
            time.sleep(watch)


def _pulled_document(pulled: Pulled) -> dict[str, int]:
    return {
        "corrections": pulled.corrections,
        "withdrawn": pulled.withdrawn,
        "lost_batches": pulled.lost_batches,
        "strange_tasks": pulled.strangers,
    }


def _pulled_told(pulled: Pulled) -> Iterator[str]:
    yield f"{pulled.corrections} new answers"
    if pulled.withdrawn:
        yield f"{pulled.withdrawn} answers were taken back on the server and count no more"
    if pulled.lost_batches:
        yield f"{pulled.lost_batches} batches are not on the server any more; `ocrfill review push` sends them again"
    if pulled.strangers:
        yield f"{pulled.strangers} answered tasks are not ocrfill's and were left alone"


@review.command()
@workspace_option
@click.option("--book", "key", metavar="KEY", help="Only this book.")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object (docs/review.md).")
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
    click.echo("\n".join(_progress_told(progress)))


def _state(access: Access) -> str:
    if access.process is not None and not alive(access):
        return "stopped"
    try:
        ReviewServer(access.url, access.token, patience=10, tries=1).whoami()
    except ReviewError as error:
        return f"not to be used: {error}"
    return "answers"


def _progress_told(progress: Progress) -> Iterator[str]:
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


def _tell(text: str) -> None:
    click.echo(text, err=True)
