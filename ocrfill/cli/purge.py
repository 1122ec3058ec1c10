"""`ocrfill purge`: a book taken out of a workspace for good, and proof of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from ocrfill.cli.layout.edit import layouts_home
from ocrfill.cli.settings import load_settings
from ocrfill.cli.text_option import TEXT
from ocrfill.cli.train import TRAINING_FOLDER_NAME
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import BadInput, ExitCode
from ocrfill.pipeline.recognition.model_files import HAND_MODELS_FOLDER
from ocrfill.review.purge import BookPurge, PurgedBook
from ocrfill.store import Store
from ocrfill.store.access_trail import due_books, unfinished_purges

MAX_SHOWN_FILES = 20
"""So many files of one sort are named; all are in --json."""


@click.command()
@workspace_option
@click.option(
    "--book", "keys", multiple=True, type=TEXT, metavar="KEY", help="This book, like KS.2006.01; may be repeated."
)
@click.option("--due", is_flag=True, help="All books whose time (retention_days after the last export) is over.")
@click.option("--scans", is_flag=True, help="Delete the original scans too, as far as they are as they were read.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was done as one JSON object (docs/reference/commands.md)."
)
def purge(
    workspace: Path, keys: tuple[str, ...], *, due: bool, scans: bool, yes: bool, as_json: bool
) -> ExitCode | None:
    """Take a book out of a workspace for good: values, readings, answers, pictures; then look what is left of it.

    It cannot be undone. The original scans stay unless --scans is given. What was exported, and what lies on a server
    given with --url, is named for you to remove. Stopped half-way, the same command goes on.

    \b
    Examples:
      ocrfill purge --workspace work --book KS.2006.01
      ocrfill purge --workspace work --book KS.2006.01 --scans --yes
      ocrfill purge --workspace work --due
    """
    if due == bool(keys):
        raise click.UsageError("say which book with --book, or --due")
    settings = load_settings(workspace)
    with open_store(workspace, settings) as store:
        if due and settings.retention_days is None:
            raise BadInput(f"--due: set retention_days in {workspace / 'ocrfill.toml'} first")
        wanted = due_books(workspace, settings.retention_days, datetime.now(UTC)) if due else dict.fromkeys(keys)
        there = {book.key for book in store.books()} | set(unfinished_purges(workspace))
        purges = [_purge(workspace, store, key) for key in wanted if not due or key in there]
        if not purges:
            click.echo("no book is due")
            return None
        told = [_before(one, scans=scans) for one in purges]
        if not yes and not _agreed(told):
            click.echo("nothing was removed")
            return None
        done = [one.carry_out(scans=scans, tell=lambda what: click.echo(what, err=True)) for one in purges]
    if as_json:
        click.echo(json.dumps({"format": 1, "books": [dataclasses.asdict(one) for one in done]}, indent=1))
    else:
        kept_apart = settings.store is not None
        click.echo("\n".join(line for one in done for line in _told(one, in_server=kept_apart)))
    return ExitCode.SOME_PAGES_FAILED if any(one.left for one in done) else None


def _purge(workspace: Path, store: Store, key: str) -> BookPurge:
    training = workspace / TRAINING_FOLDER_NAME / "lines"
    homes = (workspace, layouts_home())
    return BookPurge(workspace, store, key, homes, training, workspace / HAND_MODELS_FOLDER)


def _before(one: BookPurge, *, scans: bool) -> str:
    """What is going to be removed."""
    counts = ", ".join(f"{count} {what}" for what, count in one.counts().items() if what != "scans")
    files = len(one.scan_files())
    return f"{one.key}: {counts}; its {files} scans are {'DELETED too' if scans else 'kept'}"


def _agreed(told: Sequence[str]) -> bool:
    click.echo("\n".join(told), err=True)
    try:
        return click.confirm("Remove this for good?", err=True)
    except click.Abort:
        raise click.UsageError("nobody answers: say --yes to remove without being asked") from None


def _told(one: PurgedBook, *, in_server: bool) -> Iterator[str]:
    counts = ", ".join(f"{count} {what}" for what, count in one.counts.items() if what != "scans")
    yield f"{one.book}: removed from the store: {counts}"
    if one.server_rows:
        yield f"  removed from the reviewing server: {one.server_rows} rows, with their pictures"
    if one.scans_removed:
        yield f"  {one.scans_removed} scans deleted"
    yield (
        f"  looked for {one.sought} of its texts and pictures in the {one.files} files of the workspace: "
        + ("nothing found" if not one.left else f"{len(one.left)} files hold some of it, or bear its name:")
    )
    yield from _some([f"{file.path}: {file.strings} of them" for file in one.left])
    if one.short:
        yield f"  not looked for: {one.short} texts shorter than 8 bytes, which stand in any file by chance"
    if one.elsewhere:
        yield f"  {one.elsewhere} of the texts stand in other books of this workspace too, and stay there"
    if one.given:
        yield "  these files hold records of it; remove them where your rules say so:"
        yield from _some(one.given)
    if one.scans_left:
        yield f"  {len(one.scans_left)} original scans are kept:"
        yield from _some(one.scans_left)
    for server in one.servers:
        projects = ", ".join(map(str, server.projects)) or "of its key"
        yield f"  {server.url} is not ours to empty: delete its projects {projects} and the project of pictures there"
    if one.taught:
        yield f"  models taught in this workspace may have learnt from it (weights only): {', '.join(one.taught)}"
    if in_server:
        yield "  the database server's log, replicas and backups keep what was deleted as long as their own rules say"
    yield "  copies, backups and the disk's freed places are beyond ocrfill: see docs/how-to/purge.md"


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"    {line}" for line in lines[:MAX_SHOWN_FILES])
    if len(lines) > MAX_SHOWN_FILES:
        yield f"    ... and {len(lines) - MAX_SHOWN_FILES} more"
