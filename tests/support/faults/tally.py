"""What came of many trials, counted: a row for each fault and command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one trial. `reached` is False where the command ended before its fault.

    `faults` are ends without a message, tracebacks, files left behind, wrong exit codes: in words.
    """

    command: str
    kind: str
    where: str
    reached: bool = True
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    hung: bool = False
    faults: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        """Whether the fault did no harm."""
        return not (self.lost or self.doubled or self.strays or self.hung or self.faults)

    def __str__(self) -> str:
        told = [f"{self.command}, {self.kind}: {self.where}"]
        for name in ("lost", "doubled", "strays", "faults"):
            told += [f"    {name}: {line[:400]}" for line in getattr(self, name)[:4]]
        return "\n".join(told)


@dataclass(slots=True)
class Row:
    """How often a fault was tried on a command, and what came of it."""

    tried: int = 0
    lost: int = 0
    doubled: int = 0
    hangs: int = 0
    without_a_message: int = 0

    def __str__(self) -> str:
        return (
            f"tried {self.tried} times: {self.lost} lost, {self.doubled} doubled, {self.hangs} hangs, "
            f"{self.without_a_message} without a message"
        )


@dataclass(slots=True)
class Tally:
    """Rows by fault and command; `harmed` are the trials in which something went wrong."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    harmed: list[Verdict] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Count these; trials whose fault was never reached count as none."""
        for verdict in verdicts:
            if not verdict.is_well:
                self.harmed.append(verdict)
            if not verdict.reached:
                self.missed[verdict.command] += 1
                continue
            row = self.rows.setdefault((verdict.kind, verdict.command), Row())
            row.tried += 1
            row.lost += bool(verdict.lost)
            row.doubled += bool(verdict.doubled)
            row.hangs += verdict.hung
            row.without_a_message += bool(verdict.faults or verdict.strays)

    @property
    def tried(self) -> int:
        """Trials in all whose fault was reached."""
        return sum(row.tried for row in self.rows.values())

    def figures(self) -> dict[str, dict[str, str]]:
        """By fault and command, as the table of the benchmarks shows them."""
        found: dict[str, dict[str, str]] = {}
        for (kind, command), row in self.rows.items():
            found.setdefault(kind, {})[command] = str(row)
        return found
