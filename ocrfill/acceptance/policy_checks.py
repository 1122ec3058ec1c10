"""Whether a written trust can be what it says: numbers within bounds, and counts that prove what is promised.

Whoever can write the file can have values accepted that nobody proved anything of, by a slip as well as on purpose. Its
counts are few and its promise is an exact statement, so the file itself says whether they fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ocrfill.acceptance.calibrator import Calibrator
from ocrfill.acceptance.features import FEATURE_NAMES, FEATURES_SPEAKING_AGAINST, FEATURES_SPEAKING_FOR
from ocrfill.acceptance.policy import ProvenGuarantee, Trust
from ocrfill.acceptance.thresholds import MIN_ACCEPTED_PROBABILITY, RiskGuarantee
from ocrfill.errors import place_in_file

MAX_WEIGHT = 1e6
"""Log odds and their weights; those that were learnt so far are below ten, a sign that hardly varies may have more."""

MAX_TARGET = 0.5
MIN_CONFIDENCE = 0.5

MAX_COUNT = 10**9
"""Fields: ten times those of a whole country's registers."""

ROUNDING = 1e-6
"""How far two ways of counting the same chance may differ, as a share of it."""

NEGLIGIBLE_SHARE = 1e-18
"""What a term of a sum must have of it to count."""


def trust_faults(trust: Trust) -> Iterator[str]:
    """Each key whose value cannot be, and why: `groups.names.promised.cut.wrong: 7 of 5 accepted ones`."""
    for group, trusted in trust.groups.items():
        here = f"groups.{group.value}"
        yield from (f"{here}.calibrator.{fault}" for fault in calibrator_faults(trusted.calibrator))
        yield from (f"{here}.promised.{fault}" for fault in _promise_faults(trusted.promised))
    promises = [trusted.promised for trusted in trust.groups.values()]
    if any(one.together for one in promises) and any(one != promises[0] for one in promises):
        yield "groups: one promise for all together, and it is not the same in all"


def calibrator_faults(calibrator: Calibrator) -> Iterator[str]:
    """Each key of a calibrator whose value cannot be, and why."""
    weighed = {"base": calibrator.base}
    weighed |= {f"weights.{name}": weight for name, weight in calibrator.weights.items()}
    weighed |= {f"sorts.{sort}": weight for sort, weight in calibrator.sorts.items()}
    for key, weight in weighed.items():
        if not abs(weight) <= MAX_WEIGHT:
            yield f"{place_in_file([key])}: {weight} is no weight between -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}"
    for name, weight in calibrator.weights.items():
        if name not in FEATURE_NAMES:
            yield f"{place_in_file(['weights', name])}: there is no such sign"
        elif (name in FEATURES_SPEAKING_FOR and weight < 0) or (name in FEATURES_SPEAKING_AGAINST and weight > 0):
            side = "for" if name in FEATURES_SPEAKING_FOR else "against"
            yield f"weights.{name}: {weight} turns round a sign that can only speak {side} a value"
    if not 0 <= calibrator.fields <= MAX_COUNT:
        yield f"fields: {calibrator.fields} is no number of fields"
    elif not 0 <= calibrator.wrong <= calibrator.fields:
        yield f"wrong: {calibrator.wrong} of {calibrator.fields} fields"


def _promise_faults(promised: ProvenGuarantee) -> Iterator[str]:
    sound = True
    if not 0 < promised.target <= MAX_TARGET:
        sound = False
        yield f"target: {promised.target} is no share above 0 and up to {MAX_TARGET}"
    if not MIN_CONFIDENCE <= promised.confidence < 1:
        sound = False
        yield f"confidence: {promised.confidence} is none from {MIN_CONFIDENCE} up to, but not, 1"
    if not 0 <= promised.reviewed <= MAX_COUNT:
        sound = False
        yield f"reviewed: {promised.reviewed} is no number of values"
    if promised.needed is not None and promised.needed < 0:
        yield f"needed: {promised.needed} is no number of values"
    cut = promised.cut
    if cut is None:
        return
    if not MIN_ACCEPTED_PROBABILITY <= cut.above < 1:
        yield f"cut.above: {cut.above} is no probability from {MIN_ACCEPTED_PROBABILITY} up to, but not, 1"
    if not 1 <= cut.accepted <= promised.reviewed:
        sound = False
        yield f"cut.accepted: {cut.accepted} of {promised.reviewed} reviewed values"
    if not 0 <= cut.wrong <= cut.accepted:
        sound = False
        yield f"cut.wrong: {cut.wrong} of {cut.accepted} accepted values"
    if sound:
        tested = promised.reviewed if promised.promise is RiskGuarantee.OF_ALL else cut.accepted
        chance = chance_of_at_most(cut.wrong, tested, promised.target)
        if chance > (1 - promised.confidence) * (1 + ROUNDING):
            yield (
                f"cut: {cut.wrong} wrong of {tested} do not prove that at most {promised.target:g} is, "
                f"with a confidence of {promised.confidence:g}"
            )


def chance_of_at_most(wrong: int, values: int, share: float) -> float:
    """The chance of at most `wrong` among so many values where a `share` of all is wrong: the exact binomial one.

    Without SciPy, which takes a second to load: this is asked by every run. Where it is at least a half, 1 is given.
    """
    if wrong >= math.ceil(values * share):
        return 1.0  # no less than the median, and no confidence is under a half
    term = (
        math.lgamma(values + 1)
        - math.lgamma(wrong + 1)
        - math.lgamma(values - wrong + 1)
        + wrong * math.log(share)
        + (values - wrong) * math.log1p(-share)
    )
    part = total = 1.0
    for count in range(wrong, 0, -1):  # each term in shares of the greatest, the last
        part *= count * (1 - share) / ((values - count + 1) * share)
        total += part
        if part < NEGLIGIBLE_SHARE * total:
            break
    return math.exp(term + math.log(total))
