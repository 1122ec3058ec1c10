"""Print to one reader, writing to the other; what both say is kept."""

from __future__ import annotations

import pickle

import cv2
import numpy as np
import pytest

from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, Strip
from ocrfill.document.result import Reading
from ocrfill.pipeline.recognition import TesseractReader, make_hand_reader
from ocrfill.pipeline.recognition.language.digit_grammars import DateGrammar
from ocrfill.pipeline.recognition.print_or_handwriting import print_evidence
from ocrfill.pipeline.recognition.routing import AutoReader, better_reading, looks_printed
from ocrfill.training.synthetic.fonts import PRINT_FONTS, set_text
from ocrfill.training.synthetic_lines import HELD_OUT_FONTS, draw_texts

TEXTS = (
    "Nguyễn Thị Hương",
    "Thôn Hà Thượng, xã Gio Châu",
    "Bệnh viện đa khoa tỉnh",
    "Trần Văn Minh",
    "Hải Lăng, Quảng Trị",
)


def typed(text: str) -> Crop:
    mask = set_text(PRINT_FONTS["plain"], text, 40).mask
    return crop(255 - cv2.copyMakeBorder(mask, 12, 12, 12, 12, cv2.BORDER_CONSTANT))


def crop(image: np.ndarray) -> Crop:
    height, width = image.shape
    return Crop(np.asarray(image, np.uint8), image < 128, Strip(Box(0, 0, width, height), height * 0.75))


def written(seed: int = 3) -> list[Crop]:
    return [crop(line.image) for line in draw_texts(TEXTS, seed, HELD_OUT_FONTS)]


class Fixed:
    """Says the same of every crop and keeps how many it was shown."""

    version = "1"

    def __init__(self, name: str, text: str, score: float) -> None:
        self.name, self.text, self.score = name, text, score
        self.shown: list[int] = []

    def read(self, crops, knowledge=()):
        self.shown.append(len(crops))
        return tuple(Reading(self.text, self.score, self.name) for _ in crops)


def test_type_looks_printed_and_writing_does_not():
    assert all(looks_printed([typed(text) for text in TEXTS]))
    assert not any(looks_printed(written()))


def test_each_line_has_evidence_of_its_own():
    pairs = [(print_evidence(typed(text)), print_evidence(line)) for text, line in zip(TEXTS, written(), strict=True)]
    of_type, of_writing = (sum(evidence) / len(evidence) for evidence in zip(*pairs, strict=True))
    assert of_type > of_writing + 1.5


def test_what_shows_nothing_tells_nothing():
    blank = np.full((40, 200), 255, np.uint8)
    assert print_evidence(crop(blank)) == 0
    blank[10:30, 50:54] = 0
    assert print_evidence(crop(blank)) == 0
    assert looks_printed([]) == []


def test_only_print_goes_to_the_reader_of_print():
    tesseract, hand = Fixed("tesseract", "t", 0.9), Fixed("hand", "h", 0.5)
    auto = AutoReader(tesseract, hand)
    readings = auto.read([typed(text) for text in TEXTS])
    assert tesseract.shown == hand.shown == [len(TEXTS)]
    assert {(r.text, r.reader, r.others[0].text) for r in readings} == {("t", "tesseract", "h")}
    readings = auto.read(written())
    assert tesseract.shown[1:] == [0]
    assert {(r.text, r.reader, r.others) for r in readings} == {("h", "hand", ())}
    assert auto.version == "tesseract 1 + hand 1"


def test_the_surer_reading_counts_and_the_other_is_kept():
    sure, unsure = Reading("Lê", 0.9, "tesseract"), Reading("Lẻ", 0.4, "hand")
    assert better_reading(sure, unsure).text == "Lê"
    assert better_reading(sure, unsure).others == (unsure,)
    assert better_reading(Reading("x", 0.2, "tesseract"), unsure).text == "Lẻ"
    assert better_reading(unsure, Reading("", 0.95, "hand")).text == "Lẻ"
    garbage, date = Reading("2).0) 2907", 0.7, "tesseract"), Reading("21.01.2009", 0.4, "hand")
    assert better_reading(garbage, date).text == garbage.text
    assert better_reading(garbage, date, DateGrammar()).text == date.text


@pytest.mark.onnx
@pytest.mark.tesseract
def test_with_the_real_readers():
    auto = AutoReader(TesseractReader(twice=False), make_hand_reader())
    readings = pickle.loads(pickle.dumps(auto)).read([typed(text) for text in TEXTS])
    assert sum(r.text == text for r, text in zip(readings, TEXTS, strict=True)) >= len(TEXTS) - 1
    assert all({r.reader, r.others[0].reader} == {"hand", "tesseract"} for r in readings)
