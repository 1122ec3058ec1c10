"""Writing that runs into its neighbour's or into dots: strokes that touch, words over a rule or a tick's square."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrfill.document.geometry import Box
from ocrfill.document.page import Image, Page
from ocrfill.document.template import Checkbox, FormLine, FormTemplate, Gap
from ocrfill.pipeline.ink_channel import ROWS_AT_A_TIME, ink_channel
from ocrfill.pipeline.locate.page_features import PageFeatures
from ocrfill.pipeline.locate.registration.alignment import Axis
from ocrfill.pipeline.locate.registration.field_strips import form_boxes
from ocrfill.pipeline.locate.registration.form import FormFit
from ocrfill.pipeline.locate.segmentation.component_split import split_component
from ocrfill.pipeline.locate.segmentation.ink import find_ink_components
from ocrfill.pipeline.locate.segmentation.leader_dots import WritingLine
from ocrfill.pipeline.locate.segmentation.line_assignment import assign_to_lines
from ocrfill.pipeline.reduced_page import reduced

DPI, PITCH = 200.0, 54

INK = (60, 40, 40)


def paper() -> Image:
    return np.full((300, 700, 3), 250, np.uint8)


def lane(baseline: int, left: int = 20, right: int = 680) -> WritingLine:
    return WritingLine(Box(left, baseline - 51, right, baseline + 23), float(baseline), float(PITCH))


def lines_of(image: Image, lanes: list[WritingLine]) -> np.ndarray:
    """The line of each pixel's ink, -1 for none."""
    ink = find_ink_components(Page("x", 1, image, DPI), PITCH, lanes, (), dotted=False)
    shared = assign_to_lines(ink, lanes, image.shape[1])
    return np.where(shared.label > 0, shared.line[shared.label], -1)


def letter(image: Image, x: int, y: int) -> None:
    cv2.ellipse(image, (x, y - 10), (9, 10), 0, 0, 360, INK, 3)


def test_strokes_that_only_blur_joins_part_where_they_touch() -> None:
    image = paper()
    cv2.line(image, (200, 70), (200, 98), INK, 3)
    cv2.line(image, (200, 99), (200, 103), (190, 190, 190), 3)
    cv2.line(image, (200, 104), (200, 154), INK, 3)
    line = lines_of(image, [lane(100), lane(154)])
    assert (line[75:96, 200] == 0).all()
    assert (line[106:150, 200] == 1).all()


@pytest.mark.filterwarnings("error")
def test_a_piece_that_lies_elsewhere_is_not_cut() -> None:
    nothing = np.zeros((20, 30), np.uint8)
    assert not split_component(nothing, nothing, np.full_like(nothing, 255), PITCH).any()


def test_a_word_begun_before_a_rule_goes_on_in_its_line() -> None:
    image = paper()
    for x in (230, 258, 284, 350, 376):  # the rule is at 254
        letter(image, x, 100)
    line = lines_of(image, [lane(100, right=260), lane(100, left=252)])
    assert [int(line[90, x - 9]) for x in (230, 258, 284, 350, 376)] == [0, 0, 0, 1, 1]


def test_a_word_that_begins_behind_a_rule_stays_there() -> None:
    image = paper()
    for x in (214, 240, 268, 294, 320):
        letter(image, x, 100)
    line = lines_of(image, [lane(100, right=260), lane(100, left=252)])
    assert [int(line[90, x - 9]) for x in (214, 240, 268, 294, 320)] == [0, 0, 1, 1, 1]


@pytest.mark.parametrize(("above", "owner"), [(4, 0), (16, -1)])
def test_a_wide_bar_close_to_its_letter_is_the_letters(above: int, owner: int) -> None:
    image = paper()
    cv2.line(image, (200, 66), (200, 98), INK, 3)
    cv2.line(image, (170, 64 - above), (232, 64 - above), INK, 3)
    assert lines_of(image, [lane(100)])[64 - above, 220] == owner


def test_a_full_stop_on_a_dotted_line_is_no_dot_of_it() -> None:
    image = np.full((220, 700, 3), 250, np.uint8)
    for x in range(26, 676, 13):
        cv2.circle(image, (x, 100), 3, (30, 30, 30), cv2.FILLED)
    cv2.circle(image, (26 + 20 * 13, 100), 4, INK, cv2.FILLED)
    line = WritingLine(Box(20, 12, 680, 139), 100.0, 93.0)
    ink = find_ink_components(Page("x", 1, image, 300.0), 93, [line], ())
    left = (ink.label > 0) & (ink.area[ink.label] > 0)
    assert left[95:104, 281:292].sum() > 40
    assert left[:, :270].sum() + left[:, 300:].sum() == 0


@pytest.mark.parametrize(("written_to", "least", "most"), [(62, 60, 66), (78, 77, 84), (99, 77, 86)])
def test_a_strip_goes_on_over_a_ticks_square_as_far_as_the_word_does(written_to: int, least: int, most: int) -> None:
    template = FormTemplate(
        lines=(FormLine(0.4, gaps=(Gap("name", (0.1, 0.6)),)), FormLine(0.5, gaps=(Gap("other", (0.1, 0.6)),))),
        ticks=(Checkbox("kind", "yes", (0.72, 0.37, 0.74, 0.39)),),
    )
    ink = np.zeros((200, 200), np.float32)
    ink[70:78, 30 : 2 * written_to : 2] = 1
    nothing = np.zeros_like(ink)
    fit = FormFit(Axis(200, 100), Axis(200, 100), np.zeros(2), np.zeros(2))
    boxes = form_boxes(PageFeatures(ink, nothing, nothing, 1.0), template, fit, {}, (200, 200))
    assert least <= boxes[0].strips[0].box.right / 2 <= most


def test_ink_is_the_same_where_two_bands_of_rows_meet() -> None:
    image = np.full((2 * ROWS_AT_A_TIME, 60, 3), 230, np.uint8)
    cv2.circle(image, (30, ROWS_AT_A_TIME), 20, (150, 150, 210), 5)
    cv2.circle(image, (30, ROWS_AT_A_TIME), 14, (90, 60, 60), 3)
    middle = slice(ROWS_AT_A_TIME - 60, ROWS_AT_A_TIME + 60)
    assert np.array_equal(ink_channel(image)[middle][8:-8], ink_channel(image[middle])[8:-8])


def test_a_page_is_reduced_by_a_whole_number_without_its_odd_rows() -> None:
    image = np.repeat(np.repeat(np.arange(200, dtype=np.uint8)[:, None], 3, 0), 600, 1)
    image = np.vstack([image, np.zeros((2, 600), np.uint8)])
    small, scale = reduced(np.repeat(image, 5, 1), 300)
    assert scale == 3
    assert small.shape == (200, 1000)
    assert np.array_equal(small[:, 0], np.arange(200))
