"""One layout on one page before a person in Label Studio: put there once, looked at until it is saved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import cv2

from ocrfill.authoring.edit.changes import Edited, apply_edits
from ocrfill.authoring.edit.label_studio_screen import edit_config, edit_task, edited_rectangles, kind_text
from ocrfill.authoring.edit.layout_file import LayoutFile
from ocrfill.authoring.edit.regions import LayoutRegions, regions_of
from ocrfill.civil_status.export_columns import columns_of
from ocrfill.document.page import Image, Page
from ocrfill.errors import PageError
from ocrfill.layouts import Layout
from ocrfill.layouts.fields import Choice
from ocrfill.layouts.fields.choice import ListName
from ocrfill.pipeline.locate.registration.page_map import PageMap, StretchedPageMap, page_map
from ocrfill.pipeline.preprocess import likely_turns, straighten, turn
from ocrfill.pipeline.upright_sheets import put_upright
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.page_images import SCAN_NAME_LETTERS

MAX_PICTURE_HEIGHT_PX, JPEG_QUALITY_PERCENT = 2400, 75
"""Greatest height of the page's picture in pixels, and its JPEG quality."""

PLAIN_KINDS = ("text", "name", "place", "date", "date_words", "number", "identity", "moment", "signatory", "signature")
"""Field types that need no more keys, so that a person may choose them with the mouse; choices have one, their list."""

SCREEN_VERSION = 2
"""Which screen a project has: of one begun with another, what is chosen there would be read wrongly."""


@dataclass(frozen=True, slots=True, eq=False)
class LayoutOnPage:
    """A layout drawn on a page put straight. `fits` is false where it was stretched over the page instead."""

    drawn: LayoutRegions
    image: Image
    fits: bool


def lay_layout_on_page(layout: Layout, page: Page) -> LayoutOnPage:
    """Lay a layout on a page. Where it does not fit it is stretched over it, to be put right by hand."""
    places: PageMap
    try:
        flat, _ = put_upright(page, layout)
        places, fits = page_map(flat, layout.body), True
    except PageError:
        degrees = likely_turns(page, layout.paper.width, layout.paper.height)[0]
        flat = straighten(turn(page, degrees))
        places, fits = StretchedPageMap(flat.width, flat.height), False
    drawn = LayoutRegions(regions_of(layout, places), places, flat.width, flat.height, flat.dpi)
    return LayoutOnPage(drawn, flat.image, fits)


@dataclass(frozen=True, slots=True)
class SavedRectangles:
    """The rectangles as a person saved them, and when, by the server's clock."""

    when: str
    annotation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """A project with one task. It is found again by the layout's text and the page, so nothing else need be kept."""

    server: ReviewServer
    file: LayoutFile
    drawn: LayoutRegions
    project: int
    task: int

    @property
    def address(self) -> str:
        """Where a person corrects the places."""
        return f"{self.server.url}/projects/{self.project}/data?task={self.task}"

    def saved(self) -> SavedRectangles | None:
        """What was last saved, None where nothing was."""
        annotations = self.server.annotations(self.task)
        given = [SavedRectangles(str(a["updated_at"]), a) for a in annotations if not a.get("was_cancelled")]
        return max(given, key=lambda saved: saved.when, default=None)

    def put_in(self, saved: SavedRectangles) -> Edited:
        """The file with what was saved. Raises BadInput where what was done has no meaning."""
        return apply_edits(
            self.file.text, self.file.layout, self.drawn, edited_rectangles(saved.annotation, self.drawn)
        )


def begin_session(server: ReviewServer, file: LayoutFile, sight: LayoutOnPage, page: str) -> Session:
    """Put a layout on a page before a person, or find it there. `page` is the hash of its scan, and its number there.

    The scan's hash stands in the project's description and in the picture's name: the page is found again by it when
    its book is to be purged.
    """
    layout = file.layout
    scan, number = page[:SCAN_NAME_LETTERS], page.rpartition(":")[2]
    token = hashlib.sha256(f"{SCREEN_VERSION}\0{file.text}\0{page}".encode()).hexdigest()[:24]
    description = f"ocrfill layout {token} {scan}"
    project = server.find_project(description)
    if project is None:
        choices = [kind_text(Choice(list_)) for list_ in get_args(ListName)]
        kinds = dict.fromkeys([*PLAIN_KINDS, *choices, *(kind_text(spec.type) for spec in layout.fields.values())])
        screen = edit_config(list(layout.fields), list(kinds), columns_of(layout.kind))
        project = server.make_project(f"Mẫu {layout.name}"[:50], description, screen)
    if not server.uploads(project):
        server.upload(project, {f"{scan}-{number}-layout.jpg": _jpeg(sight.image)})
    tasks = [number for number, _ in server.keys(project)]
    if not tasks:
        tasks = server.add_tasks(project, [edit_task(server.uploads(project)[0], sight.drawn, layout)])
    return Session(server, file, sight.drawn, project, tasks[0])


def _jpeg(image: Image) -> bytes:
    scale = min(1.0, MAX_PICTURE_HEIGHT_PX / image.shape[0])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY_PERCENT])
    return encoded.tobytes()
