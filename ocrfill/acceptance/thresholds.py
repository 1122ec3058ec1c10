"""From which probability values are accepted, so that what is promised of them holds with so much confidence.

The reviewed values must be a random sample of those the promise is for, and the probabilities must come from a
calibrator that has not seen them. Then, above any one of their probabilities, the wrong ones are an exact binomial
sample of the wrong ones there, and every cut tested is a hypothesis with an exact p-value. The cuts are tested in an
order that no answer has a say in, and the risk is shared among them so that all statements hold together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ocrfill.acceptance.binomial import binomial_p_value, max_wrong, min_values_to_prove

CONFIDENCE_LEVEL = 0.95
"""How surely a promise holds: in at least so many of a hundred choices of the reviewed values."""

ACCEPTED_STEP_FACTOR = 1.02
"""Each cut accepts so many times the values of the one before: finer, and a run of bad luck stops the search early."""

FIRST_ACCEPTED_FACTOR = 1.12
"""The strictest cut is tried where so many times the fewest values that can prove the promise are accepted."""

LIKELIEST_RISK_SHARE = 0.7
"""Share of the risk put on the cut that is likeliest to hold by the probabilities; the rest is put on the strictest."""

MIN_ACCEPTED_PROBABILITY = 0.5
"""Values that are rather wrong than right are never accepted, though a group of mostly right ones could bear them."""

PLANNED_ERROR_SHARE = 1 / 3
"""Share of the promised error to plan with: a cut that is just good enough is proven as often as not."""


class RiskGuarantee(StrEnum):
    """What is promised.

    `of_accepted`: of the accepted values at most a share is wrong. `of_all`: wrong accepted values are at most a share
    of all filled values, a weaker promise that accepts more.
    """

    OF_ACCEPTED = "of_accepted"
    OF_ALL = "of_all"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Values whose probability is above `above` are accepted: so many of the reviewed ones, `wrong` of them wrong."""

    above: float
    accepted: int
    wrong: int

    def accepts(self, acceptable: ArrayLike) -> NDArray[np.bool_]:
        """Which of these values it accepts, by their probabilities as `Calibrator.acceptable` gives them."""
        return np.asarray(acceptable, float) > self.above


def choose_threshold(
    probabilities: ArrayLike,
    right: ArrayLike,
    target: float,
    *,
    promise: RiskGuarantee = RiskGuarantee.OF_ACCEPTED,
    confidence: float = CONFIDENCE_LEVEL,
) -> Threshold | None:
    """The loosest cut for which the promise is proven on these reviewed values; None where it is for none."""
    sure = np.asarray(probabilities, float)
    order = np.argsort(-sure, kind="stable")
    sure, wrong = sure[order], ~np.asarray(right, bool)[order]
    sizes = _sizes(sure, target)
    sizes = sizes[sure[sizes - 1] > MIN_ACCEPTED_PROBABILITY]
    if not len(sizes):
        return None
    counted = np.concatenate([[0], np.cumsum(wrong)])[sizes]
    risk = 1 - confidence
    tested = np.full(len(sizes), len(sure)) if promise is RiskGuarantee.OF_ALL else sizes
    p_values = binomial_p_value(counted, tested, target)
    # wrong accepted values among all only grow with the cut: stepping to looser ones needs no sharing of the risk
    of_all = promise is RiskGuarantee.OF_ALL
    proven = _steps(p_values, 0, risk) if of_all else _proven(p_values, sizes, sure, target, risk)
    if proven is None:
        return None
    size = int(sizes[proven])
    return Threshold(_between(sure, size), size, int(counted[proven]))


def reviews_still_needed(probabilities: ArrayLike, target: float, confidence: float = CONFIDENCE_LEVEL) -> int | None:
    """How many more values should be reviewed until a cut is likely to be proven, by the probabilities alone.

    None where they say that no cut would hold, however many: then it takes a better reader, or a looser promise.
    """
    sure = -np.sort(-np.asarray(probabilities, float))
    if not len(sure):
        return None
    expected = np.cumsum(1 - sure) / np.arange(1, len(sure) + 1)
    share = float(np.count_nonzero(expected <= PLANNED_ERROR_SHARE * target)) / len(sure)
    if share == 0:
        return None
    wanted = _planned(target, 1 - confidence) / share
    return max(math.ceil(wanted) - len(sure), math.ceil(0.1 * len(sure)), 1)


def _planned(target: float, risk: float) -> int:
    """Accepted values that prove the target with a chance of 80 % where a third of it is wrong: 915 for 1 %."""
    size = min_values_to_prove(target, risk)
    while binomial_p_value(max_wrong(size, target, risk), size, PLANNED_ERROR_SHARE * target) < 0.8:
        size += max(1, size // 50)
    return size


def _sizes(sure: NDArray[np.float64], target: float) -> NDArray[np.int64]:
    """How many values each cut accepts, strict to loose: values of equal probability go together."""
    fewest = min_values_to_prove(target)
    last = np.flatnonzero(np.diff(sure, append=-1.0) < 0) + 1  # a cut can only lie after these
    last = last[last >= fewest]
    if not len(last):
        return last
    steps = max(math.log(len(sure) / (FIRST_ACCEPTED_FACTOR * fewest)) / math.log(ACCEPTED_STEP_FACTOR), 0)
    wanted = [
        *(FIRST_ACCEPTED_FACTOR * fewest * ACCEPTED_STEP_FACTOR ** np.arange(math.ceil(steps))),
        np.count_nonzero(sure > MIN_ACCEPTED_PROBABILITY),
        len(sure),
    ]
    chosen: NDArray[np.int64] = np.unique(last[np.maximum(np.searchsorted(last, wanted, "right") - 1, 0)])
    return chosen


def _proven(
    p_values: NDArray[np.float64], sizes: NDArray[np.int64], sure: NDArray[np.float64], target: float, risk: float
) -> int | None:
    """The loosest cut that is proven: testing starts at two of them and goes on to looser ones while all hold.

    A start that holds hands its share of the risk on; where the strict start comes as far as the likeliest, that one
    has all the risk (Bretz and others 2009, a graph of two chains). The strict start is where its own share can prove
    anything; where that is not before the likeliest, there is one chain.
    """
    likely = _likeliest(sizes, sure, target, LIKELIEST_RISK_SHARE * risk)
    first = int(np.searchsorted(sizes, min_values_to_prove(target, (1 - LIKELIEST_RISK_SHARE) * risk)))
    strict = _steps(p_values[:likely], first, (1 - LIKELIEST_RISK_SHARE) * risk) if first < likely else None
    handed_on = first >= likely or strict == likely - 1
    loose = _steps(p_values, likely, risk if handed_on else LIKELIEST_RISK_SHARE * risk)
    return loose if loose is not None else strict


def _likeliest(sizes: NDArray[np.int64], sure: NDArray[np.float64], target: float, risk: float) -> int:
    """The cut that is likeliest to hold if the probabilities are right: no answer has a say."""
    expected = np.clip((np.cumsum(1 - sure) / np.arange(1, len(sure) + 1))[sizes - 1], 1e-9, 1)
    chance = binomial_p_value(max_wrong(sizes, target, risk), sizes, expected)
    return int(np.flatnonzero(chance >= min(0.9, float(chance.max())))[-1])


def _steps(p_values: NDArray[np.float64], start: int, risk: float) -> int | None:
    """The last cut from `start` on up to which every one holds."""
    fails = np.flatnonzero(p_values[start:] > risk)
    steps = len(p_values) - start if not len(fails) else int(fails[0])
    return start + steps - 1 if steps else None


def _between(sure: NDArray[np.float64], size: int) -> float:
    """A probability that parts the first `size` values from the rest."""
    last = float(sure[size - 1])
    following = max(float(sure[size]) if size < len(sure) else 0.0, MIN_ACCEPTED_PROBABILITY)
    return math.nextafter(last, 0) if following == last else (last + following) / 2
