"""Annotations as corrections, or refused one by one whatever their shape: without a server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrfill.civil_status.orthography import no_character
from ocrfill.document.correction import Answer, FieldPlace, Purpose
from ocrfill.review.answers import (
    AskedField,
    UnusableAnswer,
    annotation_number,
    annotator_number,
    correction_of,
)

PLACE = FieldPlace("aa", 1, 1, "nks_ho_ten")


def annotation(*result, **more):
    base = {"id": 5, "updated_at": "2026-03-04T01:02:03.450000Z", "lead_time": 2.5, "was_cancelled": False}
    return base | {"result": list(result)} | more


def part(name, **value):
    return {"from_name": name, "to_name": "sheet", "value": value}


def typed(text):
    return part("typed", text=[text])


def picked(text):
    return part("pick", choices=[text])


@pytest.mark.parametrize(
    ("result", "answer", "entered"),
    [
        ([picked("Lê Ba"), typed("Lê Ba")], Answer.CONFIRMED, "Lê Ba"),
        ([typed("Lê Ba")], Answer.CONFIRMED, "Lê Ba"),
        ([picked("Lê Bà"), typed("Lê Ba")], Answer.PICKED, "Lê Bà"),
        ([picked("Lê Ba"), typed("Lê Bảy")], Answer.CORRECTED, "Lê Bảy"),
        ([picked("Lê Bà"), typed("Lê  Bảy ")], Answer.CORRECTED, "Lê Bảy"),
        ([picked("Lê Ba"), typed("Le\u0302 Bảy")], Answer.CORRECTED, "Lê Bảy"),
        ([picked("Lê Ba")], Answer.CORRECTED, ""),
        ([], Answer.CORRECTED, ""),
        ([typed("\u00d0\u1eb7ng Ba")], Answer.CORRECTED, "Đặng Ba"),
        ([typed("L\u00ea\u200b Ba\ufeff")], Answer.CONFIRMED, "Lê Ba"),
        ([picked("\u00d0\u1ed7 Ba"), typed("Lê Ba")], Answer.PICKED, "Đỗ Ba"),
        ([part("typed", text="Lê Bảy")], Answer.CORRECTED, "Lê Bảy"),
        ([part("typed", text=[])], Answer.CORRECTED, ""),
        ([part("typed", text=None)], Answer.CORRECTED, ""),
        ([typed("Lê Ba"), part("state", choices=["blank"])], Answer.CORRECTED, ""),
        ([typed("Lê Ba"), part("state", choices=["unreadable"])], Answer.UNREADABLE, None),
        ([typed("Lê Bảy"), part("state", choices=["wrongly_cut"])], Answer.WRONGLY_CUT, None),
    ],
)
def test_what_an_annotation_says(result, answer, entered):
    asked = AskedField(PLACE, "Lê Ba", Purpose.AUDIT, ((1.0, 2.0),))
    found = correction_of(asked, annotation(*result), "thu@xa.local", "local project 1 abc", 11)
    assert (found.answer, found.entered) == (answer, entered)
    assert (found.who, found.seconds, found.purpose, found.task, found.annotation) == (
        "thu@xa.local",
        2.5,
        Purpose.AUDIT,
        11,
        5,
    )
    assert found.when == datetime(2026, 3, 4, 1, 2, 3, 450_000, UTC)
    assert found.outline == ((1.0, 2.0),)


def test_nothing_read_and_nothing_typed_is_confirmed():
    asked = AskedField(PLACE, "", Purpose.REVIEW, ())
    assert correction_of(asked, annotation(), "a", "s", 1).answer is Answer.CONFIRMED
    assert correction_of(asked, annotation(typed("Ba")), "a", "s", 1).answer is Answer.CORRECTED
    assert correction_of(asked, annotation(picked("Nam")), "a", "s", 1).answer is Answer.PICKED


def test_a_skipped_task_says_nothing_of_the_value():
    found = correction_of(AskedField(PLACE, "Lê Ba", Purpose.REVIEW, ()), annotation(was_cancelled=True), "a", "s", 1)
    assert (found.answer, found.entered) == (Answer.SKIPPED, None)


NOWHERE = "\ud800"

BROKEN = {
    "no time": {"updated_at": None},
    "a word for a time": {"updated_at": "yesterday"},
    "a number for a time": {"updated_at": 1772586123},
    "before all years": {"updated_at": "0001-01-01T00:00:00+14:00"},
    "after all years": {"updated_at": "9999-12-31T23:59:59-14:00"},
    "a far year": {"updated_at": "9999-01-01T00:00:00Z"},
    "an early year": {"updated_at": "1970-01-01T00:00:00Z"},
    "no number": {"id": None},
    "a word for a number": {"id": "5"},
    "a truth for a number": {"id": True},
    "a fraction for a number": {"id": 5.5},
    "a huge number": {"id": 2**63},
    "a number below all": {"id": -1},
    "a list for a number": {"id": [5]},
    "a word for seconds": {"lead_time": "x"},
    "a list for seconds": {"lead_time": [2]},
    "a truth for seconds": {"lead_time": True},
    "text where a list should be": {"result": "Bí mật"},
    "a number where a list should be": {"result": 5},
    "a mapping where a list should be": {"result": {"from_name": "typed", "value": {"text": ["Bí mật"]}}},
    "texts in the list": {"result": ["Bí mật"]},
    "nothing in the list": {"result": [None]},
    "a list as a name": {"result": [{"from_name": ["typed"], "value": {"text": ["Bí mật"]}}]},
    "a text as a value": {"result": [{"from_name": "typed", "value": "Bí mật"}]},
    "a list as a value": {"result": [{"from_name": "typed", "value": ["Bí mật"]}]},
    "a number as a text": {"result": [{"from_name": "typed", "value": {"text": 5}}]},
    "a mapping as a text": {"result": [{"from_name": "typed", "value": {"text": {"Bí mật": 1}}}]},
    "a list as a text": {"result": [{"from_name": "typed", "value": {"text": [["Bí mật"]]}}]},
    "a number as a choice": {"result": [{"from_name": "pick", "value": {"choices": [5]}}, typed("Lê Ba")]},
    "an unknown state": {"result": [typed("Lê Ba"), part("state", choices=["Bí mật"])]},
    "a word for skipped": {"was_cancelled": "false"},
    "a number for skipped": {"was_cancelled": 1},
    "NUL": {"result": [typed("Bí\0mật")]},
    "half a surrogate": {"result": [typed(f"Bí{NOWHERE}mật")]},
    "U+FFFE": {"result": [typed("Bí\ufffemật")]},
    "U+FFFF": {"result": [typed("Bí\uffffmật")]},
    "U+FDD0": {"result": [typed("Bí\ufdd0mật")]},
    "U+10FFFF": {"result": [typed("Bí\U0010ffffmật")]},
    "NUL in what was picked": {"result": [picked("Bí\0mật"), typed("Lê Ba")]},
    "far too long": {"result": [typed("Bí mật " * 10_000)]},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_an_annotation_of_another_shape_is_refused_and_its_text_is_not_told(broken):
    asked = AskedField(PLACE, "Lê Ba", Purpose.REVIEW, ())
    with pytest.raises(UnusableAnswer) as error:
        correction_of(asked, annotation(typed("Bí mật")) | broken, "a", "s", 11)
    assert "mật" not in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("whole", [None, 5, "Bí mật", [], [1], True])
def test_what_is_no_annotation_is_refused(whole):
    asked = AskedField(PLACE, "Lê Ba", Purpose.REVIEW, ())
    for read in (annotation_number, annotator_number, lambda a: correction_of(asked, a, "a", "s", 11)):
        with pytest.raises(UnusableAnswer):
            read(whole)


@pytest.mark.parametrize("who", ["a", [1], 2**70, -1, True, {"id": "a"}, {"id": [1]}, 1.5])
def test_a_user_who_is_none_is_refused(who):
    with pytest.raises(UnusableAnswer):
        annotator_number({"updated_by": who})


@pytest.mark.parametrize(("who", "number"), [(None, None), (7, 7), ({"id": 7, "email": "a@b.c"}, 7), ({}, None)])
def test_who_answered(who, number):
    assert annotator_number({"updated_by": who}) == number


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -2.5, 10**400, 1e300])
def test_the_time_of_a_clock_that_was_set_costs_no_answer(seconds):
    asked = AskedField(PLACE, "Lê Ba", Purpose.REVIEW, ())
    found = correction_of(asked, annotation(typed("Lê Bảy"), lead_time=seconds), "a", "s", 11)
    assert (found.entered, found.seconds) == ("Lê Bảy", None)


def test_a_moment_without_a_zone_is_the_servers():
    asked = AskedField(PLACE, "Lê Ba", Purpose.REVIEW, ())
    found = correction_of(asked, annotation(updated_at="2026-03-04T01:02:03.450000"), "a", "s", 11)
    assert found.when == datetime(2026, 3, 4, 1, 2, 3, 450_000, UTC)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("id", "result", "value", "text", "choices", "from_name", "updated_at", "was_cancelled")),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
KEYS = ("id", "result", "updated_at", "lead_time", "was_cancelled", "updated_by")


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)),
    st.lists(st.fixed_dictionaries({"from_name": st.sampled_from(("typed", "pick", "state")), "value": JSON})),
    st.booleans(),
)
def test_whatever_comes_is_an_answer_that_can_be_kept_or_refused(changed, result, whole):
    asked = AskedField(PLACE, "Lê Ba", Purpose.REVIEW, ())
    given_ = annotation(*result) | ({} if whole else changed)
    try:
        annotator_number(given_)
        found = correction_of(asked, given_, "a", "s", 11)
    except UnusableAnswer:
        return
    assert no_character(found.entered or "") is None
    assert 0 <= found.annotation < 2**63
    assert found.seconds is None or 0 <= found.seconds < 1e9
