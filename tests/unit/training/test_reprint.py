"""Another printing of a form: the same fields in the same order, a little elsewhere; the truth follows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ocrfill.document.template import FormTemplate
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.training.synthetic.reprint import reprint

FORMS = [name for name in shipped_layouts() if isinstance(load_layout(name).body, FormTemplate)]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("seed", range(8))
def test_another_printing_is_a_form_of_the_same_fields(name: str, seed: int) -> None:
    layout = load_layout(name)
    other = reprint(layout, 1.0, np.random.default_rng(seed))
    assert other.body.field_names() == layout.body.field_names()
    heights = [line.y for line in other.body.lines]
    assert heights == sorted(heights)
    for line, shipped in zip(other.body.lines, layout.body.lines, strict=True):
        assert [label.text for label in line.labels] == [label.text for label in shipped.labels]
        assert abs(line.y - shipped.y) < 0.03
        marks = sorted([(label.x, label.x) for label in line.labels] + [gap.x for gap in line.gaps])
        for (_, end), (start, _) in pairwise(marks):
            assert end <= start + 0.02, "what stands on a line stays in its order"


def test_printings_differ_by_their_seed_and_strength() -> None:
    layout = load_layout("ks_2006_2015")

    def off(strength: float, seed: int) -> float:
        other = reprint(layout, strength, np.random.default_rng(seed))
        pairs = zip(layout.body.lines, other.body.lines, strict=True)
        return max(abs(a.x[0] - b.x[0]) for one, two in pairs for a, b in zip(one.gaps, two.gaps, strict=True))

    assert off(0.0, 1) == 0.0
    assert 0.0 < off(0.2, 1) < off(1.0, 1) < 0.06
    assert off(1.0, 1) != off(1.0, 2)


def test_a_table_is_told_by_its_rules_and_stays() -> None:
    layout = load_layout("kh_a3_14_columns")
    assert reprint(layout, 1.0, np.random.default_rng(1)) is layout
