"""Which fields are put before whom, in what order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from support.builders.book import stored

from ocrfill.acceptance import GROUP_OF_KIND, Group
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import Decision, Field, Issue, PageResult, Record
from ocrfill.document.settlement import corrections_by_field
from ocrfill.review.progress import keys_of, last_of_each, speed_of
from ocrfill.review.proof_sample import draw_proof_sample
from ocrfill.review.task_selection import ReviewOptions, by_person, checks, first_looks, in_turn, second_looks

ISSUE = Issue("rule", "Không khớp")


def field(name, probability, decision=Decision.REVIEW, issues=(), kind="name"):
    return Field(name, name, kind, "Lê Ba", None, probability, decision, issues, "hand", ((0.0, 0.0), (9.0, 9.0)))


def page(number, *fields):
    result = PageResult("a.pdf", number, "ks", 1, 100, 200, records=(Record(1, fields),))
    return stored("a.pdf", result, number=number, sha256="aa")


def names(batches):
    return [[f"{t.place.page}{t.place.field}" for t in batch] for batch in batches]


BOOK = [
    page(1, field("a", 0.9), field("b", 0.2), field("c", 0.95, issues=(ISSUE,)), field("d", 0.3, issues=(ISSUE,))),
    page(2, field("a", 0.1), field("b", 0.99, Decision.ACCEPT), field("c", 1.0, Decision.EMPTY)),
]


def test_the_most_doubtful_come_first_and_fields_that_doubt_each_other_stay_together():
    assert names(first_looks(BOOK, (), ReviewOptions())) == [["2a", "1b", "1c", "1d", "1a"]]


def test_book_order():
    assert names(first_looks(BOOK, (), ReviewOptions(order="book"))) == [["1a", "1b", "1c", "1d", "2a"]]


def test_batches_keep_what_belongs_together():
    batches = first_looks(BOOK, (), ReviewOptions(batch=3))
    assert names(batches) == [["2a", "1b"], ["1c", "1d", "1a"]]
    assert [[t.position for t in batch] for batch in batches] == [[1, 2], [1, 2, 3]]


def test_what_was_asked_is_not_asked_again():
    known = {(FieldPlace("aa", 2, 1, "a"), Purpose.AUDIT), (FieldPlace("aa", 1, 1, "b"), Purpose.REVIEW)}
    assert names(first_looks(BOOK, known, ReviewOptions())) == [["1c", "1d", "1a"]]


def many(decision, count=400):
    return [page(n, field("x", 0.999, decision), field("y", (n % 100) / 100)) for n in range(1, count + 1)]


def test_audited_fields_are_drawn_once_and_for_all_and_stand_anywhere():
    book = many(Decision.ACCEPT)
    (tasks,) = first_looks(book, (), ReviewOptions(batch=10_000, audit=0.2))
    places = [i / len(tasks) for i, t in enumerate(tasks) if t.purpose is Purpose.AUDIT]
    assert 50 < len(places) < 110, "a fifth of 400, by lot"
    assert 0.35 < sum(places) / len(places) < 0.65
    assert min(places) < 0.1
    assert max(places) > 0.9
    assert first_looks(book, (), ReviewOptions(batch=10_000, audit=0.2)) == [tasks]
    assert {t.purpose for t in first_looks(book, (), ReviewOptions())[0]} == {Purpose.REVIEW}


def test_fields_drawn_to_prove_a_promise_are_asked_about_and_no_others():
    """Accepted ones too, and nothing tells them apart by where they stand."""
    book = many(Decision.ACCEPT)
    places = draw_proof_sample(book, 200)
    (tasks,) = first_looks(book, (), ReviewOptions(batch=10_000, drawn=places))
    assert {t.place for t in tasks} == places
    assert {t.purpose for t in tasks} == {Purpose.PROOF}
    assert [t.place for t in tasks] != sorted(places)
    known = {(tasks[0].place, Purpose.REVIEW)}
    assert len(first_looks(book, known, ReviewOptions(batch=10_000, drawn=places))[0]) == len(tasks) - 1


def test_so_many_of_each_group_are_drawn_of_all_filled_fields_and_more_hold_the_fewer():
    kinds = {"a": "choice", "b": "date", "c": "name", "d": "place"}
    empty = field("e", 1.0, Decision.EMPTY, kind="number")
    book = [page(n, *(field(f, 0.5, kind=k) for f, k in kinds.items()), empty) for n in range(1, 301)]
    few, more = draw_proof_sample(book, 100), draw_proof_sample(book, 400)
    counted = Counter(GROUP_OF_KIND[kinds[place.field]] for place in few)
    assert counted == {Group.CLOSED: 20, Group.FIGURES: 45, Group.WORDS: 35}
    assert few < more
    assert draw_proof_sample(book, 100_000) == {FieldPlace("aa", p.number, 1, f) for p in book for f in kinds}
    assert draw_proof_sample([], 100) == frozenset()


def test_people_take_turns():
    batches = [["x"], ["y"], ["z"]]
    assert in_turn(batches, ("thu", "ba"), 1) == [("ba", ["x"]), ("thu", ["y"]), ("ba", ["z"])]
    assert in_turn(batches, (), 5) == [("", ["x"]), ("", ["y"]), ("", ["z"])]


MORNING = datetime(2026, 3, 4, tzinfo=UTC)


def said(entered, purpose=Purpose.REVIEW, who="thu", name="a", at=0, answer=None, seconds=2.0):
    answer = answer or (Answer.CONFIRMED if entered == "Lê Ba" else Answer.CORRECTED)
    place = FieldPlace("aa", 1, 1, name)
    when = MORNING + timedelta(seconds=at)
    return Correction(place, "Lê Ba", entered, answer, purpose, who, when, seconds, "s", 100 + at, at)


KINDS = {FieldPlace("aa", 1, 1, name): "name" for name in "abc"} | {FieldPlace("aa", 1, 1, "t"): "text"}


def test_a_second_person_sees_fields_of_high_consequence_once_and_not_the_first_answer():
    corrections = [said("Lê Bà"), said("Lê Ba", name="t"), said("Lê Ba", name="b", who="ba")]
    found = second_looks(corrections_by_field(corrections), KINDS, ())
    assert [(who, t.place.field, t.prefilled, t.purpose) for who, t in found] == [
        ("thu", "a", "Lê Ba", Purpose.SECOND),
        ("ba", "b", "Lê Ba", Purpose.SECOND),
    ]
    assert second_looks(corrections_by_field(corrections), KINDS, {(t.place, t.purpose) for _, t in found}) == []
    batches = by_person(found, ("thu", "ba"), 10)
    assert {person: [t.place.field for t in tasks] for person, tasks in batches} == {"ba": ["a"], "thu": ["b"]}
    assert by_person(found, ("thu",), 10)[0][0] == ""


def test_a_checker_sees_only_what_two_persons_disagree_on():
    agreed = [said("Lê Bà", name="b"), said("Lê Bà", Purpose.SECOND, "ba", "b", 1)]
    apart = [said("Lê Bà"), said("Lê Bá", Purpose.SECOND, "ba", at=1)]
    (task,) = checks(corrections_by_field([*agreed, *apart, said("Lê Ba", name="c")]), ())
    assert (task.place.field, task.purpose, task.prefilled) == ("a", Purpose.CHECK, "Lê Bà")
    assert checks(corrections_by_field(apart), {(task.place, Purpose.CHECK)}) == []
    assert checks(corrections_by_field([*apart, said("Lê Bá", Purpose.CHECK, "tu", at=2)]), ()) == []


def test_keys_and_seconds():
    assert keys_of(said("Lê Ba")) == 1
    assert keys_of(said("Lê Bà", answer=Answer.PICKED)) == 2
    assert keys_of(said(None, answer=Answer.UNREADABLE)) == 2
    assert keys_of(said("Lê Bà")) == 4, "reach the box, take one letter away, type one, the chord"
    assert keys_of(said("Lê Ban")) == 3
    corrections = [said("Lê Ba", seconds=s, at=i) for i, s in enumerate((1.0, 2.0, 6.0, 900.0))]
    speed = speed_of("all", corrections)
    assert (speed.fields, speed.timed, speed.median_seconds, speed.mean_seconds, speed.keys) == (4, 3, 2.0, 3.0, 1.0)


def test_a_field_answered_twice_by_one_person_counts_once():
    first = said("Lê Ba")
    again = replace(first, entered="Lê Bà", answer=Answer.CORRECTED, when=MORNING + timedelta(hours=1))
    assert last_of_each([again, first]) == (again,)
