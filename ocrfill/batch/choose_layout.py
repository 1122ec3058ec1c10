"""`--layout auto`: which shipped layout a new book has, by a vote of some of its pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Page
from ocrfill.errors import BadInput, PageError
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.pipeline.find_sheets import identify_form_anywhere
from ocrfill.pipeline.form_identification import AUTO_LAYOUT
from ocrfill.pipeline.locate import BAD_FIT_SCORE
from ocrfill.pipeline.preprocess import is_blank
from ocrfill.pipeline.scans import open_scan

MAX_VOTING_PAGES = 7
"""So many pages of a book vote, spread from its first to its last; covers, blank and spoilt ones have no vote."""

MAX_PAGES_LOOKED_AT = 21
"""So many pages are looked at, at most, to find the voters."""


def choose_layout(key: str, files: Sequence[Path]) -> str:
    """The name of the shipped layout of the book's kind that most of its pages are like.

    Raises BadInput where none of the pages looked at is like any.
    """
    book = Book.parse(key, AUTO_LAYOUT)
    layouts = [layout for layout in map(load_layout, shipped_layouts()) if layout.kind == book.kind]
    votes: dict[str, float] = defaultdict(float)
    voters = 0
    for page in _spread(files):
        if is_blank(page):
            continue
        best = identify_form_anywhere(page, layouts)
        if best.likeness < BAD_FIT_SCORE:
            continue
        votes[best.layout.name] += best.likeness
        voters += 1
        if voters == MAX_VOTING_PAGES:
            break
    if not votes:
        names = ", ".join(layout.name for layout in layouts)
        raise BadInput(
            f"book {key}: none of the pages looked at is of a form ocrfill knows ({names}); "
            "say which printed form it is with --layout"
        )
    return max(votes, key=lambda name: votes[name])


def _spread(files: Sequence[Path]) -> Iterator[Page]:
    """Pages that can be read, `MAX_PAGES_LOOKED_AT` at most, from all over the book: halves, quarters and so on."""
    places = []
    for file in files:
        try:
            scan = open_scan(file)
        except BadInput:
            continue  # told when the file is added
        places += [(scan, number) for number in range(1, scan.pages + 1)]
    for index in spread_evenly(len(places))[:MAX_PAGES_LOOKED_AT]:
        scan, number = places[index]
        try:
            yield scan.page(number)
        except PageError:
            continue  # told when the page is read


def spread_evenly(count: int) -> list[int]:
    """All numbers below `count` in an order such that any first few are spread over all of them."""
    order: dict[int, None] = {}
    step = 1
    while len(order) < count:
        for part in range(1, 2 * step, 2):
            order[min(count * part // (2 * step), count - 1)] = None
        step *= 2
        if step > 2 * count:
            order.update(dict.fromkeys(range(count)))
    return list(order)
