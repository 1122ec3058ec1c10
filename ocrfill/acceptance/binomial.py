"""What a count of wrong values says of their share: exact binomial statements, by scipy (extra `trust`)."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ocrfill.errors import MissingProgram


def needed(module: str) -> Any:
    """A module of the extra `trust`. Raises MissingProgram where it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingProgram(
            f"calibrating needs the Python package {error.name}: pip install 'ocrfill[trust]'"
        ) from error


def chance_of_so_few(wrong: ArrayLike, values: ArrayLike, share: float) -> NDArray[np.float64]:
    """The chance of at most `wrong` among so many values if a `share` of all were wrong: the p-value of "more is"."""
    found: NDArray[np.float64] = needed("scipy.stats").binom.cdf(wrong, values, share)
    return found


def most_wrong(values: ArrayLike, share: float, risk: float) -> NDArray[np.float64]:
    """The most wrong ones among so many values that still prove, at that risk, that at most a `share` is; -1: none."""
    binom = needed("scipy.stats").binom
    least = np.asarray(binom.ppf(risk, values, share))
    return np.where(binom.cdf(least, values, share) <= risk, least, least - 1)


def interval(wrong: int, values: int, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided exact (Clopper-Pearson) interval of the share; (0, 1) of no values."""
    if values == 0:
        return 0.0, 1.0
    beta = needed("scipy.stats").beta
    side = (1 - confidence) / 2
    low = float(beta.ppf(side, wrong, values - wrong + 1)) if wrong else 0.0
    high = float(beta.ppf(1 - side, wrong + 1, values - wrong)) if wrong < values else 1.0
    return low, high


def fewest_to_prove(share: float, risk: float = 0.05) -> int:
    """Values that must be reviewed, and all be right, to prove that at most a `share` is wrong: 299 for 1 %."""
    return math.ceil(math.log(risk) / math.log1p(-share))
