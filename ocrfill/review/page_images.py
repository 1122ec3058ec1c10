"""The pages' pictures on the reviewing server: uploaded once a page, given only to logged-in users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import cv2

from ocrfill.document.page import Page
from ocrfill.document.result import PageResult
from ocrfill.export.views import upright_picture
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.server_errors import Unanswered
from ocrfill.review.tasks import PagePicture

MAX_PICTURE_HEIGHT_PX = 2400
"""Greatest height of a page's picture in pixels: an A4 page as scanned at 200 dpi stays as it is."""

MAX_OWN_JPEG_BYTES = 600_000
"""Bytes up to which a scan's own JPEG is taken as it is; decoding and encoding take most of a push's time."""

JPEG_QUALITY_PERCENT = 65
"""JPEG quality: a page takes 150 to 300 kB and handwriting stays clear."""

PAGES_PER_UPLOAD = 16
"""Pages in one upload."""

SCAN_NAME_LETTERS = 16
"""So many letters of a scan's hash stand in the names of its pages' pictures: they are known again by it."""

PICTURES_CONFIG = '<View><Image name="page" value="$image"/></View>'
"""The config of the project that holds a book's pictures; one data key, or the server takes no files."""


@dataclass(frozen=True, slots=True)
class PictureSource:
    """How to get at a page's picture: the scan's own JPEG, None where it has none, and the page decoded."""

    jpeg: Callable[[], bytes | None]
    page: Callable[[], Page]


@dataclass(slots=True)
class BookPictures:
    """The pictures of a book in a project of their own, found again by `token` in its description."""

    server: ReviewServer
    book: str
    token: str
    project: int | None = None
    _known: dict[str, str] = field(default_factory=dict)

    def of(self, pages: Iterable[tuple[str, PageResult, PictureSource]]) -> dict[tuple[str, int], PagePicture]:
        """The picture of each page, by scan and page; `pages` are a scan's SHA-256, the result, and its source."""
        wanted = list(pages)
        if self.project is None:
            self.project = self._project()
            self._look()
        missing: dict[str, bytes] = {}
        for scan, result, source in wanted:
            name = _name(scan, result)
            if name not in self._known:
                missing[name] = _jpeg(source, result)
            if len(missing) == PAGES_PER_UPLOAD:
                self._upload(missing)
                missing = {}
        if missing:
            self._upload(missing)
        return {
            (scan, result.page): PagePicture(self._known[_name(scan, result)], *_size(result))
            for scan, result, _ in wanted
        }

    def _project(self) -> int:
        description = f"ocrfill {self.token}"
        found = self.server.find_project(description)
        if found is not None:
            return found
        return self.server.make_project(f"{self.book}: ảnh các trang", description, PICTURES_CONFIG)

    def _upload(self, files: Mapping[str, bytes]) -> None:
        """Upload; where no answer came, look what is there before sending again what is not."""
        assert self.project is not None
        try:
            self.server.upload(self.project, files)
        except Unanswered:
            self._look()
            left = {name: content for name, content in files.items() if name not in self._known}
            if left:
                self.server.upload(self.project, left)
        self._look()

    def _look(self) -> None:
        """What is there; the server puts eight figures and a dash before a file's name."""
        assert self.project is not None
        for path in self.server.uploads(self.project):
            self._known[path.rpartition("/")[2].partition("-")[2]] = path


def _name(scan: str, result: PageResult) -> str:
    how = "m" * result.flipped + "n" * result.negative
    return f"{scan[:SCAN_NAME_LETTERS]}-{result.page}-{result.turned}{how}.jpg"


def _jpeg(source: PictureSource, result: PageResult) -> bytes:
    """The page as a JPEG, upright and not too large; the scan's own where it is so already."""
    as_scanned = result.turned == 0 and not result.flipped and not result.negative
    own = source.jpeg() if as_scanned and result.height <= MAX_PICTURE_HEIGHT_PX else None
    if own is not None and len(own) <= MAX_OWN_JPEG_BYTES:
        return own
    _, encoded = cv2.imencode(
        ".jpg",
        upright_picture(source.page(), result, MAX_PICTURE_HEIGHT_PX).image,
        [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY_PERCENT],
    )
    return encoded.tobytes()


def _size(result: PageResult) -> tuple[int, int]:
    width, height = (result.height, result.width) if result.turned in (90, 270) else (result.width, result.height)
    scale = min(1.0, MAX_PICTURE_HEIGHT_PX / height)
    return round(width * scale), round(height * scale)
