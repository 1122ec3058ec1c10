"""`ocrfill show`: what was read where, drawn on the scan."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unicodedata import normalize

import click
import cv2

from ocrfill.acceptance.apply_corrections import corrected_book
from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store
from ocrfill.document.book_print import BookPrint, PageName, print_offsets
from ocrfill.document.page import Image, Page, shown_path
from ocrfill.document.result import Failure, PageResult
from ocrfill.document.result_json import results_in_file
from ocrfill.document.template import FormTemplate
from ocrfill.errors import BadInput
from ocrfill.export import Originals, short_names
from ocrfill.export.views import ShownPage, book_html, draw_page
from ocrfill.export.views.layout_image import draw_layout
from ocrfill.layouts import Layout, load_layout, shipped_layouts
from ocrfill.pipeline.print_seen import page_of_form
from ocrfill.pipeline.scans import open_scan
from ocrfill.review.progress import Progress, progress_of
from ocrfill.store.access_trail import Act, note_access
from ocrfill.store.atomic_file import whole
from ocrfill.store.book_prints import prints_of


@click.command()
@click.argument("scan", metavar="[PAGE]", required=False)
@click.option("--workspace", metavar="DIR", type=click.Path(path_type=Path), help="The folder that holds the work.")
@click.option("--book", "key", type=TEXT, metavar="KEY", help="The book, like KS.2006.01.")
@click.option("--page", "wanted", metavar="FILE:N|N", help="A page: its scan's name and number there, or its place.")
@click.option(
    "--print",
    "printing",
    is_flag=False,
    flag_value=0,
    type=click.IntRange(min=0),
    metavar="[N]",
    help="Not what was read, but the book's print as it was learnt: the newest, or the one of that number.",
)
@click.option(
    "--results",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Instead of a workspace: what `ocrfill read PAGE --json` printed.",
)
@click.option("-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path), help=".png or .html.")
def show(
    *,
    scan: str | None,
    workspace: Path | None,
    key: str | None,
    wanted: str | None,
    printing: int | None,
    results: Path | None,
    output: Path,
) -> None:
    """Draw a page with its fields, readings and decisions (.png), or a whole book for the browser (.html).

    PAGE is a scan, with `:N` for page N of several; give it together with --results.

    \b
    Examples:
      ocrfill show --workspace work --book KS.2006.01 -o book.html
      ocrfill show --workspace work --book KS.2006.01 --page 12 -o page.png
      ocrfill show --workspace work --book KS.2006.01 --page scan.pdf:3 -o page.png
      ocrfill show scan.pdf:3 --results results.json -o page.png
      ocrfill show --workspace work --book KS.2006.01 --print -o print.png
    """
    if output.suffix.lower() not in (".png", ".html"):
        raise click.UsageError("-o: give a name that ends in .png (one page) or .html")
    if printing is not None:
        if workspace is None or key is None or output.suffix.lower() != ".png" or scan or wanted or results:
            raise click.UsageError("--print: give --workspace, --book and -o print.png, nothing else")
        _show_print(workspace, key, printing, output)
        return
    figures: BookFigures = ()
    if scan is not None and results is not None and workspace is None and key is None and wanted is None:
        title, pages = shown_path(scan), [_page_with_result(scan, results)]
    elif workspace is not None and key is not None and scan is None and results is None:
        title, pages, figures = _book(workspace, key, wanted, output)
    else:
        raise click.UsageError("give either --workspace and --book, or PAGE and --results")
    if output.suffix.lower() == ".png":
        _write_picture(output, pages)
    else:
        _write_document(output, title, pages, figures)


def _show_print(workspace: Path, key: str, version: int, output: Path) -> None:
    """Draw a print that was learnt over a page that taught it, and tell how it differs from the layout."""
    with open_store(workspace) as store:
        known = corrected_book(store, key)
        note_access(workspace, Act.SAW, "show --print", key, files=(str(output.absolute()),))
    layout, form = known.layout, known.layout.body
    learnt: tuple[BookPrint, ...] = ()
    if isinstance(form, FormTemplate):
        learnt = prints_of(workspace, key, (layout.name, layout.version), form)
    if not learnt or not isinstance(form, FormTemplate):
        raise BadInput(
            f"nothing was learnt of the print of {key}: `ocrfill run` learns it from three pages or more of a form; "
            "tables have none"
        )
    if version > len(learnt):
        raise BadInput(f"--print {version}: {key} has prints 1 to {len(learnt)}")
    one = learnt[version - 1]
    page = next((p for p in known.pages if PageName(p.sha256, p.number) in one.pages), None)
    body = replace(layout, body=one.template)
    image = None if page is None else page_of_form(Originals().page(page), layout, one.template)
    _write_png(output, draw_layout(body, image))
    across, down = print_offsets(form, one.template)
    click.echo(
        f"{key}: print {one.version} of {len(learnt)}, learnt from {len(one.pages)} pages; "
        f"labels lie up to {across * layout.paper.width:.1f} mm across and {down * layout.paper.height:.1f} mm down "
        "from where the layout has them"
    )


BookFigures = tuple[tuple[str, str], ...]
"""Names and figures for the head of a document."""


@dataclass(frozen=True, slots=True)
class _Showable:
    """A page to show, and how to open its scan."""

    shown: ShownPage
    open: Callable[[], Page]


def _book(workspace: Path, key: str, wanted: str | None, output: Path) -> tuple[str, list[_Showable], BookFigures]:
    """A book's title, its pages or the wanted one (files that could not be opened at the end), and how review goes."""
    with open_store(workspace) as store:
        known = corrected_book(store, key)
        note_access(workspace, Act.SAW, "show", key, page=wanted or "", files=(str(output.absolute()),))
        files = [f for f in store.failures([key]) if f.number is None]
        figures = _review_figures(progress_of(store, key))
    layout, stored = known.layout, known.pages
    labels = _labels(layout)
    originals = Originals()
    names = short_names([p.scan for p in stored] + [f.scan for f in files])
    several = {p.scan for p in stored if p.number > 1}
    pages = [
        _Showable(
            ShownPage(names[p.scan] + (f", trang {p.number}" if p.scan in several else ""), p.result, labels),
            partial(originals.page, p),
        )
        for p in stored
    ]
    if wanted is not None:
        pages = [pages[_place(wanted, [(names[p.scan], p.number) for p in stored])]]
    else:
        for file in files:
            failed = PageResult(file.scan, 0, known.book.layout, 0, failure=Failure(file.stage, file.reason))
            pages.append(_Showable(ShownPage(names[file.scan], failed), partial(_open_page, file.scan, 1)))
    return f"{layout.title} · {key}", pages, figures


def _review_figures(progress: Progress) -> BookFigures:
    """How many fields persons have answered, and how dear one was to them; nothing where nobody has."""
    if not progress.speeds:
        return ()
    speed = progress.speeds[0]
    seconds = (("Giây mỗi trường (trung vị)", f"{speed.median_seconds:.1f}".replace(".", ",")),) if speed.timed else ()
    keys = f"{speed.keys:.1f}".replace(".", ",")
    return (("Trường người đã xem", str(speed.fields)), *seconds, ("Phím mỗi trường", keys))


def _place(wanted: str, pages: Sequence[tuple[str, int]]) -> int:
    """Which page is meant by "12" (place in the book), "scan.pdf:3" or "0012.jpg"."""
    if wanted.isdecimal():
        if not 1 <= int(wanted) <= len(pages):
            raise BadInput(f"--page {wanted}: the book has pages 1 to {len(pages)}")
        return int(wanted) - 1
    file, number = _split(wanted)
    found = [i for i, (name, n) in enumerate(pages) if n == number and f"/{name}".endswith(f"/{file}")]
    if not found:  # a file may be named decomposed, and its name be typed composed, or the other way round
        file = normalize("NFC", file)
        names = [normalize("NFC", f"/{name}") for name, _ in pages]
        found = [i for i, (_, n) in enumerate(pages) if n == number and names[i].endswith(f"/{file}")]
    if len(found) != 1:
        raise BadInput(f"--page {wanted}: the book has {len(found) or 'no'} such page{'s' * (len(found) > 1)}")
    return found[0]


def _split(text: str) -> tuple[str, int]:
    """A scan and a page's number: "scan.pdf:3" is page 3, "scan.jpg" page 1."""
    found = re.fullmatch(r"(.+):(\d{1,6})", text)
    return (found[1], int(found[2])) if found else (text, 1)


def _page_with_result(scan: str, results: Path) -> _Showable:
    path, number = (scan, 1) if Path(scan).exists() else _split(scan)
    read = [r for r in results_in_file(results) if r.page == number]
    source = shown_path(path)
    same = [r for r in read if r.source == source] or [r for r in read if Path(r.source).name == Path(source).name]
    if len(same) != 1:
        raise BadInput(f"{results} has {len(same) or 'no'} result{'s' * (len(same) != 1)} for page {number} of {path}")
    name = same[0].layout
    labels = _labels(load_layout(name)) if name in shipped_layouts() else {}
    return _Showable(ShownPage(shown_path(scan), same[0], labels), partial(_open_page, path, number))


def _labels(layout: Layout) -> dict[str, str]:
    return {name: layout.full_label(name) for name in layout.fields}


def _open_page(path: str, number: int) -> Page:
    return open_scan(Path(path)).page(number)


def _write_picture(output: Path, pages: Sequence[_Showable]) -> None:
    if len(pages) != 1:
        raise click.UsageError(f"this book has {len(pages)} pages: pick one with --page, or write -o book.html")
    result = pages[0].shown.result
    if result is None:
        raise BadInput(f"{pages[0].shown.name} is not read yet; `ocrfill run` reads it")
    _write_png(output, draw_page(pages[0].open(), result, pages[0].shown.labels))


def _write_png(output: Path, image: Image) -> None:
    _, png = cv2.imencode(".png", image)
    with whole(output) as part:
        part.write_bytes(png.tobytes())


def _write_document(output: Path, title: str, pages: Sequence[_Showable], figures: BookFigures) -> None:
    shown = [page.shown for page in pages]
    with (
        click.progressbar(
            length=len(pages), label="pages", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as progress,
        whole(output) as part,
        part.open("w", encoding="utf-8") as file,
    ):

        def opened(index: int) -> Page:
            progress.update(1)
            return pages[index].open()

        file.writelines(book_html(title, shown, opened, figures))
