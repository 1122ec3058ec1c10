"""One look at every line, further looks and a second network at the lines left in doubt."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.drawn.lines import crop, written
from support.paths import ROOT

from ocrfill.pipeline.recognition.cascade import CascadeReader, NetworkPass, combined_hypotheses, is_doubtful, is_narrow
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.decoder.forced_alignment import text_log_likelihoods
from ocrfill.pipeline.recognition.decoder.prefix_beam import Hypothesis, prefix_beam_search
from ocrfill.pipeline.recognition.language.digit_grammars import NumberGrammar
from ocrfill.pipeline.recognition.language.phrase_counts import learn_word_model
from ocrfill.pipeline.recognition.model_files import shipped_model
from ocrfill.training.synthetic_lines import draw_lines, save_lines

pytestmark = pytest.mark.onnx


@pytest.fixture(scope="module")
def fast() -> HandReader:
    folder = shipped_model()
    if folder is None:
        pytest.skip("no handwriting model in models/hand")
    return HandReader(folder)


@pytest.fixture(scope="module")
def slow(fast: HandReader, tmp_path_factory: pytest.TempPathFactory) -> HandReader:
    """The same network in a folder of its own: a second opinion that never differs."""
    folder = tmp_path_factory.mktemp("second") / "1"
    shutil.copytree(fast.folder, folder)
    return HandReader(folder)


LINES = [crop(written(text)) for text in ("Nam 2006", "Hieu 12", "O0l1I", "Lan")]


def test_a_second_opinion_of_the_same_mind_changes_no_text(fast, slow):
    alone = fast.read(LINES)
    both = CascadeReader(fast, slow, margin=math.inf, stretches=()).read(LINES)
    assert [r.text for r in both] == [r.text for r in alone]
    assert [r.score for r in both] == pytest.approx([r.score for r in alone], abs=0.05)


class Counting:
    """A network that notes how many lines it was shown at which width."""

    name = "hand"

    def __init__(self, reader: HandReader) -> None:
        self.reader, self.alphabet, self.version = reader, reader.alphabet, reader.version
        self.shown: list[tuple[int, float]] = []

    def known(self, knowledge, number):
        return self.reader.known(knowledge, number)

    def log_probabilities(self, images, stretch=1.0):
        self.shown.append((len(images), stretch))
        return self.reader.log_probabilities(images, stretch)


def test_only_doubtful_lines_are_looked_at_again(fast, slow):
    first, second = Counting(fast), Counting(slow)
    CascadeReader(first, second, margin=0.0).read(LINES)
    assert (first.shown, second.shown) == ([(4, 1.0)], [])
    first.shown.clear()
    CascadeReader(first, second, margin=math.inf, stretches=(0.9, 1.2), wider=(0.9, 1.2)).read(LINES)
    assert (sum(n for n, _ in first.shown), {s for _, s in first.shown}) == (12, {1.0, 0.9, 1.2})
    assert sum(n for n, _ in second.shown) == 4


def test_doubtful_lines_of_narrow_writing_are_looked_at_wider(fast):
    network = Counting(fast)
    line = written("Nam 2006")
    narrow = cv2.resize(line, (line.shape[1] // 3, line.shape[0]), interpolation=cv2.INTER_AREA)
    reader = CascadeReader(network, margin=math.inf, stretches=(0.9,), wider=(1.5, 1.6))
    reader.read([crop(narrow), crop(line)])
    assert network.shown == [(2, 1.0), (1, 0.9), (1, 1.5), (1, 1.6)]
    assert not is_narrow(line, "Nam 2006")
    assert is_narrow(narrow, "Nam 2006")


def test_a_look_at_another_width_is_that_of_the_line_drawn_so(fast):
    image = written("Nam 2006")
    (looks,) = CascadeReader(fast, stretches=(1.5,)).looks([image], fast.log_probabilities([image]))
    steps = [len(look.scores) for look in looks]
    assert steps[1] == pytest.approx(1.5 * steps[0], abs=8)
    assert [look.share for look in looks] == [0.5, 0.5]


def test_margin():
    assert not is_doubtful([Hypothesis("a", -1.0, 0.0)], 5.0)
    assert is_doubtful([Hypothesis("a", -1.0, 0.0), Hypothesis("b", -2.0, 0.0)], 1.5)
    assert not is_doubtful([Hypothesis("a", -1.0, 1.0), Hypothesis("b", -2.0, 0.0)], 1.5)
    assert not is_doubtful(
        [Hypothesis("a b", -1.0, 0.0), Hypothesis(" a b ", -1.1, 0.0), Hypothesis("b", -9.0, 0.0)], 1.5
    )


def test_texts_of_both_networks_are_weighed_by_both(fast):
    """The fast network sees "ba", the slow one surely "bo": each text has both networks' shares of its probability."""
    alphabet = fast.alphabet

    def line(second: dict[str, float]) -> np.ndarray:
        rows = []
        for step in ({"b": 0.99}, second):
            row = np.full(len(alphabet) + 1, 1e-6)
            for letter, chance in step.items():
                row[alphabet.index(letter) + 1] = chance
            blank = np.full(len(alphabet) + 1, 1e-6)
            blank[0] = 1
            rows += [row / row.sum(), blank / blank.sum()]
        return np.log(np.array(rows, np.float32))

    quick, second = line({"a": 0.6, "o": 0.4}), line({"o": 0.999, "e": 0.001})
    looks = [NetworkPass(quick, alphabet, 0.5), NetworkPass(second, alphabet, 0.5)]
    texts = combined_hypotheses(looks, None)
    assert texts[0].text == "bo"
    expected = [text_log_likelihoods(scores, ["bo"], alphabet)[0] for scores in (quick, second)]
    assert texts[0].score == pytest.approx(sum(expected) / 2)
    assert {one.text for one in texts} >= {"ba", "bo", "be"}
    known = combined_hypotheses(
        looks, learn_word_model(["ba"] * 9), prefix_beam_search(quick, alphabet, learn_word_model(["ba"] * 9))
    )
    assert known[0].weight != 0


def test_knowledge_of_a_crop_reaches_both(fast, slow):
    (reading,) = CascadeReader(fast, slow, margin=math.inf).read(
        [crop(written("Nam 2O06"))], [NumberGrammar(cost=30.0)]
    )
    assert not any(letter.isalpha() for letter in reading.text)


def test_versions_of_both(fast, slow):
    assert CascadeReader(fast).version == fast.version
    assert CascadeReader(fast, slow).version == f"{fast.version} + {slow.version}"
    blank = crop(np.full((40, 200), 255, np.uint8))
    assert [r.text for r in CascadeReader(fast, slow).read([blank])] == [""]
    assert Path(fast.folder) != Path(slow.folder)


def test_the_script_that_tunes_it(fast, slow, tmp_path):
    save_lines(draw_lines(5), 16, tmp_path / "lines")
    names = [row.split("\t")[0] for row in (tmp_path / "lines" / "labels.tsv").read_text("utf-8").splitlines()]
    writers = "".join(f"{name}\tw{i % 16}\n" for i, name in enumerate(names))
    (tmp_path / "lines" / "writers.tsv").write_text(writers, encoding="utf-8")
    script = ROOT / "scripts" / "tune_cascade.py"
    folders = ["--fast", str(fast.folder), "--lines", str(tmp_path / "lines"), "--json"]
    alone, told = (
        json.loads(subprocess.run([sys.executable, script, *folders, *more], capture_output=True, check=True).stdout)
        for more in ((), ("--slow", str(slow.folder)))
    )
    assert {row["share"] for row in alone["tried"]} == {1.0}
    assert told["best"]["asked"] <= 0.3
    assert all(row["asked"] == 0 for row in told["tried"] if row["margin"] == 0)
    assert told["others"]["cer"] >= 0
