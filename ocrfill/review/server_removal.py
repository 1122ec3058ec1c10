"""A book taken out of a workspace's own Label Studio while nobody serves it: projects, tasks, answers and pictures.

The server is stopped, so its database is worked on directly: a row goes with all rows that point to it, as the
database's own foreign keys say. Label Studio's HTTP interface would leave the freed places of its file as they are, and
keep copies of deleted rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, Table, delete, or_, select
from sqlalchemy.exc import SAWarning

from ocrfill.errors import OutputError
from ocrfill.review.page_images import SCAN_NAME_LETTERS
from ocrfill.review.server_access import REVIEW_FOLDER
from ocrfill.review.server_database import DATABASE_NAME
from ocrfill.store.engine import clear_errors, sqlite_engine

NUMBERS_AT_ONCE = 500

LOG_PATTERN = "*.log"

Rows = dict[Table, set[int]]


@dataclass(frozen=True, slots=True)
class BookOnServer:
    """What tells a book's rows from others: its key, the tokens of its projects, its scans' hashes, and the numbers of
    single tasks that stand in projects of other books.
    """

    key: str
    tokens: tuple[str, ...]
    scans: tuple[str, ...]
    tasks: tuple[int, ...]

    def owns(self, description: str) -> bool:
        """Whether a project of that description is the book's: of its tasks, of its pictures, of a page of it."""
        return description.startswith("ocrfill ") and (
            any(token in description for token in self.tokens)
            or description.startswith(f"ocrfill pictures {self.key} ")
            or any(scan[:SCAN_NAME_LETTERS] in description for scan in self.scans)
        )

    def pictured_in(self, name: str) -> bool:
        """Whether a file of that name is a picture of one of its pages."""
        return any(f"-{scan[:SCAN_NAME_LETTERS]}-" in name for scan in self.scans)


def data_folders(home: Path) -> list[Path]:
    """The folders with a database of a server, below the folder `review` of a workspace."""
    return sorted(file.parent for file in (home / REVIEW_FOLDER).rglob(DATABASE_NAME))


def remove_from_server(data: Path, book: BookOnServer) -> int:
    """Take the book out of the database and the folders in `data`, and say how many rows went.

    The server must not run. Killed anywhere it can be done again. Raises StoreError for a database that cannot be
    opened, OutputError where a file cannot be removed.
    """
    with _opened(data / DATABASE_NAME) as (connection, tables):
        doomed = _rows_of(connection, tables, book)
        projects = sorted(doomed.get(tables["project"], ())) if "project" in tables else []
        pictures = _picture_files(connection, tables, doomed)
        _remove_files(data, projects, pictures, book)  # before the rows that name them
        with connection.begin():
            for table, numbers in doomed.items():
                for some in _portions(sorted(numbers)):
                    connection.execute(delete(table).where(_key(table).in_(some)))
    for log in data.parent.glob(LOG_PATTERN):
        _remove(log)  # it tells which tasks were asked for, and may quote a failed request
    return sum(map(len, doomed.values()))


def write_over_freed_rows(data: Path) -> None:
    """Write the database's file anew without what was deleted in it."""
    engine = sqlite_engine(data / DATABASE_NAME)
    with clear_errors(str(data / DATABASE_NAME)), engine.connect().execution_options(bare=True) as connection:
        connection.exec_driver_sql("VACUUM")


@contextmanager
def _opened(file: Path) -> Iterator[tuple[Connection, dict[str, Table]]]:
    engine, metadata = sqlite_engine(file), MetaData()
    with clear_errors(str(file)), warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # types of columns that are Django's own
        metadata.reflect(engine)
        with engine.connect().execution_options(writes=True) as connection:
            yield connection, dict(metadata.tables)


def _rows_of(connection: Connection, tables: dict[str, Table], book: BookOnServer) -> Rows:
    """The book's rows, with all that point to them."""
    doomed: Rows = {}
    with connection.begin():
        if (project := tables.get("project")) is not None:
            listed = connection.execute(select(project.c.id, project.c.description))
            _add(connection, tables, doomed, project, [n for n, text in listed if book.owns(text or "")])
        if (task := tables.get("task")) is not None:
            there = [n for some in _portions(book.tasks) for n in _which(connection, task, task.c.id, some)]
            _add(connection, tables, doomed, task, there)
        if (upload := tables.get("data_import_fileupload")) is not None:
            files = connection.execute(select(upload.c.id, upload.c.file))
            _add(connection, tables, doomed, upload, [n for n, name in files if book.pictured_in(name or "")])
        _add_filters(connection, tables, doomed)
        _add_kept_copies(connection, tables, doomed)
    return doomed


def _add(connection: Connection, tables: dict[str, Table], doomed: Rows, table: Table, numbers: Iterable[int]) -> None:
    """Add rows of a table, and of every other table those whose foreign keys point to them."""
    todo = [(table, set(numbers))]
    while todo:
        parent, more = todo.pop()
        new = more - doomed.setdefault(parent, set())
        doomed[parent] |= new
        for child in tables.values() if new else ():
            for link in child.foreign_keys:
                if link.column.table is parent and len(child.primary_key.columns) == 1:
                    pointing = (_which(connection, child, link.parent, some) for some in _portions(sorted(new)))
                    todo += [(child, set(numbers)) for numbers in pointing]


def _add_filters(connection: Connection, tables: dict[str, Table], doomed: Rows) -> None:
    """What persons searched for in the tables of these projects: a view points to its filters, not they to it."""
    names = ("data_manager_view", "data_manager_filtergroup", "data_manager_filtergroup_filters", "data_manager_filter")
    if not all(name in tables for name in names):
        return
    view, group, of_group, filter_ = (tables[name] for name in names)
    groups = {n for n in _looked_up(connection, view.c.filter_group_id, view.c.id, doomed.get(view, ())) if n}
    filters = set(_looked_up(connection, of_group.c.filter_id, of_group.c.filtergroup_id, groups))
    _add(connection, tables, doomed, group, groups)
    _add(connection, tables, doomed, filter_, filters)


def _add_kept_copies(connection: Connection, tables: dict[str, Table], doomed: Rows) -> None:
    """Copies that Label Studio keeps of rows that somebody deleted in its pages."""
    copies, project = tables.get("core_deletedrow"), tables.get("project")
    if copies is not None and project is not None:
        for some in _portions(sorted(doomed.get(project, ()))):
            itself = (copies.c.model == "projects.project") & copies.c.row_id.in_(some)
            ours = select(copies.c.id).where(or_(copies.c.project_id.in_(some), itself))
            _add(connection, tables, doomed, copies, connection.execute(ours).scalars())


def _which(connection: Connection, table: Table, column: Column[int], numbers: Sequence[int]) -> list[int]:
    return list(connection.execute(select(_key(table)).where(column.in_(numbers))).scalars())


def _looked_up(
    connection: Connection, wanted: Column[int], column: Column[int], numbers: Iterable[int]
) -> Iterator[int]:
    for some in _portions(sorted(numbers)):
        yield from connection.execute(select(wanted).where(column.in_(some))).scalars()


def _key(table: Table) -> Column[int]:
    (column,) = table.primary_key.columns
    return column


def _portions(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), NUMBERS_AT_ONCE):
        yield numbers[start : start + NUMBERS_AT_ONCE]


def _picture_files(connection: Connection, tables: dict[str, Table], doomed: Rows) -> list[str]:
    upload = tables.get("data_import_fileupload")
    if upload is None:
        return []
    with connection.begin():
        return [str(n) for n in _looked_up(connection, upload.c.file, upload.c.id, doomed.get(upload, ()))]


def _remove_files(data: Path, projects: Sequence[int], pictures: Iterable[str], book: BookOnServer) -> None:
    """Pictures by the names the database has for them, and by the scan's hash in the name; exports of the projects."""
    media = data / "media"
    inside = media.resolve()
    named = [path for name in pictures if (path := (media / name).resolve()).is_relative_to(inside)]
    folders = [media / kind / str(number) for kind in ("upload", "export") for number in projects]
    below = [file for folder in folders if folder.is_dir() for file in folder.rglob("*") if not file.is_dir()]
    strayed = [file for file in media.rglob("*.jpg") if book.pictured_in(file.name)]
    exported = [file for number in projects for file in (data / "export").glob(f"project-{number}-*")]
    for file in dict.fromkeys([*named, *below, *strayed, *exported]):
        _remove(file)
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot remove {file}: {error.strerror}; check its folder, then run it again") from error
