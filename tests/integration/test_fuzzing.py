"""Inputs that nobody should send, by the thousand: each gives a result, or an error in plain words, soon.

Here a few of each with a fixed seed; with --nightly more than a million in all, with a seed of the day. An input that
fails is kept under out/fuzzing, and its name tells fuzzer, seed and number.
"""

from __future__ import annotations

import datetime

import pytest
from support.fuzzing import FUZZERS, FuzzReport

PICTURES = ("jpeg", "png", "tiff", "bmp", "webp", "pdf", "scans_guided")
OTHERS = tuple(name for name in FUZZERS if name not in PICTURES)

SHORT_INPUTS = {
    "jpeg": 500, "png": 500, "tiff": 700, "bmp": 300, "webp": 300, "pdf": 120, "scans_guided": 500, "layouts": 120,
    "annotations": 500, "server_answers": 100, "server_access": 100, "truths": 300, "trust": 300, "calibrators": 200,
    "results": 300, "settings": 300, "stores": 40, "names": 500, "csv": 1000, "exports": 60, "html": 200,
}  # fmt: skip
"""Some thirty seconds of the processor in all, half of them for loading libraries."""

NIGHTLY_INPUTS = {
    "jpeg": 120_000, "png": 120_000, "tiff": 150_000, "bmp": 60_000, "webp": 60_000, "pdf": 20_000,
    "scans_guided": 150_000, "layouts": 30_000, "annotations": 80_000, "server_answers": 15_000,
    "server_access": 20_000,
    "truths": 60_000, "trust": 60_000, "calibrators": 40_000, "results": 50_000, "settings": 60_000, "stores": 4000,
    "names": 60_000, "csv": 60_000, "exports": 10_000, "html": 30_000,
}  # fmt: skip
"""By what each input costs, from a tenth of a millisecond (CSV) to 80 (a store): half an hour of the processor."""


def assert_sound(report: FuzzReport, inputs: int) -> None:
    found = "\n".join(f"{finding.kind}: {finding.what}\n  {finding.input}" for finding in report.findings)
    assert (report.crashes, report.hangs) == (0, 0), f"{report}\n{found}"
    assert report.inputs == inputs


def test_a_million_inputs_come_together():
    assert sum(NIGHTLY_INPUTS.values()) + sum(SHORT_INPUTS.values()) >= 1_000_000
    assert set(NIGHTLY_INPUTS) == set(SHORT_INPUTS) == set(FUZZERS)


@pytest.mark.poppler
@pytest.mark.parametrize("name", PICTURES)
def test_damaged_scans(name):
    assert_sound(FUZZERS[name](None, SHORT_INPUTS[name], 1), SHORT_INPUTS[name])


@pytest.mark.parametrize("name", OTHERS)
def test_odd_files_and_texts(name):
    assert_sound(FUZZERS[name](None, SHORT_INPUTS[name], 1), SHORT_INPUTS[name])


def seed_of_today() -> int:
    return datetime.datetime.now(datetime.UTC).date().toordinal()


@pytest.mark.nightly
@pytest.mark.poppler
@pytest.mark.timeout(3 * 3600)
@pytest.mark.parametrize("name", PICTURES)
def test_very_many_damaged_scans(name):
    assert_sound(FUZZERS[name](None, NIGHTLY_INPUTS[name], seed_of_today()), NIGHTLY_INPUTS[name])


@pytest.mark.nightly
@pytest.mark.timeout(3 * 3600)
@pytest.mark.parametrize("name", OTHERS)
def test_very_many_odd_files_and_texts(name):
    assert_sound(FUZZERS[name](None, NIGHTLY_INPUTS[name], seed_of_today()), NIGHTLY_INPUTS[name])
