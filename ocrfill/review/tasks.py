"""A field as a Label Studio task. Pure: no server, no files; what a person answers there is read in `answers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from ocrfill.document.result import Issue
from ocrfill.export.views.html_templates import html_templates
from ocrfill.review.translations import ScreenTexts

OPTION_KEYS = "123456789"
"""The key of each option, in order."""

MAX_CROP_WIDTH_PX, MAX_CROP_HEIGHT_PX = 1120, 280
"""The most pixels of the screen that a field's picture takes."""

MAX_ENLARGEMENT_FACTOR = 2.5
"""How much a picture is blown up at most: beyond, ink turns into squares."""

CONTEXT_LINE_SHARES = (0.9, 0.75)
"""What of the height of a field's line is shown beside it, and above and below: its neighbours tell what it is."""

MIN_CONTEXT_PAGE_SHARE = 0.012
"""The same at least, as a share of the page's height: a line's height says little where the strip is thin."""

Frame = tuple[float, float, float, float]
"""Left, top, right and bottom on the page's picture, as shares of its width and height."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """The picture of a page: where the browser gets it, and its size in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DoubtedField:
    """A field as it is to be shown.

    `key` finds it again among the tasks of its project. `marks` are the places in `prefilled` of characters that the
    reader itself trusts little. `options` are other values, best first; where `closed` they are a whole closed list.
    `frames` are its lines on the page's picture.
    """

    key: str
    label: str
    page_name: str
    record: int | None
    prefilled: str
    marks: frozenset[int]
    options: tuple[str, ...]
    closed: bool
    issues: tuple[Issue, ...]
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where something lies within what is shown, in shares of its width and height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Crop:
    """A field cut out of the page's picture: the picture, larger than the crop, and the field's lines lie in it."""

    url: str
    screen_width: str
    aspect: str
    image: _Placed
    lines: tuple[_Placed, ...]


def task_of(doubt: DoubtedField, picture: PagePicture, words: ScreenTexts) -> dict[str, Any]:
    """The task as Label Studio imports it. It holds no word on why the field is shown, nor how sure ocrfill is."""
    pieces = _pieces()
    where = f"{words.page} {doubt.page_name}"
    if doubt.record is not None:
        where += f", {words.record} {doubt.record}"
    issue = "; ".join(issue.text for issue in doubt.issues) if doubt.prefilled else words.nothing_read
    lines = [_Placed(a, b, c - a, d - b) for a, b, c, d in doubt.frames]
    return {
        "data": {
            "key": doubt.key,
            "prefilled": doubt.prefilled,
            "html": str(pieces.field(doubt.label, where, issue, _crop(doubt, picture))),
            "options": _options(doubt, pieces),
            "page": str(pieces.page(words.whole_page, picture.url, lines)),
        }
    }


def _pieces() -> Any:
    """The macros of the template."""
    return html_templates("ocrfill.review").get_template("task.html").module


def _options(doubt: DoubtedField, pieces: Any) -> list[dict[str, Any]]:
    """The options with their keys; the value read is chosen and its doubtful characters marked.

    It stands first, but in a closed list everything keeps its place, and so its key.
    """
    given = (*doubt.options, doubt.prefilled) if doubt.closed else (doubt.prefilled, *doubt.options)
    values = list(dict.fromkeys(value for value in given if value))
    options = []
    for key, value in zip(OPTION_KEYS, values, strict=False):
        option: dict[str, Any] = {"value": value, "hotkey": key, "html": str(escape(value))}
        if value == doubt.prefilled:
            letters = [(letter, place in doubt.marks) for place, letter in enumerate(value)]
            option |= {"selected": True, "html": str(pieces.option(letters))}
        options.append(option)
    return options


def _crop(doubt: DoubtedField, picture: PagePicture) -> _Crop:
    """The field cut out of the page's picture by the browser, large, with what stands around it."""
    left, top, right, bottom = _around(doubt.frames, picture)
    width, height = (right - left) * picture.width, (bottom - top) * picture.height
    scale = min(MAX_ENLARGEMENT_FACTOR, MAX_CROP_WIDTH_PX / width, MAX_CROP_HEIGHT_PX / height)
    across, down = right - left, bottom - top
    return _Crop(
        picture.url,
        f"{width * scale:.0f}",
        f"{width:.1f}/{height:.1f}",
        _Placed(-left / across, -top / down, 1 / across, 1 / down),
        tuple(
            _Placed((a - left) / across, (b - top) / down, (c - a) / across, (d - b) / down)
            for a, b, c, d in doubt.frames
        ),
    )


def _around(frames: Sequence[Frame], picture: PagePicture) -> Frame:
    """The frame that is shown: all lines of the field, and something around them, within the page."""
    if not frames:
        return 0.0, 0.0, 1.0, 1.0
    line = min(d - b for _, b, _, d in frames) * picture.height
    air = (
        max(MIN_CONTEXT_PAGE_SHARE * picture.height, line * CONTEXT_LINE_SHARES[0]),
        max(MIN_CONTEXT_PAGE_SHARE * picture.height, line * CONTEXT_LINE_SHARES[1]),
    )
    x, y = air[0] / picture.width, air[1] / picture.height
    left, top = min(f[0] for f in frames) - x, min(f[1] for f in frames) - y
    right, bottom = max(f[2] for f in frames) + x, max(f[3] for f in frames) + y
    return max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom)
