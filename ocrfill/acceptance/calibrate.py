"""From reviewed fields to trust: some teach the calibrators, the others prove what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocrfill.acceptance import Calibrator, Group, GroupTrust, ProvenGuarantee, RiskGuarantee, Trust, choose_threshold
from ocrfill.acceptance.binomial import min_values_to_prove
from ocrfill.acceptance.learning_table import LearningTable
from ocrfill.acceptance.logistic import learn_calibrators, recalibrated
from ocrfill.acceptance.prior_calibrators import load_prior_calibrators, mapped_threshold
from ocrfill.acceptance.reviewed_fields import LabelledField
from ocrfill.acceptance.sampling import record_sampling_rank, sampling_rank
from ocrfill.acceptance.thresholds import MIN_ACCEPTED_PROBABILITY, reviews_still_needed
from ocrfill.document.correction import Purpose
from ocrfill.errors import BadInput

LEARNING_SHARE = 0.1
"""Share of the records reviewed at random that teach; the rest prove. A calibrator learnt beforehand has two numbers to
put right, a promise of 1 % wants 300 accepted values in each group: for proving, reviewed fields are short."""


@dataclass(frozen=True, slots=True)
class GuaranteeRequest:
    """What is to be promised: `promise` at `target` (0.01: one in a hundred), of each group or of all `together`."""

    target: float = 0.01
    promise: RiskGuarantee = RiskGuarantee.OF_ACCEPTED
    together: bool = False


def calibrate(reviewed: Sequence[LabelledField], wish: GuaranteeRequest) -> Trust:
    """The trust that reviewed fields allow.

    Records, not fields, are dealt out to teach or to prove, always the same ones. Raises BadInput where there is
    nothing to learn from.
    """
    teaching = [s for s in reviewed if not is_validation_sample(s)]
    proving = [s for s in reviewed if is_validation_sample(s)]
    if wish.together:
        proving = stratified_sample(proving)
    learnt = learn_calibrators(LearningTable.of(teaching), load_prior_calibrators())
    if not learnt:
        right = sum(s.right for s in teaching)
        raise BadInput(
            f"nothing to learn from yet: of {len(teaching)} fields {right} are right; it takes right and wrong ones. "
            "Review more pages"
        )
    values = {group: [s for s in proving if s.group is group] for group in Group}
    judged = {group: [_judged(learnt[group][0], s) for s in of_group] for group, of_group in values.items()}
    if wish.together:
        promised = _promised([one for of_group in judged.values() for one in of_group], wish)
        promises = dict.fromkeys(Group, promised)
    else:
        promises = {group: _promised(of_group, wish) for group, of_group in judged.items()}
    groups = {group: GroupTrust(*learnt[group], promises[group]) for group in Group}
    if not wish.together:  # the cut of all groups is one, and they must not move against each other
        groups = {group: _retold(group, trusted, reviewed) for group, trusted in groups.items()}
    models = sorted({model for s in reviewed for model in s.models})
    return Trust(tuple(models), groups)


def _retold(group: Group, trusted: GroupTrust, reviewed: Sequence[LabelledField]) -> GroupTrust:
    """The group's trust with its calibrator settled, and its cut where the same fields lie above it."""
    told = recalibrated(trusted.calibrator, trusted.learnt, LearningTable.of([s for s in reviewed if s.group is group]))
    cut = trusted.promised.cut
    if cut is not None and told is not trusted.calibrator:
        above = mapped_threshold(cut.above, trusted.calibrator, told)
        if not MIN_ACCEPTED_PROBABILITY <= above < 1:
            return trusted  # nobody would accept by such a probability: the calibrator stays by which it was proven
        cut = replace(cut, above=above)
    return replace(trusted, calibrator=told, promised=replace(trusted.promised, cut=cut))


def is_validation_sample(sample: LabelledField) -> bool:
    """Whether a sample proves rather than teaches: only one chosen at random, by lot, alike for all of a record."""
    return sample.random and record_sampling_rank("teach", sample.place) >= LEARNING_SHARE


def stratified_sample(proving: Sequence[LabelledField]) -> list[LabelledField]:
    """Of fields dealt out by lot, more to some groups than to others, as great a share of each group.

    Only then they are a random sample of all fields together.
    """
    lots = [sampling_rank(Purpose.PROOF, s.place) if s.dealt else 0.0 for s in proving]
    greatest = dict.fromkeys({s.group for s in proving if s.dealt}, 0.0)
    for sample, drawn in zip(proving, lots, strict=True):
        if sample.dealt:
            greatest[sample.group] = max(greatest[sample.group], drawn)
    least = min(greatest.values(), default=1.0)
    return [sample for sample, drawn in zip(proving, lots, strict=True) if drawn <= least]


def _judged(calibrator: Calibrator, sample: LabelledField) -> tuple[float, bool]:
    """By what probability a value may be accepted, and whether it is right."""
    return calibrator.acceptable(sample.signs, sample.sort), sample.right


def _promised(judged: Sequence[tuple[float, bool]], wish: GuaranteeRequest) -> ProvenGuarantee:
    sure, right = [p for p, _ in judged], [r for _, r in judged]
    cut = choose_threshold(sure, right, wish.target, promise=wish.promise)
    more = None
    if cut is None:
        more = reviews_still_needed(sure, wish.target) if judged else round(3 * min_values_to_prove(wish.target))
    needed = more if more is None else round(more / (1 - LEARNING_SHARE))
    return ProvenGuarantee(wish.promise, wish.target, len(judged), cut, needed, together=wish.together)
