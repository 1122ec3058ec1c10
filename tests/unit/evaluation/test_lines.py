"""`ocrfill evaluate lines`, with a reader that reads from a list."""

import json
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from ocrfill.cli.evaluate import evaluate
from ocrfill.document.result import Reading
from ocrfill.errors import BadInput
from ocrfill.evaluation.lines import evaluate_lines
from ocrfill.pipeline.recognition.line_images import line_crop

KEYS = {"cer", "wer", "exact", "cer_no_tone", "ms_per_line", "lines"}


@dataclass
class Told:
    texts: list[str]
    name: str = "told"
    version: str = "1"

    def read(self, crops, knowledge=()):
        return tuple(Reading(self.texts.pop(0), 1.0, self.name) for _ in crops)


@pytest.fixture
def folder(tmp_path):
    rows = [("a.png", "Nguyễn An"), ("deep/b.jpg", "12"), ("c.png", "Hoà  Bình")]
    (tmp_path / "deep").mkdir()
    for number, (name, _) in enumerate(rows):
        shape = (40 + 50 * number, 200) if number else (64, 300, 3)
        image = np.full(shape, 230, np.uint8)
        cv2.putText(image, "abc", (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
        cv2.imwrite(str(tmp_path / name), image)
    (tmp_path / "labels.tsv").write_text("".join(f"{n}\t{t}\n" for n, t in rows), encoding="utf-8")
    return tmp_path


def test_figures(folder):
    figures = evaluate_lines(folder, Told(["Nguyên An", "12", "Hoà Bình"]))
    assert figures.lines == 3
    assert figures.cer == pytest.approx(1 / (9 + 2 + 8))
    assert figures.wer == pytest.approx(1 / 5)
    assert figures.exact == pytest.approx(2 / 3)
    assert figures.cer_no_tone == 0
    assert figures.document().keys() >= KEYS


def test_a_part_spread_over_the_folder(folder):
    assert evaluate_lines(folder, Told(["Nguyễn An", "12"]), most=2).exact == 1


def test_ink_is_what_is_darker_than_its_paper():
    image = np.linspace(120, 250, 400).astype(np.uint8)[None].repeat(60, 0).copy()
    cv2.putText(image, "An", (100, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 30, 3)
    ink = line_crop(image).ink
    columns = np.flatnonzero(ink.any(axis=0))
    assert 90 <= columns[0] <= 110
    assert columns[-1] < 190
    assert not line_crop(np.full((40, 100), 200, np.uint8)).ink.any()


def test_rules_of_a_cell_are_no_ink():
    image = np.full((64, 500), 220, np.uint8)
    cv2.putText(image, "An", (100, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 30, 3)
    image[3:5] = image[58:61] = 30
    image[:, 400:403] = 30
    rows, columns = (np.flatnonzero(line_crop(image).ink.any(axis=axis)) for axis in (1, 0))
    assert rows[0] > 8
    assert rows[-1] < 55
    assert 90 <= columns[0] <= 110
    assert columns[-1] < 200


def test_faults_of_the_folder_are_told(folder, tmp_path):
    (folder / "labels.tsv").write_text("gone.png\tx\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"gone\.png"):
        evaluate_lines(folder, Told(["x"]))
    (folder / "labels.tsv").write_text("no tab here\n", encoding="utf-8")
    with pytest.raises(BadInput, match="row 1"):
        evaluate_lines(folder, Told(["x"]))
    (folder / "labels.tsv").unlink()
    with pytest.raises(BadInput, match=r"labels\.tsv is missing"):
        evaluate_lines(folder, Told(["x"]))


def test_lexicon_is_for_the_hand_reader(folder):
    (folder / "places.txt").write_text("An\n", encoding="utf-8")
    answer = CliRunner().invoke(
        evaluate, ["lines", str(folder), "--reader", "tesseract", "--lexicon", str(folder / "places.txt")]
    )
    assert answer.exit_code == 2


@pytest.mark.tesseract
def test_command_with_tesseract(folder):
    answer = CliRunner().invoke(evaluate, ["lines", str(folder), "--reader", "tesseract", "--json"])
    assert answer.exit_code == 0, answer.output
    figures = json.loads(answer.output)
    assert figures.keys() >= KEYS
    assert figures["lines"] == 3


@pytest.mark.onnx
def test_command_with_the_shipped_model(folder):
    (folder / "places.txt").write_text("Hoà Bình\n", encoding="utf-8")
    answer = CliRunner().invoke(
        evaluate, ["lines", str(folder), "--reader", "hand", "--lexicon", str(folder / "places.txt"), "--json"]
    )
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["reader"] == "hand"
