"""Sheets on larger beds, negatives and mirrored pages: told apart by the image alone, and put right pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrfill.document.page import Image, Page
from ocrfill.pipeline.preprocess import (
    cut_out,
    is_blank,
    is_negative,
    mirror,
    positive,
    sheets_by_brightness,
    turn,
    without_sheet,
)
from ocrfill.training.synthetic.scanner_bed import BedKind, scanner_bed

WIDTH, HEIGHT, DPI = 620, 877, 75.0


def form() -> Image:
    """A page with dotted lines, strokes like writing on them and an upright rule."""
    image = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
    chance = np.random.default_rng(1)
    for y in np.linspace(100, 780, 24).astype(int):
        image[y : y + 2, 50:430:4] = 60
        for x in range(60, int(chance.integers(110, 380)), 11):
            cv2.ellipse(image, (x, y - 5), (3, 5), 0, 0, 330, (40, 40, 40), 1)
    cv2.line(image, (450, 60), (450, 830), (30, 30, 30), 2)
    return image


def page(image: Image) -> Page:
    return Page("book.pdf", 3, np.ascontiguousarray(image), DPI)


def with_dark_head(image: Image) -> Image:
    image = image.copy()
    image[20:90] = 35
    cv2.putText(image, "SO DANG KY", (60, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (250, 250, 250), 3)
    return image


def with_seal(image: Image) -> Image:
    image = image.copy()
    cv2.circle(image, (300, 600), 110, (60, 60, 200), 14)
    cv2.circle(image, (300, 600), 60, (60, 60, 200), -1)
    return image


def empty(brightness: int) -> Image:
    noisy = brightness + np.random.default_rng(5).normal(0, 4, (HEIGHT, WIDTH, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("change", [lambda i: i, with_dark_head, with_seal, lambda i: (i * 0.3).astype(np.uint8)])
def test_light_writing_on_dark_is_a_negative_and_nothing_else_is(change) -> None:
    image = change(form())
    assert not is_negative(page(image))
    assert is_negative(page(255 - image))
    assert not is_blank(page(255 - image)), "a negative is no blank page"


@pytest.mark.parametrize("brightness", [235, 120, 40])
def test_an_empty_page_is_blank_bright_or_dark(brightness: int) -> None:
    assert is_blank(page(empty(brightness)))
    assert not is_negative(page(empty(brightness)))


def test_an_empty_page_on_a_black_bed_with_dust_is_blank() -> None:
    bed = (
        scanner_bed("black", (260, 340), DPI, np.random.default_rng(2)).with_sheet(empty(235), (0.5, 0.5), 2, DPI).image
    )
    chance = np.random.default_rng(3)
    for _ in range(60):
        cv2.circle(bed, (int(chance.integers(0, 70)), int(chance.integers(0, bed.shape[0]))), 1, (200, 200, 200), -1)
    assert is_blank(page(bed))


def test_positive_and_mirror_undo_themselves_and_keep_the_way_back() -> None:
    image = np.random.default_rng(2).integers(0, 255, (40, 30, 3), dtype=np.uint8)
    start = page(image)
    assert np.array_equal(positive(start).image, 255 - image)
    assert positive(start).negative
    assert not positive(positive(start)).negative
    over = turn(mirror(start), 90)
    assert (over.flipped, over.turned) == (True, 90)
    for x, y in ((0, 0), (over.width - 1, 0), (5, 7)):
        ((sx, sy),) = over.to_source.apply(np.array([[x, y]], float))
        assert np.array_equal(over.image[y, x], image[round(sy), round(sx)])
    assert np.array_equal(mirror(mirror(start)).image, image)
    with pytest.raises(ValueError, match="mirror a page before"):
        mirror(turn(start, 90))


@pytest.mark.parametrize("kind", ["black", "grey", "wood"])
@pytest.mark.parametrize("degrees", [0.0, -3.0, 93.0])
def test_a_sheet_is_told_from_its_bed(kind: BedKind, degrees: float) -> None:
    bed = scanner_bed(kind, (420, 330), DPI, np.random.default_rng(2)).with_sheet(form(), (0.45, 0.5), degrees, DPI)
    true = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]) @ bed.placed[0][:, :2].T + bed.placed[0][:, 2]
    nearest = min(_farthest(corners, true) for corners in sheets_by_brightness(bed.image))
    assert nearest < 0.012 * HEIGHT


def _farthest(corners: np.ndarray, true: np.ndarray) -> float:
    return float(np.linalg.norm(true[:, None] - corners, axis=2).min(axis=1).max())


def test_an_image_without_a_bed_has_no_sheets_on_it() -> None:
    assert sheets_by_brightness(np.full((400, 300), 240, np.uint8)) == []


def test_what_is_cut_out_keeps_its_pixels_and_its_place() -> None:
    bed = scanner_bed("black", (300, 350), DPI, np.random.default_rng(2)).with_sheet(form(), (0.4, 0.5), 2.0, DPI)
    corners = (
        np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]) @ bed.placed[0][:, :2].T + bed.placed[0][:, 2]
    )
    scan = page(bed.image)
    sheet = cut_out(scan, corners, 80.0, room=0.02)
    assert sheet.dpi == 80.0
    points = np.random.default_rng(4).integers(150, 550, (500, 2))
    source = np.rint(sheet.to_source.apply(points.astype(float))).astype(int)
    assert np.array_equal(sheet.image[points[:, 1], points[:, 0]], scan.image[source[:, 1], source[:, 0]])
    assert sheet.image[0, 0].min() > 200, "the bed beside the sheet is paper now"


def test_without_its_sheet_a_bed_is_blank_and_another_sheet_is_not() -> None:
    bed = scanner_bed("wood", (520, 340), DPI, np.random.default_rng(2))
    one = bed.with_sheet(form(), (0.25, 0.5), 1.0, DPI)
    corners = (
        np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]) @ one.placed[0][:, :2].T + one.placed[0][:, 2]
    )
    assert is_blank(without_sheet(page(one.image), corners))
    both = one.with_sheet(form(), (0.75, 0.5), -1.0, DPI)
    assert not is_blank(without_sheet(page(both.image), corners))
