"""The typeface of forms: words set in it are as wide as in Times New Roman, in every style."""

from __future__ import annotations

import pytest

from ocrfill.layouts.typeface import TYPE_FILES
from ocrfill.pipeline.set_type import set_type

TIMES_DIGIT_WIDTH_PER_1000 = 500
"""Width of a digit in thousandths of the em, in every style, as Adobe's metrics of Times give it."""


@pytest.mark.parametrize("style", list(TYPE_FILES))
def test_digits_are_as_wide_as_in_times(style: str) -> None:
    assert set_type("0" * 10, style, 1000).advance == pytest.approx(10 * TIMES_DIGIT_WIDTH_PER_1000, rel=0.01)


def test_words_hang_on_the_base_line() -> None:
    words = set_type("xnm", "plain", 200)
    assert words.mask.shape[0] - words.rise <= 2, "nothing of them is below it"
    assert set_type("gy", "plain", 200).mask.shape[0] > set_type("gy", "plain", 200).rise, "tails are"
    assert abs(words.left) < 10
    assert words.mask.max() == 255
