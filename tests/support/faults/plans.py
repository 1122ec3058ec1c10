"""Which disturbances a command goes through: all that its crash points allow, or an even sample of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from support.fakes.label_studio import FAIL, FAIL_AFTER, LOSE_ANSWER, LOSE_REQUEST
from support.faults import disturbances as d
from support.faults.scenes import Command
from support.faults.tally import Verdict
from support.faults.trials import Trials, Undisturbed

SERVER_FAULTS = (LOSE_REQUEST, LOSE_ANSWER, FAIL, FAIL_AFTER)

PLANS: dict[str, Callable[[Undisturbed], Sequence[d.Disturbance]]] = {
    d.KILLED: lambda found: d.kills(found.points),
    d.FAILING_CALL: lambda found: d.failing_calls(found.points),
    d.DISK_FULL: lambda found: d.full_disks(found.points),
    d.SHORT_WRITE: lambda found: d.short_writes(found.largest_file_bytes),
    d.OUTPUT_FULL: lambda _: d.full_output(),
    d.SERVER_FAILS: lambda found: d.failing_server(found.calls, SERVER_FAULTS),
}
"""The disturbances of each kind that a command allows. Clocks are turned besides, in processes of their own."""


def tried(trials: Trials, command: Command, kind: str, most: int | None = None) -> Iterator[Verdict]:
    """Each disturbance of a kind, or so many at most, evenly from the first to the last."""
    for disturbance in d.evenly(PLANS[kind](trials.undisturbed(command)), most):
        yield trials.disturb(command, disturbance)


def with_wrong_clocks(trials: Trials, command: Command, most: int | None = None) -> Iterator[Verdict]:
    """The command under clocks that are wrong, in trials whose processes allow it."""
    for disturbance in d.evenly(d.turned_clocks(), most):
        yield trials.disturb(command, disturbance)
