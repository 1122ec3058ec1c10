"""Measuring promises: fields are drawn by lot, and a promise chosen on some is tried on the others."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.promise_coverage import (
    ALL_GROUPS,
    ALL_UNDER_ONE_PROMISE,
    DecisionSetting,
    over_splits,
    split_samples,
    without_others,
)

from ocrfill.acceptance import Group
from ocrfill.acceptance.calibrate import LEARNING_SHARE
from ocrfill.acceptance.features import FEATURE_NAMES, FEATURES_FROM_OTHERS
from ocrfill.acceptance.learning_table import LearningTable

FIELDS, PAGES = 6000, 300


def simulated(seed=0):
    """Fields of two groups whose score says much of what is right, and the book (`seen`) the rest; and their pages."""
    rng = np.random.default_rng(seed)
    signs = np.zeros((FIELDS, len(FEATURE_NAMES)))
    right = rng.random(FIELDS) < 0.93
    signs[:, FEATURE_NAMES.index("score")] = rng.normal(np.where(right, 1.5, -0.5))
    signs[:, FEATURE_NAMES.index("seen")] = rng.normal(np.where(right, 1.5, -0.5))
    groups = np.where(np.arange(FIELDS) % 2 == 0, "closed", "words")
    known = LearningTable(signs, np.where(groups == "closed", "choice sex", "name"), groups, right)
    return (
        known,
        1 / (1 + np.exp(-signs[:, FEATURE_NAMES.index("score")])),
        [f"page {i % PAGES}" for i in range(FIELDS)],
    )


def measured(setting, splits=12):
    known, scores, pages = simulated()
    return over_splits(known, scores, pages, (0.01,), setting=setting, reviewed=3000, splits=splits, seed=1)


def test_fields_are_dealt_by_group_and_those_of_a_page_teach_together():
    units = np.arange(FIELDS) % PAGES
    groups = simulated()[0].groups
    dealt = split_samples(groups, units, 3000, np.random.default_rng(1))
    reviewed = dealt.teach | dealt.prove
    assert not (dealt.teach & dealt.prove).any()
    assert not (reviewed & dealt.rest).any()
    assert [(reviewed & (groups == g.value)).sum() for g in (Group.CLOSED, Group.WORDS)] == [600, 1050]
    assert LEARNING_SHARE - 0.05 < dealt.teach.sum() / reviewed.sum() < LEARNING_SHARE + 0.05
    for page in range(PAGES):
        assert len(set(dealt.teach[reviewed & (units == page)])) <= 1


def test_what_is_promised_of_all_together_is_proven_and_tried_on_even_shares_of_all_groups():
    groups = simulated()[0].groups
    dealt = split_samples(groups, np.zeros(FIELDS, int), 3000, np.random.default_rng(1))
    drawn = (dealt.teach | dealt.prove) & dealt.even
    for part in (drawn, dealt.rest):
        closed, words = ((part & (groups == name)).sum() for name in ("closed", "words"))
        assert abs(closed / words - 1) < 0.15
    assert drawn.sum() < 1500, "as many words as values of lists, and no more"


def test_what_the_book_says_is_left_out_on_wish():
    known, _, _ = simulated()
    alone = without_others(known)
    assert (alone.signs[:, [FEATURE_NAMES.index(name) for name in FEATURES_FROM_OTHERS]] == 0).all()
    assert known.signs[:, FEATURE_NAMES.index("seen")].any()
    assert (alone.signs[:, FEATURE_NAMES.index("score")] == known.signs[:, FEATURE_NAMES.index("score")]).all()


@pytest.mark.slow
def test_promises_are_kept_and_more_evidence_accepts_more():
    whole, alone = measured(DecisionSetting()), measured(DecisionSetting(from_others=False))
    assert set(whole.promises) == {(0.01, group) for group in ("closed", "words", ALL_GROUPS, ALL_UNDER_ONE_PROMISE)}
    assert whole.promises[0.01, ALL_UNDER_ONE_PROMISE].broken_share <= 0.25
    kept = whole.promises[0.01, ALL_GROUPS]
    assert len(kept.broken) == 12
    assert kept.broken_share <= 0.25
    assert kept.share > alone.promises[0.01, ALL_GROUPS].share + 0.1
    assert kept.share <= whole.best[0.01, ALL_GROUPS] + 0.05
    assert whole.errors[ALL_GROUPS] < 0.02


def test_the_readers_own_score_is_judged_by_the_same_procedure():
    plain = measured(DecisionSetting(calibrated=False))
    assert plain.promises[0.01, ALL_GROUPS].share < measured(DecisionSetting()).promises[0.01, ALL_GROUPS].share
    assert plain.errors[ALL_GROUPS] > 0.05, "a score that is no probability is far from being right so often"
