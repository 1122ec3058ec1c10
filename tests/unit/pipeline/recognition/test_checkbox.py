"""Whether a printed box is ticked, by the ink in its middle."""

import cv2
import numpy as np
import pytest

from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, Strip
from ocrfill.pipeline.recognition import CheckboxReader

SIDE = 51


def box_with(*strokes: tuple[tuple[int, int], tuple[int, int]], edges: int = 0) -> Crop:
    """A tick's strip at 300 dots an inch: `edges` pixels are left of the printed square's, and strokes of a pen."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    if edges:
        cv2.rectangle(ink, (12, 12), (38, 38), 1, edges)
    for start, end in strokes:
        cv2.line(ink, start, end, 1, 4)
    box = Box(0, 0, SIDE, SIDE)
    return Crop(np.where(ink, 60, 255).astype(np.uint8), ink > 0, Strip(box, SIDE))


@pytest.mark.parametrize(
    ("crop", "ticked"),
    [
        (box_with(), ""),
        (box_with(edges=3), ""),
        (box_with(((0, 20), (16, 14)), edges=2), ""),
        (box_with(((14, 14), (36, 36)), ((36, 14), (14, 36))), "x"),
        (box_with(((16, 24), (23, 34)), ((23, 34), (44, 4))), "x"),
        (box_with(((14, 27), (37, 23)), edges=2), "x"),
    ],
    ids=["empty", "edges left", "a word's end", "cross", "hook", "stroke"],
)
def test_only_ink_in_the_middle_ticks(crop: Crop, ticked: str) -> None:
    (reading,) = CheckboxReader().read([crop])
    assert reading.text == ticked
    assert 0.5 <= reading.score <= 1


def test_a_box_off_the_page_is_not_ticked() -> None:
    gone = Crop(np.full((1, 1), 255, np.uint8), np.zeros((1, 1), bool), Strip(Box(0, 0, 0, 0), 0))
    assert [r.text for r in CheckboxReader().read([gone])] == [""]


def test_the_score_grows_with_the_distance_from_the_threshold() -> None:
    """A middle of 17 by 17 pixels with so much ink."""
    reader = CheckboxReader()
    crops = []
    for share in (0.0, reader.threshold, 0.3, 1.0):
        crop = box_with(edges=2)
        middle = np.zeros((17, 17), bool)
        middle.flat[: round(share * middle.size)] = True
        crop.ink[17:34, 17:34] = middle
        crops.append(crop)
    readings = reader.read(crops)
    assert [r.text for r in readings] == ["", "x", "x", "x"]
    scores = [r.score for r in readings]
    assert scores == pytest.approx([1.0, 0.5, 0.3 / (0.3 + reader.threshold), 1 / (1 + reader.threshold)], abs=0.02)
