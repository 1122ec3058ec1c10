"""`ocrfill trace`: where exported values come from."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from ocrfill.acceptance.value_origins import ValueOrigin, origins_of
from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import BadInput
from ocrfill.store.access_trail import Act, note_access


@click.command()
@workspace_option
@click.option("--book", "key", required=True, type=TEXT, metavar="KEY", help="The book, like KS.2006.01.")
@click.option(
    "--row", type=click.IntRange(min=1), metavar="N", help="Only the record of that number (STT) in the Excel file."
)
@click.option(
    "--field", "name", type=TEXT, metavar="NAME", help="Only this field, or the field that fills this Excel column."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a value (docs/reference/commands.md).")
def trace(workspace: Path, key: str, row: int | None, name: str | None, *, as_json: bool) -> None:
    """Tell for each value of a book where it comes from: scan and place, reader and model, acceptance, reviewer.

    \b
    Examples:
      ocrfill trace --workspace work --book KS.2006.01 --row 12 --field nks_ho_ten
      ocrfill trace --workspace work --book KS.2006.01 --json > origins.jsonl
    """
    with open_store(workspace) as store:
        found = [
            origin
            for origin in origins_of(workspace, store, key)
            if row in (None, origin.row) and (name is None or name == origin.field or name in origin.columns)
        ]
        if not found:
            raise BadInput(f"{key} has no such value: no row {row or 'at all'} with a field {name or 'of any name'}")
        note_access(workspace, Act.SAW, "trace", key, page="" if row is None else f"row {row}")
    for origin in found:
        click.echo(json.dumps(dataclasses.asdict(origin), ensure_ascii=False) if as_json else _told(origin))


def _told(origin: ValueOrigin) -> str:
    left, top = (min(point[axis] for point in origin.polygon) for axis in (0, 1)) if origin.polygon else (0, 0)
    right, bottom = (max(point[axis] for point in origin.polygon) for axis in (0, 1)) if origin.polygon else (0, 0)
    where = f"{origin.scan} (SHA-256 {origin.sha256[:12]}…), page {origin.page}, record {origin.record}"
    place = f"{left:.0f},{top:.0f} to {right:.0f},{bottom:.0f}"
    lines = [
        f"row {origin.row or '-'}, {origin.field}: {origin.raw or '(empty)'}",
        f"  from {where}, at {place}",
        f"  read by {origin.reader or 'nobody'} ({', '.join(origin.models)}), "
        f"layout {origin.layout} version {origin.layout_version}",
        f"  {origin.decision}, probability {origin.probability:.4f}"
        + (f", issues {' '.join(origin.issues)}" if origin.issues else ""),
    ]
    if origin.acceptance is not None:
        one = origin.acceptance
        above = "none any more" if one.above is None else f"above {one.above:.4f}"
        lines.append(
            f"  accepted as one of {one.group}: at most {one.target:.2%} wrong ({one.promise}), {above}; "
            f"trust.json {one.trust_sha256[:12]}…"
        )
    if origin.review is not None:
        said = origin.review
        lines.append(
            f"  {said.answer} by {said.who} at {said.when} ({said.purpose}; {said.source}, task {said.task}, "
            f"annotation {said.annotation})"
        )
    return "\n".join(lines)
