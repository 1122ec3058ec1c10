"""`ocrfill layout check`: the faults of layout files, and a trial run of one on a few pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ocrfill.authoring.trial import Trial, TriedField, try_layout
from ocrfill.document.page import Page
from ocrfill.errors import BadInput, BadLayout, ExitCode, PageError
from ocrfill.export.views import ShownPage, book_html
from ocrfill.layouts import Layout, load_layout, shipped_layouts
from ocrfill.pipeline.scans import find_scans, open_scan
from ocrfill.store.atomic_file import whole


@click.command()
@click.argument("files", metavar="[FILE|NAME]...", nargs=-1)
@click.option(
    "--pages",
    "scans",
    metavar="SCAN...",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Try the layout on these pages too: scans or folders; more may follow without --pages.",
)
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="With --pages: draw what was found.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/reference/commands.md).")
@click.pass_context
def check(
    ctx: click.Context, *, files: tuple[str, ...], scans: tuple[Path, ...], html: Path | None, as_json: bool
) -> None:
    """Check layout files, or those that come with ocrfill; every fault is told with its line and path.

    With --pages the layout is laid on these pages, too, without reading: how well it fits, which pages it does not
    fit and why, which fields are never filled, and whose strips touch or leave the page.

    Ends with 4 if any layout has faults, with 5 if it does not fit some page.

    \b
    Examples:
      ocrfill layout check my_book.yaml
      ocrfill layout check my_book.yaml --pages scans/KS.1990.01 --html trial.html
      ocrfill layout check my_book.yaml --pages scans/*.jpg
      ocrfill layout check layouts/*.yaml --json
      ocrfill layout check
    """
    names, more = _parted(files) if scans else (files, ())
    if html is not None and not scans:
        raise click.UsageError("--html draws a trial: give --pages too")
    if scans and len(names) != 1:
        raise click.UsageError(f"--pages tries one layout; {len(names)} are named")
    found = [(name, *_checked(name)) for name in names or shipped_layouts()]
    trial = None
    if scans and not any(faults for _, _, faults in found):
        trial = _tried(load_layout(names[0]), [*scans, *more])
    if as_json:
        listed = [{"layout": name, "faults": list(faults)} for name, _, faults in found]
        document: Any = listed if trial is None else {"format": 1, "layouts": listed, "trial": _document(trial)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_told(found)))
        if trial is not None:
            click.echo("\n".join(_trial_told(trial)))
    if trial is not None and html is not None:
        _draw(trial, html)
    if any(faults for _, _, faults in found):
        ctx.exit(ExitCode.BAD_LAYOUT)
    if trial is not None and any(page.reason for page in trial.pages):
        ctx.exit(ExitCode.SOME_PAGES_FAILED)


def _parted(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Layouts, and the pages among them: a shell makes many names of `--pages scans/*.jpg`."""
    pages = [name for name in names if Path(name).suffix.lower() not in (".yaml", ".yml") and Path(name).exists()]
    return tuple(name for name in names if name not in pages), tuple(Path(name) for name in pages)


def _checked(name: str) -> tuple[str, tuple[str, ...]]:
    """What to say of a layout without faults, or its faults."""
    try:
        found = load_layout(name)
    except BadLayout as error:
        return "", error.faults
    return f"no faults, version {found.version}, {len(found.fields)} fields", ()


def _told(found: Sequence[tuple[str, str, tuple[str, ...]]]) -> Iterator[str]:
    for name, good, faults in found:
        yield f"{name}: {good}" if good else f"{name}: {len(faults)} fault{'s' * (len(faults) > 1)}"
        yield from (f"  {fault}" for fault in faults)


def _tried(layout: Layout, paths: Sequence[Path]) -> Trial:
    scans = find_scans(paths).scans
    if not scans:
        raise BadInput("--pages: no scan among the given paths: give PDF, TIFF, JPEG or PNG files, or their folder")

    def tell(name: str) -> None:
        if sys.stderr.isatty():
            click.echo(name, err=True)

    return try_layout(layout, scans, tell)


def _trial_told(trial: Trial) -> Iterator[str]:
    for page in trial.pages:
        yield f"{page.name}: " + (f"fit {page.fit:.2f}" if page.fit is not None else f"DOES NOT FIT: {page.reason}")
    wide = max(map(len, trial.layout.fields))
    yield f"{'field':<{wide}}  written"
    for found in trial.fields:
        yield f"{found.name:<{wide}}  {_share(found):<9}" + "".join(f"  LOOK: {doubt}" for doubt in found.doubts)
    for touch in trial.touches:
        yield (
            f"LOOK: {' and '.join(touch.fields)} share up to {touch.millimetres:.0f} mm of a line "
            f"on {touch.records} records: move one, or end one earlier"
        )
    fit = [page for page in trial.pages if page.fit is not None]
    yield f"{len(fit)} of {len(trial.pages)} pages fit; {trial.doubts} thing{'s' * (trial.doubts != 1)} to look at"


def _share(found: TriedField) -> str:
    """On how many records a field is written; "always" and "never" where it is so."""
    if not found.records:
        return "-"
    word = {0: " never", found.records: " always"}.get(found.filled, "")
    return f"{found.filled}/{found.records}{word}"


def _document(trial: Trial) -> dict[str, Any]:
    return {
        "layout": trial.layout.name,
        "version": trial.layout.version,
        "pages": [{"page": page.name, "fit": page.result.fit or None, "reason": page.reason} for page in trial.pages],
        "fields": [
            {
                "name": found.name,
                "records": found.records,
                "filled": found.filled,
                "at_edge": found.at_edge,
                "doubts": list(found.doubts),
            }
            for found in trial.fields
        ],
        "touching": [
            {"fields": list(touch.fields), "records": touch.records, "millimetres": round(touch.millimetres, 1)}
            for touch in trial.touches
        ],
    }


def _draw(trial: Trial, output: Path) -> None:
    """The pages with the places of the fields, as one HTML file."""
    labels = {name: trial.layout.full_label(name) for name in trial.layout.fields}
    shown = [ShownPage(Path(page.name).name, page.result, labels) for page in trial.pages]

    def opened(index: int) -> Page:
        result = trial.pages[index].result
        try:
            return open_scan(Path(result.source)).page(max(result.page, 1))
        except PageError as error:
            raise BadInput(f"{result.source}: {error}") from error

    with whole(output) as part, part.open("w", encoding="utf-8") as file:
        file.writelines(book_html(f"{trial.layout.title} · thử mẫu", shown, opened, ()))
