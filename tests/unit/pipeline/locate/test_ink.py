"""Ink of a page on small drawn pictures: rules, folds and seals go, strokes stay, and each line gets its own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrfill.document.geometry import Box
from ocrfill.document.page import Image, Page, RuleLine
from ocrfill.pipeline.ink_channel import ink_channel, stamping_ink
from ocrfill.pipeline.locate.segmentation.ink import find_ink_components
from ocrfill.pipeline.locate.segmentation.leader_dots import WritingLine
from ocrfill.pipeline.locate.segmentation.line_assignment import assign_to_lines
from ocrfill.pipeline.locate.segmentation.rule_removal import remove_rules
from ocrfill.pipeline.locate.segmentation.strikethrough import is_stamped, is_struck
from ocrfill.pipeline.preprocess.illumination import folded_paper_brightness

DPI = 200.0
PITCH = 54


def paper(height: int = 300, width: int = 700) -> Image:
    return np.full((height, width, 3), 255, np.uint8)


def test_a_rule_goes_where_the_fit_puts_it_and_what_crosses_it_stays() -> None:
    dark = np.zeros((200, 600), np.uint8)
    cv2.line(dark, (0, 102), (599, 104), 1, 3)
    cv2.line(dark, (300, 60), (306, 150), 1, 4)
    cv2.line(dark, (20, 40), (400, 40), 1, 3)
    before = dark.copy()
    remove_rules(dark, [RuleLine(((0.0, 100.0), (599.0, 100.0)))], DPI)
    assert dark[96:110, 20:280].sum() == 0
    assert dark[60:151, 298:309].sum() > 0.9 * before[60:151, 298:309].sum() - 40
    assert np.array_equal(dark[30:50], before[30:50])


def test_an_upright_rule_goes_too_and_one_that_is_not_there_takes_nothing() -> None:
    dark = np.zeros((600, 200), np.uint8)
    cv2.line(dark, (101, 0), (99, 599), 1, 3)
    cv2.line(dark, (160, 100), (170, 140), 1, 3)
    remove_rules(dark, [RuleLine(((98.0, 0.0), (98.0, 599.0))), RuleLine(((165.0, 0.0), (165.0, 599.0)))], DPI)
    assert dark[:, 90:110].sum() == 0
    assert dark[95:145, 155:175].sum() > 100


def lanes(*baselines: int, left: int = 20, right: int = 680) -> list[WritingLine]:
    return [WritingLine(Box(left, y - 51, right, y + 23), float(y), float(PITCH)) for y in baselines]


def test_a_loop_goes_with_its_letter_and_touching_lines_are_cut_apart() -> None:
    image = paper()
    for y in (100, 154):
        cv2.ellipse(image, (200, y - 10), (9, 10), 0, 0, 360, (60, 40, 40), 3)
    cv2.line(image, (209, 90), (209, 128), (60, 40, 40), 3)  # a tail from the first line's letter …
    cv2.line(image, (209, 128), (206, 140), (60, 40, 40), 3)  # … that touches the second line's
    cv2.ellipse(image, (400, 90), (9, 10), 0, 0, 360, (60, 40, 40), 3)
    cv2.ellipse(image, (403, 115), (6, 7), 0, 0, 360, (60, 40, 40), 2)  # a loop cut off from its letter
    both = lanes(100, 154)
    ink = find_ink_components(Page("x", 1, image, DPI), PITCH, both, ())
    shared = assign_to_lines(ink, both, image.shape[1])
    line = np.where(shared.label > 0, shared.line[shared.label], -1)
    assert line[90, 192] == 0
    assert line[144, 192] == 1
    assert line[115, 209] == 0
    assert line[115, 409] == 0


def test_words_that_touch_across_a_cells_edge_are_cut_apart() -> None:
    image = paper()
    cv2.line(image, (100, 90), (400, 90), (60, 40, 40), 3)
    for x in range(110, 400, 20):
        cv2.ellipse(image, (x, 90), (9, 10), 0, 0, 360, (60, 40, 40), 3)
    both = [*lanes(100, right=260), *lanes(100, left=250)]
    ink = find_ink_components(Page("x", 1, image, DPI), PITCH, both, ())
    shared = assign_to_lines(ink, both, image.shape[1])
    line = np.where(shared.label > 0, shared.line[shared.label], -1)
    assert line[90, 120] == 0
    assert line[90, 380] == 1


def test_a_struck_word_is_flagged_and_a_dash_a_row_of_feet_and_a_long_bar_are_not() -> None:
    (lane,) = lanes(100)
    word = np.full((74, 660), 255, np.uint8)
    for x in range(110, 420, 22):
        cv2.ellipse(word, (x, 41), (9, 10), 0, 0, 360, 165, 3)
    assert not is_struck(word, word < 255, 49, lane)
    struck = word.copy()
    cv2.line(struck, (100, 37), (175, 39), 80, 3)
    assert is_struck(struck, struck < 255, 49, lane)
    paler = word.copy()
    cv2.line(paler, (100, 37), (175, 39), 124, 3)
    assert is_struck(paler, paler < 255, 49, lane)
    long_bar = word.copy()
    cv2.line(long_bar, (100, 37), (175, 39), 165, 3)
    assert not is_struck(long_bar, long_bar < 255, 49, lane)
    feet = word.copy()
    cv2.line(feet, (100, 51), (265, 51), 80, 3)
    assert not is_struck(feet, feet < 255, 49, lane)
    dash = np.full_like(word, 255)
    cv2.line(dash, (100, 38), (265, 38), 80, 3)
    assert not is_struck(dash, dash < 255, 49, lane)


def test_a_seal_over_writing_is_flagged() -> None:
    page = paper()
    cv2.line(page, (100, 90), (200, 90), (60, 40, 40), 3)
    ink = page[49:123, 20:680, 2] < 128
    assert not is_stamped(page, ink, 20, 49)
    cv2.circle(page, (150, 90), 20, (70, 60, 200), 4)
    cv2.line(page, (100, 90), (200, 90), (60, 40, 40), 3)
    tall = ink.copy()
    tall[20:60, 100] = True
    assert is_stamped(page, tall, 20, 49)
    assert not is_stamped(page[:, :, 2], ink, 20, 49)


def test_a_single_pixel_is_no_seal_and_no_error() -> None:
    pixel = np.array([[[20, 20, 200]]], np.uint8)
    assert stamping_ink(pixel).tolist() == [[148]]
    assert ink_channel(pixel).shape == (1, 1)
    dot = np.zeros((5, 5), bool)
    dot[2, 2] = True
    assert not is_stamped(np.full((5, 5, 3), 40, np.uint8), dot, 0, 0)


FINE_PITCH = 93
"""Distance of lines at 300 dots an inch; there a dotted line's dots are 7 px across, 13 px apart."""


def dotted_line(y: int = 100) -> tuple[Image, list[int]]:
    image, places = paper(220), list(range(26, 676, 13))
    for x in places:
        cv2.circle(image, (x, y), 3, (30, 30, 30), cv2.FILLED)
    return image, places


def left_on(image: Image, baseline: int = 100) -> Image:
    """Where writing is left on a line at 300 dots an inch."""
    lane = WritingLine(Box(20, baseline - 88, 680, baseline + 39), float(baseline), float(FINE_PITCH))
    ink = find_ink_components(Page("x", 1, image, 300.0), FINE_PITCH, [lane], ())
    shared = assign_to_lines(ink, [lane], image.shape[1])
    return ((shared.label > 0) & (shared.line[shared.label] == 0)).astype(np.uint8)


@pytest.mark.parametrize("above", [9, 7, 6, 5, 4, 3])
@pytest.mark.parametrize("beside", [0, 3, 6])
def test_a_mark_below_a_letter_stays_where_the_dotted_line_goes(above: int, beside: int) -> None:
    image, places = dotted_line()
    letters = [places[at] + beside for at in range(6, 46, 5)]
    for x in letters:  # each mark stands free of the dots, touches one, or is half hidden by it
        cv2.ellipse(image, (x, 68), (11, 13), 0, 0, 360, (60, 40, 40), 5)
        cv2.circle(image, (x, 100 - above), 3, (60, 40, 40), cv2.FILLED)
    left = left_on(image)
    for x in letters:
        mark = left[100 - above - 3 : 100 - above + 4, x - 3 : x + 4]
        assert mark.sum() >= 20, (x, mark)  # of 37 pixels
    between = left[94:107].copy()
    for x in letters:
        between[:, x - 10 : x + 11] = 0
    assert between.sum() == 0


def test_a_tail_along_the_dotted_line_stays() -> None:
    image, _ = dotted_line()
    tail = np.array([[210, 60], [204, 100], [242, 100], [240, 70]])
    cv2.polylines(image, [tail], isClosed=True, color=(60, 40, 40), thickness=3)
    left = left_on(image)
    assert left[98:103, 206:241].any(axis=0).all()
    assert left[94:107, 260:660].sum() == 0
    assert left[94:107, 30:190].sum() == 0


@pytest.mark.parametrize(("stroke", "hair", "stays"), [(75, 24, True), (75, 9, False), (170, 24, False)])
def test_hair_lines_of_faded_writing_stay_and_what_shines_through_beside_dark_writing_does_not(
    stroke: int, hair: int, stays: bool
) -> None:
    image = paper()
    for x in range(60, 660, 40):
        cv2.ellipse(image, (x, 88), (11, 9), 0, 0, 360, (255 - stroke,) * 3, 4)
        cv2.line(image, (x + 12, 88), (x + 28, 88), (255 - hair,) * 3, 2)
    (lane,) = lanes(100)
    ink = find_ink_components(Page("x", 1, image, DPI), PITCH, [lane], (), dotted=False)
    seen = (ink.area > 0)[ink.label]
    assert seen[85:92, 50:70].any()
    assert bool(seen[88, [80, 120, 160, 200, 400, 560]].all()) is stays
    assert bool(seen[88, [80, 120, 160, 200, 400, 560]].any()) is stays


def test_seals_fade_and_pens_do_not() -> None:
    colours = np.array([[[70, 60, 200], [150, 58, 34], [40, 40, 40], [60, 80, 110], [255, 255, 255]]], np.uint8)
    wide = np.repeat(np.repeat(colours, 9, axis=0), 9, axis=1)
    seal, blue, black, brown, white = ink_channel(wide)[4, 4::9]
    assert seal > 220
    assert (blue, black, brown, white) == (34, 40, 110, 255)


def test_the_shadow_of_a_fold_is_paper_and_a_rule_is_not() -> None:
    image = paper(600, 400)
    away = np.abs(np.arange(400) - 200.0)
    image[:] = (255 * (1 - 0.7 * np.exp(-away / 12)))[None, :, None].astype(np.uint8)
    cv2.line(image, (80, 50), (80, 550), (30, 30, 30), 3)
    even = 255.0 * image / folded_paper_brightness(image)
    assert even[100:500, 190:197].mean() > 225
    assert even[100:500, 80].max() < 60
