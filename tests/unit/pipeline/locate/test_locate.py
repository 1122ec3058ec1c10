"""Every field of a known form is found on drawn pages, its own writing is cut out, and other pages are told apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import pytest
from support.drawn.pages import draw_pages

from ocrfill.civil_status.book import Book
from ocrfill.document.page import Crop, FieldBox, Fit, Image, Located, Page, Strip
from ocrfill.document.template import FormTemplate, TableTemplate, Template
from ocrfill.evaluation.ground_truth import FieldTruth, PageTruth
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.pipeline.locate import BAD_FIT_SCORE, GOOD_FIT_SCORE, crop_strips, locate
from ocrfill.pipeline.preprocess import straighten, turn
from ocrfill.pipeline.recognition import CheckboxReader
from ocrfill.training.synthetic.degradation import DEGRADATIONS
from ocrfill.training.synthetic.options import DrawingOptions

DPI = 150.0
FORMS = ("ks_2006_2015", "kt_2016_2020")
TABLE = "kh_a3_14_columns"


@dataclass(frozen=True)
class Seen:
    """A drawn page, its ink map on the straightened page, and what was found."""

    truth: PageTruth
    scan: Page
    page: Page
    ink: Image
    located: Located
    cut: tuple[tuple[Crop, ...], ...]

    def places(self) -> list[tuple[FieldTruth, FieldBox, tuple[Crop, ...]]]:
        """Each field's truth, strips and crops."""
        found = {(b.record, b.name): (b, c) for b, c in zip(self.located.boxes, self.cut, strict=True)}
        fields = [(r.number, f) for r in self.truth.records for f in r.fields]
        return [(f, *found[number, f.name]) for number, f in fields]

    def inside(self, field: FieldTruth, box: FieldBox) -> float:
        """The share of a field's ink inside its strips."""
        own = self.ink == field.ink
        boxed = np.zeros_like(own)
        for strip in box.strips:
            boxed[strip.box.top : strip.box.bottom, strip.box.left : strip.box.right] = True
        return float((own & boxed).sum() / max(own.sum(), 1))


def body(name: str) -> Template:
    return load_layout(name).body


@cache
def seen(name: str, damage: str = "clean", seed: int = 11) -> Seen:
    layout = load_layout(name)
    book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", name)
    drawn = next(draw_pages(layout, book, 1, seed, DrawingOptions(damage=DEGRADATIONS[damage], hand="fonts", dpi=DPI)))
    scan = Page("0001.jpg", 1, drawn.image, DPI)
    page = straighten(scan)
    y, x = np.arange(3.5, page.height + 8, 8), np.arange(3.5, page.width + 8, 8)
    coarse = page.to_source.apply(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)).reshape(len(y), len(x), 2)
    places = cv2.resize(coarse.astype(np.float32), None, fx=8, fy=8)[: page.height, : page.width]
    ink = cv2.remap(drawn.ink, places, None, cv2.INTER_NEAREST)
    located = locate(page, layout.body)
    return Seen(drawn.truth, scan, page, ink, located, crop_strips(page, located))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *((name, "clean") for name in (*FORMS, TABLE)),
        (FORMS[0], "as-scanned"),
        pytest.param(FORMS[1], "as-scanned", marks=pytest.mark.slow),
        pytest.param(TABLE, "as-scanned", marks=pytest.mark.slow),
        *(
            pytest.param(name, "as-scanned", marks=pytest.mark.nightly)
            for name in shipped_layouts()
            if name not in (*FORMS, TABLE)
        ),
    ],
)
def test_a_fields_ink_is_inside_its_strips(name: str, damage: str) -> None:
    page = seen(name, damage)
    filled = [(f, b) for f, b, _ in page.places() if f.ink]
    assert len(filled) > 10
    missed = {f.name: round(page.inside(f, b), 3) for f, b in filled if page.inside(f, b) < 0.98}
    assert len(missed) <= (0 if damage == "clean" else 0.03 * len(filled)), missed


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_layouts())
def test_every_shipped_layout_is_found(name: str) -> None:
    page = seen(name, "clean", 12)
    missed = {f.name: page.inside(f, b) for f, b, _ in page.places() if f.ink and page.inside(f, b) < 0.98}
    assert not missed
    assert page.located.fit.score > GOOD_FIT_SCORE


@pytest.mark.parametrize("name", [*FORMS, TABLE])
def test_every_field_has_its_strips_in_the_templates_order(name: str) -> None:
    page, template = seen(name), body(name)
    records = template.records if isinstance(template, TableTemplate) else 1
    names = [(r, n) for r in range(1, records + 1) for n in template.field_names()]
    assert [(b.record, b.name) for b in page.located.boxes] == names
    assert all(box.strips for box in page.located.boxes)
    for field, box, _ in page.places():
        assert len(box.strips) == len(field.strips)


@pytest.mark.parametrize("name", [*FORMS, TABLE])
def test_a_crop_holds_its_own_ink_and_no_others(name: str) -> None:
    page = seen(name)
    for field, box, cut in page.places():
        for strip, crop in zip(box.strips, cut, strict=True):
            b = strip.box
            assert crop.image.shape == crop.ink.shape == (b.height, b.width)
            assert (crop.image[~crop.ink] == 255).all()
            if field.kind in {"tick", "signature"} or not crop.ink.any():
                continue
            under = page.ink[b.top : b.bottom, b.left : b.right]
            foreign = (under > 0) & (under != field.ink) & crop.ink
            assert foreign.sum() <= 0.03 * max(crop.ink.sum(), 200), field.name


@pytest.mark.parametrize("name", [*FORMS, TABLE])
def test_empty_and_filled_strips_differ(name: str) -> None:
    page = seen(name)
    empty, filled = [], []
    for field, _, cut in page.places():
        if field.unread or field.kind == "tick":
            continue
        for strip, crop in zip(field.strips, cut, strict=True):
            (filled if strip.text else empty).append(crop.ink.mean())
    assert empty
    assert filled
    assert np.quantile(empty, 0.9) < min(filled)


@pytest.mark.parametrize("name", ["ks_2016_2020", "kh_2016_2020", "kt_2016_2020"])
def test_a_ticked_box_is_told_from_an_empty_one(name: str) -> None:
    for field, _, cut in seen(name).places():
        if field.kind == "tick":
            assert [r.text for r in CheckboxReader().read(cut)] == [strip.text for strip in field.strips]


@pytest.mark.parametrize("name", [*FORMS, TABLE])
def test_the_score_tells_this_form_from_others(name: str) -> None:
    page = seen(name)
    assert page.located.fit.score > GOOD_FIT_SCORE
    others = [other for other in (*FORMS, TABLE) if other != name]
    assert all(locate(page.page, body(other)).fit.score < BAD_FIT_SCORE for other in others)
    upside_down = straighten(turn(page.scan, 180))
    assert locate(upside_down, body(name)).fit.score < BAD_FIT_SCORE


@pytest.mark.parametrize("name", [*FORMS, TABLE])
def test_blank_pages_and_covers_do_not_fit(name: str) -> None:
    cover = np.full((1754, 1240), 250, np.uint8)
    cv2.rectangle(cover, (90, 90), (1150, 1660), 20, 4)
    for y, text in ((300, "BO TU PHAP"), (700, "SO DANG KY KHAI SINH"), (1200, "QUYEN SO: 01")):
        cv2.putText(cover, text, (250, y), cv2.FONT_HERSHEY_SIMPLEX, 1.8, 20, 4)
    blank = np.full((1754, 1240), 250, np.uint8)
    for image in (cover, blank):
        assert locate(Page("x.jpg", 1, image, DPI), body(name)).fit.score < BAD_FIT_SCORE


def test_a_form_without_its_frame_is_found_by_dots_and_labels() -> None:
    name = "ks_2006_2015"
    page, template = seen(name), body(name)
    assert isinstance(template, FormTemplate)
    bare = locate(page.page, replace(template, frame=None, verticals=()))
    for with_frame, without in zip(page.located.boxes, bare.boxes, strict=True):
        for a, b in zip(with_frame.strips, without.strips, strict=True):
            assert abs(a.baseline - b.baseline) < 4
            assert abs(a.box.left - b.box.left) < 8


def test_a_shifted_and_smaller_form_is_found() -> None:
    name = "ks_2006_2015"
    page = seen(name)
    move = np.array([[0.93, 0, 70.0], [0, 0.95, 60.0]])
    image = cv2.warpAffine(page.page.image, move, (page.page.width, page.page.height), borderValue=(255, 255, 255))
    moved = locate(replace(page.page, image=image), body(name))
    assert moved.fit.score > GOOD_FIT_SCORE
    for before, after in zip(page.located.boxes, moved.boxes, strict=True):
        for a, b in zip(before.strips, after.strips, strict=True):
            assert b.baseline == pytest.approx(0.95 * a.baseline + 60, abs=5)


def test_a_strip_off_the_page_gives_one_white_pixel() -> None:
    page = seen("ks_2006_2015")
    half = replace(page.page, image=page.page.image[:, : page.page.width // 2].copy())
    boxes = tuple(replace(b, strips=tuple(_clipped(s, half) for s in b.strips)) for b in page.located.boxes)
    cut = crop_strips(half, replace(page.located, boxes=boxes))
    outside = [c for of_field in cut for c in of_field if c.strip.box.is_empty()]
    assert outside
    assert all(c.image.tolist() == [[255]] and not c.ink.any() for c in outside)


def _clipped(strip: Strip, page: Page) -> Strip:
    return replace(strip, box=strip.box.clipped(page.width, page.height))


def test_no_strips_no_crops() -> None:
    assert crop_strips(Page("x.jpg", 1, np.full((200, 100), 255, np.uint8), 100), Located(Fit(1.0), ())) == ()
