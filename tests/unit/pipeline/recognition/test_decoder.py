"""Beam search over made-up posteriors, the words it knows, and where letters lie."""

import dataclasses
import math

import numpy as np
import pytest

from ocrfill.pipeline.recognition.decoder.forced_alignment import align_characters, text_log_likelihoods
from ocrfill.pipeline.recognition.decoder.prefix_beam import prefix_beam_search
from ocrfill.pipeline.recognition.language.language_model import text_weight
from ocrfill.pipeline.recognition.language.phrase_counts import learn_word_model

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
    assert prefix_beam_search(posteriors({"a": 1}, {"a": 1}, {"b": 1}), ALPHABET)[0].text == "ab"
    assert prefix_beam_search(posteriors({"a": 1}, {"_": 1}, {"a": 1}), ALPHABET)[0].text == "aa"


def test_paths_of_one_text_are_added_up():
    """The likeliest path is blank twice (.36), but "a" has three paths that make .64 together."""
    found = prefix_beam_search(posteriors({"_": 0.6, "a": 0.4}, {"_": 0.6, "a": 0.4}), ALPHABET)
    assert found[0].text == "a"
    assert math.exp(found[0].score) == pytest.approx(0.64, abs=1e-3)
    assert math.exp(found[1].score) == pytest.approx(0.36, abs=1e-3)


def test_all_texts_have_the_probability_of_all_paths():
    rng = np.random.default_rng(3)
    scores = np.log(rng.dirichlet(np.ones(3), 4)).astype(np.float32)
    found = prefix_beam_search(scores, "ab", beam=10_000, behind=1e9, faint=0.0)
    assert sum(math.exp(one.score) for one in found) == pytest.approx(1.0, abs=1e-4)


def test_knowledge_decides_where_ink_is_unsure():
    scores = posteriors({"b": 1}, {"a": 0.55, "d": 0.45}, {"n": 1})
    assert prefix_beam_search(scores, ALPHABET)[0].text == "ban"
    assert prefix_beam_search(scores, ALPHABET, learn_word_model(["bdn"] * 20))[0].text == "bdn"


def test_clear_ink_comes_out_as_written_though_no_list_has_it():
    scores = posteriors({"b": 0.99, "c": 0.01}, {"a": 0.99, "d": 0.01}, {"n": 0.99, "b": 0.01})
    assert prefix_beam_search(scores, ALPHABET, learn_word_model(["cdb"] * 50))[0].text == "ban"


def test_order_of_words_counts():
    knowledge = learn_word_model(["ba dan", "ba dan", "ca ban", "ca ban"])
    scores = posteriors({"c": 1}, {"a": 1}, {" ": 1}, {"b": 0.4, "d": 0.6}, {"a": 1}, {"n": 1})
    assert prefix_beam_search(scores, ALPHABET)[0].text == "ca dan"
    assert prefix_beam_search(scores, ALPHABET, knowledge)[0].text == "ca ban"


def test_a_words_letters_add_up_to_its_own_chance():
    knowledge = dataclasses.replace(learn_word_model(["ba dan", "ba can", "na ba"]), case=0)
    first = knowledge._mixed("<", "<", "ba", whole=True)
    second = knowledge._mixed("<", "ba", "dan", whole=True)
    expected = knowledge.weight * math.log(first * second) + knowledge.bonus * len("ba dan")
    assert text_weight(knowledge, "ba dan") == pytest.approx(expected)


def test_the_chances_of_all_words_after_others_add_up_to_one():
    """Beginnings of one letter, whatever the history: what lists leave over goes to spelling."""
    knowledge = learn_word_model(["ba dan ca", "ba can", "na ba", "dan"])
    for before, last in (("<", "<"), ("<", "ba"), ("ba", "dan"), ("x", "y")):
        total = sum(knowledge._mixed(before, last, letter, whole=False) for letter in "abcdn")
        assert total == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("other", "worse"), [("nd", "xq"), ("ba", "bq"), ("dan", "dax")])
def test_known_words_weigh_more(other, worse):
    knowledge = learn_word_model(["ba dan", "nd ba"])
    assert text_weight(knowledge, other) > text_weight(knowledge, worse)


def test_a_phrase_may_follow_another():
    """Of two phrases side by side the second begins as phrases do, though the list never has it after the first."""
    knowledge = learn_word_model(["xã tân lập", "huyện hướng hóa", "hóa huyện"])
    assert text_weight(knowledge, "xã tân lập huyện hướng") > text_weight(knowledge, "xã tân lập hướng huyện")


def test_units_may_be_left_out():
    knowledge = learn_word_model(["Xã Tân Lập, Huyện Hướng Hóa", "Xã Hóa Lập", "Huyện Tân Lập"])
    assert text_weight(knowledge, "Tân Lập Hướng Hóa") > text_weight(knowledge, "Tân Lập Hóa Hướng")


def test_the_tone_may_stand_in_two_places():
    knowledge = learn_word_model(["Thanh Hóa", "Thanh Hỏa"])
    assert text_weight(knowledge, "Thanh Hoá") == pytest.approx(text_weight(knowledge, "Thanh Hóa"), abs=0.01)


def test_nonsense_comes_out_as_written_under_fifty_thousand_phrases():
    """Half of them one syllable apart from the nonsense; the ink says each letter with .99."""
    letters = " abcdefghiklmnopqrstuvxy"
    phrases = [f"xoqu{a}t {b}{c}n vel{d}" for a in "aeiouy" for b in "abcdghiklm" for c in "aeiouy" for d in "abcdefg"]
    phrases = (phrases * 20)[:50_000]
    knowledge = learn_word_model(phrases)
    text = "zoqpat bxn vewf".replace("z", "k").replace("w", "m")
    rows = []
    for letter in text:
        row = np.full(len(letters) + 1, 0.01 / len(letters))
        row[letters.index(letter) + 1] = 0.99
        rows += [row, np.eye(len(letters) + 1)[0] * 0.99 + 0.01 / len(letters)]
    found = prefix_beam_search(np.log(np.array(rows, np.float32)), letters, knowledge)
    assert found[0].text == text


def test_a_texts_likelihood_is_that_of_all_its_paths():
    rng = np.random.default_rng(5)
    scores = np.log(rng.dirichlet(np.ones(4), 6)).astype(np.float32)
    found = prefix_beam_search(scores, "abc", beam=10_000, behind=1e9, faint=0.0)
    assert "" in [one.text for one in found]
    told = text_log_likelihoods(scores, [*(one.text for one in found), "ab" * 4, "aaaa", "z"], "abc")
    assert told[:-3] == pytest.approx([one.score for one in found], abs=1e-4)
    assert told[-3:].tolist() == [-math.inf] * 3
    assert text_log_likelihoods(scores, ["z"], "abc").tolist() == [-math.inf]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_dropped_on_the_way_was_not_the_best(seed):
    """Against the search that drops nothing, with knowledge and without, on lines as sure as the network's."""
    rng = np.random.default_rng(seed)
    scores = np.log(rng.dirichlet(np.full(4, 0.06), 8) + 1e-9).astype(np.float32)
    for knowledge in (None, learn_word_model(["ab ca", "ca", "bca"])):
        whole = prefix_beam_search(scores, " abc"[1:], knowledge, beam=3000, behind=1e9, faint=0.0)
        quick = prefix_beam_search(scores, " abc"[1:], knowledge)
        assert quick[0].text == whole[0].text
        assert quick[0].total == pytest.approx(whole[0].total, abs=0.2)


def test_letters_have_places_and_scores():
    scores = posteriors({"_": 1}, {"b": 0.8, "d": 0.2}, {"_": 1}, {"a": 1}, {"a": 1}, {"_": 1}, {"a": 1})
    found = align_characters(scores, "baa", ALPHABET)
    assert [(one.letter, one.first, one.last) for one in found] == [("b", 1, 1), ("a", 3, 4), ("a", 6, 6)]
    assert found[0].score == pytest.approx(0.8, abs=1e-3)


def test_a_text_longer_than_the_line_has_no_place():
    assert align_characters(posteriors({"a": 1}, {"b": 1}), "abc", ALPHABET) == ()
    assert align_characters(posteriors({"a": 1}), "", ALPHABET) == ()
