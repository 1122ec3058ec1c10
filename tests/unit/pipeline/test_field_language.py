"""What is known of a field's text: right entries weigh more, and clear ink comes out as written."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from support.date_words import write_words

from ocrfill.civil_status.date_grammar import START_STATE, anywhere, step
from ocrfill.civil_status.person_names import composed_names
from ocrfill.civil_status.place_names import all_places, own_places
from ocrfill.errors import BadInput
from ocrfill.layouts.fields import (
    Choice,
    Date,
    DateWords,
    Identity,
    Moment,
    Name,
    Number,
    Place,
    Signatory,
    Text,
    Tick,
)
from ocrfill.pipeline.field_language import StripPosition, field_language_model
from ocrfill.pipeline.general_language import general_model, lexicon_model
from ocrfill.pipeline.recognition.decoder.prefix_beam import prefix_beam_search
from ocrfill.pipeline.recognition.language.date_words import SLIP_COST_NATS, DateWordsModel
from ocrfill.pipeline.recognition.language.digit_grammars import LETTER_COST_NATS
from ocrfill.pipeline.recognition.language.language_model import text_weight
from ocrfill.training.alphabet import ALPHABET

YEARS = (2006, 2015)
KINDS = {
    "text": Text(),
    "name": Name(),
    "place": Place(),
    "date": Date(),
    "date_words": DateWords(),
    "moment": Moment(),
    "number": Number(),
    "dan_toc": Choice(list="dan_toc"),
    "quan_he": Choice(list="quan_he"),
    "identity": Identity(),
    "signatory": Signatory(),
}


def known(kind, line=None):
    found = field_language_model(KINDS[kind], YEARS, line or StripPosition())
    assert found is not None
    return found


def ink(text, doubt=0.005, doubted="", place=-1):
    """A line as the network would say it: each letter for one step, a blank after it; `doubted` shares one."""
    rows = []
    for i, letter in enumerate(text):
        row = np.full(len(ALPHABET) + 1, 0.005 / len(ALPHABET))
        row[ALPHABET.index(letter) + 1] += 0.995 - (doubt if i == place else 0)
        if i == place:
            row[ALPHABET.index(doubted) + 1] += doubt
        blank = np.full(len(ALPHABET) + 1, 1e-6)
        blank[0] = 1 - 1e-4
        rows += [row, blank / blank.sum()]
    return np.log(np.array(rows, np.float32))


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("name", "Nguyễn Thị Hương", "Nguyễn Thị Hưong"),
        ("name", "Nguyễn Thị Hương", "Nguyên Thị Hương"),
        ("name", "Hồ Văn Khăm", "Hổ Văn Khăm"),
        ("place", "xã Vĩnh Lâm, huyện Vĩnh Linh", "xã Vĩnh Lầm, huyện Vĩnh Linh"),
        ("place", "Hải Lăng, Quảng Trị", "Hài Lăng, Quảng Trị"),
        ("place", "Phường 1, thành phố Đông Hà", "Phưởng 1, thành phố Đông Hà"),
        ("place", "H. Cần Giuộc, Long An", "H. Cần Giuợc, Long An"),
        ("dan_toc", "Kinh", "Kính"),
        ("dan_toc", "Bru - Vân Kiều", "Bru - Vân Kiểu"),
        ("quan_he", "Ông nội", "Ông nôi"),
        ("text", "Tai nạn giao thông", "Tai nan giao thông"),
        ("signatory", "Trần Văn Minh - Phó Chủ tịch", "Trần Văn Minh - Phó Chủ tich"),
        ("moment", "20 giờ 15 phút, ngày 3/4/2006", "20 giò 15 phút, ngày 3/4/2006"),
        ("moment", "03.01.2009", "0301.2009"),
        ("moment", "03.01.2009", "03 01 2009 1"),
        ("date", "3/4/2006", "3/14/2006"),
        ("date", "31/12/1999", "31/12/2099"),
        ("identity", "197115006", "1971150061"),
        ("number", "125", "12S"),
        ("number", "1/2018", "42018"),
        ("date_words", "ngày mười bảy tháng ba", "ngày mười bày tháng ba"),
    ],
)
def test_the_right_entry_weighs_more(kind, right, wrong):
    line = StripPosition(closes=kind != "date_words")
    assert text_weight(known(kind, line), right) > text_weight(known(kind, line), wrong)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("text", ["Xoquat Bxển Vêmf", "Nguyễn Zawk", "7 Krông Blah", "Nhqư 4/5"])
def test_nonsense_in_clear_ink_comes_out_as_written(kind, text):
    assert prefix_beam_search(ink(text), ALPHABET, known(kind))[0].text == text


def test_where_the_ink_doubts_the_field_decides():
    """ "Nguyên" with .45 for the ễ: a surname in a name, a word of its own in free text between the same letters."""
    scores = ink("Nguyên Văn Hùng", 0.45, "ễ", 4)
    assert prefix_beam_search(scores, ALPHABET)[0].text == "Nguyên Văn Hùng"
    assert prefix_beam_search(scores, ALPHABET, known("name"))[0].text == "Nguyễn Văn Hùng"


def test_a_moment_of_figures_alone_weighs_what_a_date_does():
    """Nothing is gained by not being a date, and a time of day is no fault."""
    assert text_weight(known("moment"), "03.01.2009") == pytest.approx(0, abs=0.5)
    assert text_weight(known("moment"), "0301.2009") < -4
    assert text_weight(known("moment"), "20 giờ 15 phút") > 0


def test_a_long_run_of_figures_costs_once_in_a_number():
    number = known("number")
    assert text_weight(number, "12345") == text_weight(number, "1234567") < 0
    assert text_weight(number, "1234/2018") == 0


def test_gaps_of_a_printed_date():
    """32 can be no day; the month's gap takes 12 and no 13; only with all three gaps is it known which is which."""
    split = Date(split=True)
    day, month, year = (field_language_model(split, YEARS, StripPosition(i, 3)) for i in range(3))
    assert text_weight(day, "31") == text_weight(month, "12") == text_weight(year, "2006") == 0
    assert all(text_weight(*wrong) < 0 for wrong in ((day, "32"), (month, "13"), (year, "2106")))
    assert text_weight(field_language_model(split, YEARS, StripPosition(0, 1)), "3/4/2006") == 0


def test_every_way_of_saying_some_dates_is_free_but_a_slip():
    """ "hai mươi một" can be written, but "hai mươi mốt" is what is said."""
    whole = DateWordsModel(bonus=0.0, sign=0.0)
    for date in ((1982, 3, 17), (2006, 12, 31), (1999, 1, 4), (2000,), (2015, 10)):
        for said in itertools.islice(write_words(*date), 300):
            expected = -SLIP_COST_NATS * said.count("mươi một")
            assert text_weight(whole, said) == expected, said
            assert text_weight(whole, said.capitalize() + ".") == expected, said


def test_a_date_in_words_on_two_lines():
    words = ["ngày", "mười", "bảy", "tháng", "ba", "năm", "một", "nghìn", "chín", "trăm", "tám", "mươi", "hai"]
    first, second = DateWordsModel(closes=False, bonus=0.0), DateWordsModel(opens=False, bonus=0.0)
    for cut in range(1, len(words)):
        assert text_weight(first, " ".join(words[:cut])) == 0
        assert text_weight(second, " ".join(words[cut:])) == 0
    assert text_weight(DateWordsModel(bonus=0.0, sign=0.0), " ".join(words[:4])) < 0


def test_anywhere_holds_every_state_of_a_date():
    state = START_STATE
    for word in ["ngày", "mười", "bảy", "tháng", "ba", "năm", "một", "nghìn", "chín", "trăm", "tám", "mươi", "hai"]:
        assert step(anywhere(), word) is not None
        state = step(state, word)


def test_a_wrong_word_costs_in_its_first_wrong_letter_and_a_little_after_it():
    whole = DateWordsModel(bonus=0.0, sign=0.0)
    assert text_weight(whole, "ngày mười bảy tháng x năm hai nghìn") == -whole.cost
    assert text_weight(whole, "ngày mười bảy tháng xyz năm hai nghìn") == -whole.cost - 2 * LETTER_COST_NATS


def test_odd_capitals_of_numbers_cost():
    whole = DateWordsModel(bonus=0.0, sign=0.0)
    small, one, all_of_them = (
        text_weight(whole, text)
        for text in (
            "Ngày ba Tháng hai Năm hai nghìn",
            "Ngày ba Tháng hai Năm hai Nghìn",
            "Ngày Ba Tháng Hai Năm Hai Nghìn",
        )
    )
    assert small == 0
    assert one == all_of_them < 0
    assert text_weight(whole, "NGÀY BA") == text_weight(whole, "Ngày Ba")
    assert text_weight(whole, "ngày bA tháng hai năm hai nghìn") < 0


def test_units_of_the_books_time_come_first():
    def share(years):
        places = list(own_places(years))
        return sum("tỉnh Bình Trị Thiên" in place for place in places) / len(places)

    assert share((1977, 1988)) > 2 * share((2016, 2020)) > 0
    assert len(all_places()) > 10_000
    assert "Xã Gio An, Huyện Gio Linh, Tỉnh Quảng Trị" in all_places()


def test_names_come_in_their_shares():
    surnames = [name.split()[0] for name in composed_names()]
    assert 0.25 < surnames.count("Nguyễn") / len(surnames) < 0.4
    assert surnames.count("Trần") > surnames.count("Đỗ") > 0


def test_ticks_have_no_words():
    assert field_language_model(Tick(options={"a": "1", "b": "2"}), YEARS, StripPosition()) is None


def test_the_same_knowledge_serves_the_next_line():
    assert known("name") is known("name")
    assert known("place") is known("place")


@pytest.mark.slow
def test_a_lexicon_stands_before_what_comes_with_ocrfill(tmp_path):
    path = tmp_path / "places.txt"
    path.write_text("\ufeffBản Xoquat, Xã Vêmf\n\nBản Tà Rụt\n", encoding="utf-8")
    own = lexicon_model(path)
    assert text_weight(own, "Bản Xoquat") > text_weight(general_model(), "Bản Xoquat") + 2
    assert text_weight(own, "Huyện Hải Lăng") > text_weight(own, "Huyện Hãi Lăng")
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(BadInput, match="empty"):
        lexicon_model(path)
    with pytest.raises(BadInput, match="cannot read"):
        lexicon_model(tmp_path / "none.txt")


def test_marks_seldom_stand_in_names():
    """A tail below the line looks like a comma; between a signer's name and office stands one."""
    plain, marked = "Hoàng Xuân Thắng", "Hoàng, Xuân Thắng"
    assert text_weight(known("name"), marked) < text_weight(known("name"), plain) - 3
    office = "Hoàng Xuân Thắng - Phó Chủ tịch"
    assert text_weight(known("signatory"), office) > text_weight(known("name"), office)


def test_signs_part_a_date_in_words_and_not_its_numbers():
    whole = DateWordsModel()
    parted = "Ngày mười ba, tháng tư, năm hai nghìn không trăm linh hai"
    assert text_weight(whole, parted) > text_weight(whole, parted.replace(",", ""))
    assert text_weight(whole, parted.replace("không trăm", "không, trăm")) < text_weight(whole, parted)


@pytest.mark.slow
def test_what_is_learnt_is_the_same_in_every_process():
    """Spellings stand in sets, whose order changes from process to process: a score must not, to its last digit."""
    code = (
        "from ocrfill.pipeline.field_language import free_text_model; print(repr(free_text_model((2006, 2015)).counts))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
