"""Readers, with a stand-in for the Tesseract program where one must misbehave."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.fakes.tesseract import install_fake

from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, Strip
from ocrfill.errors import ExitCode, MissingProgram, PageError
from ocrfill.pipeline.recognition import TesseractReader
from ocrfill.pipeline.recognition.tesseract import LINE_HEIGHT_PX, SECOND_LINE_HEIGHT_PX
from ocrfill.pipeline.recognition.tesseract_line import MARGIN_PX, MAX_LINE_WIDTH_PX, line_image

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a stand-in `tesseract` on the path; the returned file gets an x for each call."""

    def fake(**misbehaviour: str) -> Path:
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        return install_fake(tmp_path, **misbehaviour)

    return fake


def crop(width: int, height: int = LINE_HEIGHT_PX) -> Crop:
    """A crop that is all ink, so that its line image is `width` + 2 margins wide."""
    image = np.zeros((height, width), dtype=np.uint8)
    return Crop(image, image == 0, Strip(Box(0, 0, width, height), height))


def test_one_call_reads_all_crops_in_order(install: Install) -> None:
    calls = install()
    readings = TesseractReader().read([crop(width) for width in (30, 20, 25)])
    assert [r.text for r in readings] == [f"w{width + 2 * MARGIN_PX} Nguyễn" for width in (30, 20, 25)]
    assert calls.read_text() == "x"


def test_scores_are_those_of_the_words(install: Install) -> None:
    install()
    (reading,) = TesseractReader().read([crop(30)])
    assert reading.score == pytest.approx(0.9525)
    assert "".join(c.text for c in reading.characters) == reading.text
    assert [c.score for c in reading.characters] == pytest.approx([0.975] * 3 + [0.9525] * 7)
    assert reading.reader == "tesseract"


def test_doubtful_lines_are_looked_at_again_in_another_size(install: Install) -> None:
    calls = install(unsure=str(30 + 2 * MARGIN_PX))
    first, second = TesseractReader().read([crop(20), crop(30)])
    assert calls.read_text() == "xx"
    assert (first.text, first.alternatives) == (f"w{20 + 2 * MARGIN_PX} Nguyễn", ())
    assert second.text == f"w{round(30 * SECOND_LINE_HEIGHT_PX / LINE_HEIGHT_PX) + 2 * MARGIN_PX} Nguyễn"
    assert second.score == pytest.approx(0.9525)
    assert [(a.text, a.score) for a in second.alternatives] == [
        (f"w{30 + 2 * MARGIN_PX} Nguyễn", pytest.approx(0.6025))
    ]


def test_one_bad_crop_costs_only_itself(install: Install) -> None:
    install(crash=str(25 + 2 * MARGIN_PX))
    readings = TesseractReader().read([crop(width) for width in (30, 20, 25, 40, 50)])
    assert [bool(r.text) for r in readings] == [True, True, False, True, True]
    assert readings[2].score == 0.0
    assert readings[2].characters == ()


def test_a_tesseract_that_always_crashes_fails_the_page(install: Install) -> None:
    install(crash="all")
    with pytest.raises(PageError) as caught:
        TesseractReader().read([crop(30), crop(20)])
    assert caught.value.stage == "read"


def test_time_running_out_fails_the_page(install: Install, tmp_path: Path) -> None:
    install(sleep=str(30 + 2 * MARGIN_PX))
    with pytest.raises(PageError, match="took more than 1 s for 2 lines"):
        TesseractReader(timeout=1).read([crop(20), crop(30)])
    assert {p.name for p in tmp_path.iterdir()} == {"bin", "calls"}, "temporary files were left behind"


def test_nothing_to_read_calls_nothing(install: Install) -> None:
    calls = install()
    assert TesseractReader().read([]) == ()
    assert not calls.exists()


def test_a_missing_language_names_its_package(install: Install) -> None:
    install()
    with pytest.raises(MissingProgram, match="apt-get install tesseract-ocr-jpn") as caught:
        TesseractReader("vie+jpn")
    assert caught.value.exit_code == ExitCode.MISSING_PROGRAM


def test_a_missing_tesseract_says_how_to_install_it(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingProgram, match="apt-get install tesseract-ocr tesseract-ocr-vie"):
        TesseractReader()


def test_a_reader_pickles(install: Install) -> None:
    install()
    reader = TesseractReader(timeout=7)
    assert pickle.loads(pickle.dumps(reader)) == reader


def test_line_images_have_one_height_and_a_margin() -> None:
    for height in (10, 28, 90):
        image = line_image(crop(4 * height, height), LINE_HEIGHT_PX)
        assert image.shape == (LINE_HEIGHT_PX + 2 * MARGIN_PX, 4 * LINE_HEIGHT_PX + 2 * MARGIN_PX)
        assert (image[:MARGIN_PX] == 255).all()
        assert (image[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] == 0).all()


def test_a_line_image_leaves_out_paper_around_the_ink() -> None:
    image = np.full((80, 400), 255, dtype=np.uint8)
    cv2.rectangle(image, (100, 30), (180, 57), 20, -1)
    line = line_image(Crop(image, image < 128, Strip(Box(0, 0, 400, 80), 57)), 28)
    assert line.shape == (28 + 2 * MARGIN_PX, 81 + 2 * MARGIN_PX)


def test_a_speck_does_not_set_the_scale() -> None:
    image = np.full((100, 400), 255, dtype=np.uint8)
    cv2.rectangle(image, (20, 60), (380, 87), 20, -1)
    image[2, 5] = 20
    line = line_image(Crop(image, image < 128, Strip(Box(0, 0, 400, 100), 87)), 28)
    assert abs(line.shape[1] - (376 + 2 * MARGIN_PX)) <= 20


def test_line_images_of_odd_crops() -> None:
    blank = np.full((20, 50), 255, dtype=np.uint8)
    assert (line_image(Crop(blank, blank < 128, Strip(Box(0, 0, 50, 20), 15)), LINE_HEIGHT_PX) == 255).all()
    assert line_image(crop(1, 1), LINE_HEIGHT_PX).size
    assert line_image(crop(60_000, 40), LINE_HEIGHT_PX).shape[1] <= MAX_LINE_WIDTH_PX + 2 * MARGIN_PX
