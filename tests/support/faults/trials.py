"""One trial: a command disturbed, started again, and what is there compared with what an undisturbed one leaves."""

from __future__ import annotations

import copy
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.fakes.label_studio import TOKEN, FakeLabelStudio
from support.faults.disturbances import Disturbance
from support.faults.remains import (
    TEMPORARY_FOLDER_NAME,
    Difference,
    Remains,
    difference,
    is_pythons_trial,
    remains,
    what_counts,
)
from support.faults.scenes import Command, empty_folder
from support.faults.system_calls import CallPoint, points_in, struck, watch
from support.faults.tally import Verdict
from support.faults.warm_process import MAX_COMMAND_SECONDS, Ended, Order, WarmProcesses

from ocrfill.errors import ExitCode

SERVER_STATE = ("projects", "tasks", "uploads", "numbers", "now")
"""What the stand-in for Label Studio holds."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a command does where nothing happens: what it leaves, its crash points, and its calls to the server."""

    remains: Remains
    points: tuple[CallPoint, ...]
    calls: int
    largest_file_bytes: int


class Trials:
    """Tries commands, one at a time, in one folder; the stand-in for Label Studio is set back for each trial.

    `environment` goes to every command. With `wrong_clock` clocks can be turned.
    """

    def __init__(
        self, folder: Path, *, wrong_clock: bool = False, seconds: float = MAX_COMMAND_SECONDS, **environment: str
    ) -> None:
        self._folder = folder
        self._scene = folder / "scene"
        self._server = FakeLabelStudio()
        self._made: dict[Callable[..., None], tuple[Path, dict[str, Any]]] = {}
        self._known: dict[str, Undisturbed] = {}
        self._seconds = seconds
        self._environment = environment
        self._warm = WarmProcesses(wrong_clock=wrong_clock)

    def close(self) -> None:
        """End the processes."""
        self._warm.close()
        self._server.close()

    def undisturbed(self, command: Command) -> Undisturbed:
        """What the command does by itself, found once. Raises RuntimeError where it does not do it twice alike."""
        if command.name not in self._known:
            self._begin(command)
            log = self._folder / "calls.txt"
            ended = self._run(command, log=log)
            self._must_be_well(command, ended)
            left = self._remains(command)
            calls = len(self._server.calls)
            sizes = [file.stat().st_size for file in self._scene.rglob("*") if file.is_file()]
            points = points_in(log, self._scene)
            self._must_be_well(command, self._run(command))
            if difference(left, self._remains(command)):
                raise RuntimeError(f"{command.name}: once more changes something, without any fault")
            self._known[command.name] = Undisturbed(left, tuple(points), calls, max(sizes))
        return self._known[command.name]

    def disturb(self, command: Command, disturbance: Disturbance) -> Verdict:
        """What comes of a command under that disturbance, and of its second start."""
        wanted = self.undisturbed(command)
        self._begin(command)
        first = self._run(command, disturbance)
        reached = self._reached(disturbance, first)
        if not reached:
            return Verdict(command.name, disturbance.kind, disturbance.where, reached=False)
        faults = list(_ended_badly(first, disturbance))
        found = Difference((), (), ())
        if first.status in command.codes:  # it says that all is well: then all is there
            found = difference(what_counts(wanted.remains), what_counts(self._remains(command)))
        if first.status >= 0:
            faults += [f"left behind: {name}" for name in self._strays()]
        again = self._run(command)
        faults += [f"started again: {fault}" for fault in _ended_badly(again, None)]
        if again.status not in command.codes:
            faults.append(f"started again: exit code {again.status}: {again.err[-600:]}")
        found = found or difference(wanted.remains, self._remains(command))
        return Verdict(
            command=command.name,
            kind=disturbance.kind,
            where=disturbance.where,
            lost=found.lost,
            doubled=found.doubled,
            strays=found.strays,
            hung=first.hung or again.hung,
            faults=tuple(faults),
            seconds=first.seconds + again.seconds,
        )

    # inside

    def _begin(self, command: Command) -> None:
        """Put the scene back to its beginning; made once, in the place where it will be used."""
        if command.scene not in self._made:
            self._server.forget()
            self._server.reset()
            command.scene(empty_folder(self._scene), self._server)
            kept = self._folder / f"kept-{len(self._made)}"
            shutil.copytree(self._scene, kept)
            self._made[command.scene] = kept, copy.deepcopy({n: getattr(self._server, n) for n in SERVER_STATE})
        kept, state = self._made[command.scene]
        shutil.rmtree(self._scene)
        shutil.copytree(kept, self._scene)
        for name, value in copy.deepcopy(state).items():
            setattr(self._server, name, value)
        self._server.reset()

    def _run(self, command: Command, disturbance: Disturbance | None = None, log: Path | None = None) -> Ended:
        order = Order(
            words=[*command.words.split(), *([self._server.url] if command.words.endswith("--url") else [])],
            folder=self._scene,
            environment={
                "TMPDIR": str(self._scene / TEMPORARY_FOLDER_NAME),
                "LABEL_STUDIO_API_KEY": TOKEN,
                **self._environment,
                **(disturbance.environment if disturbance else {}),
            },
            file_bytes=disturbance.file_bytes if disturbance else None,
            clock=disturbance.clock if disturbance else None,
            output=disturbance.output if disturbance else None,
            seconds=self._seconds,
        )
        injection = disturbance.injection if disturbance else None
        pid = self._warm.start(order)
        if injection is None and log is None:
            with self._failing(disturbance):
                return self._warm.go()
        strace = watch(pid, log or self._folder / "disturbed.txt", injection)
        try:
            return self._warm.go()
        finally:
            strace.communicate(timeout=60)

    @contextmanager
    def _failing(self, disturbance: Disturbance | None) -> Iterator[None]:
        self._server.reset()
        if disturbance is not None and disturbance.server is not None:
            call, fault = disturbance.server
            self._server.faults[call] = fault
        try:
            yield
        finally:
            calls = list(self._server.calls)
            self._server.reset()
            self._server.calls.extend(calls)

    def _reached(self, disturbance: Disturbance, first: Ended) -> bool:
        """Whether the fault struck, and where it was meant to."""
        if disturbance.injection is None or disturbance.kills:
            return first.status < 0 or not disturbance.kills
        return struck(self._folder / "disturbed.txt", self._scene, disturbance.injection.point)

    def _remains(self, command: Command) -> Remains:
        return remains(self._scene, self._server if command.serves else None)

    def _strays(self) -> list[str]:
        """What must not be there after an end in order: half-written files, anything temporary. A store's journal may:
        where the disk takes nothing, the next start takes back what it tells of.
        """
        listed = itertools.chain((self._scene / TEMPORARY_FOLDER_NAME).iterdir(), self._scene.rglob("*.part"))
        return [file.relative_to(self._scene).as_posix() for file in listed if not is_pythons_trial(file)]

    def _must_be_well(self, command: Command, ended: Ended) -> None:
        if ended.status not in command.codes or ended.hung:
            raise RuntimeError(f"{command.name} ends with {ended.status} by itself: {ended.err}")


def _ended_badly(ended: Ended, disturbance: Disturbance | None) -> Iterator[str]:
    """What is wrong with how a command ended, whatever was done to it."""
    if ended.hung:
        yield "hung"
    elif ended.left:
        yield f"{ended.left} processes outlived it"
    elif "Traceback" in ended.err or ended.status == ExitCode.BUG:
        yield f"ended with a traceback: {ended.err[-1500:]}"
    elif ended.status < 0 and not (disturbance is not None and disturbance.kills):
        yield f"died of signal {-ended.status}: {ended.err[-600:]}"
    elif ended.status > 0 and not ended.err.strip() and ended.status != ExitCode.SOME_PAGES_FAILED:
        yield f"ended with exit code {ended.status} without a word"
    elif ended.status > 0 and ended.status not in set(ExitCode):
        yield f"ended with exit code {ended.status}, which no list knows: {ended.err[-600:]}"
