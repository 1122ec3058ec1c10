"""From reviewed fields to trust: some teach the calibrators, the others prove what is promised."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ocrfill.confidence import Calibrator, Group, GroupTrust, Promise, Promised, Trust, choose_cut
from ocrfill.confidence.acceptance import still_needed
from ocrfill.confidence.bounds import fewest_to_prove
from ocrfill.errors import BadInput
from ocrfill.trust.beforehand import learnt_beforehand
from ocrfill.trust.columns import Known
from ocrfill.trust.learning import learn
from ocrfill.trust.samples import Sample

LEARNING = 0.2
"""Share of the records reviewed at random that teach; the rest prove. A calibrator learnt beforehand has two numbers to
put right, a promise of 1 % wants 300 accepted values in each group: for proving, reviewed fields are short."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be promised: `promise` at `target` (0.01: one in a hundred), of each group or of all `together`."""

    target: float = 0.01
    promise: Promise = Promise.OF_ACCEPTED
    together: bool = False


def calibrate(reviewed: Sequence[Sample], wish: Wish) -> Trust:
    """The trust that reviewed fields allow.

    Records, not fields, are dealt out to teach or to prove, always the same ones. Raises BadInput where there is
    nothing to learn from, MissingProgram without the extra `trust`.
    """
    proving = [s for s in reviewed if proves(s)]
    teaching = [s for s in reviewed if not proves(s)]
    learnt = learn(Known.of(teaching), learnt_beforehand())
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
    models = sorted({model for s in reviewed for model in s.models})
    return Trust(tuple(models), groups)


def proves(sample: Sample) -> bool:
    """Whether a sample proves rather than teaches: only one chosen at random, by lot, alike for all of a record."""
    place = sample.place
    lot = hashlib.sha256(f"teach/{place.scan}/{place.page}/{place.record}".encode()).digest()
    return sample.random and int.from_bytes(lot[:8]) >= LEARNING * 2**64


def _judged(calibrator: Calibrator, sample: Sample) -> tuple[float, bool]:
    """By what probability a value may be accepted, and whether it is right."""
    return calibrator.acceptable(sample.signs, sample.sort), sample.right


def _promised(judged: Sequence[tuple[float, bool]], wish: Wish) -> Promised:
    sure, right = [p for p, _ in judged], [r for _, r in judged]
    cut = choose_cut(sure, right, wish.target, promise=wish.promise)
    more = None
    if cut is None:
        more = still_needed(sure, wish.target) if judged else round(3 * fewest_to_prove(wish.target))
    needed = more if more is None else round(more / (1 - LEARNING))
    return Promised(wish.promise, wish.target, len(judged), cut, needed, together=wish.together)
