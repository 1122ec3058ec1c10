"""Fixtures shared by the tests: stores on SQLite and on a PostgreSQL server of their own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy

from ocrfill.store import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a temporary PostgreSQL server, without a database's name; skips where its programs are missing."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(programs[-1]) if programs else shutil.which("initdb")
    if initdb is None:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="ocrfill-postgres-"))
    as_other: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = next((name for name in ("postgres", "nobody") if name in {p.pw_name for p in pwd.getpwall()}), None)
        if user is None or shutil.which("runuser") is None:
            pytest.skip("root cannot run PostgreSQL, and there is no other user or no runuser to run it as")
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        as_other = ["runuser", "-u", user, "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    control = [*as_other, str(Path(initdb).with_name("pg_ctl")), "-D", f"{folder}/data", "-w", "-t", "60"]
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=30"

    def quietly(command: list[str]) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=120)

    make = [*as_other, initdb, "-D", f"{folder}/data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C"]
    try:
        quietly(make)
        quietly([*control, "-l", f"{folder}/log", "-o", options, "start"])
        try:
            yield f"postgresql+pg8000://tester@127.0.0.1:{port}"
        finally:
            quietly([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of its own."""
    admin = sqlalchemy.create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS trial WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE trial")
    admin.dispose()
    return f"{postgres_server}/trial"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str | None:
    """None for a store in the workspace's own file, else the URL of an empty PostgreSQL database."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def open_store(store_url: str | None, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the one store of this test, on SQLite and then on PostgreSQL; the workspace is `tmp_path / "work"`."""
    with ExitStack() as opened:
        work = tmp_path / "work"
        work.mkdir()
        yield lambda: opened.enter_context(Store.open(store_url or work, work, create=True))


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    """An empty store, on SQLite and then on PostgreSQL."""
    return open_store()


@pytest.fixture(scope="session")
def reviewing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with the sample book, its own Label Studio running, and two persons who may log in."""
    from support.label_studio_session import BA, PASSWORD, THU, join, label_studio_environment, sample_workspace, told

    from ocrfill.review.server_access import need

    environment = label_studio_environment()
    folder = sample_workspace(tmp_path_factory.mktemp("review") / "work")
    before = os.environ.get("OCRFILL_LABEL_STUDIO")
    os.environ["OCRFILL_LABEL_STUDIO"] = str(environment)
    try:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        told("start", "--workspace", folder, "--port", str(port))
        for email in (THU, BA):
            join(need(folder), email, PASSWORD)
        yield folder
    finally:
        told("stop", "--workspace", folder)
        if before is None:
            del os.environ["OCRFILL_LABEL_STUDIO"]
