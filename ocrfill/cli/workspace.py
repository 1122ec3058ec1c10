"""What commands on a workspace share: opening it by its settings, and telling what failed in it."""

from __future__ import annotations

from pathlib import Path

import click

from ocrfill.cli.settings import Settings, load_settings
from ocrfill.cli.text_option import one_line
from ocrfill.errors import BadInput
from ocrfill.store import FailedPage, PageNote, Store
from ocrfill.store.store import STORE_FILE_NAME

workspace_option = click.option(
    "--workspace",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder that holds the work: its store ocrfill.sqlite and, if wanted, ocrfill.toml.",
)


def open_store(workspace: Path, settings: Settings | None = None, *, create: bool = False) -> Store:
    """The store of a workspace: the database its settings name, else the file in the folder.

    Raises BadInput where the settings name no database: a path there could lead two workspaces to one file.
    """
    settings = settings or load_settings(workspace)
    if settings.store is None:
        return Store.open(workspace / STORE_FILE_NAME, workspace, create=create)
    if "://" not in settings.store:
        raise BadInput("the setting store is the URL of a database, postgresql+pg8000://...; leave it out for a file")
    return Store.open(settings.store, workspace, create=create)


def failure_line(failed: FailedPage) -> str:
    """One failed page or file in words: which, at what stage, why."""
    where = failed.scan if failed.number is None else f"{failed.scan}, page {failed.number}"
    return one_line(f"{where}: {failed.stage}: {failed.reason}")


def failure_document(failed: FailedPage) -> dict[str, object]:
    """A failed page or file (then `page` is null) as JSON data."""
    return {
        "book": failed.book,
        "file": failed.scan,
        "page": failed.number,
        "stage": failed.stage,
        "reason": failed.reason,
    }


def note_line(note: PageNote) -> str:
    """What a person should know of a page that was read, in words."""
    return one_line(f"{note.scan}, page {note.number}: {note.issue.text}")


def note_document(note: PageNote) -> dict[str, object]:
    """The same as JSON data."""
    return {
        "book": note.book,
        "file": note.scan,
        "page": note.number,
        "code": note.issue.code,
        "text": note.issue.text,
    }
