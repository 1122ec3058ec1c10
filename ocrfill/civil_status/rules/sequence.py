"""What a run of numbers demands at each place, and the longest run of days that never goes back."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

NEIGHBOUR_REACH_PLACES = 3
"""How many places before and after have a say: enough to outvote one misread neighbour."""


@dataclass(frozen=True, slots=True)
class DemandedNumber:
    """The number that the neighbours ask for; `between` says that neighbours on both sides do."""

    number: int
    votes: int
    between: bool


def demanded_by_neighbours(numbers: Sequence[int | None], groups: Sequence[object]) -> list[DemandedNumber | None]:
    """For each place the number that most neighbours ask for, at least two, counting up or down to it.

    None stands in `numbers` for what was not read, and in the answer for no clear demand. Places of another group (of
    another year: numbers begin anew) have no say; those of group None go with any.
    """
    return [_demand(numbers, groups, at) for at in range(len(numbers))]


def _demand(numbers: Sequence[int | None], groups: Sequence[object], at: int) -> DemandedNumber | None:
    votes: Counter[int] = Counter()
    before: set[int] = set()
    after: set[int] = set()
    for other in range(max(0, at - NEIGHBOUR_REACH_PLACES), min(len(numbers), at + NEIGHBOUR_REACH_PLACES + 1)):
        number = numbers[other]
        apart = groups[at] is not None and groups[other] is not None and groups[at] != groups[other]
        if other == at or number is None or apart or (asked := number + at - other) < 1:
            continue
        votes[asked] += 1
        (before if other < at else after).add(asked)
    match votes.most_common(2):
        case [(number, count), *rest] if count >= 2 and not (rest and rest[0][1] == count):
            return DemandedNumber(number, count, number in before and number in after)
        case _:
            return None


def longest_rise(values: Sequence[int | None]) -> list[int]:
    """The places of the longest subsequence that never goes down; None has no place in it."""
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int] = {}
    for at, value in enumerate(values):
        if value is None:
            continue
        length = bisect_right(tails, value)
        previous[at] = ends[length - 1] if length else -1
        tails[length : length + 1] = [value]
        ends[length : length + 1] = [at]
    rise: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        rise.append(at)
        at = previous[at]
    return rise[::-1]
