"""Beam search over made-up posteriors, the words it knows, and where letters lie."""

import math

import numpy as np
import pytest

from ocrfill.errors import BadInput
from ocrfill.read.beam import place, search
from ocrfill.read.words import learn, read_lexicon

ALPHABET = " abcdn"


def posteriors(*steps: dict[str, float]) -> np.ndarray:
    """A row for each step: the letters' probabilities ("_" is blank), the rest shared out."""
    rows = []
    for step in steps:
        row = np.full(len(ALPHABET) + 1, 1e-6)
        for letter, chance in step.items():
            row[0 if letter == "_" else ALPHABET.index(letter) + 1] = chance
        rows.append(row / row.sum())
    return np.log(np.array(rows, np.float32))


def test_repeats_are_one_letter_and_a_blank_parts_two():
    assert search(posteriors({"a": 1}, {"a": 1}, {"b": 1}), ALPHABET)[0].text == "ab"
    assert search(posteriors({"a": 1}, {"_": 1}, {"a": 1}), ALPHABET)[0].text == "aa"


def test_paths_of_one_text_are_added_up():
    """The likeliest path is blank twice (.36), but "a" has three paths that make .64 together."""
    found = search(posteriors({"_": 0.6, "a": 0.4}, {"_": 0.6, "a": 0.4}), ALPHABET)
    assert found[0].text == "a"
    assert math.exp(found[0].score) == pytest.approx(0.64, abs=1e-3)
    assert math.exp(found[1].score) == pytest.approx(0.36, abs=1e-3)


def test_all_texts_have_the_probability_of_all_paths():
    rng = np.random.default_rng(3)
    scores = np.log(rng.dirichlet(np.ones(3), 4)).astype(np.float32)
    found = search(scores, "ab", beam=10_000)
    assert sum(math.exp(one.score) for one in found) == pytest.approx(1.0, abs=1e-4)


def test_knowledge_decides_where_ink_is_unsure():
    scores = posteriors({"b": 1}, {"a": 0.55, "d": 0.45}, {"n": 1})
    assert search(scores, ALPHABET)[0].text == "ban"
    assert search(scores, ALPHABET, learn(["bdn"] * 20))[0].text == "bdn"


def test_clear_ink_comes_out_as_written_though_no_list_has_it():
    scores = posteriors({"b": 0.99, "c": 0.01}, {"a": 0.99, "d": 0.01}, {"n": 0.99, "b": 0.01})
    assert search(scores, ALPHABET, learn(["cdb"] * 50))[0].text == "ban"


def test_order_of_words_counts():
    knowledge = learn(["ba dan", "ba dan", "ca ban", "ca ban"])
    scores = posteriors({"c": 1}, {"a": 1}, {" ": 1}, {"b": 0.4, "d": 0.6}, {"a": 1}, {"n": 1})
    assert search(scores, ALPHABET)[0].text == "ca dan"
    assert search(scores, ALPHABET, knowledge)[0].text == "ca ban"


def test_a_words_letters_add_up_to_its_own_chance():
    knowledge = learn(["ba dan", "ba can", "na ba"])
    text = "ba dan"
    total = sum(knowledge.letter(text[:i], text[i]) for i in range(len(text))) + knowledge.end(text)
    first, second = knowledge._chance(("<", "<", "ba")), knowledge._chance(("<", "ba", "dan"))
    assert total == pytest.approx(knowledge.weight * (first + second) + knowledge.bonus * len(text))


@pytest.mark.parametrize(("other", "worse"), [("nd", "xq"), ("ba", "bq"), ("dan", "dax")])
def test_known_words_weigh_more(other, worse):
    knowledge = learn(["ba dan", "nd ba"])

    def whole(text: str) -> float:
        return sum(knowledge.letter(text[:i], text[i]) for i in range(len(text))) + knowledge.end(text)

    assert whole(other) > whole(worse)


def test_lexicon_file(tmp_path):
    path = tmp_path / "places.txt"
    path.write_text("Xã Tân Lập\n\nHuyện Hướng Hóa\n", encoding="utf-8")
    assert read_lexicon(path).words["tân",] == 1
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(BadInput, match="empty"):
        read_lexicon(path)
    with pytest.raises(BadInput, match="cannot read"):
        read_lexicon(tmp_path / "none.txt")


def test_letters_have_places_and_scores():
    scores = posteriors({"_": 1}, {"b": 0.8, "d": 0.2}, {"_": 1}, {"a": 1}, {"a": 1}, {"_": 1}, {"a": 1})
    found = place(scores, "baa", ALPHABET)
    assert [(one.letter, one.first, one.last) for one in found] == [("b", 1, 1), ("a", 3, 4), ("a", 6, 6)]
    assert found[0].score == pytest.approx(0.8, abs=1e-3)


def test_a_text_longer_than_the_line_has_no_place():
    assert place(posteriors({"a": 1}, {"b": 1}), "abc", ALPHABET) == ()
    assert place(posteriors({"a": 1}), "", ALPHABET) == ()
