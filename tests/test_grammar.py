"""Grammars of figures and dates: what they let pass, what they make dearer, and that they forbid nothing."""

import datetime

import numpy as np
import pytest

from ocrfill.read.beam import search
from ocrfill.read.grammar import (
    DateFigures,
    Figures,
    date_words,
    is_a_date,
    may_begin_a_date,
    number_in_words,
    year_in_words,
)


def weight(knowledge, text):
    return sum(knowledge.letter(text[:i], text[i]) for i in range(len(text))) + knowledge.end(text)


@pytest.mark.parametrize("shape", ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%y", "%m/%Y", "%Y", "%-d/%-m/%Y", "%d / %m / %Y"])
def test_every_day_of_two_years_is_free(shape):
    day = datetime.date(1989, 1, 1)
    for _ in range(0, 730, 3):
        text = day.strftime(shape)
        assert is_a_date(text), text
        assert weight(DateFigures(), text) == 0, text
        day += datetime.timedelta(days=3)


@pytest.mark.parametrize(
    "text", ["32/01/1990", "12/13/1990", "12/05/2190", "1/1/199", "99", "1a/05/1990", "3/4/5/1990"]
)
def test_what_is_no_date_costs_once(text):
    assert weight(DateFigures(), text) == -DateFigures().cost


def test_beginnings():
    assert all(
        may_begin_a_date(text) for text in ("", "0", "3", "31", "31/", "31/0", "31/12", "31/12/1", "31/12/19", "201")
    )
    assert not any(may_begin_a_date(text) for text in ("00", "32/", "1/13/", "1/1/3000", "//"))


def test_a_clear_mistake_stays():
    """The 13th month stands clearly in the ink: it comes out; where the ink doubts, the calendar decides."""
    alphabet = "0123456789/"

    def line(text, doubt):
        rows = []
        for place, letter in enumerate(text):
            row = np.full(len(alphabet) + 1, 1e-6)
            row[alphabet.index(letter) + 1] = 1 - (doubt if place == 4 else 0)
            row[alphabet.index("2") + 1] += doubt if place == 4 else 0
            rows += [row / row.sum(), np.eye(len(alphabet) + 1)[0] + 1e-6]
        return np.log(np.array(rows)).astype(np.float32)

    assert search(line("12/13/1990", 0.001), alphabet, DateFigures())[0].text == "12/13/1990"
    assert search(line("12/13/1990", 0.3), alphabet)[0].text == "12/13/1990"
    assert search(line("12/13/1990", 0.3), alphabet, DateFigures())[0].text == "12/12/1990"


def test_figures():
    assert weight(Figures(), "197 115 006") == 0
    assert weight(Figures(""), "19a") == -Figures().cost


def test_numbers_and_years_in_words():
    assert number_in_words(15) == ("mười lăm",)
    assert "hai mươi mốt" in number_in_words(21)
    assert {"hai mươi tư", "hai tư"} <= set(number_in_words(24))
    assert "một nghìn chín trăm tám mươi hai" in year_in_words(1982)
    assert "hai nghìn không trăm linh sáu" in year_in_words(2006)
    assert "hai nghìn" in year_in_words(2000)


def test_dates_in_words_pull_towards_what_is_said():
    right = "ngày mười bảy tháng ba năm một nghìn chín trăm tám mươi hai"
    wrong = "ngày mười bảy tháng bã năm một nghìn chín trăm tám mươi hai"
    assert weight(date_words(), right) > weight(date_words(), wrong) + 1
    assert weight(date_words(), "Ngày " + right[5:]) == pytest.approx(weight(date_words(), right))
