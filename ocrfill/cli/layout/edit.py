"""`ocrfill layout edit`: the places of a layout corrected with the mouse, in Label Studio."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ocrfill.authoring.edit.changes import Edited
from ocrfill.authoring.edit.layout_file import LayoutFile, open_layout
from ocrfill.authoring.edit.session import Session, begin_session, lay_layout_on_page
from ocrfill.cli.review.start import given_token
from ocrfill.cli.settings import load_settings
from ocrfill.errors import BadInput, BadLayout, OutputError, PageError
from ocrfill.pipeline.scans import open_scan
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.label_studio_env import environment_folder, install
from ocrfill.review.local_server import start_server, stop_server
from ocrfill.review.server_access import load
from ocrfill.review.server_process import alive, server_at
from ocrfill.store.access_trail import Act, note_access
from ocrfill.store.atomic_file import make_folders

POLL_SECONDS = 2.0
"""Seconds between two looks whether the places were saved."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("scan", metavar="SCAN", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--page", "number", metavar="N", type=click.IntRange(min=1), default=1, help="Which page of a PDF or TIFF."
)
@click.option("--pull", is_flag=True, help="Do not wait: take over what was saved.")
@click.option(
    "--workspace", metavar="DIR", type=click.Path(path_type=Path), help="Use this workspace's server, not one apart."
)
@click.option(
    "--url", metavar="URL", help="A Label Studio that runs already; its token as with `ocrfill review start`."
)
@click.option("--port", type=click.IntRange(1024, 65535), metavar="N", help="Port of the own server.")
def edit(
    *, file: Path, scan: Path, number: int, pull: bool, workspace: Path | None, url: str | None, port: int | None
) -> None:
    """Correct the places of a layout with the mouse, drawn on a page in Label Studio.

    Prints the address to open and waits until Submit is pressed there; then puts into FILE exactly what was done,
    and keeps the old file beside it. It may be stopped and started again: what was saved waits on the server.

    \b
    Examples:
      ocrfill layout edit my_book.yaml page.jpg
      ocrfill layout edit my_book.yaml page.jpg --pull
      ocrfill layout edit my_book.yaml book.pdf --page 4 --workspace work
    """
    if url is not None and (port is not None or workspace is not None):
        raise click.UsageError("--url is for a given server; --port and --workspace are for an own one")
    layout = open_layout(file)
    try:
        opened = open_scan(scan)
        sight = lay_layout_on_page(layout.layout, opened.page(number))
    except PageError as error:
        raise BadInput(f"{scan}, page {number}: {error.reason}") from error
    if not sight.fits:
        click.echo(f"{file} does not fit this page yet: its places are stretched over it", err=True)
    if workspace is not None:
        note_access(workspace, Act.SAW, "layout edit", page=f"{scan.absolute()}:{number}")
    with _server(workspace, url, port) as server:
        session = begin_session(server, layout, sight, f"{opened.sha256}:{number}")
        if pull:
            _pull(session, layout)
        else:
            _wait(session, layout)


@contextmanager
def _server(workspace: Path | None, url: str | None, port: int | None) -> Iterator[ReviewServer]:
    """The given server, or an own one, which is stopped again if it did not run before."""
    if url is not None:
        server = ReviewServer(url, given_token())
        server.whoami()
        yield server
        return
    home = workspace or _made(layouts_home())
    access = load(home)
    running = access is not None and (access.process is None or alive(access))
    if access is None or access.process is not None:
        environment = environment_folder(load_settings(home).label_studio)
        install(environment, _tell)
        access = start_server(home, environment, port=port, tell=_tell)
    try:
        # on a screen the person at it may read the password; what is piped into a file does not hold it
        where = access.password if sys.stdout.isatty() else f"the one in {home / 'review' / 'server.json'}"
        click.echo(f"log in at {access.url} as {access.user}, password: {where}")
        yield server_at(access)
    finally:
        if not running:
            stop_server(home)


def layouts_home() -> Path:
    """Where the server for layouts lives: beside Label Studio's environment, for all layouts of a user."""
    return environment_folder().parent / "layouts"


def _made(home: Path) -> Path:
    try:
        make_folders(home)
    except OSError as error:
        raise OutputError(f"cannot make {home}: {error.strerror}") from error
    return home


def _pull(session: Session, file: LayoutFile) -> None:
    saved = session.saved()
    if saved is None:
        raise BadInput(f"nothing was saved yet: correct the places at {session.address}, press Submit, and pull again")
    _take_over(file, session.put_in(saved))


def _wait(session: Session, file: LayoutFile) -> None:
    """Wait until what was saved is a layout, and take it over; what is wrong is told and may be put right there."""
    click.echo(f"open {session.address}\nand press Submit when the places are right; Ctrl+C leaves everything as it is")
    if sys.stdout.isatty():
        click.launch(session.address)
    looked_at = ""
    while True:
        saved = session.saved()
        if saved is not None and saved.when != looked_at:
            looked_at = saved.when
            try:
                return _take_over(file, session.put_in(saved))
            except (BadInput, BadLayout) as error:
                click.echo(f"{error}\nnothing was changed: put it right on the page, and press Update", err=True)
        time.sleep(POLL_SECONDS)


def _take_over(file: LayoutFile, edited: Edited) -> None:
    kept = file.replaced(edited.text)
    for line in edited.told:
        click.echo(line)
    if kept is None:
        click.echo(f"{file.path}: nothing was changed")
        return
    click.echo(f"{file.path}: {len(edited.told)} change{'s' * (len(edited.told) != 1)}; the old file is {kept.name}")
    click.echo(f"if pages were read with it already, raise its version ({file.layout.version}) by one")


def _tell(text: str) -> None:
    click.echo(text, err=True)
