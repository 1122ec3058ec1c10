"""Beam search over made-up posteriors, the words it knows, and where letters lie."""

import dataclasses
import math

import numpy as np
import pytest

from ocrfill.pipeline.recognition.decoder.forced_alignment import likelihoods, place
from ocrfill.pipeline.recognition.decoder.prefix_beam import search
from ocrfill.pipeline.recognition.language.language_model import weigh
from ocrfill.pipeline.recognition.language.phrase_counts import learn

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
    found = search(scores, "ab", beam=10_000, behind=1e9, faint=0.0)
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
    knowledge = dataclasses.replace(learn(["ba dan", "ba can", "na ba"]), case=0)
    first = knowledge._mixed("<", "<", "ba", whole=True)
    second = knowledge._mixed("<", "ba", "dan", whole=True)
    expected = knowledge.weight * math.log(first * second) + knowledge.bonus * len("ba dan")
    assert weigh(knowledge, "ba dan") == pytest.approx(expected)


def test_the_chances_of_all_words_after_others_add_up_to_one():
    """Beginnings of one letter, whatever the history: what lists leave over goes to spelling."""
    knowledge = learn(["ba dan ca", "ba can", "na ba", "dan"])
    for before, last in (("<", "<"), ("<", "ba"), ("ba", "dan"), ("x", "y")):
        total = sum(knowledge._mixed(before, last, letter, whole=False) for letter in "abcdn")
        assert total == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("other", "worse"), [("nd", "xq"), ("ba", "bq"), ("dan", "dax")])
def test_known_words_weigh_more(other, worse):
    knowledge = learn(["ba dan", "nd ba"])
    assert weigh(knowledge, other) > weigh(knowledge, worse)


def test_a_phrase_may_follow_another():
    """Of two phrases side by side the second begins as phrases do, though the list never has it after the first."""
    knowledge = learn(["xã tân lập", "huyện hướng hóa", "hóa huyện"])
    assert weigh(knowledge, "xã tân lập huyện hướng") > weigh(knowledge, "xã tân lập hướng huyện")


def test_units_may_be_left_out():
    knowledge = learn(["Xã Tân Lập, Huyện Hướng Hóa", "Xã Hóa Lập", "Huyện Tân Lập"])
    assert weigh(knowledge, "Tân Lập Hướng Hóa") > weigh(knowledge, "Tân Lập Hóa Hướng")


def test_the_tone_may_stand_in_two_places():
    knowledge = learn(["Thanh Hóa", "Thanh Hỏa"])
    assert weigh(knowledge, "Thanh Hoá") == pytest.approx(weigh(knowledge, "Thanh Hóa"), abs=0.01)


def test_nonsense_comes_out_as_written_under_fifty_thousand_phrases():
    """Half of them one syllable apart from the nonsense; the ink says each letter with .99."""
    letters = " abcdefghiklmnopqrstuvxy"
    phrases = [f"xoqu{a}t {b}{c}n vel{d}" for a in "aeiouy" for b in "abcdghiklm" for c in "aeiouy" for d in "abcdefg"]
    phrases = (phrases * 20)[:50_000]
    knowledge = learn(phrases)
    text = "zoqpat bxn vewf".replace("z", "k").replace("w", "m")
    rows = []
    for letter in text:
        row = np.full(len(letters) + 1, 0.01 / len(letters))
        row[letters.index(letter) + 1] = 0.99
        rows += [row, np.eye(len(letters) + 1)[0] * 0.99 + 0.01 / len(letters)]
    found = search(np.log(np.array(rows, np.float32)), letters, knowledge)
    assert found[0].text == text


def test_a_texts_likelihood_is_that_of_all_its_paths():
    rng = np.random.default_rng(5)
    scores = np.log(rng.dirichlet(np.ones(4), 6)).astype(np.float32)
    found = search(scores, "abc", beam=10_000, behind=1e9, faint=0.0)
    assert "" in [one.text for one in found]
    told = likelihoods(scores, [*(one.text for one in found), "ab" * 4, "aaaa", "z"], "abc")
    assert told[:-3] == pytest.approx([one.score for one in found], abs=1e-4)
    assert told[-3:].tolist() == [-math.inf] * 3
    assert likelihoods(scores, ["z"], "abc").tolist() == [-math.inf]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_dropped_on_the_way_was_not_the_best(seed):
    """Against the search that drops nothing, with knowledge and without, on lines as sure as the network's."""
    rng = np.random.default_rng(seed)
    scores = np.log(rng.dirichlet(np.full(4, 0.06), 8) + 1e-9).astype(np.float32)
    for knowledge in (None, learn(["ab ca", "ca", "bca"])):
        whole = search(scores, " abc"[1:], knowledge, beam=3000, behind=1e9, faint=0.0)
        quick = search(scores, " abc"[1:], knowledge)
        assert quick[0].text == whole[0].text
        assert quick[0].total == pytest.approx(whole[0].total, abs=0.2)


def test_letters_have_places_and_scores():
    scores = posteriors({"_": 1}, {"b": 0.8, "d": 0.2}, {"_": 1}, {"a": 1}, {"a": 1}, {"_": 1}, {"a": 1})
    found = place(scores, "baa", ALPHABET)
    assert [(one.letter, one.first, one.last) for one in found] == [("b", 1, 1), ("a", 3, 4), ("a", 6, 6)]
    assert found[0].score == pytest.approx(0.8, abs=1e-3)


def test_a_text_longer_than_the_line_has_no_place():
    assert place(posteriors({"a": 1}, {"b": 1}), "abc", ALPHABET) == ()
    assert place(posteriors({"a": 1}), "", ALPHABET) == ()
