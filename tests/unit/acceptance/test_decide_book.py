"""A book judged as a whole: what it costs, and that the cost buys the same results."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest
from support.builders.book import KS, failed_result, made_record, made_result
from support.builders.reviewed import layout_of_book, page_of

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
from ocrfill.acceptance.decide_book import book_with_features, decide_book_pages
from ocrfill.civil_status.rules import RECORD_RULES, check_entry
from ocrfill.civil_status.rules.book_rules import BOOK_RULES, check_entries
from ocrfill.document.result import Decision

PAGES = 12

SCORED = GroupTrust(
    Calibrator(-1.0, {"score": 1.0}, {}, 900, 90),
    CalibratorOrigin.OWN,
    ProvenGuarantee(RiskGuarantee.OF_ACCEPTED, 0.01, 900, Threshold(0.6, 500, 1)),
)
TRUST = Trust(("fake 1",), dict.fromkeys(Group, SCORED))


@pytest.fixture(scope="module")
def pages():
    """Pages read with mistakes, one that failed, one nobody wrote on."""
    rng = np.random.default_rng(3)
    read = [page_of(number, rng)[0] for number in range(1, PAGES + 1)]
    empty = made_result("scans/empty.jpg", made_record(layout_of_book(), {}))
    return [*read[:5], failed_result("scans/failed.jpg"), *read[5:], empty]


@contextmanager
def counted_calls(*functions):
    """How often each of these functions was called meanwhile."""
    names = {function.__code__: function.__name__ for function in functions}
    found = Counter()

    def count(frame, event, _):
        if event == "call" and frame.f_code in names:
            found[names[frame.f_code]] += 1

    sys.setprofile(count)
    try:
        yield found
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("trust", [None, TRUST], ids=["nothing calibrated", "calibrated"])
def test_the_rules_are_asked_once_for_a_judgement(pages, trust):
    with counted_calls(check_entry, check_entries, RECORD_RULES[0].check) as calls:
        judged = list(decide_book_pages(pages, layout_of_book(), KS.years, trust))
    records = sum(len(page.records) for page in pages)
    assert calls == {"check_entry": records, "check_entries": 1, RECORD_RULES[0].check.__name__: records}
    accepted = sum(f.decision is Decision.ACCEPT for page in judged for record in page.records for f in record.fields)
    assert (accepted > 0) is (trust is not None)


def test_issues_and_probabilities_come_of_the_same_findings(pages):
    """Whatever contradicts a value softly or hard stands beside it as an issue, and the other way round."""
    contradicted = 0
    for page, weighed in book_with_features(pages, layout_of_book(), KS.years):
        for one in weighed:
            own = page.records[0].field(one.field.name)
            asked = {i.code for i in own.issues} & {rule.code for rule in (*RECORD_RULES, *BOOK_RULES)}
            assert bool(asked) == bool(one.signs.hard_against + one.signs.soft_against)
            contradicted += bool(asked)
    assert contradicted > 3
