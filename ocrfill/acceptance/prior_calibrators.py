"""Calibrators learnt beforehand on drawn books: a beginning that reviewed fields put right.

They come with ocrfill as `data/prior_calibrators.json`; `scripts/learn_beforehand.py` makes it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from sklearn.linear_model import LogisticRegression

from ocrfill.acceptance import Calibrator, Group
from ocrfill.acceptance.learning_table import LearningTable, log_odds
from ocrfill.acceptance.policy_checks import calibrator_faults
from ocrfill.document.json_text import NotJson, parsed_json
from ocrfill.errors import BadInput, place_in_file

PRIOR_CALIBRATORS_FILE = Path(__file__).parent / "data" / "prior_calibrators.json"

PLATT_INVERSE_REGULARISATION = 10.0
"""How far two numbers may go for what they explain (scikit-learn's C)."""

MIN_STRETCH_FACTOR = 0.05
"""Reviewed fields that contradict the order of the odds do not turn it round."""

_CALIBRATORS: TypeAdapter[dict[Group, Calibrator]] = TypeAdapter(dict[Group, Calibrator])


@cache
def load_prior_calibrators() -> Mapping[Group, Calibrator]:
    """The calibrators that came with ocrfill; empty where none did. Raises BadInput for a damaged file."""
    return read_calibrators(PRIOR_CALIBRATORS_FILE) if PRIOR_CALIBRATORS_FILE.is_file() else {}


def read_calibrators(file: Path) -> Mapping[Group, Calibrator]:
    """The calibrators in a file that `write_prior_calibrators` made. Raises BadInput where it is damaged."""
    try:
        written = parsed_json(file.read_bytes())
        if not isinstance(written, dict) or "calibrators" not in written:
            raise BadInput(f"{file} is damaged: it has no calibrators; install ocrfill again")
        found = _CALIBRATORS.validate_json(json.dumps(written["calibrators"]), strict=True)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}; install ocrfill again") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = place_in_file(("calibrators", *first["loc"]))
        raise BadInput(f"{file} is damaged: {where}: {first['msg']}; install ocrfill again") from error
    except NotJson as error:
        raise BadInput(f"{file} is damaged: {error}; install ocrfill again") from error
    for group, calibrator in found.items():
        if (fault := next(calibrator_faults(calibrator), None)) is not None:
            raise BadInput(f"{file} is damaged: calibrators.{group.value}.{fault}; install ocrfill again")
    return found


def write_prior_calibrators(
    calibrators: Mapping[Group, Calibrator], about: Mapping[str, object], file: Path = PRIOR_CALIBRATORS_FILE
) -> None:
    """Write them with what they were learnt from."""
    written = _CALIBRATORS.dump_python(dict(calibrators), mode="json")
    document = {"about": dict(about), "calibrators": written}
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def platt_scaled(calibrator: Calibrator, known: LearningTable) -> Calibrator:
    """The calibrator as far from certainty as these reviewed fields say: its odds stretched and moved (Platt scaling).

    The order of the fields stays. Where all are right, or all wrong, they say nothing of it.
    """
    if known.right.all() or not known.right.any():
        return calibrator
    said: NDArray[np.float64] = log_odds(calibrator, known)
    model = LogisticRegression(C=PLATT_INVERSE_REGULARISATION, max_iter=1000).fit(said[:, None], known.right)
    stretch, move = max(float(model.coef_[0, 0]), MIN_STRETCH_FACTOR), float(model.intercept_[0])
    return replace(
        calibrator,
        base=stretch * calibrator.base + move,
        weights={name: stretch * weight for name, weight in calibrator.weights.items()},
        sorts={sort: stretch * weight for sort, weight in calibrator.sorts.items()},
        fields=len(known),
        wrong=int(np.count_nonzero(~known.right)),
    )


def mapped_threshold(above: float, before: Calibrator, after: Calibrator) -> float:
    """The probability by `after` of the fields to which `before` gives the probability `above`.

    One must be the other put right: then this is the same for all such fields.
    """
    heaviest = max((abs(weight), name) for name, weight in before.weights.items())[1]
    stretch = after.weights[heaviest] / before.weights[heaviest]
    said = math.log(above / (1 - above))
    return 1 / (1 + math.exp(-(stretch * (said - before.base) + after.base)))
