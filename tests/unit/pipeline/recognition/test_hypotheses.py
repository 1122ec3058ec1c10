"""From the likeliest texts of a line to a reading."""

import numpy as np
import pytest

from ocrfill.pipeline.recognition.decoder.prefix_beam import Hypothesis, prefix_beam_search
from ocrfill.pipeline.recognition.hypotheses import probabilities_of, reading_of

ALPHABET = " abd"


def line(*steps):
    """Rows of probabilities over blank and the alphabet, a blank after each."""
    rows = []
    for step in steps:
        row = np.full(len(ALPHABET) + 1, 1e-7)
        for letter, chance in step.items():
            row[ALPHABET.index(letter) + 1] = chance
        blank = np.full(len(ALPHABET) + 1, 1e-7)
        blank[0] = 1
        rows += [row / row.sum(), blank / blank.sum()]
    return np.log(np.array(rows, np.float32))


def test_chances_are_the_networks_own_where_nothing_is_known():
    scores = line({"a": 0.7, "b": 0.3}, {"d": 1})
    reading = reading_of(prefix_beam_search(scores, ALPHABET), scores, ALPHABET, "hand")
    assert reading.text == "ad"
    assert reading.score == pytest.approx(0.7, abs=1e-3)
    assert reading.alternatives[0].text == "bd"
    assert reading.alternatives[0].score == pytest.approx(0.3, abs=1e-3)


def test_a_letter_is_as_sure_as_the_texts_that_have_it():
    scores = line({"a": 0.7, "b": 0.3}, {"d": 1})
    reading = reading_of(prefix_beam_search(scores, ALPHABET), scores, ALPHABET, "hand")
    assert [c.text for c in reading.characters] == ["a", "d"]
    assert [c.score for c in reading.characters] == pytest.approx([0.7, 1.0], abs=2e-3)


def test_what_was_not_found_has_its_share():
    """Two texts of .4 and .1: half of the probability lies elsewhere."""
    assert probabilities_of([Hypothesis("a", np.log(0.4), 0.0), Hypothesis("b", np.log(0.1), 0.0)]) == pytest.approx(
        [0.4, 0.1]
    )


def test_knowledge_moves_the_chances():
    known = probabilities_of([Hypothesis("a", np.log(0.4), 2.0), Hypothesis("b", np.log(0.6), 0.0)])
    assert known[0] > 0.8
    assert sum(known) == pytest.approx(1.0)


def test_spaces_at_the_ends_are_no_other_text():
    scores = line({" ": 0.6}, {"a": 0.9, "b": 0.1}, {" ": 1}, {" ": 1}, {"d": 1})
    reading = reading_of(prefix_beam_search(scores, ALPHABET), scores, ALPHABET, "hand")
    assert reading.text == "a d"
    assert len({reading.text, *(a.text for a in reading.alternatives)}) == 1 + len(reading.alternatives)
    assert "".join(c.text for c in reading.characters) == reading.text
