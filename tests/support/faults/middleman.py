"""Stands between a command and a server; passes all on, and does something before the n-th piece of the command."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Middleman:
    """Listens at a port of its own. `count` is how many pieces came since `reset`; at the n-th `act` is called first.

    A piece counts where it begins with one of `starts`; without them every piece does.
    """

    def __init__(self, server: tuple[str, int], starts: tuple[bytes, ...] = ()) -> None:
        self._server, self._starts = server, starts
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.reset()
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self, nth: int = 0, act: Callable[[], None] = lambda: None) -> None:
        """Count anew; before the n-th piece goes on, `act`."""
        with self._lock:
            self.count, self._nth, self._act = 0, nth, act

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(self._server)
                except OSError:  # the server has gone: so has who answers here
                    client.close()
                    continue
                for source, target, counts in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=(source, target, counts), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if counts and (not self._starts or piece.startswith(self._starts)):
                    self._counted()
                target.sendall(piece)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _counted(self) -> None:
        with self._lock:
            self.count += 1
            if self.count == self._nth:
                self._act()
