"""Grammars of figures and dates: what they let pass, what they make dearer, and that they forbid nothing."""

import datetime

import numpy as np
import pytest

from ocrfill.pipeline.recognition.decoder.prefix_beam import prefix_beam_search
from ocrfill.pipeline.recognition.language.digit_grammars import DateGrammar, IdentityNumberGrammar, NumberGrammar
from ocrfill.pipeline.recognition.language.language_model import text_weight


@pytest.mark.parametrize("shape", ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%y", "%m/%Y", "%Y", "%-d/%-m/%Y", "%d / %m / %Y"])
def test_every_day_of_two_years_is_free(shape):
    day = datetime.date(1989, 1, 1)
    for _ in range(0, 730, 3):
        text = day.strftime(shape)
        assert text_weight(DateGrammar(), text) == 0, text
        day += datetime.timedelta(days=3)


@pytest.mark.parametrize(
    "text", ["32/01/1990", "12/13/1990", "12/05/2190", "1/1/199", "99", "1a/05/1990", "3/4/5/1990"]
)
def test_what_is_no_date_costs_once(text):
    assert text_weight(DateGrammar(), text) == -DateGrammar().cost


def test_beginnings():
    dates = DateGrammar()

    def cost(text):
        state, total = dates.start, 0.0
        for letter in text:
            state, weight = dates.step(state, letter)
            total += weight
        return total

    assert not any(cost(text) for text in ("", "0", "3", "31", "31/", "31/0", "31/12", "31/12/1", "31/12/19", "201"))
    assert all(cost(text) == -dates.cost for text in ("00", "32/", "1/13/", "1/1/3000", "//"))


@pytest.mark.parametrize(
    ("part", "right", "wrong"), [("day", "31", "32"), ("month", "12", "13"), ("year", "89", "189")]
)
def test_gaps_of_a_printed_line(part, right, wrong):
    assert text_weight(DateGrammar(part), right) == 0
    assert text_weight(DateGrammar(part), wrong) == -DateGrammar().cost


def test_no_year_after_the_books_last():
    assert text_weight(DateGrammar(latest=2015), "1/1/2015") == 0
    assert text_weight(DateGrammar(latest=2015), "1/1/2016") == -DateGrammar().cost
    assert text_weight(DateGrammar(latest=2006), "31.12.1999") == 0


def test_paper_numbers():
    assert text_weight(IdentityNumberGrammar(), "197115006") == text_weight(IdentityNumberGrammar(), "197 115 006") == 0
    assert text_weight(IdentityNumberGrammar(), "045123456789") == 0
    for wrong in ("1971150067", "245123456789", "245 123 456 789"):
        assert text_weight(IdentityNumberGrammar(), wrong) == -2 * IdentityNumberGrammar().cost
    assert text_weight(IdentityNumberGrammar(), "1977/1733") == -IdentityNumberGrammar().cost
    assert text_weight(IdentityNumberGrammar(), "1975957/8") == -2 * IdentityNumberGrammar().cost, (
        "seven digits are a passport's after a letter"
    )
    assert text_weight(IdentityNumberGrammar(), "197771733 - 1/2/2005") == 0
    assert text_weight(IdentityNumberGrammar(), "B1234567, 3/4/2006") > -IdentityNumberGrammar().cost


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

    assert prefix_beam_search(line("12/13/1990", 0.001), alphabet, DateGrammar())[0].text == "12/13/1990"
    assert prefix_beam_search(line("12/13/1990", 0.3), alphabet)[0].text == "12/13/1990"
    assert prefix_beam_search(line("12/13/1990", 0.3), alphabet, DateGrammar())[0].text == "12/12/1990"


def test_figures():
    assert text_weight(NumberGrammar(), "197 115 006") == 0
    assert text_weight(NumberGrammar(""), "19a") == -NumberGrammar().cost
