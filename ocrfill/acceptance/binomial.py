"""What a count of wrong values says of their share: exact binomial statements, by SciPy.

SciPy takes a second to load and only calibrating and auditing ask for it: each function imports it when it is called.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def binomial_p_value(wrong: ArrayLike, values: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
    """The chance of at most `wrong` among so many values if a `share` of all were wrong: the p-value of "more is"."""
    from scipy.stats import binom  # noqa: PLC0415 - slow to load

    found: NDArray[np.float64] = binom.cdf(wrong, values, share)
    return found


def max_wrong(values: ArrayLike, share: float, risk: float) -> NDArray[np.float64]:
    """The most wrong ones among so many values that still prove, at that risk, that at most a `share` is; -1: none."""
    from scipy.stats import binom  # noqa: PLC0415 - slow to load

    least = np.asarray(binom.ppf(risk, values, share))
    return np.where(binom.cdf(least, values, share) <= risk, least, least - 1)


def clopper_pearson_interval(wrong: int, values: int, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided exact (Clopper-Pearson) interval of the share; (0, 1) of no values."""
    if values == 0:
        return 0.0, 1.0
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to load

    found = binomtest(wrong, values).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)


def min_values_to_prove(share: float, risk: float = 0.05) -> int:
    """Values that must be reviewed, and all be right, to prove that at most a `share` is wrong: 299 for 1 %."""
    return math.ceil(math.log(risk) / math.log1p(-share))
