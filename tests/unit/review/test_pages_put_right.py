"""Negatives and mirrored pages leave as they read: pictures for review, HTML and PDFs, and the places on them."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
import pytest

from ocrfill.document.page import Page
from ocrfill.document.result import FLIPPED_CODE, NEGATIVE_CODE, Decision, Field, Issue, PageResult
from ocrfill.export.views import as_it_reads, flipped_places, upright_picture
from ocrfill.pipeline.preprocess import mirror, positive, turn
from ocrfill.review.field_view import frames_of
from ocrfill.review.page_images import PictureSource, _jpeg, _name

WIDTH, HEIGHT = 300, 420
CODES = {"flipped": FLIPPED_CODE, "negative": NEGATIVE_CODE}


def upright() -> np.ndarray:
    """A page as it reads: white, one black word upper left."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    image[40:60, 30:90] = 0
    return image


def scanned(*, flipped: bool, negative: bool, degrees: int) -> tuple[Page, PageResult, Field]:
    """The same as a scan shows it that is to be mirrored and turned by `degrees`, and what was read on it."""
    page = turn(Page("film.jpg", 1, upright(), 100), -degrees)
    page = Page("film.jpg", 1, page.image, 100)
    page = mirror(page) if flipped else page
    page = positive(page) if negative else page
    rows, columns = np.nonzero(cv2.cvtColor(page.image, cv2.COLOR_BGR2GRAY) == (255 if negative else 0))
    left, right, top, bottom = (float(v) for v in (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1))
    word = ((left, top), (right, top), (right, bottom), (left, bottom))
    field = Field("so", "Số", "number", "1", "1", 0.5, Decision.REVIEW, (), "r", word, (word,))
    issues = tuple(Issue(CODES[k], "") for k, is_so in (("flipped", flipped), ("negative", negative)) if is_so)
    result = PageResult("film.jpg", 1, "x", 1, page.width, page.height, 100, degrees, issues=issues)
    return Page("film.jpg", 1, page.image, 100), result, field


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize(("flipped", "negative"), list(product((False, True), repeat=2)))
def test_a_picture_shows_the_page_as_it_reads(*, flipped: bool, negative: bool, degrees: int) -> None:
    page, result, field = scanned(flipped=flipped, negative=negative, degrees=degrees)
    sheet = upright_picture(page, result, HEIGHT)
    assert np.array_equal(sheet.image, upright())
    assert np.allclose(sorted(sheet.place(field.polygon).tolist()), [(30, 40), (30, 60), (90, 40), (90, 60)])
    (frame,) = frames_of(field, result)
    assert frame == pytest.approx((30 / WIDTH, 40 / HEIGHT, 90 / WIDTH, 60 / HEIGHT))


def test_a_record_is_outlined_where_it_stands_on_the_flipped_page() -> None:
    page, result, field = scanned(flipped=True, negative=True, degrees=0)
    shown = as_it_reads(page, result)
    assert np.array_equal(shown.image, upright())
    left = flipped_places(np.array(field.polygon), result.width)[:, 0].min()
    assert left == 30


def test_the_scans_own_jpeg_goes_to_review_only_where_it_shows_the_page_as_it_reads() -> None:
    own = b"\xff\xd8own"
    names = set()
    for flipped, negative in product((False, True), repeat=2):
        page, result, _ = scanned(flipped=flipped, negative=negative, degrees=0)
        sent = _jpeg(PictureSource(lambda: own, lambda page=page: page), result)
        assert (sent == own) == (not flipped and not negative)
        names.add(_name("a" * 64, result))
    assert len(names) == 4, "a page read again otherwise is another picture"
