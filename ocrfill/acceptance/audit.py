"""The audit that keeps a promise: accepted values that a person saw all the same, and when they raise the alarm.

The monitor bets against the promise: its wealth grows with every wrong value and shrinks a little with every right
one, and where the promise holds it cannot be expected to grow, whenever one looks. So it may be looked at after every
answer: that it ever reaches `ALARM_WEALTH` though the promise holds has a chance of at most 1 in 20 (Ville's
inequality).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ocrfill.acceptance.thresholds import choose_threshold

ALARM_WEALTH = 20.0
"""Wealth at which the alarm is raised: false in at most 1 of 20 books, registers or campaigns watched to their end."""

BETS_ON_WORSE_FACTORS = (1.5, 2.0, 3.0, 5.0, 10.0)
"""The shares of wrong values that are bet on, in times the promised share; the wealth is spread over them evenly."""

BETS_ON_BETTER_FACTORS = (0.0, 0.25, 0.5)
"""The same for the opposite bet, that even less is wrong than promised: it proves the promise, whenever one looks."""


class AuditState(StrEnum):
    """What the audit says of a promise: nothing yet, proven on the audited values alone, or broken."""

    WATCHING = "watching"
    PROVEN = "proven"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of auditing so far. `wealth` is the greatest the monitor ever had."""

    values: int
    wrong: int
    wealth: float
    state: AuditState


def audit_wealth(
    wrong: Sequence[bool], target: float, times: Sequence[float] = BETS_ON_WORSE_FACTORS
) -> NDArray[np.float64]:
    """The monitor's wealth, 1 before any audited value, and after each of them in the order they were audited."""
    shares = np.minimum(np.array(times) * target, 0.5)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lost, won = np.log((1 - shares) / (1 - target)), np.log(shares / target)
        count = np.concatenate([[0], np.cumsum(np.asarray(wrong, bool))])[:, None]
        right = np.arange(len(count))[:, None] - count
        # 0 times a bet that is lost for good is 0, not undefined
        purses = right * lost + np.where(count > 0, count * won, 0.0)
        found: NDArray[np.float64] = np.exp(purses).mean(axis=1)
    return found


def audit(wrong: Sequence[bool], target: float) -> Audit:
    """The audit's state after these values. Once raised, an alarm stays until a new cut is chosen."""
    against = float(audit_wealth(wrong, target).max())
    state = AuditState.WATCHING
    if against >= ALARM_WEALTH:
        state = AuditState.ALARM
    elif audit_wealth(wrong, target, BETS_ON_BETTER_FACTORS).max() >= ALARM_WEALTH:
        state = AuditState.PROVEN
    return Audit(len(wrong), sum(wrong), against, state)


def tightened_threshold(
    above: float | None, probabilities: Sequence[float], right: Sequence[bool], target: float
) -> float | None:
    """The cut to go on with after an alarm, proven on the audited values alone; None: accept nothing until more are.

    Never looser than the one that failed.
    """
    if above is None:
        return None
    new = choose_threshold(probabilities, right, target)
    return max(new.above, above) if new is not None else None
