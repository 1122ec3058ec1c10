"""From the signs of a field to the probability that its value is right: numbers in a file, no library behind them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ocrfill.acceptance.features import Features


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Log odds that add up: `base`, each sign times its weight, and what is known of its sort of field.

    `fields` is how many reviewed fields it was learnt from, `wrong` how many of them were wrong.
    """

    base: float
    weights: Mapping[str, float]
    sorts: Mapping[str, float]
    fields: int
    wrong: int

    def acceptable(self, signs: Features, sort: str) -> float:
        """The probability by which a value may be accepted: 0 where a rule contradicts it that cannot be otherwise."""
        return 0.0 if signs.hard_against else self.probability(signs, sort)

    def probability(self, signs: Features, sort: str) -> float:
        """Between 0 and 1; a sort it never saw counts as the average one."""
        odds = self.base + self.sorts.get(sort, 0.0)
        odds += sum(weight * getattr(signs, name) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))
