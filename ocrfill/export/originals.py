"""The scans behind stored pages: opened again to be shown or given away, and named for people."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping
from pathlib import Path

from ocrfill.errors import BadInput
from ocrfill.records import Page
from ocrfill.scans import Scan, open_scan
from ocrfill.store import StoredPage


class Originals:
    """Opens each scan once, as long as its pages are asked for in order."""

    def __init__(self) -> None:
        self._last: tuple[str, Scan] | None = None

    def page(self, stored: StoredPage) -> Page:
        """The page as scanned. Raises PageError; BadInput where the file is gone or holds something else now."""
        if self._last is None or self._last[0] != stored.scan:
            scan = open_scan(Path(stored.scan))
            if scan.sha256 != stored.sha256:
                raise BadInput(f"{stored.scan} has changed since it was read; `ocrfill run` reads it again")
            self._last = (stored.scan, scan)
        return self._last[1].page(stored.number)


def short_names(paths: Iterable[str]) -> Mapping[str, str]:
    """Each path without the folder that all of them lie in: short, and the same on every machine."""
    distinct = sorted(set(paths))
    folder = os.path.commonpath([os.path.dirname(p) for p in distinct]) if distinct else ""  # noqa: PTH120
    return {path: os.path.relpath(path, folder or ".") for path in distinct}
