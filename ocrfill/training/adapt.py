"""A reader that learns the few hands of a book from its first reviewed pages, and forgets no other hand for it.

The network learns from the reviewed lines, from their words set again in other company, and from drawn lines; then its
weights are mixed with those it began with (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022): the
mixture that reads reviewed lines set aside best, among those that read drawn lines of unseen faces as well as before,
within MAX_DRAWN_ERROR_FACTOR. Where none reads the lines set aside better, nothing is kept.
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
from ocrfill.training.batch_workers import LineSource, SyntheticLines
from ocrfill.training.dataset import LineStore, spelled_lines
from ocrfill.training.export_model import CARD_FILE, DataUsed, Measurement, ModelCard, write_model
from ocrfill.training.loop import MODEL_FILE_NAME, LineScores, Training, TrainingPlan, shown
from ocrfill.training.synthetic.fonts import HAND_FONTS
from ocrfill.training.synthetic_lines import HELD_OUT_FONTS, draw_lines, save_lines
from ocrfill.training.word_recombination import cut_words, recombined_lines, slices_by_writer

logger = logging.getLogger(__name__)

MIN_LETTERS = 400
"""Letters of reviewed lines below which nothing is learnt: two pages of a form, ten lines of an address."""

HELD_OUT_EVERY = 4
"""Every so-many-th reviewed line is not learnt from: it says whether the hand is read better at all."""

MAX_DRAWN_ERROR_FACTOR = 1.05
"""How many times as many wrong characters the new reader may make on drawn lines of unseen faces."""

NEW_WEIGHT_SHARES = (1.0, 0.75, 0.5, 0.25)
"""Shares of the new weights that are tried, the greatest first."""

REVIEWED_LINES_SHARE, RECOMBINED_LINES_SHARE, DRAWN_LINES_SHARE = 0.5, 0.2, 0.3
"""Shares of reviewed lines, of their words set again, and of drawn lines among all that is learnt from."""

PEAK_LEARNING_RATE = 2.5e-4
"""Peak learning rate, a third of that of first training."""

MEASURED_LINES = 150
"""Drawn lines of unseen faces that tell whether other hands are still read."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What came of it: the share of new weights; drawn lines and reviewed ones set aside, before and after; the folder.

    The share is 0 and there is no folder where nothing learnt was good enough.
    """

    share: float
    before: LineScores
    after: LineScores
    own_before: LineScores
    own_after: LineScores
    folder: Path | None


def adapt(
    model: Path, lines: Path, work: Path, out: Path, *, plan: TrainingPlan, clock: Callable[[], float] = time.monotonic
) -> Adaptation:
    """Teach the model of a folder the lines of a folder, and write what came of it as a model folder below `out`.

    `work` keeps what is made on the way. Raises BadInput where there are too few lines.
    """
    own = spelled_lines(lines)
    letters = sum(len(line.text) for line in own)
    if letters < MIN_LETTERS:
        raise BadInput(
            f"reviewed lines with {letters} letters in all are too few to learn a hand from, {MIN_LETTERS} are "
            "needed, about two pages of a form: review more fields first"
        )
    if (work / "measure-drawn").exists():
        shutil.rmtree(work / "measure-drawn")  # of another seed, maybe
    save_lines(draw_lines(plan.seed + 1, HELD_OUT_FONTS), MEASURED_LINES, work / "measure-drawn")
    sets = {"drawn": spelled_lines(work / "measure-drawn"), "own": own[::HELD_OUT_EVERY]}
    learnt = [line for i, line in enumerate(own) if i % HELD_OUT_EVERY]
    store = LineStore()
    start = onnx.load(str(model / MODEL_FILE_NAME))
    training = Training(onnx.load(str(model / MODEL_FILE_NAME)), ALPHABET, plan)
    before = training.measure(sets, store)
    training.run(_sources(learnt, model), {}, work / "network", clock)
    new = onnx.load(str(work / "network" / MODEL_FILE_NAME))
    best, best_share, found = start, 0.0, before
    for share in NEW_WEIGHT_SHARES:
        mixed = blended(start, new, share)
        after = Training(mixed, ALPHABET, plan).measure(sets, store)
        logger.info("%.0f %% of the new weights: %s", 100 * share, shown(after))
        if after["drawn"].cer <= MAX_DRAWN_ERROR_FACTOR * before["drawn"].cer and after["own"].cer < found["own"].cer:
            best, best_share, found = mixed, share, after
    folder = _written(model, best, out, own, scores=found, steps=training.step) if best_share else None
    return Adaptation(best_share, before["drawn"], found["drawn"], before["own"], found["own"], folder)


def _written(
    model: Path, mixed: Any, out: Path, own: Sequence[LabelledLine], *, scores: Mapping[str, LineScores], steps: int
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
        Measurement(names[name], s.lines, round(s.cer, 4), round(s.exact, 4), "greedy", today)
        for name, s in scores.items()
    )
    origin = f"{card['origin']} Taught further on reviewed fields of one workspace (ocrfill train)."
    version = f"{str(card['version']).partition('+')[0]}+{number}"
    taught = ModelCard(
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


def _sources(own: Sequence[LabelledLine], model: Path) -> list[LineSource]:
    faces = tuple(face for face in HAND_FONTS if face not in HELD_OUT_FONTS)
    phrases = [line.text for line in own]
    sources = [
        LineSource(REVIEWED_LINES_SHARE, own),
        LineSource(DRAWN_LINES_SHARE, SyntheticLines(partial(draw_lines, faces=faces, phrases=phrases))),
    ]
    hands = slices_by_writer(cut_words([line for line in own if " " in line.text], HandReader(model), ALPHABET))
    if hands:
        sources.append(
            LineSource(RECOMBINED_LINES_SHARE, SyntheticLines(partial(recombined_lines, hands=hands, phrases=phrases)))
        )
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
