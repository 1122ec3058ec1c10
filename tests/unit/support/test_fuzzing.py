"""The harness of fuzzing: what happens to a child is seen, counted, and its input kept and drawn again."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fuzzing import FUZZERS
from support.fuzzing.campaign import run_campaign
from support.fuzzing.pdfs import pdfs
from support.fuzzing.picture_parts import damaged
from support.fuzzing.pictures import PICTURES
from support.fuzzing.plain_words import assert_known_words, assert_plain
from support.fuzzing.target import SELF_TEST, chance_of, make_target

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import open_scan


def drawn(seed: int, inputs: int, tmp_path) -> Counter[str]:
    target = make_target(SELF_TEST, tmp_path)
    return Counter(target.draw(chance_of(SELF_TEST, seed, number)) for number in range(inputs))


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setattr("support.fuzzing.campaign.FINDINGS", tmp_path / "kept")


def test_every_trouble_is_counted_and_its_input_kept(tmp_path):
    seed, inputs = 86, 60
    expected = drawn(seed, inputs, tmp_path)
    assert all(expected[trouble] == 1 for trouble in ("raise", "die", "hang", "memory")), expected
    report = run_campaign(SELF_TEST, inputs=inputs, seed=seed)
    assert report.inputs == inputs
    assert report.hangs == expected["hang"]
    assert report.crashes == expected["raise"] + expected["die"] + expected["memory"]
    assert report.peak_mb > 300
    assert report.slowest_seconds < 2
    kinds = Counter(finding.input.read_text().strip("'") for finding in report.findings)
    assert set(kinds) == {"raise", "die", "hang", "memory"}
    assert any("SIGSEGV" in finding.what for finding in report.findings)
    assert any(finding.what.startswith("KeyError at self_test.py") for finding in report.findings)


def test_a_campaign_ends_in_time_and_says_how_many_inputs_it_gave():
    report = run_campaign("csv", seconds=0.5)
    assert report.inputs > 100
    assert (report.crashes, report.hangs) == (0, 0)


def test_a_campaign_without_an_end_is_refused():
    with pytest.raises(ValueError, match="how many"):
        FUZZERS["csv"](None, None, 0)


@pytest.mark.parametrize(
    "message",
    ["", "<_io.BytesIO object at 0x7f00deadbeef>", "b'\\x00'", "a\x1b[31m", "x" * 9999, 'File "a.py"', "is \ud800"],
)
def test_what_is_not_in_plain_words_is_told(message):
    with pytest.raises(AssertionError):
        assert_plain(message)


def test_words_of_a_file_are_told():
    assert_known_words("NAME: the file is damaged", {"the", "file", "is", "damaged"}, "NAME")
    with pytest.raises(AssertionError, match="Nguyen"):
        assert_known_words("the file Nguyen is damaged", {"the", "file", "is", "damaged"})


@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff", "bmp", "webp"])
def test_fuzzing_of_pictures_begins_with_sound_ones(kind, tmp_path):
    """Else every input would end at the first look, and nothing behind it would be tried."""
    read = 0
    for place, content in enumerate(PICTURES[kind]()):
        file = tmp_path / str(place)
        file.write_bytes(content)
        with suppress(PageError):  # a form that is named and not read
            read += open_scan(file).page(1).image.size > 0
    assert read >= len(PICTURES[kind]()) - 1
    reached = sum(_reaches_a_page(chance_of(kind, 1, number), kind, tmp_path) for number in range(60))
    assert 6 < reached < 54, "the damage is too small or too great to be of use"


def _reaches_a_page(chance, kind, tmp_path) -> bool:
    file = tmp_path / "damaged"
    file.write_bytes(damaged(chance, kind, chance.choice(PICTURES[kind]())))
    try:
        open_scan(file).page(1)
    except (BadInput, PageError):
        return False
    return True


def test_fuzzing_of_pdfs_begins_with_sound_ones(tmp_path):
    for place, content in enumerate(pdfs()):
        file = tmp_path / f"{place}.pdf"
        file.write_bytes(content)
        if b"/Encrypt" in content:
            with pytest.raises(BadInput, match="password"):
                open_scan(file)
        else:
            assert open_scan(file).pages >= 1


@pytest.mark.parametrize("name", ["annotations", "csv", "html", "names", "settings"])
def test_hypothesis_finds_no_smaller_input_that_fails(name, tmp_path_factory):
    """The same grammars with Hypothesis behind them, which makes what fails as small as it can."""
    target = make_target(name, tmp_path_factory.mktemp(name))

    @given(st.randoms(use_true_random=False))
    @settings(suppress_health_check=list(HealthCheck))
    def stands(chance):
        target.check(target.draw(chance))

    stands()
