"""Boxes: what has laws is tested by its laws."""

from hypothesis import given
from hypothesis import strategies as st

from ocrfill.document.geometry import Box

numbers = st.integers(-500, 500)
boxes = st.builds(Box, numbers, numbers, numbers, numbers)


@given(boxes, st.integers(1, 400), st.integers(1, 400))
def test_clipped_boxes_lie_on_the_page(box, width, height):
    inside = box.clipped(width, height)
    assert 0 <= inside.left <= width
    assert 0 <= inside.top <= height
    assert inside.is_empty() or (inside.right <= width and inside.bottom <= height)


@given(boxes, boxes)
def test_intersection_is_within_both(one, other):
    shared = one.intersection(other)
    if not shared.is_empty():
        assert one.left <= shared.left
        assert shared.right <= one.right
        assert other.top <= shared.top
        assert shared.bottom <= other.bottom
