"""The plots of a workspace's trust, from reviewed values that taught nobody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrfill.acceptance import Group, Trust
from ocrfill.acceptance.reliability import calibration_error, error_against_accepted, reliability
from ocrfill.acceptance.reviewed_fields import LabelledField
from ocrfill.export.views import Curves, DiagramDot, GroupPlots

GROUP_NAMES_VI = {
    Group.CLOSED: "Danh mục (giới tính, dân tộc, quốc tịch, quan hệ)",
    Group.FIGURES: "Ngày tháng và số",
    Group.WORDS: "Họ tên, nơi chốn, chữ tự do",
}

GROUP_NAMES_EN = {
    Group.CLOSED: "values of a list (sex, ethnic group, nationality, relation)",
    Group.FIGURES: "dates and numbers",
    Group.WORDS: "names, places, free text",
}

MAX_CURVE_POINTS = 400
"""Points of an error curve that are drawn: more look the same."""


def group_plots(trust: Trust, samples: Sequence[LabelledField]) -> tuple[GroupPlots, ...]:
    """The plots of each group that has samples; give those that prove, of which the calibrators know nothing."""
    found = []
    for group, trusted in trust.groups.items():
        own = [s for s in samples if s.group is group]
        if not own:
            continue
        right = np.array([s.right for s in own])
        sure = np.array([trusted.calibrator.probability(s.signs, s.sort) for s in own])
        cut = trusted.promised.cut
        acceptable = np.array([trusted.calibrator.acceptable(s.signs, s.sort) for s in own])
        taken = cut.accepts(acceptable) if cut is not None else np.zeros(len(own), bool)
        found.append(
            GroupPlots(
                name=GROUP_NAMES_EN[group],
                vietnamese=GROUP_NAMES_VI[group],
                values=len(own),
                right=float(right.mean()),
                target=trusted.promised.target,
                before=reliability_curves(np.array([s.score for s in own]), right),
                after=reliability_curves(sure, right),
                accepted=float(taken.mean()) if cut is not None else None,
                wrong=float(np.mean(~right[taken])) if taken.any() else 0.0,
            )
        )
    return tuple(found)


def reliability_curves(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> Curves:
    """Both curves of these probabilities."""
    shares, errors = error_against_accepted(sure, right)
    kept = np.unique(np.linspace(0, len(shares) - 1, MAX_CURVE_POINTS).astype(int))
    return Curves(
        dots=tuple(DiagramDot(b.probability, b.right, b.values / len(sure)) for b in reliability(sure, right)),
        errors=tuple((float(shares[i]), float(errors[i])) for i in kept),
        calibration_error=calibration_error(sure, right),
    )
