"""Where the database of a workspace's own server lies: at one place, whatever the workspace is called on the way there.

Earlier versions gave the server the folder as the command spelt it. A relative one meant a place below the server's own
working folder, and with another spelling it began again with an empty database: the answers were not lost, but
nobody found them. Such a database is looked for here, and put in its place.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from ocrfill.errors import OutputError, ReviewError
from ocrfill.review.server_access import REVIEW_FOLDER, folder_of

DATA_FOLDER_NAME = "data"
DATABASE_NAME = "label_studio.sqlite3"

UNANSWERED_FOLDER_NAME = "data-without-answers"
"""Where a database is put aside that nobody answered anything in, while another one holds answers."""

MAX_SEARCHED_FOLDERS = 10_000
"""Folders of a review folder that are looked through: it holds some ten."""

Tell = Callable[[str], None]


def data_folder(workspace: Path, token: str | None = None, tell: Tell = lambda _: None) -> Path:
    """The folder of the server's data, absolute; a database that an earlier version put elsewhere is moved there.

    `token` is the one that the server had until now: it knows its own database by it. The server must not run. Raises
    ReviewError where answers lie in several databases.
    """
    folder = folder_of(workspace).resolve()
    home = folder / DATA_FOLDER_NAME
    answers = {place: _answers(place) for place in _astray(workspace, folder, token)}
    if not answers:
        return home
    if _holds_database(home):
        answers[home] = _answers(home)
    answered = [place for place, count in answers.items() if count != 0]
    if len(answered) > 1:
        raise ReviewError(_several(answers, home))
    chosen = answered[0] if answered else home if home in answers else next(iter(answers))
    if chosen != home:
        _move(chosen, home, folder)
        tell(f"the server's database lay in {chosen}, by an earlier version of ocrfill; it is in {home} now")
    return home


def _astray(workspace: Path, folder: Path, token: str | None) -> list[Path]:
    """The other places with a database of this workspace's server."""
    found = dict.fromkeys(_below(folder))
    for place in _meant(workspace, folder):
        # outside the review folder it may be another workspace's: the token says whose
        if _holds_database(place) and (place.is_relative_to(folder) or (token and _knows(place, token))):
            found.setdefault(place.resolve())
    found.pop(folder / DATA_FOLDER_NAME, None)
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for searched, (path, names, _) in enumerate(os.walk(folder)):
        if searched > MAX_SEARCHED_FOLDERS:
            return
        here = Path(path)
        if here == folder:
            names[:] = [n for n in names if n != DATA_FOLDER_NAME and not n.startswith(UNANSWERED_FOLDER_NAME)]
        if here.name == DATA_FOLDER_NAME and here.parent.name == REVIEW_FOLDER:
            names.clear()
            if _holds_database(here):
                yield here


def _meant(workspace: Path, folder: Path) -> Iterator[Path]:
    """Where a relative folder would have led from the server's working folder: as given now, and as it may have been.

    Up to the root and down again is every spelling without a detour: `work`, `books/work`, `../work`, `..`.
    """
    whole = folder.parent.parts[1:]
    tails = [Path(*whole[first:]) for first in range(len(whole) + 1)]
    spelt = [Path(*[".."] * up, tail) for up in range(len(whole) + 1) for tail in tails]
    for name in [*([] if workspace.is_absolute() else [workspace]), *spelt]:
        yield Path(os.path.normpath(folder / name / REVIEW_FOLDER / DATA_FOLDER_NAME))


def _holds_database(place: Path) -> bool:
    try:
        return (place / DATABASE_NAME).is_file()
    except OSError:
        return False


def _answers(place: Path) -> int | None:
    """How many answers a database holds; None where it cannot be told."""
    return _asked(place, "SELECT count(*) FROM task_completion")


def _knows(place: Path, token: str) -> bool:
    return bool(_asked(place, "SELECT count(*) FROM authtoken_token WHERE key = ?", token))


def _asked(place: Path, question: str, *values: str) -> int | None:
    try:
        with closing(sqlite3.connect(f"{(place / DATABASE_NAME).as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute(question, values).fetchone()[0])
    except sqlite3.OperationalError as error:
        return 0 if "no such table" in str(error) else None  # its making was cut off
    except (sqlite3.Error, OSError):
        return None


def _several(answers: dict[Path, int | None], home: Path) -> str:
    places = "; ".join(f"{place}: {'?' if count is None else count} answers" for place, count in answers.items())
    return (
        f"answers lie in several databases of this workspace's server ({places}), and it can open only one, in {home}. "
        "Move the others out of the workspace, start, `ocrfill review pull`, stop; then the same with each of the "
        "others in that place, before anything is pushed again"
    )


def _move(chosen: Path, home: Path, folder: Path) -> None:
    """Put a database in its place; what lies there without answers is put aside."""
    try:
        if home.exists():
            asides = (folder / f"{UNANSWERED_FOLDER_NAME}{number or ''}" for number in range(1000))
            home.rename(next(aside for aside in asides if not aside.exists()))
        chosen.rename(home)
    except (OSError, StopIteration) as error:
        raise OutputError(
            f"the reviewing server's database lies in {chosen} and cannot be moved to {home}: {error}; "
            "move that folder there, then start again"
        ) from error
