"""What is there when a command has ended: every row of every store, every file's bytes, all that a server holds.

Two remains are compared as bags of lines: what the undisturbed command left and this one did not is lost, what this one
has besides is doubled (or a stray file). What differs by chance or by history alone is left out or told by what it
stands for: tokens, numbers that the server gave, the name of a lock's holder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from support.fakes.label_studio import FakeLabelStudio

TEMPORARY_FOLDER_NAME = "tmp"
"""The folder of a scene that its commands take for the system's temporary one."""

KNOWN_BY_NAME = ("ocrfill.lock", "trail.jsonl")
"""Files whose content is of each start of a command: who holds the lock, who looked at which record when."""

PYTHONS_TRIAL = re.compile(r"[a-z0-9_]{8}")
"""Names of the files by which Python's own library tries the temporary folder when it first needs one: four letters,
taken away at once. A kill at just that moment leaves one; it tells nothing.
"""

STRAY = re.compile(r"\.part$|-journal$|-wal$|-shm$|(^|/)tmp\w*$|^tmp/")

Remains = Counter[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is missing of the undisturbed remains, what is there besides, and which stray files there are."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    strays: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.strays)


def difference(undisturbed: Remains, found: Remains) -> Difference:
    """How what was found differs from what should be there."""
    extra = list((found - undisturbed).elements())
    strays = tuple(line for line in extra if line.startswith("file ") and STRAY.search(line.split(" ", 2)[1]))
    return Difference(
        lost=tuple((undisturbed - found).elements()),
        doubled=tuple(line for line in extra if line not in strays),
        strays=strays,
    )


def is_pythons_trial(file: Path) -> bool:
    """Whether a file of a temporary folder is one that Python has tried it with."""
    in_place = file.parent.name == TEMPORARY_FOLDER_NAME and PYTHONS_TRIAL.fullmatch(file.name)
    return bool(in_place) and file.is_file() and file.read_bytes() in (b"", b"blat")


def what_counts(found: Remains) -> Remains:
    """The same without up to which moment answers were pulled: where the clock is behind none is noted, and
    the next pull asks for all of them again.
    """
    counted: Remains = Counter()
    for line, times in found.items():
        counted[re.sub(r'"seen": [^,}]*', "", line)] += times
    return counted


def remains(folder: Path, server: FakeLabelStudio | None = None, database: str | None = None) -> Remains:
    """All that is there: in a scene's folder, on its reviewing server, and in its PostgreSQL database."""
    found: Remains = Counter()
    names = _Names(server)
    stores = [f"sqlite:///{file}" for file in folder.rglob("*.sqlite")] + ([database] if database else [])
    for url in stores:
        found.update(names.rows(url))
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_dir():
            found[f"folder {name}"] += 1
        elif file.suffix != ".sqlite":
            content = b"" if file.name in KNOWN_BY_NAME else file.read_bytes()
            if not is_pythons_trial(file):
                found[f"file {name} {hashlib.sha256(content).hexdigest()[:16]}"] += 1
    found.update(names.on_server())
    return found


class _Names:
    """What tokens and numbers of the server stand for."""

    def __init__(self, server: FakeLabelStudio | None) -> None:
        self._server = server
        self._tokens: dict[str, str] = {}

    def rows(self, url: str) -> list[str]:
        """Every row of every table of a database, as text."""
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        found = []
        with closing(engine.connect()) as connection:
            tables = sorted(sqlalchemy.inspect(connection).get_table_names())
            rows = {
                table: [dict(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()]
                for table in tables
            }
        engine.dispose()
        self._tokens |= {row["token"]: f"token of batch {row['id']}" for row in rows.get("review_batches", ())}
        for table, listed in rows.items():
            for row in listed:
                if table == "review_batches":
                    row["project"] = self._project(row["project"])
                elif table == "review_tasks":
                    row["task"] = self._task(row["task"])
                found.append(f"row {table} {self._told(json.dumps(row, ensure_ascii=False, sort_keys=True))}")
        return found

    def on_server(self) -> list[str]:
        """Every project, file and task."""
        if self._server is None:
            return []
        found = [f"project {self._project(number)} {self._told(p['description'])}" for number, p in self._projects()]
        for number, names in self._server.uploads.items():
            found += [f"upload {self._project(number)} {name.rpartition('/')[2]}" for name in names]
        for task in self._server.tasks.values():
            data = re.sub(r"upload/\d+/", "upload/", json.dumps(task["data"], ensure_ascii=False, sort_keys=True))
            answers = json.dumps(task["annotations"], ensure_ascii=False, sort_keys=True)
            found.append(f"task {self._project(task['project'])} {data} {answers}")
        return found

    def _projects(self) -> list[tuple[int, dict[str, str]]]:
        return sorted(self._server.projects.items()) if self._server else []

    def _project(self, number: int | None) -> str | None:
        known = dict(self._projects())
        return known[number]["title"] if number in known else None if number is None else f"lost project {number}"

    def _task(self, number: int | None) -> str | None:
        if number is None or self._server is None:
            return None
        task = self._server.tasks.get(number)
        return f"task {task['data']['key']} of {self._project(task['project'])}" if task else "lost task"

    def _told(self, text: str) -> str:
        for token, name in self._tokens.items():
            text = text.replace(token, name).replace(token[:12], name)
        return text
