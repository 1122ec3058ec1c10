"""The prints of a workspace's books: `prints/KEY.json`, written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from ocrfill.document.book_print import BookPrint
from ocrfill.document.template import FormTemplate
from ocrfill.errors import StoreError
from ocrfill.store.atomic_file import make_folders, whole

PRINTS_FOLDER_NAME = "prints"

MAX_FILE_BYTES = 4_000_000
"""A print takes some 20 kB."""


@dataclass(frozen=True, slots=True)
class BookPrints:
    """The prints that were learnt of a book, and the layout with its version that they are printings of."""

    layout: str
    layout_version: int
    prints: tuple[BookPrint, ...]
    format: Literal[1] = 1


_ADAPTER: TypeAdapter[BookPrints] = TypeAdapter(BookPrints)


def prints_file(workspace: Path, key: str) -> Path:
    """Where a book's prints are kept."""
    return workspace / PRINTS_FOLDER_NAME / f"{key}.json"


def load_prints(workspace: Path, key: str) -> BookPrints | None:
    """What was learnt of a book; None where nothing was. Raises StoreError where the file is damaged."""
    file = prints_file(workspace, key)
    try:
        with file.open("rb") as stream:
            return _ADAPTER.validate_json(stream.read(MAX_FILE_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StoreError(f"{file} is damaged or cannot be read; delete it: `ocrfill run` learns it again") from error


def prints_of(workspace: Path, key: str, layout: tuple[str, int], form: FormTemplate) -> tuple[BookPrint, ...]:
    """The prints of a book with that layout (its name and version) and its form, the newest last.

    None where nothing was learnt, or of another layout or version. Raises StoreError where the file is damaged or one
    of them is no printing of this form.
    """
    known = load_prints(workspace, key)
    if known is None or (known.layout, known.layout_version) != layout:
        return ()
    if any(_parts(one.template) != _parts(form) for one in known.prints):
        raise StoreError(f"{prints_file(workspace, key)} is of another form; delete it: `ocrfill run` learns it again")
    return known.prints


def _parts(form: FormTemplate) -> tuple[object, ...]:
    """What all printings of a form have alike: the words of its labels, and whose gaps, boxes and areas follow."""
    lines = tuple(
        (tuple(one.text for one in line.labels), tuple(gap.field for gap in line.gaps)) for line in form.lines
    )
    return lines, tuple((t.field, t.value) for t in form.ticks), tuple(area.field for area in form.areas)


def save_prints(workspace: Path, key: str, prints: BookPrints) -> None:
    """Keep what was learnt of a book. Raises OutputError where it cannot be written."""
    file = prints_file(workspace, key)
    make_folders(file.parent)
    with whole(file) as part:
        part.write_bytes(_ADAPTER.dump_json(prints, indent=1))


def forget_prints(workspace: Path, key: str) -> None:
    """Take away what was learnt of a book."""
    prints_file(workspace, key).unlink(missing_ok=True)
