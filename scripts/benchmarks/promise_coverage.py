"""Whether promises hold: the same fields split by chance, again and again, into reviewed ones and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ocrfill.acceptance import SAMPLE_SHARE_OF_GROUP, Group, Threshold, choose_threshold
from ocrfill.acceptance.calibrate import LEARNING_SHARE
from ocrfill.acceptance.features import FEATURE_NAMES, FEATURES_FROM_OTHERS
from ocrfill.acceptance.learning_table import LearningTable, acceptable, probabilities
from ocrfill.acceptance.logistic import learn_calibrators, recalibrated
from ocrfill.acceptance.prior_calibrators import load_prior_calibrators
from ocrfill.acceptance.reliability import calibration_error, max_accepted_share

ALL_GROUPS = "all"

ALL_UNDER_ONE_PROMISE = "all under one promise"
"""All groups under one cut: less is said of each, and far fewer reviewed fields prove it."""


@dataclass(slots=True)
class GuaranteeOutcome:
    """What came of a promise for one group, split by split: share accepted, and whether it was broken on the rest."""

    accepted: list[float] = field(default_factory=list)
    broken: list[bool] = field(default_factory=list)

    @property
    def share(self) -> float:
        return float(np.mean(self.accepted)) if self.accepted else 0.0

    @property
    def broken_share(self) -> float:
        return float(np.mean(self.broken)) if self.broken else 0.0


@dataclass(frozen=True, slots=True)
class Splits:
    """Figures over all splits: promises by target and group; calibration error by group; the best share possible."""

    promises: Mapping[tuple[float, str], GuaranteeOutcome]
    errors: Mapping[str, float]
    best: Mapping[tuple[float, str], float]


@dataclass(frozen=True, slots=True)
class DecisionSetting:
    """How fields are judged: by calibrated signs, all of them or without those `from_others`, or by `score` alone;
    with the calibrators that were learnt `beforehand`, or by reviewed fields alone.
    """

    calibrated: bool = True
    from_others: bool = True
    beforehand: bool = True


def over_splits(
    known: LearningTable,
    scores: NDArray[np.float64],
    units: Sequence[object],
    targets: Sequence[float],
    *,
    setting: DecisionSetting,
    reviewed: int,
    splits: int,
    seed: int,
) -> Splits:
    """Draw fields by lot: of so many reviewed ones those of some units (pages) teach, the others prove; the rest tells.

    Each group's promise is chosen on the reviewed fields alone, and tried on all the others.
    """
    known = known if setting.from_others else without_others(known)
    numbers = np.unique([str(unit) for unit in units], return_inverse=True)[1]
    promises: dict[tuple[float, str], GuaranteeOutcome] = {}
    errors: dict[str, list[float]] = {}
    best: dict[tuple[float, str], list[float]] = {}
    for split in range(splits):
        dealt = split_samples(known.groups, numbers, reviewed, np.random.default_rng([seed, split]))
        rest = dealt.rest
        if not setting.calibrated:
            dealt = replace(dealt, teach=np.zeros_like(dealt.teach), prove=dealt.teach | dealt.prove)
            sure, plain = scores, scores
        else:
            sure, plain = _judged(known, dealt, beforehand=setting.beforehand)
        _try(known, sure, dealt, targets, promises)
        for name, chosen in _parts(known, rest):
            errors.setdefault(name, []).append(calibration_error(plain[chosen], known.right[chosen]))
            for target in targets:
                best.setdefault((target, name), []).append(
                    max_accepted_share(sure[chosen], known.right[chosen], target)
                )
    return Splits(
        promises,
        {name: float(np.mean(found)) for name, found in errors.items()},
        {key: float(np.mean(found)) for key, found in best.items()},
    )


def without_others(known: LearningTable) -> LearningTable:
    """The fields as if each stood alone: no rule, no repetition in the book says anything."""
    signs = known.signs.copy()
    signs[:, [FEATURE_NAMES.index(name) for name in FEATURES_FROM_OTHERS]] = 0
    return LearningTable(signs, known.sorts, known.groups, known.right)


@dataclass(frozen=True, slots=True, eq=False)
class SampleSplit:
    """Which fields teach and which prove; `even` and `rest` are as great a share of every group.

    Those of `even` that prove can prove what is promised of all groups together; of `rest` nothing was reviewed.
    """

    teach: NDArray[np.bool_]
    prove: NDArray[np.bool_]
    even: NDArray[np.bool_]
    rest: NDArray[np.bool_]


def split_samples(
    groups: NDArray[np.str_], units: NDArray[np.int64], reviewed: int, rng: np.random.Generator
) -> SampleSplit:
    """So many fields drawn by lot, of each group as many as it is dealt; those of whole units teach."""
    lots = rng.random(len(groups))
    drawn = np.zeros(len(groups), bool)
    greatest: list[float] = []
    for group, share in SAMPLE_SHARE_OF_GROUP.items():
        own = np.flatnonzero(groups == group.value)
        taken = own[np.argsort(lots[own])][: round(share * reviewed)]
        drawn[taken] = True
        if len(own):
            greatest.append(float(lots[taken].max(initial=0.0)))
    teaching = (rng.random(int(units.max()) + 1) < LEARNING_SHARE)[units]
    return SampleSplit(drawn & teaching, drawn & ~teaching, lots <= min(greatest), lots > max(greatest))


def _judged(
    known: LearningTable, dealt: SampleSplit, *, beforehand: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For every field the probability by which a cut may accept it, and what it is told to be, which comes after."""
    sure, plain = np.zeros(len(known)), np.zeros(len(known))
    reviewed = dealt.teach | dealt.prove
    for group, (calibrator, learnt) in learn_calibrators(
        known[dealt.teach], load_prior_calibrators() if beforehand else {}
    ).items():
        own = known.groups == group.value
        sure[own] = acceptable(calibrator, known[own])
        plain[own] = probabilities(recalibrated(calibrator, learnt, known[reviewed & own]), known[own])
    return sure, plain


def _try(
    known: LearningTable,
    sure: NDArray[np.float64],
    dealt: SampleSplit,
    targets: Sequence[float],
    promises: dict[tuple[float, str], GuaranteeOutcome],
) -> None:
    """Choose each group's cut on the fields that prove, and count on the rest."""
    prove, rest = dealt.prove, dealt.rest
    for target in targets:
        taken = np.zeros(len(known), bool)
        for group in Group:
            own = known.groups == group.value
            cut = choose_threshold(sure[prove & own], known.right[prove & own], target)
            taken |= _above(sure, own & rest, cut)
        for name, chosen in _parts(known, rest):
            _count(promises.setdefault((target, name), GuaranteeOutcome()), known, taken & chosen, chosen, target)
        even = prove & dealt.even
        together = _above(sure, rest, choose_threshold(sure[even], known.right[even], target))
        _count(promises.setdefault((target, ALL_UNDER_ONE_PROMISE), GuaranteeOutcome()), known, together, rest, target)


def _count(
    kept: GuaranteeOutcome, known: LearningTable, accepted: NDArray[np.bool_], of: NDArray[np.bool_], target: float
) -> None:
    wrong = float(np.mean(~known.right[accepted])) if accepted.any() else 0.0
    kept.accepted.append(float(accepted.sum() / max(of.sum(), 1)))
    kept.broken.append(wrong > target)


def _above(sure: NDArray[np.float64], chosen: NDArray[np.bool_], cut: Threshold | None) -> NDArray[np.bool_]:
    return chosen & cut.accepts(sure) if cut is not None else np.zeros(len(sure), bool)


def _parts(known: LearningTable, chosen: NDArray[np.bool_]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    for group in Group:
        own = chosen & (known.groups == group.value)
        if own.any():
            yield group.value, own
    yield ALL_GROUPS, chosen
