"""`ocrfill export`: the files of each book for the import, the archive and for other programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import click

from ocrfill.acceptance.apply_corrections import corrected_book
from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import failure_document, failure_line, open_store, workspace_option
from ocrfill.errors import BadInput, ExitCode, StoreError
from ocrfill.export import FORMATS, Exported, Format, Originals, export_book, files_of_book
from ocrfill.store import FailedPage, Store
from ocrfill.store.access_trail import Act, note_access
from ocrfill.store.store import DAMAGED_STAGE


class FormatsType(click.ParamType[tuple[Format, ...]]):
    """Formats as people write them: "xlsx,zip", or "all"."""

    name = "formats"

    def convert(
        self, value: str | tuple[Format, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Format, ...]:
        """What was typed, as the command takes it; a usage error where it cannot be."""
        if isinstance(value, tuple):
            return value
        wanted = [part.strip() for part in value.split(",")]
        for part in wanted:
            if part not in (*FORMATS, "all"):
                self.fail(f"{part!r} is no format; take from {', '.join(FORMATS)}, all", param, ctx)
        return tuple(f for f in FORMATS if "all" in wanted or f in wanted)


@click.command()
@workspace_option
@click.option(
    "--book", "keys", multiple=True, type=TEXT, metavar="KEY", help="Only this book, like KS.2006.01; may be repeated."
)
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder for the files.")
@click.option(
    "--format",
    "formats",
    type=FormatsType(),
    default=FORMATS,
    show_default="all",
    help=f"Which files: {', '.join(FORMATS)}, or all; several with commas.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the summary as one JSON object (docs/reference/commands.md)."
)
def export(
    workspace: Path, keys: tuple[str, ...], out: Path, formats: tuple[Format, ...], *, as_json: bool
) -> ExitCode:
    """Write each book's files: Excel for the import, a zip of one PDF a record, CSV and JSON lines.

    Files of an earlier export are replaced. What is not read yet, or is damaged in the store, is left out and told.

    \b
    Examples:
      ocrfill export --workspace work --out out
      ocrfill export --workspace work --book KS.2006.01 --out out --format xlsx,zip
    """
    with open_store(workspace) as store:
        books = [book.key for book in store.books()]
        for key in keys:
            if key not in books:
                raise BadInput(f"there is no book {key} in this workspace; `ocrfill status` lists its books")
        if not books:
            raise BadInput("there is no book in this workspace; `ocrfill run` adds one")
        damaged: list[str] = []
        write = partial(_export, workspace, out, formats)
        exported = list(_exports(store, dict.fromkeys(keys or books), write, damaged))
    if as_json:
        document = {"format": 1, "books": [_document(e) for e in exported]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for one in exported:
            click.echo("\n".join(_told(one)))
    for fault in damaged:
        click.echo(f"ocrfill: {fault}", err=True)
    return ExitCode.STORE if damaged else ExitCode.OK


def _exports(
    store: Store, keys: Iterable[str], write: Callable[[Store, str], Exported], damaged: list[str]
) -> Iterator[Exported]:
    """Each book's export; what is damaged in the store goes to `damaged`, and the other pages and books are written."""
    for key in keys:
        try:
            exported = write(store, key)
        except StoreError as error:
            damaged.append(f"{key} was not exported: {error}")
            continue
        spoilt = [page for page in exported.failed if page.stage == DAMAGED_STAGE]
        damaged += [f"{key}: left out: {failure_line(page)}" for page in spoilt]
        yield exported


def _export(workspace: Path, out: Path, formats: tuple[Format, ...], store: Store, key: str) -> Exported:
    damaged: list[FailedPage] = []
    known = corrected_book(store, key, damaged)
    records = sum(len(p.result.records) for p in known.pages if p.result)
    files = tuple(str(file.absolute()) for file in files_of_book(known.book, out, formats))
    note_access(workspace, Act.GAVE, "export", key, files=files, counts={"records": records})
    steps = records * ("zip" in formats) + len(formats)
    with click.progressbar(length=steps, label=key, file=sys.stderr, hidden=not sys.stderr.isatty()) as progress:

        def step(_: str) -> None:
            progress.update(1)

        return export_book(
            known.book,
            known.layout,
            known.pages,
            failures=[*store.failures([key]), *damaged],
            opened=Originals().original,
            out=out,
            formats=formats,
            step=step,
        )


def _document(exported: Exported) -> dict[str, object]:
    failed = [failure_document(f) for f in exported.failed]
    return dataclasses.asdict(exported) | {"failed": failed, "complete": exported.complete}


def _told(exported: Exported) -> Iterator[str]:
    yield f"{exported.book}: {exported.records} records, {exported.to_check} fields to check"
    yield from (f"  {file}" for file in exported.files)
    if not exported.records:
        yield "  no file written: no record of this book was read"
    elif not exported.complete:
        yield "  INCOMPLETE: not all pages of this book are in these files"
    if exported.pending:
        yield f"  {exported.pending} pages are not read yet; `ocrfill run` reads them"
    if exported.failed:
        yield f"  {len(exported.failed)} pages or files could not be read and were not exported:"
        yield from (f"    {failure_line(page)}" for page in exported.failed)
    if exported.blank:
        yield f"  {exported.blank} entries without any writing were left out"
    if exported.undated:
        yield f"  {exported.undated} records without a date of registration: 0000-00-00 in the PDF's name"
    if exported.unnumbered:
        yield f"  {exported.unnumbered} records without a number read: the page's number is in the PDF's name"
    for name in exported.renamed:
        yield f"  name taken already, so this record is {name}"
    for number, count in exported.doubles:
        yield f"  number {number} stands {count} times in this book"
