"""Empty or not, and what follows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, Strip
from ocrfill.document.result import Decision, Reading
from ocrfill.pipeline.decide import decide_checkboxes, decide_writing
from ocrfill.pipeline.emptiness import MIN_BLANK_EMPTINESS, emptiness

WORD = Reading("Kinh", 0.8, "fake")
DOUBTFUL = Reading("Vân Kiều", 0.3, "fake")
NOTHING = Reading("", 0.0, "fake")


def strip(*rectangles: tuple[int, int, int, int], height: int = 70) -> Crop:
    """A strip with inked rectangles: left, top, width, height."""
    ink = np.zeros((height, 600), dtype=np.uint8)
    for left, top, width, tall in rectangles:
        cv2.rectangle(ink, (left, top), (left + width - 1, top + tall - 1), 1, -1)
    return Crop(255 - 255 * ink, ink.astype(bool), Strip(Box(0, 0, 600, height), height - 10))


def test_no_ink_is_surely_empty() -> None:
    assert emptiness(strip()) == 1.0


def test_dots_and_specks_are_no_writing() -> None:
    dots = [(x, 58, 5, 5) for x in range(0, 600, 12)]
    assert emptiness(strip(*dots)) == 1.0


def test_a_single_printed_one_is_writing() -> None:
    assert emptiness(strip((300, 25, 5, 33))) < MIN_BLANK_EMPTINESS


def test_an_unknown_strip_of_no_size_is_empty() -> None:
    nothing = np.full((1, 1), 255, dtype=np.uint8)
    assert emptiness(Crop(nothing, nothing == 0, Strip(Box(5, 5, 5, 5), 5))) == 1.0


@given(st.integers(10, 60), st.integers(1, 60), st.integers(1, 60))
def test_more_ink_is_less_empty(height: int, width: int, more: int) -> None:
    less = emptiness(strip((20, 5, width, height)))
    assert 0 < emptiness(strip((20, 5, width + more, height))) <= less <= 1


def test_blank_strips_make_an_empty_field() -> None:
    judged = decide_writing([0.9, 0.7], [NOTHING, NOTHING])
    assert judged.decision is Decision.EMPTY
    assert judged.probability == 0.7


def test_a_filled_field_carries_its_least_score_and_goes_to_a_person() -> None:
    judged = decide_writing([0.1, 0.1, 1.0], [WORD, DOUBTFUL, NOTHING])
    assert judged.decision is Decision.REVIEW
    assert judged.probability == 0.3


def test_ink_without_an_answer_is_not_empty() -> None:
    judged = decide_writing([0.2], [NOTHING])
    assert judged.decision is Decision.REVIEW
    assert judged.probability == 0.0


@pytest.mark.parametrize(("texts", "decision"), [("", Decision.EMPTY), ("x", Decision.REVIEW), ("xx", Decision.REVIEW)])
def test_ticks(texts: str, decision: Decision) -> None:
    readings = [Reading(t, s, "tick") for t, s in zip(texts.ljust(3), (0.9, 0.8, 0.7), strict=True)]
    readings = [Reading(r.text.strip(), r.score, r.reader) for r in readings]
    judged = decide_checkboxes(readings)
    assert judged.decision is decision
    assert judged.probability == 0.7
