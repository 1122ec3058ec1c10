"""A reader that learns the few hands of a book from its first reviewed pages, and forgets no other hand for it.

The network learns from the reviewed lines, from their words set again in other company, and from drawn lines; then its
weights are mixed with those it began with (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022): the
mixture that reads reviewed lines set aside best, among those that read drawn lines of unseen faces as well as before,
within FORGIVEN. Where none reads the lines set aside better, nothing is kept.
"""

from __future__ import annotations

import datetime
import json
import logging
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, numpy_helper

from ocrfill.errors import BadInput
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.line_images import LabelledLine
from ocrfill.pipeline.recognition.model_files import newest_model
from ocrfill.training.alphabet import ALPHABET
from ocrfill.training.batch_workers import Made, Source
from ocrfill.training.dataset import LineStore, spelled_lines
from ocrfill.training.export_model import CARD_FILE, Card, DataUsed, Measured, write_model
from ocrfill.training.loop import MODEL, Plan, Scores, Training, shown
from ocrfill.training.synthetic.fonts import HANDS
from ocrfill.training.synthetic_lines import HELD_FACES, draw_lines, save_lines
from ocrfill.training.word_recombination import by_hand, recombined, slices

logger = logging.getLogger(__name__)

LEAST_LETTERS = 400
"""Letters of reviewed lines below which nothing is learnt: two pages of a form, ten lines of an address."""

ASIDE = 4
"""Every so-many-th reviewed line is not learnt from: it says whether the hand is read better at all."""

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
    """What came of it: the share of new weights; drawn lines and reviewed ones set aside, before and after; the folder.

    The share is 0 and there is no folder where nothing learnt was good enough.
    """

    share: float
    before: Scores
    after: Scores
    own_before: Scores
    own_after: Scores
    folder: Path | None


def adapt(
    model: Path, lines: Path, work: Path, out: Path, *, plan: Plan, clock: Callable[[], float] = time.monotonic
) -> Adapted:
    """Teach the model of a folder the lines of a folder, and write what came of it as a model folder below `out`.

    `work` keeps what is made on the way. Raises BadInput where there are too few lines.
    """
    own = spelled_lines(lines)
    letters = sum(len(line.text) for line in own)
    if letters < LEAST_LETTERS:
        raise BadInput(
            f"reviewed lines with {letters} letters in all are too few to learn a hand from, {LEAST_LETTERS} are "
            "needed, about two pages of a form: review more fields first"
        )
    if (work / "measure-drawn").exists():
        shutil.rmtree(work / "measure-drawn")  # of another seed, maybe
    save_lines(draw_lines(plan.seed + 1, HELD_FACES), MEASURED, work / "measure-drawn")
    sets = {"drawn": spelled_lines(work / "measure-drawn"), "own": own[::ASIDE]}
    learnt = [line for i, line in enumerate(own) if i % ASIDE]
    store = LineStore()
    start = onnx.load(str(model / MODEL))
    training = Training(onnx.load(str(model / MODEL)), ALPHABET, plan)
    before = training.measure(sets, store)
    training.run(_sources(learnt, model), {}, work / "network", clock)
    new = onnx.load(str(work / "network" / MODEL))
    best, best_share, found = start, 0.0, before
    for share in SHARES:
        mixed = blended(start, new, share)
        after = Training(mixed, ALPHABET, plan).measure(sets, store)
        logger.info("%.0f %% of the new weights: %s", 100 * share, shown(after))
        if after["drawn"].cer <= FORGIVEN * before["drawn"].cer and after["own"].cer < found["own"].cer:
            best, best_share, found = mixed, share, after
    folder = _written(model, best, out, own, scores=found, steps=training.step) if best_share else None
    return Adapted(best_share, before["drawn"], found["drawn"], before["own"], found["own"], folder)


def _written(
    model: Path, mixed: Any, out: Path, own: Sequence[LabelledLine], *, scores: Mapping[str, Scores], steps: int
) -> Path:
    """The new model folder: the next free number below `out`, its card continued from the one it started from."""
    card = json.loads((model / CARD_FILE).read_text(encoding="utf-8"))
    newest = newest_model(out)
    number = int(newest.name) + 1 if newest is not None else 1
    data = [DataUsed(d["name"], d["lines"], d["licence"], tuple(d["held_out"])) for d in card["data"]]
    data.append(DataUsed("reviewed fields of this workspace", len(own), "the register's keeper's; stays with it"))
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    names = {"drawn": "drawn in unseen faces", "own": "reviewed lines set aside"}
    measured = tuple(
        Measured(names[name], s.lines, round(s.cer, 4), round(s.exact, 4), "greedy", today)
        for name, s in scores.items()
    )
    origin = f"{card['origin']} Taught further on reviewed fields of one workspace (ocrfill train)."
    version = f"{str(card['version']).partition('+')[0]}+{number}"
    taught = Card(
        card["name"],
        version,
        origin,
        card["licence"],
        card["seed"],
        card["steps"] + steps,
        tuple(data),
        measured,
        (*card["limits"], "Learnt the hands of one workspace: of use there."),
    )
    write_model(out / str(number), mixed, ALPHABET, taught)
    return out / str(number)


def _sources(own: Sequence[LabelledLine], model: Path) -> list[Source]:
    faces = tuple(face for face in HANDS if face not in HELD_FACES)
    phrases = [line.text for line in own]
    sources = [Source(OWN, own), Source(DRAWN, Made(partial(draw_lines, faces=faces, phrases=phrases)))]
    hands = by_hand(slices([line for line in own if " " in line.text], HandReader(model), ALPHABET))
    if hands:
        sources.append(Source(AGAIN, Made(partial(recombined, hands=hands, phrases=phrases))))
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
