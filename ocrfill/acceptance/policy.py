"""What a campaign trusts: a calibrator for each group of fields, and what is promised of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ocrfill.acceptance.calibrator import Calibrator
from ocrfill.acceptance.features import Features
from ocrfill.acceptance.field_groups import GROUP_OF_KIND, Group
from ocrfill.acceptance.thresholds import CONFIDENCE_LEVEL, RiskGuarantee, Threshold


@dataclass(frozen=True, slots=True)
class ProvenGuarantee:
    """What is promised of a group, or of all `together`: `promise` at `target` with `confidence`; `reviewed` proved it.

    `cut` is None where nothing could be proven; `needed` is then how many more reviewed values it is likely to take,
    None where no number of them would help.
    """

    promise: RiskGuarantee
    target: float
    reviewed: int
    cut: Threshold | None
    needed: int | None = None
    confidence: float = CONFIDENCE_LEVEL
    together: bool = False


class CalibratorOrigin(StrEnum):
    """From what a calibrator was learnt: reviewed fields of its group, of all groups, or drawn books beforehand."""

    OWN = "own"
    POOLED = "pooled"
    BEFOREHAND = "beforehand"


@dataclass(frozen=True, slots=True)
class GroupTrust:
    """A group's calibrator, from what it was learnt, and its promise."""

    calibrator: Calibrator
    learnt: CalibratorOrigin
    promised: ProvenGuarantee


Thresholds = Mapping[Group, float | None]
"""For each group the probability above which its values are accepted, None where none is."""


@dataclass(frozen=True, slots=True)
class Trust:
    """All groups. `models` are the readers whose readings it was learnt from: it says nothing of others'."""

    models: tuple[str, ...]
    groups: Mapping[Group, GroupTrust]

    @property
    def cuts(self) -> Thresholds:
        """The cuts that the promises allow, before any audit."""
        return {g: one.promised.cut.above if one.promised.cut else None for g, one in self.groups.items()}

    def probability(self, kind: str, sort: str, signs: Features) -> float | None:
        """That a value is right; None for kinds of no group."""
        group = GROUP_OF_KIND.get(kind)
        if group is None or group not in self.groups:
            return None
        return self.groups[group].calibrator.probability(signs, sort)


def is_accepted(kind: str, signs: Features, probability: float, cuts: Thresholds) -> bool:
    """Whether a value of that kind, signs and probability needs no person; never one that a hard rule contradicts."""
    group = GROUP_OF_KIND.get(kind)
    above = cuts.get(group) if group is not None else None
    return above is not None and not signs.hard_against and probability > above
