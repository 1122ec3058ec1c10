"""The handwriting reader: what the network is shown, and the model that ships."""

import json
import pickle
import shutil

import numpy as np
import pytest
from support.drawn.lines import crop, written
from support.fuzzing.plain_words import assert_plain

from ocrfill.errors import BadInput
from ocrfill.pipeline.recognition.ctc_line import LINE_HEIGHT_PX, WIDTH_MULTIPLE_PX, framed, network_line, padded


def test_lines_have_the_networks_height_and_range():
    line = network_line(written("Nguyen", paper=180))
    assert line.shape == (LINE_HEIGHT_PX, round(420 * LINE_HEIGHT_PX / 64))
    assert line.dtype == np.float32
    assert line.min() == -1
    assert np.median(line) == 1


def test_empty_paper_stays_pale():
    noise = np.random.default_rng(1).normal(220, 2, (64, 300)).clip(0, 255).astype(np.uint8)
    assert network_line(noise).min() > 0.3


def test_padding_is_paper_up_to_the_grain():
    line = network_line(written("An", width=101))
    wide = padded(line)
    assert wide.shape[1] % WIDTH_MULTIPLE_PX == 0
    assert np.array_equal(wide[:, : line.shape[1]], line)
    assert (wide[:, line.shape[1] :] == 1).all()


def test_a_crop_is_framed_around_its_ink():
    image = np.full((100, 600), 255, np.uint8)
    image[40:70, 200:300] = 0
    frame = framed(crop(image))
    assert frame.shape[1] < 130
    assert 30 * 1.2 < frame.shape[0] <= 62
    assert (frame < 128).sum() == 30 * 100


def test_a_low_row_of_letters_is_not_blown_up():
    image = np.full((100, 600), 255, np.uint8)
    image[60:64, 200:300] = 0
    assert framed(crop(image)).shape[0] >= 12


@pytest.fixture(scope="module")
def reader():
    from ocrfill.pipeline.recognition.ctc_reader import HandReader
    from ocrfill.pipeline.recognition.model_files import shipped_model

    folder = shipped_model()
    if folder is None:
        pytest.skip("no handwriting model in models/hand")
    return HandReader(folder)


@pytest.mark.onnx
def test_reads_clear_letters(reader):
    reading = reader.read([crop(written("Nam 2006"))])[0]
    assert reading.text == "Nam 2006"
    assert reading.reader == "hand"
    assert "".join(c.text for c in reading.characters) == reading.text
    assert all(0 <= c.score <= 1 for c in reading.characters)
    assert 0 < reading.score <= 1
    assert reading.text not in [a.text for a in reading.alternatives]


@pytest.mark.onnx
def test_a_reading_does_not_depend_on_its_neighbours(reader):
    crops = [crop(written(text, width)) for text, width in (("Ha", 120), ("Noi 12", 300), ("Lan", 121), ("Hoa", 300))]
    alone = tuple(reader.read([one])[0] for one in crops)
    together = reader.read(crops)
    assert [r.text for r in together] == [r.text for r in alone]
    assert np.allclose([r.score for r in together], [r.score for r in alone], rtol=1e-4)


@pytest.mark.onnx
def test_nothing_written_reads_as_nothing(reader):
    blank = np.full((40, 200), 255, np.uint8)
    assert [(r.text, r.score) for r in reader.read([crop(blank)])] == [("", 0.0)]
    assert reader.read([]) == ()


@pytest.mark.onnx
def test_it_goes_to_worker_processes(reader):
    again = pickle.loads(pickle.dumps(reader))
    assert again.version == reader.version


@pytest.mark.onnx
def test_another_file_than_the_cards_is_refused(reader, tmp_path):
    from ocrfill.pipeline.recognition.ctc_reader import HandReader

    shutil.copytree(reader.folder, tmp_path / "m")
    card = json.loads((tmp_path / "m" / "card.json").read_text())
    card["sha256"] = "0" * 64
    (tmp_path / "m" / "card.json").write_text(json.dumps(card))
    with pytest.raises(BadInput, match="SHA-256"):
        HandReader(tmp_path / "m")
    with pytest.raises(BadInput, match="no handwriting model"):
        HandReader(tmp_path / "none")


@pytest.mark.onnx
def test_the_model_is_small_and_its_alphabet_whole(reader):
    from ocrfill.training.alphabet import ALPHABET

    assert (reader.folder / "model.onnx").stat().st_size < 15_000_000
    assert (reader.folder / "alphabet.txt").read_text(encoding="utf-8") == ALPHABET


@pytest.mark.onnx
def test_what_is_known_of_a_crop_pulls_its_reading_alone(reader):
    from ocrfill.pipeline.recognition.language.digit_grammars import NumberGrammar

    crops = [crop(written("Nam 2O06")), crop(written("Nam 2O06"))]
    known, unknown = reader.read(crops, (NumberGrammar(cost=30.0), None))
    assert unknown == reader.read(crops)[1]
    assert not any(c.isalpha() for c in known.text)
    assert any(c.isalpha() for c in unknown.text)


@pytest.mark.onnx
def test_chances_of_a_reading_and_its_alternatives(reader):
    for reading in reader.read([crop(written(text)) for text in ("Nam 2006", "Hieu", "O0l1I")]):
        chances = [reading.score, *(one.score for one in reading.alternatives)]
        assert sum(chances) <= 1 + 1e-9
        assert chances == sorted(chances, reverse=True)
        assert all(c.score >= reading.score - 1e-9 for c in reading.characters)


def test_a_line_may_be_shown_wider():
    line = written("Nguyen")
    assert network_line(line, 1.2).shape == (LINE_HEIGHT_PX, round(420 * LINE_HEIGHT_PX / 64 * 1.2))


CARDS = {
    "nothing": b"", "a list": b"[]", "a text": b'"x"', "too deep": b"[" * 100_000, "no UTF-8": b'{"sha256": "\xe8"}',
    "no version": b'{"sha256": "x"}', "a number for a hash": b'{"sha256": 1, "version": "1"}',
    "lines without end": b'{"sha256": "x", "version": "1", "stretch": 1e308}',
    "lines of no width": b'{"sha256": "x", "version": "1", "stretch": 0}',
    "a number without end": b'{"sha256": "x", "version": ' + b"9" * 5000 + b"}",
}  # fmt: skip


@pytest.mark.onnx
@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_damaged_card_is_told_in_plain_words(reader, tmp_path, card):
    from ocrfill.pipeline.recognition.ctc_reader import HandReader

    shutil.copytree(reader.folder, tmp_path / "m")
    (tmp_path / "m" / "card.json").write_bytes(card)
    with pytest.raises(BadInput, match="holds no handwriting model") as told:
        HandReader(tmp_path / "m")
    assert_plain(str(told.value), tmp_path)


@pytest.mark.onnx
def test_a_card_may_ask_for_wider_lines(reader, tmp_path):
    from ocrfill.pipeline.recognition.ctc_reader import HandReader

    shutil.copytree(reader.folder, tmp_path / "m")
    card = json.loads((tmp_path / "m" / "card.json").read_text())
    (tmp_path / "m" / "card.json").write_text(json.dumps(card | {"stretch": 1.5}))
    line = written("Nam 2006", 800)
    usual, wider = (r.log_probabilities([line])[0] for r in (reader, HandReader(tmp_path / "m")))
    assert 1.3 < len(wider) / len(usual) < 1.6
