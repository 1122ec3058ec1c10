"""PostgreSQL killed at each message that a command sends it: what was stored stays, once, and is told in words."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy
from support import servers
from support.fakes.label_studio import FakeLabelStudio
from support.faults.disturbances import DATABASE_KILLED, Disturbance, evenly
from support.faults.middleman import Middleman
from support.faults.remains import Remains, remains
from support.faults.scenes import Command, answered_book, command, read_book, reviewed_book, scans_alone
from support.faults.tally import Verdict
from support.faults.trials import Trials

from ocrfill.cli.settings import SETTINGS_FILE_NAME
from ocrfill.store import Store
from ocrfill.store.schema import METADATA, SCHEMA
from ocrfill.store.store import STORE_FILE_NAME

USED, KEPT = "used", "kept"
"""The database that commands work on, and the one that it is set back to."""

SCENES = {
    "run": scans_alone,
    "export": read_book,
    "review push": read_book,
    "review pull": answered_book,
    "calibrate": reviewed_book,
}
"""By command: how its scene is made with a store in a file, which is then brought into the database."""


class PostgresTrials(Trials):
    """Trials of commands whose store lies in a PostgreSQL of their own, spoken to over a middleman."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._state = servers.SERVERS[servers.POSTGRES][0](folder)
        self._url = sqlalchemy.make_url(self._state["url"])
        self.between = Middleman((str(self._url.host), int(self._url.port or 0)))
        self._kept: Callable[..., None] | None = None
        self._stopping = threading.Lock()
        self.messages = 0
        """How many messages the last command sent."""
        self.was_killed = False
        """Whether the server was killed under the last command that was disturbed."""

    def close(self) -> None:
        """End the processes and the server."""
        super().close()
        self.between.close()
        servers.SERVERS[servers.POSTGRES][1](self._state)

    def count_messages(self, one: Command) -> None:
        """Run it undisturbed, for `messages`."""
        self.undisturbed(one)
        self._begin(one)
        self._run(one)

    def kill(self) -> None:
        """End the server in the midst of its work, without a word to anybody."""
        with self._stopping:
            self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it again; it comes back to what was committed."""
        with self._stopping:  # else `stop`, which the middleman calls, would wait for the server that is started here
            pass
        options = f"-c listen_addresses=127.0.0.1 -p {self._url.port} -k {self._state['folder']} -c fsync=off"
        self._control("-l", f"{self._state['folder']}/log", "-o", options, "start")

    def with_database(self, name: str) -> Command:
        """The command on such a store."""
        one = command(name)
        made = SCENES[name]

        def scene(folder: Path, server: FakeLabelStudio) -> None:
            made(folder, server)
            self._bring_in(folder / "work")

        return replace(one, name=f"{name}, store in PostgreSQL", scene=scene)

    def _bring_in(self, workspace: Path) -> None:
        """Take a workspace's store out of its file into the database that is used."""
        self._renew(USED, "template0")
        file = workspace / STORE_FILE_NAME
        workspace.mkdir(exist_ok=True)
        url = self._url.set(port=self.between.port, database=USED).render_as_string(hide_password=False)
        (workspace / SETTINGS_FILE_NAME).write_text(f'store = "{url}"\n', encoding="utf-8")
        if not file.exists():
            return
        Store.open(self._direct(USED), workspace, create=True).close()
        source = sqlalchemy.create_engine(f"sqlite:///{file}", poolclass=sqlalchemy.NullPool)
        target = sqlalchemy.create_engine(self._direct(USED), poolclass=sqlalchemy.NullPool)
        with source.connect() as read, target.begin() as write:
            for table in METADATA.sorted_tables:
                rows = [dict(row) for row in read.execute(sqlalchemy.select(table)).mappings()]
                if rows and table is not SCHEMA:
                    write.execute(table.insert(), rows)
        file.unlink()

    def _begin(self, one: Command) -> None:
        if one.scene is not self._kept:
            self._made.pop(one.scene, None)
        super()._begin(one)
        if one.scene is not self._kept:
            self._kept = one.scene
            self._renew(KEPT, USED)
        else:
            self._renew(USED, KEPT)

    def _remains(self, one: Command) -> Remains:
        return remains(self._scene, self._server if one.serves else None, self._direct(USED))

    def _direct(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _renew(self, name: str, template: str) -> None:
        admin = sqlalchemy.create_engine(
            self._direct("postgres"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
        )
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")

    def _control(self, *words: str) -> None:
        subprocess.run(
            [*self._state["control"], *words],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._state["folder"],
            timeout=120,
        )

    @contextmanager
    def _failing(self, disturbance: Disturbance | None) -> Iterator[None]:
        with super()._failing(disturbance):
            nth = int(disturbance.where.split()[1]) if disturbance is not None else 0
            self.between.reset(nth, self.kill)
            yield
            self.messages = self.between.count
            if nth:
                self.was_killed = self.messages >= nth
                if self.was_killed:
                    self.start()
            self.between.reset()


def database_kills(folder: Path, names: tuple[str, ...] = tuple(SCENES), most: int | None = None) -> Iterator[Verdict]:
    """The server killed at each message of these commands, or at so many of them, evenly."""
    trials = PostgresTrials(folder)
    try:
        for name in names:
            one = trials.with_database(name)
            trials.count_messages(one)
            for nth in evenly(range(1, trials.messages + 1), most):
                verdict = trials.disturb(one, Disturbance(DATABASE_KILLED, f"message {nth}"))
                yield replace(verdict, reached=trials.was_killed)
    finally:
        trials.close()
