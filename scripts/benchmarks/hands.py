"""Benchmark `hands`: a reader taught one unseen hand's first lines reads its other lines better, others' as before.

Two kinds of hand: held-out writers of real lines, of whom there are few lines; and one hand of each handwriting face
that no training line is drawn in, writing the fields of ten pages, five of which are learnt. Needs torch (the extra
`train`) and the real handwriting.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np

from ocrfill.evaluation.lines import evaluate_lines
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.line_images import LabelledLine
from ocrfill.pipeline.recognition.model_files import shipped_model
from ocrfill.training.dataset import listed_folder, spelled_lines, split_by_writer
from ocrfill.training.line_texts import mixed_texts
from ocrfill.training.synthetic_lines import HELD_OUT_FONTS, draw_by_one, save_lines

REAL_LINES_FOLDER, WRITER_COUNT, LEARNT_LINES_PER_WRITER = "vn_kalapa_h64", 2, 20
"""Whose writers are known, how many of the held-out ones are taught, how many lines of each; the rest measure."""

FIELDS_PER_HAND = 125
"""Fields of five pages: so many of a drawn hand are learnt, and so many measured."""

LEARNING_MINUTES, QUICK_LEARNING_MINUTES = 3.0, 0.05
"""How long each hand is learnt; a clerk may take ten."""

OTHER_LINES_EVERY = 4
"""Every so-many-th line of the other hands is read before and after."""


@dataclass(frozen=True, slots=True)
class AdaptedHand:
    """A hand: characters wrong in its own and in others' lines before and after, what was kept, and what it cost."""

    own: tuple[float, float]
    others: tuple[float, float]
    share: float
    minutes: float


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    model = shipped_model()
    if model is None or not (data / REAL_LINES_FOLDER / "labels.tsv").is_file():
        return {"skipped": "no handwriting model, or the real handwriting is not there"}
    if find_spec("torch") is None or find_spec("onnx") is None:
        return {"skipped": "torch and onnx are not installed (extra train)"}
    figures: dict[str, object] = {"model": HandReader(model).version}
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as made:
        for kind, hands in (
            (f"drawn hands, {FIELDS_PER_HAND} fields learnt", _drawn(seed, Path(made))),
            (f"real lines, {LEARNT_LINES_PER_WRITER} learnt", _real(data)),
        ):
            found = [
                _taught(model, *hand, Path(made) / f"{kind[:5]}{number}", seed=seed, quick=quick)
                for number, hand in enumerate(islice(hands, 1 if quick else None))
            ]
            figures[kind] = _means(found)
    return figures


Hand = tuple[Sequence[LabelledLine], Sequence[LabelledLine], Sequence[LabelledLine]]
"""Lines to learn from, lines of the same hand to measure by, lines of others."""


def _real(data: Path) -> Iterator[Hand]:
    held = split_by_writer(data / REAL_LINES_FOLDER).validation
    for writer in sorted({line.writer for line in held})[:WRITER_COUNT]:
        mine = [line for line in held if line.writer == writer]
        yield (
            mine[:LEARNT_LINES_PER_WRITER],
            mine[LEARNT_LINES_PER_WRITER:],
            [line for line in held if line.writer != writer][::OTHER_LINES_EVERY],
        )


def _drawn(seed: int, made: Path) -> Iterator[Hand]:
    lines: list[tuple[LabelledLine, ...]] = []
    for number, face in enumerate(HELD_OUT_FONTS):
        texts = islice(mixed_texts(seed + number, ()), 2 * FIELDS_PER_HAND)
        save_lines(draw_by_one(texts, seed + number, face), 2 * FIELDS_PER_HAND, made / f"face{number}")
        lines.append(spelled_lines(made / f"face{number}"))
    for number, mine in enumerate(lines):
        others = [line for i, theirs in enumerate(lines) if i != number for line in theirs][::OTHER_LINES_EVERY]
        yield mine[:FIELDS_PER_HAND], mine[FIELDS_PER_HAND:], others


def _taught(
    model: Path,
    learnt: Sequence[LabelledLine],
    own: Sequence[LabelledLine],
    others: Sequence[LabelledLine],
    work: Path,
    *,
    seed: int,
    quick: bool,
) -> AdaptedHand:
    from ocrfill.training.adapt import PEAK_LEARNING_RATE, adapt  # noqa: PLC0415 - without torch this benchmark says so and is skipped
    from ocrfill.training.loop import TrainingPlan  # noqa: PLC0415

    start = time.process_time()
    plan = TrainingPlan(
        minutes=QUICK_LEARNING_MINUTES if quick else LEARNING_MINUTES, rate=PEAK_LEARNING_RATE, seed=seed
    )
    found = adapt(model, listed_folder(work / "lines", learnt), work, work / "models", plan=plan)
    minutes = (time.process_time() - start) / 60
    figures = []
    for name, lines in (("own", own), ("others", others)):
        folder = listed_folder(work / name, lines)
        before, after = (evaluate_lines(folder, HandReader(one)).cer for one in (model, found.folder or model))
        figures.append((before, after))
    taught = AdaptedHand(figures[0], figures[1], found.share, minutes)
    print(taught, file=sys.stderr)
    return taught


def _means(found: Sequence[AdaptedHand]) -> dict[str, object]:
    def told(pairs: Sequence[tuple[float, float]]) -> str:
        before, after = np.mean(pairs, axis=0)
        each = ", ".join(f"{one:.3f} to {two:.3f}" for one, two in pairs)
        return f"{before:.4f} before, {after:.4f} after ({each})"

    return {
        "CER, own lines": told([one.own for one in found]),
        "CER, others": told([one.others for one in found]),
        "share of new weights kept": float(np.mean([one.share for one in found])),
        "processor minutes a hand": float(np.mean([one.minutes for one in found])),
    }
