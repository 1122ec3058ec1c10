"""`ocrfill trail`: who saw or changed which records of a workspace."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.document.correction import Correction
from ocrfill.store import Store
from ocrfill.store.access_trail import TrailEntry, trail_of


@click.command()
@workspace_option
@click.option("--book", "key", type=TEXT, metavar="KEY", help="Only accesses to this book, or to all books.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line (docs/reference/commands.md).")
def trail(workspace: Path, key: str | None, *, as_json: bool) -> None:
    """Print who saw, gave away or changed records, in order of time; the answers of reviewers are among it.

    No value of a register is in it. What ocrfill does not serve itself it cannot tell: who opened an exported file, or
    who looked at a task in Label Studio without answering.

    \b
    Examples:
      ocrfill trail --workspace work
      ocrfill trail --workspace work --book KS.2006.01 --json
    """
    lines = [(e.when, _document(e)) for e in trail_of(workspace) if key is None or e.book in (key, "")]
    with open_store(workspace) as store:
        lines += _answers(store, key)
    for _, document in sorted(lines, key=lambda line: line[0]):
        click.echo(json.dumps(document, ensure_ascii=False) if as_json else _told(document))


def _document(entry: TrailEntry) -> dict[str, object]:
    return {
        **dataclasses.asdict(entry),
        "when": _moment(entry.when),
        "act": entry.act.value,
        "files": list(entry.files),
    }


def _answers(store: Store, key: str | None) -> Iterator[tuple[datetime, dict[str, object]]]:
    """What reviewers answered, and when, by Label Studio's own account."""
    paths = {scan.sha256: scan.path for scan in store.scans()}
    for book in store.books():
        if key in (None, book.key):
            for one in store.corrections(book.key):
                yield one.when, _answer(book.key, paths.get(one.place.scan, ""), one)


def _answer(book: str, path: str, one: Correction) -> dict[str, object]:
    return {
        "when": _moment(one.when),
        "who": one.who,
        "act": "answered",
        "command": one.source,
        "book": book,
        "page": f"{path}:{one.place.page}",
        "record": one.place.record,
        "field": one.place.field,
    }


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="seconds")


def _told(document: dict[str, object]) -> str:
    where = [document["book"] or "all books", document.get("page") and f"page {document['page']}"]
    where += [f"{name} {document[name]}" for name in ("record", "field") if name in document]
    counts = document.get("counts")
    where += [f"{count} {what}" for what, count in counts.items()] if isinstance(counts, dict) else []
    files = document.get("files")
    where += [f"to {file}" for file in files] if isinstance(files, list) else []
    head = "  ".join(str(document[name]) for name in ("when", "who", "act", "command"))
    return f"{head}  " + ", ".join(str(part) for part in where if part)
