"""Which book a scan belongs to, by the names of its folders; and that no two books become one for having one name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ocrfill.civil_status.book import KEY_PATTERN
from ocrfill.errors import BadInput
from ocrfill.store import Store


def book_key(file: Path, given: str | None = None) -> str:
    """The key of the book a scan belongs to: the one given, else the one its name or its nearest folder begins with.

    Raises BadInput where there is none.
    """
    if given is not None:
        return given
    found = _named(file)
    if found is None:
        raise BadInput(
            f"{file}: which book is it of? Put the scans in a folder named like KS.2006.01 (kind, year, volume), "
            "or say --book KS.2006.01"
        )
    return found[0]


def check_one_folder_each(store: Store, files: Iterable[tuple[Path, str]]) -> None:
    """Raises BadInput where a book's scans, those of before included, lie in several folders named after it.

    The books of two communes may bear one number; nobody could tell their records apart again. Folders within one
    another count as one, and those of before only while they are there.
    """
    folders: dict[str, set[Path]] = defaultdict(set)
    for key, folder in filter(None, {_named(file) for file, _ in files}):
        folders[key].add(folder.resolve())
    before = {_named(scan.file) for scan in store.scans() if scan.book in folders and not scan.replaced}
    for key, folder in filter(None, before):
        if key in folders and folder.is_dir():
            folders[key].add(folder.resolve())
    for key, found in folders.items():
        apart = sorted(folder for folder in found if not found.intersection(folder.parents))
        if len(apart) > 1:
            raise BadInput(
                f"book {key}: its scans lie in {len(apart)} folders: {', '.join(map(str, apart))}. Books of two places "
                f"may have one name, and would become one book here: give each place a workspace of its own. If all "
                f"of them are of one book, put them into one folder, or say so: --book {key}"
            )


def _named(file: Path) -> tuple[str, Path] | None:
    """The key that a scan's name or its nearest folder begins with, and the folder that holds or bears this name."""
    whole = file.absolute()
    for name, folder in ((file.name, whole.parent), *((above.name, above) for above in whole.parents)):
        found = KEY_PATTERN.match(name)
        if found is not None and name[found.end() : found.end() + 1] in ("", ".", " ", "_", "-"):
            return found[0], folder
    return None
