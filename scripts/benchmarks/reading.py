"""Benchmark `reading`: lines of hands held out of training, by the handwriting reader and by stock Tesseract."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.composed import composed, in_ink
from ocrfill.evaluation.lines import LineFigures, evaluate_lines
from ocrfill.layouts.fields import Date, DateWords, Name
from ocrfill.pipeline.field_language import StripPosition, field_language_model
from ocrfill.pipeline.general_language import general_model, lexicon_model
from ocrfill.pipeline.recognition import LanguageModel, Reader, TesseractReader, make_hand_reader, make_readers
from ocrfill.pipeline.recognition.ctc_line import framed
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.language.digit_grammars import NumberGrammar
from ocrfill.pipeline.recognition.line_images import line_crop, read_labels, read_line_image
from ocrfill.pipeline.recognition.model_files import shipped_model
from ocrfill.training.dataset import listed_folder, split_by_writer
from ocrfill.training.synthetic.real_ink.pen import load_stock
from ocrfill.training.synthetic_lines import HELD_OUT_FONTS, draw_texts, save_lines

REAL_LINE_FOLDERS = ("vn_kalapa_h64", "vn_cinnamon_h64", "digits_orand")
"""Folders of real lines beside the repository; their held-out writers are those of the model's card."""

TESSERACT_LINE_COUNT, COMPOSED_LINE_COUNT, QUICK_LINE_COUNT = 60, 100, 8

BOOK_YEARS = (1990, 2019)
"""Years of the composed books."""

TYPE_OF_KIND = {"name": Name(), "date": Date(), "date_words": DateWords()}

FIELDS_PER_PAGE = 25
"""Fields of a page whose time is told."""


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Figures a set: the network alone, with what is known, and Tesseract on the same lines or every n-th of them."""
    model = shipped_model()
    if model is None:
        return {"skipped": "no handwriting model in models/hand"}
    most = QUICK_LINE_COUNT if quick else None
    figures: dict[str, object] = {"model": make_hand_reader().version}
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as name:
        made = Path(name)
        there = [folder for folder in REAL_LINE_FOLDERS if (data / folder / "labels.tsv").is_file()]
        for folder in REAL_LINE_FOLDERS:
            if folder not in there:
                figures[folder] = "not measured: the real handwriting is not there"
                continue
            split = split_by_writer(data / folder)
            lines = listed_folder(made / folder, split.validation)
            if folder.startswith("digits"):
                known: dict[str, LanguageModel | None] = {"hand, figures": NumberGrammar("")}
            else:
                phrases = made / f"{folder}.txt"
                phrases.write_text("\n".join(one.text for one in split.training), encoding="utf-8")
                known = {"hand, general": general_model(), "hand, lexicon of training texts": lexicon_model(phrases)}
            figures[f"{folder}, held out"] = compared(lines, known, most)
        count = QUICK_LINE_COUNT if quick else COMPOSED_LINE_COUNT
        for kind, field_type in TYPE_OF_KIND.items():
            grammar = {"hand, grammar": field_language_model(field_type, BOOK_YEARS, StripPosition())}
            texts = composed(kind, seed, count)
            save_lines(draw_texts(texts, seed, HELD_OUT_FONTS), len(texts), made / kind)
            figures[f"{kind}, drawn in unseen faces"] = compared(made / kind, grammar, most)
            if len(there) == len(REAL_LINE_FOLDERS) and kind != "date_words":  # addresses hold no numbers in words
                stock = load_stock(tuple(made / folder for folder in REAL_LINE_FOLDERS))
                texts = composed(kind, seed, count, stock.vocabulary)
                save_lines(in_ink(texts, stock, seed), len(texts), made / f"{kind}_ink")
                figures[f"{kind}, in ink of held-out hands"] = compared(made / f"{kind}_ink", grammar, most)
        figures[f"ms of a page of {FIELDS_PER_PAGE} fields, names and dates"] = page_times(made / "name", made / "date")
    figures["ms of a 700 px line, the fast network"] = apart(HandReader(model))
    return figures


def compared(folder: Path, known: Mapping[str, LanguageModel | None], most: int | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, knowledge in {"hand, network alone": None, **known}.items():
        found[name] = shown(evaluate_lines(folder, make_hand_reader(knowledge=knowledge), most))
    found["tesseract vie"] = shown(evaluate_lines(folder, TesseractReader(), most or TESSERACT_LINE_COUNT))
    return found


def shown(figures: LineFigures) -> str:
    return (
        f"CER {figures.cer:.4f}, WER {figures.wer:.3f}, exact {figures.exact:.3f}, "
        f"tones forgiven {figures.cer_no_tone:.4f}, {figures.ms_per_line:.1f} ms a line, {figures.lines} lines"
    )


def page_times(names: Path, dates: Path) -> dict[str, float]:
    """CPU time of the readers for a page of writing, decoding under the fields' grammars; the second of two rounds."""
    lines = [*read_labels(names), *read_labels(dates)]
    lines = (lines * FIELDS_PER_PAGE)[:: max(len(lines) // FIELDS_PER_PAGE, 1)][:FIELDS_PER_PAGE]
    crops = [line_crop(read_line_image(line.path)) for line in lines]
    known = [
        field_language_model(Date() if line.path.is_relative_to(dates) else Name(), BOOK_YEARS, StripPosition())
        for line in lines
    ]
    times: dict[str, float] = {}
    for writing in ("hand", "auto"):
        reader: Reader = make_readers(writing=writing)["writing"]
        reader.read(crops, known)
        start = time.process_time()
        reader.read(crops, known)
        times[writing] = 1000 * (time.process_time() - start)
    return times


def apart(reader: HandReader) -> dict[str, float]:
    """Network and decoder on one line 700 px wide at 48 px height, CPU milliseconds, the least of ten."""
    line = next(draw_texts(["Thôn Hà Thượng, xã Gio Châu, huyện Gio Linh"], 1, HELD_OUT_FONTS))
    image = framed(line_crop(line.image))
    width = round(700 * image.shape[0] / 48)
    image = np.tile(image, (1, -(-width // image.shape[1])))[:, :width]
    network, decoder, known = [], [], general_model()
    for _ in range(10):
        start = time.process_time()
        scores = reader.log_probabilities([image])[0]
        middle = time.process_time()
        reader.decoded(scores, known)
        network.append(middle - start)
        decoder.append(time.process_time() - middle)
    return {"network": 1000 * min(network), "decoder": 1000 * min(decoder), "decoder, first time": 1000 * decoder[0]}
