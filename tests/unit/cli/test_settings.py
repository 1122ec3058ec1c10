"""Settings that cannot be meant are refused by their place, whatever is in the file or the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fuzzing.plain_words import assert_plain

from ocrfill.cli.settings import MAX_SETTINGS_BYTES, SETTINGS_FILE_NAME, Settings, load_settings
from ocrfill.errors import BadInput


def written(folder: Path, content: str | bytes) -> Path:
    (folder / SETTINGS_FILE_NAME).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_no_file_means_the_defaults(tmp_path: Path):
    assert load_settings(tmp_path, {}) == Settings()


def test_a_variable_wins_over_the_file(tmp_path: Path):
    found = load_settings(written(tmp_path, "jobs = 4\npage_seconds = 86400\n"), {"OCRFILL_JOBS": "2"})
    assert (found.jobs, found.page_seconds) == (2, 86_400.0)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("jobs = " + "[" * 3000, "too deep"),
        ("a = " + "{a=" * 3000, "too deep"),
        ("jobs = " + "9" * 5000, "a number too long"),
        ("jobs = 0x" + "f" * 6000, "a number too long"),
        ("jobs = 1_000_000", "jobs: Input should be less than or equal to 1024"),
        ("page_seconds = inf", "page_seconds: Input should be less than or equal to 86400"),
        ("page_seconds = nan", "page_seconds: "),
        ("page_seconds = 1e308", "page_seconds: "),
        ('store = "postgresql+pg8000://a\\u0000b"', "store: Value error, holds control characters"),
        ('label_studio = "/opt/\\u0000"', "label_studio: Value error, holds control characters"),
        ('label_studio = "\\n"', "label_studio: Value error, holds control characters"),
        ('"jo\\u001b[31mbs" = 1', "jo<U+001B>[31mbs: no such setting"),
        (f'"{"j" * 5000}" = 1', "j…: no such setting"),
        (b"jobs = 1 # \xff", "byte 11 is not UTF-8"),
        ("#" * (MAX_SETTINGS_BYTES + 1), "larger than any settings"),
        ("jobs = 1\njobs = 2", "is no TOML file"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, content: str | bytes, fault: str):
    with pytest.raises(BadInput) as told:
        load_settings(written(tmp_path, content), {})
    assert fault in str(told.value)
    assert_plain(str(told.value), tmp_path)


@pytest.mark.parametrize("text", ["inf", "nan", "-1", "1e999", "1" * 5000, "\udce8", "", "0x10", "三"])
def test_a_variable_that_cannot_be_meant_is_refused(tmp_path: Path, text: str):
    for name in ("OCRFILL_JOBS", "OCRFILL_PAGE_SECONDS"):
        with pytest.raises(BadInput, match=f"environment variable {name}: ") as told:
            load_settings(tmp_path, {name: text})
        assert_plain(str(told.value), tmp_path)
