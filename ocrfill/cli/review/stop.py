"""`ocrfill review stop`: the workspace's own server is stopped."""

from __future__ import annotations

from pathlib import Path

import click

from ocrfill.cli.workspace import workspace_option
from ocrfill.review.local_server import stop_server


@click.command()
@workspace_option
def stop(workspace: Path) -> None:
    """Stop the workspace's own server. What was entered stays in its database."""
    click.echo("stopped" if stop_server(workspace) else "it does not run")
