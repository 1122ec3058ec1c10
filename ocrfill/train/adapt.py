"""A reader that learns the few hands of a book from its first reviewed pages, and forgets no other hand for it.

The network learns from the reviewed lines, from their words set again in other company, and from drawn lines; then its
weights are mixed with those it began with (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022): as
much of the new as reads drawn lines of unseen faces as well as before, within FORGIVEN.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, numpy_helper

from ocrfill.errors import BadInput
from ocrfill.labelled import LabelledLine
from ocrfill.read.hand import HandReader
from ocrfill.synth.faces import HANDS
from ocrfill.train.alphabet import ALPHABET
from ocrfill.train.dataset import LineStore, spelled_lines
from ocrfill.train.drawn import HELD_FACES, draw_lines, save_lines
from ocrfill.train.loop import MODEL, Plan, Scores, Training
from ocrfill.train.recombine import by_hand, recombined, slices
from ocrfill.train.supply import Made, Source

logger = logging.getLogger(__name__)

LEAST_LINES = 40
"""Reviewed lines below which nothing is learnt: two pages of a form."""

FORGIVEN = 1.05
"""How many times as many wrong characters the new reader may make on drawn lines of unseen faces."""

SHARES = (1.0, 0.75, 0.5, 0.25)
"""Shares of the new weights that are tried, the greatest first."""

OWN, AGAIN, DRAWN = 0.5, 0.2, 0.3
"""Shares of reviewed lines, of their words set again, and of drawn lines among all that is learnt from."""

RATE = 2.5e-4
"""Peak learning rate, a third of that of first training."""

MEASURED = 150
"""Drawn lines of unseen faces that tell whether other hands are still read."""


@dataclass(frozen=True, slots=True)
class Adapted:
    """What came of it: the share of new weights (0: none was good enough), and drawn lines before and after."""

    share: float
    lines: int
    before: Scores
    after: Scores


def adapt(
    model: Path, lines: Path, work: Path, plan: Plan, clock: Callable[[], float]
) -> tuple[Any, Adapted]:
    """The model of a folder taught the lines of a folder; `work` keeps what is made on the way.

    Raises BadInput where there are too few lines, or lines the alphabet cannot spell.
    """
    own = spelled_lines(lines)
    if len(own) < LEAST_LINES:
        raise BadInput(
            f"{len(own)} reviewed lines are too few to learn a hand from; at least {LEAST_LINES} are needed: "
            "review some more fields first"
        )
    measured = work / "measure-drawn"
    if not (measured / "labels.tsv").exists():
        save_lines(draw_lines(plan.seed + 1, HELD_FACES), MEASURED, measured)
    held = spelled_lines(measured)
    start = onnx.load(str(model / MODEL))
    training = Training(start, ALPHABET, plan)
    store = LineStore()
    before = training.measure({"drawn": held}, store)["drawn"]
    training.run(_sources(own, model), {}, work / "network", clock)
    new = onnx.load(str(work / "network" / MODEL))
    for share in SHARES:
        mixed = blended(start, new, share)
        after = Training(mixed, ALPHABET, plan).measure({"drawn": held}, store)["drawn"]
        logger.info("%.0f %% of the new weights: drawn lines CER %.4f, before %.4f", 100 * share, after.cer, before.cer)
        if after.cer <= FORGIVEN * before.cer:
            return mixed, Adapted(share, len(own), before, after)
    return start, Adapted(0.0, len(own), before, before)


def _sources(own: Sequence[LabelledLine], model: Path) -> list[Source]:
    faces = tuple(face for face in HANDS if face not in HELD_FACES)
    phrases = [line.text for line in own]
    sources = [Source(OWN, own), Source(DRAWN, Made(lambda seed: draw_lines(seed, faces, None, phrases)))]
    hands = by_hand(slices([line for line in own if " " in line.text], HandReader(model), ALPHABET))
    if hands:
        sources.append(Source(AGAIN, Made(lambda seed: recombined(hands, seed, phrases))))
    return sources


def blended(one: Any, other: Any, share: float) -> Any:
    """A model between two of the same graph: `share` of the other's weights, the rest of the first's."""
    mixed = type(one)()
    mixed.CopyFrom(one)
    theirs = {tensor.name: tensor for tensor in other.graph.initializer}
    for tensor in mixed.graph.initializer:
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            mine, new = numpy_helper.to_array(tensor), numpy_helper.to_array(theirs[tensor.name])
            between = (1 - share) * mine.astype("float32") + share * new.astype("float32")
            tensor.CopyFrom(numpy_helper.from_array(between.astype(mine.dtype), tensor.name))
    return mixed
