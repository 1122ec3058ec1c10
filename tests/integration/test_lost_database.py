"""A database that goes away in the midst of the work ends it with words and the store's exit code."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy
from support.builders.stored_book import BOOK, KEY, write_all

from ocrfill.errors import StoreError
from ocrfill.store import Store

pytestmark = pytest.mark.postgres


class CutLine:
    """Stands between a store and its server, and cuts all connections at the n-th piece that comes back."""

    def __init__(self, server: tuple[str, int], after: int, *, halves: bool) -> None:
        self._server, self._left, self._halves = server, after, halves
        self._open: list[socket.socket] = []
        self.cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                for end in (client, server):  # else each small piece waits 40 ms for an answer to the one before
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for source, target, counts in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass_on, args=(source, target, counts), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                self._left -= counts
                if self._left <= 0:
                    if self._halves and counts:
                        target.sendall(piece[: len(piece) // 2])
                    self.close()
                    return
                target.sendall(piece)

    def close(self) -> None:
        self.cut = True
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def work(url: str, folder: Path) -> None:
    with Store.open(url, folder, create=True) as store, store.locked():
        if not store.books():
            store.add_book(BOOK, 1)
        if not store.scans(sha256="a"):  # each a transaction of its own: the line may have been cut between them
            store.add_scan(KEY, "a.pdf", "a", 3)
        write_all(store)
        list(store.pages(KEY))
        store.status()


@pytest.mark.slow
@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_server_that_ends_in_the_midst_is_told(postgres_url: str, tmp_path: Path, every: int, halves: bool) -> None:
    url = sqlalchemy.make_url(postgres_url)
    assert url.host is not None
    assert url.port is not None
    cuts = 0
    for after in range(1, 400, every):
        line = CutLine((url.host, url.port), after, halves=halves)
        try:
            work(url.set(port=line.port).render_as_string(hide_password=False), tmp_path / "not there yet")
        except StoreError:
            cuts += 1
        finally:
            was_cut = line.cut
            line.close()
        if not was_cut:
            break
    assert cuts > 3
    work(postgres_url, tmp_path)
    with Store.open(postgres_url, tmp_path) as store:
        assert [page.number for page in store.pages(KEY) if page.result is not None] == [1, 2, 3]


def test_the_workspace_s_folder_is_made(postgres_url: str, tmp_path: Path) -> None:
    work(postgres_url, tmp_path / "a" / "work")
    assert (tmp_path / "a" / "work" / "ocrfill.lock").exists()
