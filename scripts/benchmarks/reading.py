"""Benchmark `reading`: lines of hands held out of training, read by the handwriting reader and by stock Tesseract."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ocrfill.books import Book
from ocrfill.evaluate.lines import LineFigures, evaluate_lines, line_crop
from ocrfill.labelled import LabelledLine
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.read import Reader, TesseractReader
from ocrfill.read.grammar import DateFigures
from ocrfill.read.hand import HandReader
from ocrfill.read.hand_line import framed
from ocrfill.read.models import shipped_model
from ocrfill.read.phrases import learn
from ocrfill.synth.entries import compose_book
from ocrfill.train.alphabet import spell
from ocrfill.train.dataset import split_by_writer
from ocrfill.train.drawn import HELD_FACES, draw_texts, save_lines
from ocrfill.train.texts import KINDS

REAL = ("vn_kalapa_h64", "vn_cinnamon_h64", "digits_orand")
"""Folders of real lines beside the repository; their held-out writers are those of the model's card."""

TESSERACT_LINES, COMPOSED_LINES, QUICK_LINES = 100, 100, 8

COMPOSED = ("name", "date", "date_words")


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Figures a set: without knowledge, with its lexicon or grammar, and of Tesseract on the same or fewer lines."""
    model = shipped_model()
    if model is None:
        return {"skipped": "no handwriting model in models/hand"}
    most = QUICK_LINES if quick else None
    figures: dict[str, object] = {"model": HandReader(model).version}
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as made:
        for name in REAL:
            if not (data / name / "labels.tsv").is_file():
                figures[name] = "not measured: the real handwriting is not there"
                continue
            split = split_by_writer(data / name)
            folder = listed(Path(made) / name, split.validation)
            readers: dict[str, Reader] = {"hand": HandReader(model)}
            if name != "digits_orand":
                phrases = learn(line.text for line in split.training)
                readers["hand, words of the training texts"] = HandReader(model, phrases)
            figures[name] = compared(folder, readers, most)
        for kind in COMPOSED:
            folder = Path(made) / kind
            texts = composed(kind, seed, QUICK_LINES if quick else COMPOSED_LINES)
            save_lines(draw_texts(texts, seed, HELD_FACES), len(texts), folder)
            knowledge = {"date": DateFigures()}.get(kind) or learn(composed(kind, seed + 1, 1000))
            readers = {"hand": HandReader(model), "hand, grammar": HandReader(model, knowledge)}
            figures[f"{kind}, drawn in unseen faces"] = compared(folder, readers, most)
    figures["ms of a 700 px line"] = apart(HandReader(model))
    return figures


def compared(folder: Path, readers: dict[str, Reader], most: int | None) -> dict[str, object]:
    found: dict[str, object] = {name: shown(evaluate_lines(folder, reader, most)) for name, reader in readers.items()}
    found["tesseract vie"] = shown(evaluate_lines(folder, TesseractReader(), most or TESSERACT_LINES))
    return found


def shown(figures: LineFigures) -> str:
    return (
        f"CER {figures.cer:.4f}, WER {figures.wer:.3f}, exact {figures.exact:.3f}, "
        f"tones forgiven {figures.cer_no_tone:.4f}, {figures.ms_per_line:.1f} ms a line, {figures.lines} lines"
    )


def listed(folder: Path, lines: Sequence[LabelledLine]) -> Path:
    """A folder whose labels name just these lines, where they are."""
    folder.mkdir(parents=True)
    rows = (f"{line.path.resolve()}\t{line.text}\n" for line in lines)
    (folder / "labels.tsv").write_text("".join(rows), encoding="utf-8")
    return folder


def composed(kind: str, seed: int, count: int) -> list[str]:
    """Texts of all fields of a kind in composed entries of all layouts, none longer than a strip, each once."""
    seen: dict[str, None] = {}
    for text in _composed(kind, seed):
        seen[text] = None
        if len(seen) == count:
            break
    return list(seen)


def _composed(kind: str, seed: int) -> Iterator[str]:
    for number in range(200):
        for name in shipped_layouts():
            layout = load_layout(name)
            columns = [column for column, spec in layout.fields.items() if spec.type.kind == kind]
            book = Book(KINDS[name.partition("_")[0]], (1990 + number % 30,) * 2, 1, name, "UBND xã Tân Lập")
            for entry in compose_book(layout, book, 20, seed * 1000 + number) if columns else ():
                for column in columns:
                    text = spell(entry.writings[column].text) if column in entry.writings else None
                    if text and len(text) <= 70:
                        yield text


def apart(reader: HandReader) -> dict[str, float]:
    """Network and decoder on one line 700 px wide at 48 px height, milliseconds, the least of ten."""
    line = next(draw_texts(["Thôn Hà Thượng, xã Gio Châu, huyện Gio Linh"], 1, HELD_FACES))
    image = framed(line_crop(line.image))
    width = round(700 * image.shape[0] / 48)
    image = np.tile(image, (1, -(-width // image.shape[1])))[:, :width]
    network, decoder = [], []
    for _ in range(10):
        start = time.perf_counter()
        scores = reader.log_probabilities([image])[0]
        middle = time.perf_counter()
        reader.decoded(scores)
        network.append(middle - start)
        decoder.append(time.perf_counter() - middle)
    return {"network": 1000 * min(network), "decoder": 1000 * min(decoder)}
