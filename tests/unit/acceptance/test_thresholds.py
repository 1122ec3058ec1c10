"""Promises about errors, kept on simulated values: the cut, the audit that watches it, and how much it takes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrfill.acceptance.audit import ALARM_WEALTH, AuditState, audit, audit_wealth, tightened_threshold
from ocrfill.acceptance.binomial import binomial_p_value, clopper_pearson_interval, max_wrong, min_values_to_prove
from ocrfill.acceptance.thresholds import RiskGuarantee, Threshold, choose_threshold, reviews_still_needed


def values(count, seed, *, apart=2.0, right=0.95, sure=1.0):
    """Values of which a share is right, with their probabilities; `sure` above 1 makes these overconfident."""
    rng = np.random.default_rng(seed)
    is_right = rng.random(count) < right
    seen = rng.normal(np.where(is_right, apart, 0.0))
    odds = math.log(right / (1 - right)) + apart * seen - apart**2 / 2
    return 1 / (1 + np.exp(-sure * odds)), is_right


def broken(target, *, count, splits, promise=RiskGuarantee.OF_ACCEPTED, **world):
    """The share of splits in which the promise is broken, and the mean share accepted."""
    everything, truth = values(400_000, 0, **world)
    breaks, shares = 0, []
    for seed in range(1, splits + 1):
        cut = choose_threshold(*values(count, seed, **world), target, promise=promise)
        if cut is None:
            shares.append(0.0)
            continue
        taken = everything > cut.above
        wrong = np.count_nonzero(taken & ~truth)
        breaks += wrong / (np.count_nonzero(taken) if promise is RiskGuarantee.OF_ACCEPTED else len(taken)) > target
        shares.append(float(taken.mean()))
    return breaks / splits, float(np.mean(shares))


SLACK = 0.05 + 2 * math.sqrt(0.05 * 0.95 / 200)


@pytest.mark.parametrize("target", [0.01, 0.005])
@pytest.mark.parametrize("sure", [1.0, 2.0, 0.5], ids=["calibrated", "overconfident", "timid"])
def test_the_promise_is_broken_in_at_most_one_split_of_twenty(target, sure):
    share_broken, accepted = broken(target, count=3000, splits=200, sure=sure)
    assert share_broken <= SLACK
    assert accepted > 0.1


def test_a_naive_cut_breaks_the_same_promise_half_the_time():
    """What the guarantee is for: the loosest cut whose reviewed values look good enough is not good enough."""
    everything, truth = values(400_000, 0)
    breaks = 0
    for seed in range(1, 101):
        sure, right = values(3000, seed)
        order = np.argsort(-sure)
        share = np.cumsum(~right[order]) / np.arange(1, len(sure) + 1)
        above = sure[order][np.flatnonzero(share <= 0.01)[-1]]
        breaks += np.mean(~truth[everything > above]) > 0.01
    assert breaks / 100 > 0.3


def test_the_weaker_promise_holds_too_and_accepts_more():
    strict = broken(0.01, count=1000, splits=100)
    weak = broken(0.01, count=1000, splits=100, promise=RiskGuarantee.OF_ALL)
    assert weak[0] <= SLACK
    assert weak[1] > strict[1] + 0.1


def test_probabilities_that_say_nothing_cannot_break_it():
    share_broken, _ = broken(0.01, count=3000, splits=200, apart=0.0, right=0.989)
    assert share_broken <= SLACK


def test_too_few_reviewed_values_accept_nothing():
    assert choose_threshold([0.999] * 298, [True] * 298, 0.01) is None
    assert choose_threshold([0.999] * 299, [True] * 299, 0.01) == Threshold(
        above=pytest.approx(0.7495), accepted=299, wrong=0
    )  # half way to MIN_ACCEPTED_PROBABILITY
    assert choose_threshold([], [], 0.01) is None


def test_equal_probabilities_are_accepted_together_or_not_at_all():
    sure = [0.9] * 400 + [0.5] * 400
    right = [True] * 400 + [False] * 400
    cut = choose_threshold(sure, right, 0.01)
    assert cut is not None
    assert 0.5 < cut.above < 0.9
    assert cut.accepted == 400


def test_what_is_still_needed_is_enough_in_most_cases():
    """A tenth of a large sample: nothing is accepted; with what it asks for, mostly something is."""
    sure, _ = values(250, 3)
    more = reviews_still_needed(sure, 0.01)
    assert more is not None
    found = [choose_threshold(*values(250 + more, seed), 0.01) is not None for seed in range(40)]
    assert 500 < more < 4000
    assert np.mean(found) >= 0.7


def test_no_number_of_reviewed_values_helps_where_none_is_sure_enough():
    assert reviews_still_needed([0.9] * 1000, 0.01) is None
    assert reviews_still_needed([], 0.01) is None


def test_counts_that_prove_a_share():
    assert [min_values_to_prove(share) for share in (0.005, 0.01, 0.02)] == [598, 299, 149]
    assert max_wrong([298, 299, 773], 0.01, 0.05).tolist() == [-1, 0, 3]
    assert binomial_p_value(0, 299, 0.01) <= 0.05
    assert clopper_pearson_interval(0, 0) == (0.0, 1.0)
    low, high = clopper_pearson_interval(3, 300)
    assert low == pytest.approx(0.00207, abs=1e-5)
    assert high == pytest.approx(0.02894, abs=1e-5)


@given(st.integers(0, 50), st.integers(1, 500))
def test_an_interval_holds_the_share_it_is_of(wrong, more):
    low, high = clopper_pearson_interval(wrong, wrong + more)
    assert 0 <= low <= wrong / (wrong + more) <= high <= 1


def alarm_after(share, target, seed, most):
    rng = np.random.default_rng(seed)
    reached = np.flatnonzero(audit_wealth((rng.random(most) < share).tolist(), target) >= ALARM_WEALTH)
    return int(reached[0]) if len(reached) else most + 1


@pytest.mark.parametrize("target", [0.01, 0.005])
def test_the_alarm_comes_soon_where_errors_rise_to_five_in_a_hundred(target):
    when = [alarm_after(0.05, target, seed, 600) for seed in range(400)]
    assert np.median(when) <= 100
    assert np.mean(np.array(when) < 300) >= 0.95


@pytest.mark.parametrize("target", [0.01, 0.005])
def test_the_alarm_is_false_in_at_most_one_run_of_twenty(target):
    """Every run at the very edge of the promise, looked at after each of 3,000 values."""
    false = [alarm_after(target, target, seed, 3000) <= 3000 for seed in range(300)]
    assert np.mean(false) <= 0.05


def test_an_audit_watches_proves_or_raises_the_alarm():
    assert audit([], 0.01).state is AuditState.WATCHING
    assert audit([False] * 200, 0.01).state is AuditState.WATCHING
    assert audit([False] * 450, 0.01).state is AuditState.PROVEN
    found = audit([False] * 20 + [True] * 4 + [False] * 2000, 0.01)
    assert found.state is AuditState.ALARM
    assert (found.values, found.wrong) == (2024, 4)


def test_a_false_proof_is_as_rare_as_a_false_alarm():
    proofs = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        proofs += audit((rng.random(3000) < 0.0101).tolist(), 0.01).state is AuditState.PROVEN
    assert proofs / 300 <= SLACK


def test_after_an_alarm_the_cut_is_tighter_or_nothing_is_accepted():
    sure = [0.99] * 500 + [0.91] * 100
    right = [True] * 500 + [False] * 30 + [True] * 70
    new = tightened_threshold(0.9, sure, right, 0.01)
    assert new is not None
    assert 0.91 <= new < 0.99
    assert tightened_threshold(0.9, sure[500:], right[500:], 0.01) is None
    assert tightened_threshold(None, sure, right, 0.01) is None
    assert tightened_threshold(0.97, sure, right, 0.01) == 0.97
