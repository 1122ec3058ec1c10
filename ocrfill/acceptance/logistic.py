"""Learning calibrators from fields whose truth is known: logistic regression, by SciPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ocrfill.acceptance import Calibrator, CalibratorOrigin, Group
from ocrfill.acceptance.features import FEATURE_NAMES, FEATURES_SPEAKING_AGAINST, FEATURES_SPEAKING_FOR
from ocrfill.acceptance.learning_table import LearningTable, probabilities
from ocrfill.acceptance.prior_calibrators import platt_scaled

MIN_FIELDS_OF_GROUP = 400
"""Fields from which a group may learn a calibrator of its own."""

MIN_RIGHT_AND_WRONG = 30
"""Right ones, and wrong ones, that must be among them: a calibrator learns from the rarer."""

FOLD_COUNT = 4
"""Runs of fields, in their order, that are left out in turn to compare ways of learning."""

LearningMethod = Callable[[LearningTable], Calibrator]
"""From fields to a calibrator."""

MIN_SPREAD = 1e-9
"""Spread below which a sign is the same for all: the rest is rounding, and nothing can be learnt from it."""

INVERSE_REGULARISATION = 1.0
"""How far the weights may go for what they explain (C of a logistic regression). On drawn books less made probabilities
too timid (calibration error of names .08 at .05, .044 at 1), more let fewer values be accepted."""

PRIOR_INVERSE_REGULARISATION = 0.1
"""The same for calibrators that reviewed fields put right, which heals timidity: in hands they did not learn from, less
strength leaves fewer sure errors (drawn books with MNIST digits, figures at an error of .25 %: .66 at .1, .58 at 1)."""


def learn_calibrators(
    known: LearningTable, beforehand: Mapping[Group, Calibrator] | None = None
) -> Mapping[Group, tuple[Calibrator, CalibratorOrigin]]:
    """For each group its calibrator, and from what it was learnt.

    Of those there may be, the one is taken that gives fields it has not seen the greatest likelihood: the group's own,
    that of all groups, or the one of `beforehand` put right. Empty where there is none.
    """
    mixed = not known.right.all() and bool(known.right.any())
    pooled = fit_calibrator(known) if mixed else None
    found: dict[Group, tuple[Calibrator, CalibratorOrigin]] = {}
    for group in Group:
        own = known[known.groups == group.value]
        rarer = min(int(own.right.sum()), int((~own.right).sum()))
        first = (beforehand or {}).get(group)
        ways: dict[CalibratorOrigin, LearningMethod] = {}
        if first is not None:
            ways[CalibratorOrigin.BEFOREHAND] = partial(platt_scaled, first)
        if len(own) >= MIN_FIELDS_OF_GROUP and rarer >= MIN_RIGHT_AND_WRONG:
            ways[CalibratorOrigin.OWN] = fit_calibrator
        best = _likeliest(ways, own) if len(ways) > 1 else next(iter(ways), None)
        if best is not None:
            found[group] = ways[best](own), best
        elif pooled is not None:
            found[group] = pooled, CalibratorOrigin.POOLED
    return found


def recalibrated(calibrator: Calibrator, learnt: CalibratorOrigin, reviewed: LearningTable) -> Calibrator:
    """A group's calibrator once its cut was chosen: one learnt beforehand is put right by all reviewed fields of the
    group, for that leaves their order, and so what the cut accepts, as they are. One of another origin stays.
    """
    return platt_scaled(calibrator, reviewed) if learnt is CalibratorOrigin.BEFOREHAND else calibrator


def _likeliest(ways: Mapping[CalibratorOrigin, LearningMethod], known: LearningTable) -> CalibratorOrigin:
    """The way whose calibrators, each learnt without a run of the fields, give these the greatest likelihood."""
    parts = np.arange(len(known)) * FOLD_COUNT // len(known)
    worth = dict.fromkeys(ways, 0.0)
    for part in range(FOLD_COUNT):
        rest, own = known[parts != part], known[parts == part]
        for way, learnt in ways.items():
            sure = np.clip(probabilities(learnt(rest), own), 1e-6, 1 - 1e-6)
            worth[way] += float(np.log(np.where(own.right, sure, 1 - sure)).sum())
    return max(worth, key=lambda way: worth[way])


def fit_calibrator(known: LearningTable, strength: float = INVERSE_REGULARISATION) -> Calibrator:
    """A calibrator for these fields, by logistic regression. Signs count by how far they vary.

    A sign that can only speak for a value, or against it, gets no weight of the other direction, whatever a few fields
    say: in other hands such a weight makes sure of what is wrong.
    """
    sorts = np.unique(known.sorts)
    columns = np.hstack([known.signs, known.sorts[:, None] == sorts])
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    varies = spread > MIN_SPREAD
    spread[~varies] = 1
    limits = [
        (0.0 if n in FEATURES_SPEAKING_FOR else None, 0.0 if n in FEATURES_SPEAKING_AGAINST else None)
        for n in (*FEATURE_NAMES, *sorts)
    ]
    found = logistic_regression((columns - mean) / spread, known.right, limits, strength)
    weights: NDArray[np.float64] = np.where(varies, found[1:] / spread, 0.0)
    base = float(found[0] - weights @ mean)
    return Calibrator(
        base=base,
        weights={name: float(w) for name, w in zip(FEATURE_NAMES, weights, strict=False)},
        sorts={str(sort): float(w) for sort, w in zip(sorts, weights[len(FEATURE_NAMES) :], strict=True)},
        fields=len(known),
        wrong=int(np.count_nonzero(~known.right)),
    )


def logistic_regression(
    columns: NDArray[np.float64],
    right: NDArray[np.bool_],
    limits: Sequence[tuple[float | None, float | None]],
    strength: float,
) -> NDArray[np.float64]:
    """The base and the weights (1 + n) of n columns (fields, n), each weight between its limits, None for no limit.

    Those of the greatest likelihood times `strength`, less half the sum of the weights' squares: what scikit-learn's
    LogisticRegression finds, which knows no limits.
    """
    signed = np.where(right, 1.0, -1.0)

    def loss(found: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = signed * (columns @ found[1:] + found[0])
        pull = -signed / (1 + np.exp(np.clip(odds, -30, 30)))
        value = strength * np.logaddexp(0, -odds).sum() + found[1:] @ found[1:] / 2
        return float(value), np.concatenate([[strength * pull.sum()], strength * columns.T @ pull + found[1:]])

    start = np.zeros(columns.shape[1] + 1)
    bounds = [(None, None), *limits]
    solved = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, tol=1e-9)
    found: NDArray[np.float64] = solved.x
    return found
