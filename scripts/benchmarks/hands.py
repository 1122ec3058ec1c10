"""Benchmark `hands`: a reader taught one held-out writer's first lines reads his further lines better, and others' as
before. Needs torch (the extra `train`) and the real handwriting; a writer's twenty lines of an address have about the
letters of five reviewed pages' names and places.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from ocrfill.evaluate.lines import evaluate_lines
from ocrfill.labelled import LabelledLine
from ocrfill.read.hand import HandReader
from ocrfill.read.models import shipped_model
from ocrfill.train.dataset import listed, split_by_writer

FOLDER, LEARNT = "vn_kalapa_h64", 20
"""Whose writers are known, and how many lines of a writer are learnt from; the others measure."""

MINUTES, QUICK_MINUTES = 2.0, 0.05
"""How long each hand is learnt; a clerk may take ten."""

OTHERS = 4
"""Every so-many-th line of the other held-out writers is read before and after."""


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    model = shipped_model()
    if model is None or not (data / FOLDER / "labels.tsv").is_file():
        return {"skipped": "no handwriting model, or the real handwriting is not there"}
    if find_spec("torch") is None or find_spec("onnx") is None:
        return {"skipped": "torch and onnx are not installed (extra train)"}
    held = split_by_writer(data / FOLDER).validation
    writers = sorted({line.writer for line in held})[: 1 if quick else None]
    sums = dict.fromkeys(("own before", "own after", "others before", "others after"), 0.0)
    shares, minutes = [], []
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as made:
        for writer in writers:
            mine = [line for line in held if line.writer == writer]
            start = time.process_time()
            taught, share = _taught(
                model, mine[:LEARNT], Path(made) / writer, seed=seed, minutes=QUICK_MINUTES if quick else MINUTES
            )
            minutes.append((time.process_time() - start) / 60)
            shares.append(share)
            others = [line for line in held if line.writer != writer][::OTHERS]
            for name, lines in (("own", mine[LEARNT:]), ("others", others)):
                folder = listed(Path(made) / writer / name, lines)
                for when, folder_of_model in (("before", model), ("after", taught)):
                    sums[f"{name} {when}"] += evaluate_lines(folder, HandReader(folder_of_model)).cer / len(writers)
    return {
        "model": HandReader(model).version,
        "writers": len(writers),
        "processor minutes a hand": sum(minutes) / len(minutes),
        "share of new weights kept": sum(shares) / len(shares),
        **{f"CER, {name}": value for name, value in sums.items()},
    }


def _taught(
    model: Path, learnt: Sequence[LabelledLine], work: Path, *, seed: int, minutes: float
) -> tuple[Path, float]:
    """The model folder that learnt the lines (or the one it started from), and the share of new weights."""
    from ocrfill.train.adapt import RATE, adapt  # noqa: PLC0415 - without torch this benchmark says so and is skipped
    from ocrfill.train.loop import Plan  # noqa: PLC0415

    lines = listed(work / "lines", learnt)
    found = adapt(model, lines, work, work / "models", plan=Plan(minutes=minutes, rate=RATE, seed=seed))
    return found.folder or model, found.share
