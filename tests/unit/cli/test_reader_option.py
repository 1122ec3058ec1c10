"""Choosing who reads writing: the option of `ocrfill read`, on a sample page, against its truth."""

import json

import pytest
from click.testing import CliRunner
from support.paths import ROOT

from ocrfill.cli.read import read
from ocrfill.evaluation.ground_truth import load_truth
from ocrfill.evaluation.text_distance import character_error_rate

SAMPLE = ROOT / "samples" / "KS.2006.01" / "0001.jpg"


@pytest.mark.onnx
def test_the_hand_reader_reads_a_sample_page():
    ran = CliRunner().invoke(read, [str(SAMPLE), "--layout", "ks_2006_2015", "--reader", "hand", "--json"])
    assert ran.exit_code == 0, ran.output
    page = json.loads(ran.stdout)["pages"][0]
    assert page["models"][0].startswith("hand ")
    fields = {f["name"]: f for f in page["records"][0]["fields"]}
    pairs = [
        (true.text, fields[true.name]["raw"])
        for true in load_truth(SAMPLE.with_suffix(".json")).records[0].fields
        if true.text and not true.unread
    ]
    assert character_error_rate(pairs) < 0.3  # .11 when this was written; Tesseract gives about .7
    assert {f["reader"] for f in fields.values() if f["raw"]} == {"hand"}


def test_another_reader_is_refused():
    ran = CliRunner().invoke(read, [str(SAMPLE), "--layout", "ks_2006_2015", "--reader", "eyes"])
    assert ran.exit_code == 2
    assert "eyes" in ran.output


@pytest.mark.onnx
@pytest.mark.tesseract
def test_both_readers_are_the_default():
    ran = CliRunner().invoke(read, [str(SAMPLE), "--layout", "ks_2006_2015", "--json"])
    assert ran.exit_code == 0, ran.output
    page = json.loads(ran.stdout)["pages"][0]
    assert page["models"][0].startswith("auto tesseract ")
    assert " + hand " in page["models"][0]
    assert "hand" in {f["reader"] for f in page["records"][0]["fields"]}
