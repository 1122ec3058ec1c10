"""`ocrfill review start`: a Label Studio of the workspace's own, or a given one."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ocrfill.cli.settings import load_settings
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.label_studio_env import environment_folder, install
from ocrfill.review.local_server import start_server
from ocrfill.review.server_access import Access, folder_of, keep
from ocrfill.store.lock import folder_lock

TOKEN_VARIABLE = "LABEL_STUDIO_API_KEY"  # noqa: S105 - the name of a variable, Label Studio's own
"""Gives the token of a server at --url without typing it; it never stands in a command, where others see it."""


@click.command()
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
        access = Access(url.rstrip("/"), given_token(), url.rstrip("/"))
        who = ReviewServer(access.url, access.token).whoami()
        keep(workspace, access)
        click.echo(f"{access.url}: reached as {who}")
        return
    environment = environment_folder(load_settings(workspace).label_studio)
    install(environment, _tell)
    with folder_lock(folder_of(workspace)):  # a purge works on the server's database while nobody serves it
        access = start_server(workspace, environment, port=port, tell=_tell)
    click.echo(f"{access.url}: runs, for this computer only")
    click.echo(f"log in as {access.user}; the password is in {workspace / 'review' / 'server.json'}")


def given_token() -> str:
    """The token for a given server: from the environment, else asked for."""
    return os.environ.get(TOKEN_VARIABLE) or str(click.prompt("token", hide_input=True, err=True))


def _tell(text: str) -> None:
    click.echo(text, err=True)
