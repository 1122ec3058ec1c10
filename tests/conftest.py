"""Fixtures shared by the tests: stores on SQLite and on PostgreSQL, and the servers of the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy
from support import servers
from support.servers import folder_of_run

from ocrfill.store import Store

pytest_plugins = ["support.lanes"]


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of the run's PostgreSQL server, without a database's name; skips where its programs are missing."""
    if reason := servers.no_postgres():
        pytest.skip(reason)
    return str(servers.awaited(folder_of_run(request.config), servers.POSTGRES)["url"])


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty database of its own; each worker has one name for all that it makes."""
    name = f"trial_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    admin = sqlalchemy.create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return f"{postgres_server}/{name}"


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
def reviewing_server(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A workspace with the sample book, its own Label Studio running, and two persons who may log in."""
    from support.label_studio_session import label_studio_environment

    environment = label_studio_environment()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCRFILL_LABEL_STUDIO", str(environment))
        state = servers.awaited(folder_of_run(request.config), servers.LABEL_STUDIO)
        yield Path(state["workspace"])
