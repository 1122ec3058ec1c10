"""The scans behind stored pages: opened again to be shown or given away, and named for people."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ocrfill.document.page import Page
from ocrfill.errors import BadInput
from ocrfill.pipeline.scans import Scan, open_scan
from ocrfill.store import StoredPage


@dataclass(frozen=True, slots=True)
class Original:
    """A page as scanned, and the scan's own JPEG of it where it has one."""

    page: Page
    jpeg: bytes | None = None


class Originals:
    """Opens each scan once, as long as its pages are asked for in order."""

    def __init__(self) -> None:
        self._last: tuple[str, Scan] | None = None

    def original(self, stored: StoredPage) -> Original:
        """The page and its JPEG. Raises PageError; BadInput where the file is gone or holds something else now."""
        scan = self._scan(stored)
        return Original(scan.page(stored.number), scan.jpeg(stored.number))

    def jpeg(self, stored: StoredPage) -> bytes | None:
        """The scan's own JPEG of the page, None where it has none; nothing is decoded. Raises as `original`."""
        return self._scan(stored).jpeg(stored.number)

    def page(self, stored: StoredPage) -> Page:
        """The page alone. Raises as `original`."""
        return self._scan(stored).page(stored.number)

    def _scan(self, stored: StoredPage) -> Scan:
        if self._last is None or self._last[0] != stored.scan:
            scan = open_scan(Path(stored.scan))
            if scan.sha256 != stored.sha256:
                raise BadInput(f"{stored.scan} has changed since it was read; `ocrfill run` reads it again")
            self._last = (stored.scan, scan)
        return self._last[1]


def short_names(paths: Iterable[str]) -> Mapping[str, str]:
    """Each path without the folder that all of them lie in: short, and the same on every machine."""
    whole = {path: os.path.abspath(path) for path in sorted(set(paths))}  # noqa: PTH100 - links stay as they are
    folder = os.path.commonpath([os.path.dirname(p) for p in whole.values()]) if whole else ""  # noqa: PTH120
    return {path: os.path.relpath(place, folder) for path, place in whole.items()}
