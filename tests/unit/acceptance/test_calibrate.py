"""From reviewed fields to accepted values: learning, the promise, books judged as wholes, audits, and the commands."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from support.builders.book import KS, made_pages, with_alternatives
from support.builders.reviewed import answered, layout_of_book, page_of, proposed_count, reviewed_workspace, scan_of

from ocrfill.acceptance import (
    Calibrator,
    CalibratorOrigin,
    Group,
    GroupTrust,
    ProvenGuarantee,
    RiskGuarantee,
    Threshold,
    Trust,
)
from ocrfill.acceptance.calibrate import (
    LEARNING_SHARE,
    GuaranteeRequest,
    calibrate,
    is_validation_sample,
    stratified_sample,
)
from ocrfill.acceptance.decide_book import as_read, book_with_features, decide_book_pages
from ocrfill.acceptance.decide_books import audited_values, decide_stored_books, thresholds_in_force
from ocrfill.acceptance.features import FEATURE_NAMES, FEATURES_SPEAKING_AGAINST, FEATURES_SPEAKING_FOR
from ocrfill.acceptance.learning_table import LearningTable, acceptable, probabilities
from ocrfill.acceptance.logistic import fit_calibrator, learn_calibrators, logistic_regression
from ocrfill.acceptance.policy_file import TRUST_FILE_NAME, load_trust, save_trust
from ocrfill.acceptance.prior_calibrators import load_prior_calibrators, platt_scaled, write_prior_calibrators
from ocrfill.acceptance.reliability import calibration_error, error_against_accepted, max_accepted_share, reliability
from ocrfill.acceptance.reviewed_fields import reviewed_samples
from ocrfill.acceptance.sampling import sampling_rank
from ocrfill.acceptance.thresholds import CONFIDENCE_LEVEL
from ocrfill.cli.calibrate import calibrate as calibrate_command
from ocrfill.cli.trust import trust as trust_command
from ocrfill.document.correction import Answer, Purpose
from ocrfill.document.result import Decision, Value
from ocrfill.errors import BadInput
from ocrfill.layouts.fields.equality import is_right
from ocrfill.store import Store


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return reviewed_workspace(tmp_path_factory.mktemp("reviewed"), pages=90)


@pytest.fixture(scope="module")
def samples(workspace):
    with Store.open(workspace[0]) as store:
        return reviewed_samples(store)


@pytest.fixture(scope="module")
def trust(samples):
    return calibrate(samples, GuaranteeRequest(0.02))


def stored_pages(workspace):
    with Store.open(workspace) as store:
        return [page.result for page in store.pages(KS.key)]


def fields_of(pages):
    return [field for page in pages for record in page.records for field in record.fields]


def accepted(pages):
    return [field for field in fields_of(pages) if field.decision is Decision.ACCEPT]


# what is right


@pytest.mark.parametrize(
    ("kind", "read", "true", "right"),
    [
        ("choice", Value("kinh", "Kinh"), Value("Kinh", "Kinh"), True),
        ("choice", Value("Hoa", "Hoa"), Value("Kinh", "Kinh"), False),
        ("choice", Value("Kinh", "Kinh"), Value("Kinh lai", None), False),
        ("date", Value("5/1/2006", "05.01.2006"), Value("05-01-2006", "05.01.2006"), True),
        ("date", Value("5/1/200", None), Value("5/1/2006", "05.01.2006"), False),
        ("number", Value("05", "5"), Value("5", "5"), True),
        ("date_words", Value("Ngày hai, tháng ba", None), Value("ngày hai tháng ba", None), True),
        ("date_words", Value("ngày hai tháng tư", None), Value("ngày hai tháng ba", None), False),
        ("identity", Value("197 123 456", "197123456"), Value("197123456", "197123456"), True),
        ("identity", Value("197123456, 1999", "197123456"), Value("197123456, 1998", "197123456"), False),
        ("name", Value("Nguyễn Hòa", None), Value("Nguyễn Hoà", None), True),
        ("place", Value("Thị Trấn Gio Linh -Quảng Trị", None), Value("thị trấn Gio Linh, Quảng Trị", None), True),
        ("place", Value("Thị trấn gio Linh", None), Value("Thị trấn Gio Linh", None), False),
        ("place", Value("Thị trấn Gio Ninh", None), Value("Thị trấn Gio Linh", None), False),
        ("name", Value("NGuyễN hòa", None), Value("Nguyễn Hòa", None), True),
        ("name", Value("Nguyễn Hóa", None), Value("Nguyễn Hòa", None), False),
        ("signatory", Value("Nguyễn hòa", None), Value("Nguyễn Hòa", None), False),
    ],
)
def test_right_is_what_a_careful_person_would_type(kind, read, true, right):
    assert is_right(kind, read, true) is right


# learning


@pytest.mark.slow
def test_samples_know_what_is_right_and_what_was_chosen_by_chance(workspace, samples):
    right = np.array([s.right for s in samples])
    closed = np.array([s.group is Group.CLOSED for s in samples])
    assert len(samples) > 1500
    assert right[closed].mean() > 0.95
    assert 0.6 < right[~closed].mean() < 0.9
    assert all(s.random for s in samples)
    assert {s.models for s in samples} == {("fake 1",)}


def test_a_page_reviewed_in_part_teaches_but_does_not_prove(tmp_path):
    folder, truths = reviewed_workspace(tmp_path, pages=3, reviewed=1)
    with Store.open(folder) as store:
        store.add_corrections(
            [
                answered(2, "so", "02", "02", annotation=900),
                answered(3, "so", "03", "03", purpose=Purpose.AUDIT, annotation=901),
            ]
        )
        found = {(s.place.scan, s.place.field): s for s in reviewed_samples(store)}
        read_again = proposed_count(next(iter(decide_stored_books(store, None))))
    assert found[scan_of(1), "so"].random
    assert not found[scan_of(2), "so"].random
    assert found[scan_of(3), "so"].random, "an audit is a draw by lot"
    assert not is_validation_sample(found[scan_of(2), "so"])
    assert len(found) == len(truths[1]) - read_again + 2


def test_a_field_drawn_to_prove_a_promise_proves(tmp_path):
    folder, _ = reviewed_workspace(tmp_path, pages=3, reviewed=1)
    with Store.open(folder) as store:
        store.add_corrections([answered(2, "so", "02", "02", purpose=Purpose.PROOF, annotation=900)])
        found = {(s.place.scan, s.place.field): s for s in reviewed_samples(store)}
    drawn, whole = found[scan_of(2), "so"], found[scan_of(1), "so"]
    assert drawn.random
    assert drawn.dealt
    assert whole.random
    assert not whole.dealt


def test_of_fields_dealt_by_group_as_great_a_share_of_each_proves_one_promise_for_all(samples):
    """Twice as many lots fall on figures as on the others; together they prove by as many lots of each."""
    most = {Group.CLOSED: 0.25, Group.FIGURES: 0.5, Group.WORDS: 0.3}
    dealt = [replace(s, dealt=True) for s in samples if sampling_rank(Purpose.PROOF, s.place) < most[s.group]]
    even = stratified_sample(dealt)
    lots = {group: [sampling_rank(Purpose.PROOF, s.place) for s in even if s.group is group] for group in Group}
    assert all(0.2 < max(one) <= 0.25 for one in lots.values())
    assert stratified_sample(samples) == list(samples), "pages reviewed as wholes hold all groups as they are"


def test_a_value_where_a_person_can_read_none_is_wrong(tmp_path):
    folder, _ = reviewed_workspace(tmp_path, pages=1, reviewed=0)
    with Store.open(folder) as store:
        answer = answered(1, "so", "01", "01", annotation=1)
        store.add_corrections([replace(answer, answer=Answer.UNREADABLE, entered=None)])
        assert [s.right for s in reviewed_samples(store)] == [False]


def test_a_calibrator_is_worth_what_it_says(samples):
    fitted = fit_calibrator(LearningTable.of(samples))
    sure = np.array([fitted.probability(s.signs, s.sort) for s in samples])
    assert probabilities(fitted, LearningTable.of(samples)) == pytest.approx(sure)
    able = [fitted.acceptable(s.signs, s.sort) for s in samples]
    assert acceptable(fitted, LearningTable.of(samples)) == pytest.approx(np.array(able))
    right = np.array([s.right for s in samples])
    assert abs(sure.mean() - right.mean()) < 0.003, "a logistic regression's mean is that of what it learnt from"
    assert calibration_error(sure, right) < 0.03
    assert calibration_error([s.score for s in samples], right) > 0.05
    assert (fitted.fields, fitted.wrong) == (len(samples), int((~right).sum()))


def test_no_sign_counts_in_the_direction_that_it_cannot_speak_in(samples):
    """Fields of which the surest are wrong would turn every sign round; those that may not stay without a say."""
    known = LearningTable.of(samples)
    weights = fit_calibrator(replace(known, right=~known.right)).weights
    assert all(weights[name] >= 0 for name in FEATURES_SPEAKING_FOR)
    assert all(weights[name] <= 0 for name in FEATURES_SPEAKING_AGAINST)
    assert any(weights.values())
    assert {*FEATURES_SPEAKING_FOR, *FEATURES_SPEAKING_AGAINST} < set(FEATURE_NAMES)
    assert not FEATURES_SPEAKING_FOR & FEATURES_SPEAKING_AGAINST


def test_a_regression_whose_limits_are_out_of_reach_gives_what_scikit_learn_gives():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(5)
    columns = rng.normal(size=(600, 3))
    right = columns @ [2.0, -1.0, 0.2] + rng.logistic(size=600) > -1
    model = LogisticRegression(C=0.3, max_iter=1000, tol=1e-8).fit(columns, right)
    found = logistic_regression(columns, right, [(0.0, None), (None, 0.0), (None, None)], 0.3)
    assert found == pytest.approx([model.intercept_[0], *model.coef_[0]], abs=1e-3)
    assert logistic_regression(columns, right, [(None, 0.0), (None, None), (None, None)], 0.3)[1] == 0


def test_a_group_with_too_few_wrong_fields_learns_with_the_others(samples):
    learnt = learn_calibrators(LearningTable.of(samples))
    assert learnt[Group.WORDS][1] is CalibratorOrigin.OWN
    assert learnt[Group.CLOSED][1] is CalibratorOrigin.POOLED
    assert learn_calibrators(LearningTable.of([s for s in samples if s.right])) == {}


def test_what_was_learnt_beforehand_is_put_right_and_keeps_its_order(samples):
    known = LearningTable.of([s for s in samples if s.group is Group.WORDS])
    good = fit_calibrator(known)
    timid = replace(good, base=good.base / 3 - 2, weights={name: w / 3 for name, w in good.weights.items()})
    found = platt_scaled(timid, known)
    assert abs(probabilities(found, known).mean() - known.right.mean()) < 0.01
    assert np.array_equal(np.argsort(probabilities(found, known)), np.argsort(probabilities(timid, known)))
    assert platt_scaled(timid, known[known.right]) is timid


def test_the_way_of_learning_is_taken_that_says_most_of_other_fields(samples):
    known = LearningTable.of(samples)
    good = {group: fit_calibrator(known[known.groups == group.value]) for group in (Group.WORDS, Group.FIGURES)}
    upside_down = {g: replace(c, weights={name: -w for name, w in c.weights.items()}) for g, c in good.items()}
    assert learn_calibrators(known[:300], good)[Group.WORDS][1] is CalibratorOrigin.BEFOREHAND, (
        "too few fields to learn from alone"
    )
    assert learn_calibrators(known, upside_down)[Group.WORDS][1] is CalibratorOrigin.OWN


def test_calibrators_are_written_and_read(samples, tmp_path):
    calibrators = {Group.WORDS: fit_calibrator(LearningTable.of(samples))}
    write_prior_calibrators(calibrators, {"fields": len(samples)}, tmp_path / "beforehand.json")
    written = json.loads((tmp_path / "beforehand.json").read_text("utf-8"))
    assert written["about"] == {"fields": len(samples)}
    assert written["calibrators"]["words"]["weights"].keys() == calibrators[Group.WORDS].weights.keys()


def test_what_comes_with_ocrfill_knows_all_groups_and_signs():
    assert set(load_prior_calibrators()) == set(Group)
    assert all(set(one.weights) == set(FEATURE_NAMES) for one in load_prior_calibrators().values())


def test_records_teach_or_prove_as_a_whole_and_always_alike(samples):
    by_record = {}
    for sample in samples:
        by_record.setdefault(sample.place.scan, set()).add(is_validation_sample(sample))
    assert all(len(each) == 1 for each in by_record.values())
    share = np.mean([each == {False} for each in by_record.values()])
    assert abs(share - LEARNING_SHARE) < 0.15


def test_no_promise_without_proof_and_what_it_would_take(samples, trust):
    assert trust.groups[Group.CLOSED].promised.cut is not None
    few = calibrate(samples[:300], GuaranteeRequest(0.01))
    assert all(one.promised.cut is None for one in few.groups.values())
    assert few.groups[Group.CLOSED].promised.needed > 200


def test_where_all_is_right_only_what_came_with_ocrfill_can_judge(samples, monkeypatch):
    right = [s for s in samples if s.right]
    assert {one.learnt for one in calibrate(right, GuaranteeRequest()).groups.values()} == {CalibratorOrigin.BEFOREHAND}
    monkeypatch.setattr(sys.modules["ocrfill.acceptance.calibrate"], "load_prior_calibrators", dict)
    with pytest.raises(BadInput, match="nothing to learn from"):
        calibrate(right, GuaranteeRequest())


def test_all_that_was_reviewed_says_how_sure_fields_are_and_the_cut_accepts_the_same(samples, trust):
    """A calibrator learnt beforehand is put right by what proves, too, after its cut was chosen."""
    teaching = learn_calibrators(
        LearningTable.of([s for s in samples if not is_validation_sample(s)]), load_prior_calibrators()
    )
    told = 0
    for group, one in trust.groups.items():
        if one.learnt is not CalibratorOrigin.BEFOREHAND or one.promised.cut is None:
            continue
        told += 1
        own = [s for s in samples if s.group is group and is_validation_sample(s)]
        before, after = (
            acceptable(calibrator, LearningTable.of(own)) for calibrator in (teaching[group][0], one.calibrator)
        )
        order = np.argsort(before)
        assert (np.diff(after[order])[np.diff(before[order]) > 0] >= 0).all()
        assert (after > one.promised.cut.above).sum() == one.promised.cut.accepted
        known = LearningTable.of(own)
        taught, settled = (
            calibration_error(probabilities(c, known), known.right) for c in (teaching[group][0], one.calibrator)
        )
        assert settled < taught + 0.005
    assert told


def test_one_promise_for_all_groups_has_one_cut_and_is_proven_on_all_fields(samples):
    together = calibrate(samples, GuaranteeRequest(0.02, together=True))
    promises = {one.promised for one in together.groups.values()}
    assert len(promises) == 1
    (promised,) = promises
    assert promised.together
    assert promised.cut is not None
    assert promised.reviewed == sum(map(is_validation_sample, samples))
    assert promised.cut.wrong <= 0.02 * promised.cut.accepted


def test_wrong_among_all_is_a_weaker_promise_that_accepts_no_less(samples, trust):
    """On these easy books the strict one accepts all there is; test_thresholds.py has where the weak one has more."""
    weak = calibrate(samples, GuaranteeRequest(0.02, RiskGuarantee.OF_ALL))
    for group, one in weak.groups.items():
        strict = trust.groups[group].promised.cut
        assert one.promised.promise is RiskGuarantee.OF_ALL
        assert one.promised.cut is not None
        assert strict is None or one.promised.cut.accepted >= strict.accepted
        assert one.promised.cut.wrong <= 0.02 * one.promised.reviewed


def test_the_promise_holds_on_pages_nobody_reviewed(trust):
    """New pages of the same sort, judged by the trust that was learnt."""
    rng = np.random.default_rng(5)
    made = [page_of(number, rng) for number in range(1, 61)]
    truth = {page.source: true for page, true in made}
    layout = layout_of_book()
    judged = list(decide_book_pages([page for page, _ in made], layout, KS.years, trust))
    taken = [(f, truth[p.source][f.name]) for p in judged for f in p.records[0].fields if f.decision is Decision.ACCEPT]
    assert len(taken) > 300
    wrong = sum(f.raw != true and f.kind != "choice" for f, true in taken)
    assert wrong / len(taken) < 0.02


# the file


def test_the_file_holds_numbers_and_comes_back_equal(trust, tmp_path):
    file = save_trust(trust, tmp_path)
    assert file.name == TRUST_FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_trust(tmp_path) == trust
    assert json.loads(file.read_text())["format"] == 1
    assert load_trust(tmp_path / "elsewhere") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "models": 3}'])
def test_a_file_that_is_none_says_what_to_do(text, tmp_path):
    (tmp_path / TRUST_FILE_NAME).write_text(text)
    with pytest.raises(BadInput, match="ocrfill calibrate"):
        load_trust(tmp_path)


# judging


def sure_of_all(above=0.5, **changes):
    """A trust that is as sure of a value as its reader."""
    calibrator = Calibrator(0.0, {"score": 1.0}, {}, 1000, 10)
    promised = ProvenGuarantee(RiskGuarantee.OF_ACCEPTED, 0.01, 1000, Threshold(above, 900, 1))
    groups = {group: GroupTrust(calibrator, learnt=CalibratorOrigin.POOLED, promised=promised) for group in Group}
    return replace(Trust(("fake 1",), groups), **changes)


def test_without_trust_nothing_is_accepted_and_with_it_what_is_sure_enough(workspace):
    pages, layout = stored_pages(workspace[0]), layout_of_book()
    assert accepted(decide_book_pages(pages, layout, KS.years)) == []
    judged = list(decide_book_pages(pages, layout, KS.years, sure_of_all(0.9)))
    taken = accepted(judged)
    assert 0.3 * len(fields_of(pages)) < len(taken)
    assert all(field.probability >= 0.9 for field in taken)


def test_judging_again_changes_nothing_and_judging_without_trust_takes_all_back(workspace):
    pages, layout = stored_pages(workspace[0]), layout_of_book()
    plain = list(decide_book_pages(pages, layout, KS.years))
    once = list(decide_book_pages(pages, layout, KS.years, sure_of_all()))
    assert list(decide_book_pages(once, layout, KS.years, sure_of_all())) == once
    assert list(decide_book_pages(once, layout, KS.years)) == plain != once


def test_pages_of_another_reader_are_not_accepted(workspace):
    pages, layout = stored_pages(workspace[0]), layout_of_book()
    assert accepted(decide_book_pages(pages, layout, KS.years, sure_of_all(models=("fake 2",)))) == []


def test_what_a_hard_rule_contradicts_is_never_accepted(workspace):
    layout = layout_of_book()
    judged = list(decide_book_pages(stored_pages(workspace[0]), layout, KS.years, sure_of_all(0.0)))
    contradicted = {
        (page.source, one.field.name)
        for page, weighed in book_with_features(judged, layout, KS.years)
        for one in weighed
        if one.signs.hard_against
    }
    assert contradicted
    taken = {(p.source, f.name) for p in judged for f in p.records[0].fields if f.decision is Decision.ACCEPT}
    assert not contradicted & taken
    assert taken


def test_a_number_the_sequence_chose_goes_to_a_person_and_judging_again_keeps_it():
    layout = layout_of_book()
    pages = list(made_pages(layout, ["44", "45", "16", "47", "48"]))
    pages[2] = with_alternatives(pages[2], "10", "46", "40")
    trusting = sure_of_all(0.0)
    once = list(decide_book_pages(pages, layout, KS.years, trusting))
    chosen = once[2].records[0].field("so")
    assert (chosen.raw, chosen.decision) == ("46", Decision.REVIEW)
    assert "book.chosen" in [issue.code for issue in chosen.issues]
    assert once[3].records[0].field("so").decision is Decision.ACCEPT
    assert list(decide_book_pages(once, layout, KS.years, trusting)) == once
    assert as_read(once[2], layout).records[0].field("so").raw == "16"


# audits


def audited(folder, truths, wrong, count):
    """So many audits of numbers in the book, the first `wrong` of them of wrong values."""
    pages = {p.source: p for p in stored_pages(folder)}
    answers = []
    for number in range(1, count + 1):
        field = pages[f"scans/{number:04d}.jpg"].records[0].field("so")
        entered = "999" if number <= wrong else field.raw
        answers.append(
            answered(number, "so", entered, field.raw, purpose=Purpose.AUDIT, annotation=5000 + number, minutes=number)
        )
    with Store.open(folder) as store:
        store.add_corrections(answers)


@pytest.mark.slow
def test_an_alarm_takes_acceptance_back_in_that_book(tmp_path):
    folder, truths = reviewed_workspace(tmp_path, pages=60, reviewed=0)
    with Store.open(folder) as store:
        before = list(decide_stored_books(store, sure_of_all()))
    assert accepted(before)
    audited(folder, truths, wrong=4, count=20)
    with Store.open(folder) as store:
        cuts = thresholds_in_force(sure_of_all(), audited_values(store), KS.key)
        after = list(decide_stored_books(store, sure_of_all()))
        elsewhere = thresholds_in_force(sure_of_all(), audited_values(store), "KS.1999.01")
    assert set(cuts.values()) == {None}
    assert accepted(after) == []
    assert elsewhere[Group.CLOSED] == 0.5, "only figures were wrong, and the alarm of a book is its own"
    assert elsewhere[Group.FIGURES] is None


def test_a_good_audit_changes_nothing(tmp_path):
    folder, truths = reviewed_workspace(tmp_path, pages=40, reviewed=0)
    audited(folder, truths, wrong=0, count=40)
    with Store.open(folder) as store:
        assert thresholds_in_force(sure_of_all(), audited_values(store), KS.key) == sure_of_all().cuts


# curves


def test_curves_of_values_that_are_known():
    sure, right = [0.95, 0.95, 0.65, 0.25], [True, True, False, False]
    assert [(b.probability, b.right, b.values) for b in reliability(sure, right)] == [
        (0.25, 0.0, 1),
        (0.65, 0.0, 1),
        (0.95, 1.0, 2),
    ]
    assert calibration_error(sure, right) == pytest.approx((0.05 * 2 + 0.65 + 0.25) / 4)
    shares, errors = error_against_accepted(sure, right)
    assert shares.tolist() == [0.5, 0.75, 1.0]
    assert errors.tolist() == pytest.approx([0, 1 / 3, 0.5])
    assert max_accepted_share(sure, right, 0.1) == 0.5
    assert max_accepted_share([0.5], [False], 0.1) == 0.0


def test_probabilities_at_the_edges_of_bins_and_no_probabilities():
    """Each value counts in the bin whose means it is in; 0 and 1 lie in the outermost."""
    found = reliability([0.0, 0.1, 0.2, 0.21, 0.7, 1.0], [False, False, True, True, False, True])
    assert [(round(b.probability, 3), b.right, b.values) for b in found] == [
        (0.05, 0.0, 2),
        (0.2, 1.0, 1),
        (0.21, 1.0, 1),
        (0.7, 0.0, 1),
        (1.0, 1.0, 1),
    ]
    assert reliability([], []) == ()
    assert calibration_error([], []) == 0.0


# commands


def run(command, *arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


@pytest.mark.slow
def test_calibrate_and_trust_on_a_workspace(tmp_path):
    folder, truths = reviewed_workspace(tmp_path, pages=64, reviewed=60)
    with pytest.raises(BadInput, match="nothing is calibrated"):
        run(trust_command, "--workspace", folder)
    done = json.loads(run(calibrate_command, "--workspace", folder, "--target", "0.05", "--json").output)
    read_again = sum(proposed_count(page) for page in stored_pages(folder)[:60])
    assert 0 < read_again < 200
    assert done["reviewed"] == done["by_chance"] == sum(len(truths[n]) for n in range(1, 61)) - read_again
    assert done["pages"] == 64
    closed = done["groups"]["closed"]
    assert closed["promise"] == "of_accepted"
    assert closed["confidence"] == CONFIDENCE_LEVEL
    assert closed["accepted"] > 150
    page = tmp_path / "trust.html"
    told = json.loads(run(trust_command, "--workspace", folder, "--json", "--html", page).output)
    of_closed = next(g for g in told["groups"] if g["group"] == "closed")
    assert of_closed["accepted"] > 0.5 * of_closed["values"]
    assert told["books"][0]["accepted"] == sum(g["accepted"] for g in told["groups"])
    assert len(accepted(stored_pages(folder))) == told["books"][0]["accepted"]
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 6
    assert "http://" not in html.replace("http://www.w3.org", "")
    text = run(trust_command, "--workspace", folder).output
    assert "no accepted value was audited yet" in text
    said = run(calibrate_command, "--workspace", folder, "--target", "0.001").output
    assert "more reviewed values are needed" in said
    assert accepted(stored_pages(folder)) == []


def test_calibrate_without_a_review_says_what_to_do(tmp_path):
    folder, _ = reviewed_workspace(tmp_path, pages=2, reviewed=0)
    with pytest.raises(BadInput, match="review push --by-lot"):
        run(calibrate_command, "--workspace", folder)


@pytest.mark.slow
def test_audits_are_shown_with_their_interval(tmp_path):
    folder, truths = reviewed_workspace(tmp_path, pages=44, reviewed=40)
    run(calibrate_command, "--workspace", folder, "--target", "0.05")
    audited(folder, truths, wrong=1, count=20)
    told = json.loads(run(trust_command, "--workspace", folder, "--json").output)
    book = told["books"][0]
    assert (book["audit"]["values"], book["audit"]["wrong"], book["audit"]["state"]) == (20, 1, "watching")
    assert book["error"] == [pytest.approx(0.00127, abs=1e-4), pytest.approx(0.2487, abs=1e-3)]
