"""What tuning did, in figures: exact fields before and after, with intervals, by field and in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocrfill.authoring.tune.objective import PageOutcome
from ocrfill.authoring.tune.selection import TuningSelection
from ocrfill.authoring.tune.significance import bootstrap_interval


@dataclass(frozen=True, slots=True)
class FieldGain:
    """A field over all pages: known texts, exact before and after, and between which bounds the gain lies (95 %)."""

    name: str
    known: int
    before: float
    after: float
    gain: tuple[float, float]

    def document(self) -> dict[str, Any]:
        """The line as JSON data."""
        return {
            "name": self.name,
            "known": self.known,
            "before": round(self.before, 4),
            "after": round(self.after, 4),
            "gain": [round(bound, 4) for bound in self.gain],
        }


def by_field(choice: TuningSelection) -> list[FieldGain]:
    """A line a field, in the order of the pages."""
    names = dict.fromkeys(name for outcome in choice.start.outcomes for _, name in outcome.right)
    return [_line(name, choice.start.outcomes, choice.kept.outcomes, name) for name in names]


def in_all(choice: TuningSelection) -> FieldGain:
    """All fields: the settings that are kept, on the pages that they were chosen by."""
    return _line("all", choice.start.outcomes, choice.kept.outcomes, None)


def held_out(choice: TuningSelection) -> FieldGain:
    """All fields: on each page the settings that were best on all other pages. This is what other pages may expect."""
    return _line("held out", choice.start.outcomes, choice.held_out, None)


def _line(title: str, before: Sequence[PageOutcome], after: Sequence[PageOutcome], field: str | None) -> FieldGain:
    known = [_count(outcome, field) for outcome in before]
    was = [_right(outcome, field) for outcome in before]
    now = [_right(outcome, field) for outcome in after]
    total = max(sum(known), 1)
    gains = [b - a for a, b in zip(was, now, strict=True)]
    return FieldGain(title, sum(known), sum(was) / total, sum(now) / total, bootstrap_interval(gains, known))


def _count(outcome: PageOutcome, field: str | None) -> int:
    return sum(field in (None, name) for _, name in outcome.right)


def _right(outcome: PageOutcome, field: str | None) -> int:
    return sum(right for (_, name), right in outcome.right.items() if field in (None, name))
