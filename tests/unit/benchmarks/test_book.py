"""The benchmark of a book's words: what is planted is rare and near what is frequent."""

import random
import unicodedata
from collections import Counter

from benchmarks.book import other_mark, plant

from ocrfill.civil_status.book import Book
from ocrfill.layouts import load_layout
from ocrfill.training.synthetic.facts.composed_entries import compose_book


def test_another_mark_changes_one_word_by_its_tone():
    for seed in range(20):
        found = other_mark("Thôn Tân Hòa - Vĩnh Long", random.Random(seed))
        changed = [w for w, v in zip(["Thôn", "Tân", "Hòa", "-", "Vĩnh", "Long"], found.split(), strict=True) if w != v]
        assert len(changed) == 1
        assert not any(map(unicodedata.combining, found)), "every letter of Vietnamese has a sign of its own"


def test_planted_values_stand_once_where_a_frequent_one_stood():
    layout = load_layout("ks_2006_2015")
    entries = list(compose_book(layout, Book.parse("KS.2009.01", layout.name), 40, 5))
    before = list(entries)
    planted = list(plant(entries, layout, random.Random(5)))
    assert {name for _, name in planted} >= {"nks_dan_toc", "nks_que_quan", "nguoi_ky"}
    for at, name in planted:
        usual, rare = before[at].writings[name].text, entries[at].writings[name].text
        assert rare != usual
        assert Counter(entry.writings[name].text for entry in before)[usual] >= 3
