"""A scan is turned, straightened and flattened, and every pixel keeps its way back to the scan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrfill.document.page import Image, Page
from ocrfill.document.warp import Mesh, Warp
from ocrfill.pipeline.preprocess import is_blank, likely_turns, straighten, turn
from ocrfill.pipeline.preprocess.deskew import skew_degrees
from ocrfill.pipeline.preprocess.dewarp import find_bend
from ocrfill.pipeline.preprocess.illumination import reduced_page
from ocrfill.pipeline.reduced_page import reduced_size

WIDTH, HEIGHT = 827, 1169


def form(lines: int = 24) -> Image:
    """A ruled box, an upright rule and dotted lines with strokes like writing on them; a hundred pixels an inch."""
    image = np.full((HEIGHT, WIDTH), 255, np.uint8)
    cv2.rectangle(image, (40, 80), (790, 1120), 30, 2)
    cv2.line(image, (590, 80), (590, 1120), 30, 2)
    chance = np.random.default_rng(1)
    for y in np.linspace(130, 1000, lines).astype(int):
        image[y : y + 2, 70:570:4] = 60
        image[y : y + 2, 71:570:4] = 60
        for x in range(80, int(chance.integers(150, 500)), 14):
            cv2.ellipse(image, (x, y - 6), (4, 6), 0, 0, 330, 40, 1)
    return image


def page(image: Image) -> Page:
    return Page("book.pdf", 3, image, 100)


def bent(image: Image, warp: Warp) -> Image:
    """The image moved by a warp, on a page of its own size."""
    y, x = np.arange(3.5, image.shape[0] + 8, 8), np.arange(3.5, image.shape[1] + 8, 8)
    back = warp.unapply(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    coarse = back.reshape(len(y), len(x), 2).astype(np.float32)
    places = cv2.resize(coarse, None, fx=8, fy=8, interpolation=cv2.INTER_LINEAR)[: image.shape[0], : image.shape[1]]
    return cv2.remap(image, places, None, cv2.INTER_LINEAR, borderValue=255)


def leaning(degrees: float) -> Warp:
    return Warp.of(cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -degrees, 1.0))


def curl(height: float = 14) -> Warp:
    """Lines fall towards the left edge, as at a gutter."""
    x = np.linspace(0, 1, 17)
    dy = np.tile(height * np.exp(-x / 0.12), (9, 1))
    return Warp(mesh=Mesh(WIDTH, HEIGHT, 9, 17, (0.0,) * (9 * 17), tuple(dy.ravel())))


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, -90, 450])
def test_a_turn_keeps_the_way_back(degrees: int) -> None:
    image = np.random.default_rng(2).integers(0, 255, (40, 30), dtype=np.uint8)
    turned = turn(page(image), degrees)
    assert turned.turned == degrees % 360
    for x, y in ((0, 0), (turned.width - 1, 0), (5, 7)):
        ((sx, sy),) = turned.to_source.apply(np.array([[x, y]], float))
        assert turned.image[y, x] == image[round(sy), round(sx)]


def test_four_turns_are_none() -> None:
    start = page(np.random.default_rng(3).integers(0, 255, (21, 34, 3), dtype=np.uint8))
    round_trip = start
    for _ in range(4):
        round_trip = turn(round_trip, 90)
    assert np.array_equal(round_trip.image, start.image)
    assert round_trip.turned == 0
    assert np.allclose(round_trip.to_source.homography, np.eye(3))


def test_a_page_turns_by_quarters_only() -> None:
    with pytest.raises(ValueError, match="quarters"):
        turn(page(form()), 45)


def test_all_turns_are_tried_upright_first() -> None:
    upright = page(form())
    assert likely_turns(upright, 210, 297) == (0, 180, 90, 270)
    assert set(likely_turns(upright, 420, 297)[:2]) == {90, 270}
    assert set(likely_turns(turn(upright, 90), 210, 297)[:2]) == {90, 270}


@pytest.mark.parametrize("degrees", [-9.0, -1.3, -0.2, 0.0, 0.4, 3.0, 8.5])
def test_the_skew_is_found(degrees: float) -> None:
    small = reduced_page(page(bent(form(), leaning(degrees))))
    assert skew_degrees(small.darkness) == pytest.approx(degrees, abs=0.08)


def test_nothing_to_see_leans_by_nothing() -> None:
    assert skew_degrees(np.zeros((300, 200), np.float32)) == 0
    assert find_bend(np.zeros((300, 200), np.float32)) is None


@pytest.mark.parametrize("warp", [leaning(-2), leaning(1.2), curl(), curl(-10)], ids=["left", "right", "up", "down"])
def test_lines_are_level_and_lead_back(warp: Warp) -> None:
    flat = straighten(page(bent(form(), warp)))
    assert (flat.width, flat.height) == (WIDTH, HEIGHT)
    x = np.linspace(60, 780, 20)
    for y in (150.0, 500.0, 900.0):
        true = warp.apply(np.stack([x, np.full_like(x, y)], axis=1))
        found = flat.to_source.unapply(true)
        assert np.ptp(found[:, 1]) < 2.5, "a line of the form is level on the straightened page"
        assert np.allclose(flat.to_source.apply(found), true, atol=0.05)


def test_the_image_lies_where_to_source_says() -> None:
    scan = page(cv2.GaussianBlur(bent(form(), curl()), (0, 0), 1.5))
    flat = straighten(scan)
    assert flat.to_source.mesh is not None
    points = np.random.default_rng(4).integers(100, 700, (3000, 2))
    source = flat.to_source.apply(points.astype(float)).astype(np.float32)
    there = cv2.remap(scan.image, source[None, :, 0], source[None, :, 1], cv2.INTER_LINEAR)[0]
    assert np.corrcoef(there, flat.image[points[:, 1], points[:, 0]])[0, 1] > 0.99


def test_a_straight_page_keeps_its_pixels_places() -> None:
    flat = straighten(page(form()))
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT], [400, 600]], float)
    assert np.abs(flat.to_source.apply(corners) - corners).max() < 1


def test_a_straightened_page_stays() -> None:
    flat = straighten(page(bent(form(), curl())))
    assert flat.to_source.mesh is not None
    assert straighten(flat) is flat


def test_light_is_evened_and_colour_kept() -> None:
    paper = np.linspace(140, 240, WIDTH)[None, :, None] * np.array([0.8, 0.9, 1.0])
    image = (form()[..., None] / 255 * paper).astype(np.uint8)
    cv2.circle(image, (680, 600), 30, (60, 60, 210), 3)
    flat = straighten(page(image))
    assert np.median(flat.image[1140:1160], axis=(0, 1)).min() > 235
    blue, _, red = flat.image[600, 710].astype(int)
    assert red - blue > 60, "a red seal stays red"


@pytest.mark.parametrize("make", ["white", "noise", "edge", "leaf askew", "verso"])
def test_blank_pages(make: str) -> None:
    image = np.full((HEIGHT, WIDTH), 235, np.uint8)
    if make == "noise":
        noisy = image + np.random.default_rng(5).normal(0, 8, image.shape)
        image = np.clip(noisy, 0, 255).astype(np.uint8)
    if make == "edge":
        image[:, :25] = 30
        image[-12:] = 20
    if make == "leaf askew":
        cv2.line(image, (30, 40), (12, HEIGHT - 40), 120, 9)
        cv2.line(image, (190, 90), (40, 700), 110, 12)
    if make == "verso":
        image = (235 - 0.12 * (255.0 - form()[:, ::-1])).astype(np.uint8)
    assert is_blank(page(image))


def test_a_form_and_a_few_words_are_not_blank() -> None:
    assert not is_blank(page(form()))
    words = np.full((HEIGHT, WIDTH), 240, np.uint8)
    cv2.putText(words, "SO DANG KY KHAI SINH", (150, 400), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 3)
    assert not is_blank(page(words))


@pytest.mark.parametrize(
    ("size", "dpi", "expected"),
    [((2480, 3508), 300, (827, 1169)), ((1240, 1754), 150, (827, 1169)), ((827, 1169), 100, (827, 1169))],
)
def test_pages_are_measured_at_one_scale(size: tuple[int, int], dpi: float, expected: tuple[int, int]) -> None:
    assert reduced_size(*size, dpi) == expected


def test_a_wrong_dpi_does_not_shrink_a_page_to_nothing() -> None:
    assert max(reduced_size(2480, 3508, 1200)) > 800
    assert max(reduced_size(2480, 3508, 1)) <= 1800
