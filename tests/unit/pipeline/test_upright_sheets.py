"""Pages that do not fill their image, two in one, negatives and mirrored ones: found where they lie, or told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from support.drawn.pages import draw_pages
from support.fakes.silent_reader import SilentReader

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Image, Page
from ocrfill.errors import PageError
from ocrfill.layouts import load_layout
from ocrfill.pipeline.find_sheets import identify_form_anywhere
from ocrfill.pipeline.page_cells import find_layout_cells
from ocrfill.pipeline.page_issues import page_issues
from ocrfill.pipeline.read_page import page_crops, read_page
from ocrfill.pipeline.recognition import CheckboxReader
from ocrfill.pipeline.upright_sheets import Laid, put_upright, upright_sheets
from ocrfill.training.synthetic import USUAL_SCAN, DrawingOptions, DrawnPage, book_cover
from ocrfill.training.synthetic.scanner_bed import A3_BED_MM, BedKind, OnBed, punched, scanner_bed, with_lid_edge

pytestmark = pytest.mark.slow

DPI = 120.0
SHEET = replace(USUAL_SCAN, name="on-bed", edge=False, skew=0.0, shift=0.0, shrink=0.0, perspective=0.0)
FORM, OTHER_FORM, TABLE = "kt_2006_2015", "cmc_2006_2015", "kh_a3_14_columns"
STAY = np.array([(1.0, 0, 0), (0, 1, 0)])


READERS = {"writing": SilentReader(), "tick": CheckboxReader()}


@cache
def drawn(name: str) -> tuple[DrawnPage, ...]:
    layout = load_layout(name)
    book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", name)
    return tuple(draw_pages(layout, book, 2, 33, DrawingOptions(SHEET, "fonts", DPI)))


def sheet(name: str = FORM, number: int = 0) -> Image:
    return drawn(name)[number].image


def bed(kind: BedKind, size: tuple[float, float] = A3_BED_MM) -> OnBed:
    return scanner_bed(kind, size, DPI, np.random.default_rng(6))


def page(image: Image) -> Page:
    return Page("bed.jpg", 1, np.ascontiguousarray(image), DPI)


def lines_off(laid: Laid, truth: DrawnPage, there: np.ndarray) -> int:
    """How many lines to write on do not hold the middle of where they were drawn."""
    flat, located = laid
    true = {(record.number, field.name): field for record in truth.truth.records for field in record.fields}
    off = 0
    for box in located.boxes:
        for strip, line in zip(box.strips, true[box.record, box.name].strips, strict=True):
            x, y = there[:, :2] @ np.mean(line.polygon, axis=0) + there[:, 2]
            outline = np.float32(flat.to_source.polygon(strip.box))
            off += cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=False) < 0
    return off


@pytest.mark.parametrize(
    ("kind", "degrees"),
    [
        ("white", 88.0),
        *(
            pytest.param(*case, marks=pytest.mark.nightly)
            for case in (("black", 2.0), ("near-white", -1.0), ("grey", 180.0), ("wood", 271.5))
        ),
    ],
)
def test_a_page_on_a_larger_bed_is_found_where_it_lies(kind: BedKind, degrees: float) -> None:
    on = bed(kind).with_sheet(sheet(), (0.55, 0.5) if degrees % 180 < 45 else (0.5, 0.45), degrees, DPI)
    ((flat, located),) = upright_sheets(page(on.image), load_layout(FORM))
    assert (flat.turned + round(degrees / 90) * 90) % 360 == 0
    assert lines_off((flat, located), drawn(FORM)[0], on.placed[0]) == 0


@pytest.mark.nightly
def test_holes_and_the_lids_edge_do_not_hide_a_page() -> None:
    on = with_lid_edge(bed("white"), DPI).with_sheet(punched(sheet(), DPI, 246), (0.3, 0.5), -1.0, DPI)
    (laid,) = upright_sheets(page(on.image), load_layout(FORM))
    assert lines_off(laid, drawn(FORM)[0], on.placed[0]) == 0


def test_a_page_partly_beyond_the_glass_is_told() -> None:
    on = bed("black").with_sheet(sheet(), (0.12, 0.5), 0.5, DPI)
    with pytest.raises(PageError, match=r"lay it wholly on the glass|wholly on the scan"):
        upright_sheets(page(on.image), load_layout(FORM))


def moved(x: float, y: float) -> np.ndarray:
    return np.array([(1.0, 0, x), (0, 1, y)])


def facing(first: Image, second: Image) -> Image:
    return np.hstack([first, second])


@pytest.mark.parametrize(
    "how",
    ["facing pages", *(pytest.param(h, marks=pytest.mark.nightly) for h in ("askew on black", "one above the other"))],
)
def test_two_pages_in_one_image_are_parted_and_numbered_on(how: str) -> None:
    width, height = sheet().shape[1], sheet().shape[0]
    if how == "askew on black":
        on = bed("black", (470, 330)).with_sheet(sheet(), (0.25, 0.5), 2.0, DPI)
        on = on.with_sheet(sheet(number=1), (0.75, 0.5), -1.5, DPI)
        image, placed = on.image, on.placed
    elif how == "facing pages":
        image, placed = facing(sheet(), sheet(number=1)), (STAY, moved(width, 0))
    else:
        image, placed = np.vstack([sheet(), sheet(number=1)]), (STAY, moved(0, height))
    layout = load_layout(FORM)
    found = upright_sheets(page(image), layout)
    assert [lines_off(*of) for of in zip(found, drawn(FORM), placed, strict=True)] == [0, 0]


@pytest.mark.nightly
def test_both_pages_are_read_as_records_with_their_own_places() -> None:
    image, layout = facing(sheet(), sheet(number=1)), load_layout(FORM)
    result = read_page(page(image), layout, READERS)
    assert [record.number for record in result.records] == [1, 2]
    assert "page.two_sheets" in [issue.code for issue in result.issues]
    middles = [np.mean([p for f in r.fields for p in f.polygon], axis=0)[0] for r in result.records]
    assert middles[0] < image.shape[1] / 2 < middles[1]
    assert {number for number, _ in page_crops(page(image), layout)} == {1, 2}
    with pytest.raises(PageError, match="two pages in one image"):
        put_upright(page(image), layout)


def test_a_page_of_another_form_beside_it_is_told_not_lost() -> None:
    other = cv2.resize(sheet(OTHER_FORM), sheet().shape[1::-1])
    with pytest.raises(PageError, match="two pages in one image, of which 1 fits"):
        upright_sheets(page(facing(sheet(), other)), load_layout(FORM))


@pytest.mark.nightly
def test_an_empty_sheet_beside_it_does_no_harm() -> None:
    on = bed("black", (470, 330)).with_sheet(sheet(), (0.25, 0.5), 1.0, DPI)
    on = on.with_sheet(np.full_like(sheet(), 232), (0.75, 0.5), -1.0, DPI)
    (laid,) = upright_sheets(page(on.image), load_layout(FORM))
    assert lines_off(laid, drawn(FORM)[0], on.placed[0]) == 0


def flipped(image: Image) -> tuple[Image, np.ndarray]:
    return image[:, ::-1], np.array([(-1.0, 0, image.shape[1] - 1), (0, 1, 0)])


def hung_upside_down(image: Image) -> tuple[Image, np.ndarray]:
    return image[::-1], np.array([(1.0, 0, 0), (0, -1, image.shape[0] - 1)])


@pytest.mark.parametrize("name", [FORM, pytest.param(TABLE, marks=pytest.mark.nightly)])
def test_negatives_and_flipped_pages_are_turned_and_named(name: str) -> None:
    layout, truth = load_layout(name), drawn(name)[0]
    film, there = flipped(255 - truth.image)
    hung, hung_there = hung_upside_down(truth.image)
    for image, place, codes in (
        (255 - truth.image, STAY, ["page.negative"]),
        (film, there, ["page.negative", "page.flipped"]),
        (hung, hung_there, ["page.flipped", "page.turned"]),
    ):
        (laid,) = upright_sheets(page(image), layout)
        assert lines_off(laid, truth, place) == 0
        assert [issue.code for issue in page_issues(laid[0], laid[1].fit.score)] == codes


def test_a_flipped_table_has_its_columns_as_they_read() -> None:
    layout = load_layout(TABLE)
    image, _ = flipped(sheet(TABLE))
    plain, found = (find_layout_cells(page(of), layout) for of in (sheet(TABLE), image))
    assert [issue.code for issue in found.issues] == ["page.flipped"]
    assert plain.issues == ()
    assert len(found.cells) == len(plain.cells)
    for one, other in zip(plain.cells, found.cells, strict=True):
        assert (one.rows, one.columns, one.table) == (other.rows, other.columns, other.table)
        x, y = np.mean(one.polygon, axis=0) - np.mean(other.polygon, axis=0) * (-1, 1) - (image.shape[1] - 1, 0)
        assert abs(x) < 4
        assert abs(y) < 4


def test_plain_pages_and_dark_photographs_are_neither() -> None:
    for name in (FORM, TABLE):
        for image in (sheet(name), (sheet(name) * 0.3).astype(np.uint8)):
            ((flat, _),) = upright_sheets(page(image), load_layout(name))
            assert (flat.negative, flat.flipped, flat.turned) == (False, False, 0)
            assert (flat.width, flat.height) == (image.shape[1], image.shape[0])


@pytest.mark.nightly
def test_a_cover_on_a_bed_is_of_no_form() -> None:
    layout = load_layout(FORM)
    cover = book_cover(layout, Book.parse("KT.2006.01", FORM), 4, DrawingOptions(USUAL_SCAN, dpi=DPI))
    on = bed("black").with_sheet(cover, (0.4, 0.5), 1.0, DPI)
    with pytest.raises(PageError, match="does not fit layout"):
        upright_sheets(page(on.image), layout)


@pytest.mark.nightly
def test_the_layout_of_a_page_on_a_bed_is_chosen_by_its_form() -> None:
    on = bed("white").with_sheet(sheet(), (0.3, 0.5), 1.0, DPI)
    best = identify_form_anywhere(page(on.image), [load_layout(OTHER_FORM), load_layout(FORM)])
    assert best.layout.name == FORM
