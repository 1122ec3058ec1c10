"""JSON that comes in: whatever its reader would raise becomes one kind of error, in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.fuzzing.plain_words import assert_plain

from ocrfill.document.json_text import NotJson, parsed_json
from ocrfill.document.result_json import results_in_file
from ocrfill.errors import BadInput

NO_JSON = {
    "too deep": (b"[" * 100_000, "too deep"),
    "objects too deep": (b'{"a":' * 100_000, "too deep"),
    "a number without end": (b"9" * 5000, "thousands of digits"),
    "no UTF-8": (b'"\xe8"', "byte 1 is not UTF-8"),
    "a line in the middle": (b'{\n"a": ?}', "line 2: not JSON"),
    "nothing": (b"", "line 1: not JSON"),
}


@pytest.mark.parametrize(("content", "why"), NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_told(content: bytes, why: str):
    with pytest.raises(NotJson, match=why) as told:
        parsed_json(content)
    assert_plain(str(told.value))


def test_what_is_json_is_given():
    assert parsed_json('{"a": [1, "ệ", null]}'.encode()) == parsed_json('{"a": [1, "ệ", null]}')
    assert parsed_json(b"[1e999, NaN]")[0] == float("inf")  # type: ignore[index]


@pytest.mark.parametrize(("content", "why"), NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_file_of_results_that_is_none_is_told(tmp_path: Path, suffix: str, content: bytes, why: str):
    file = tmp_path / f"results{suffix}"
    file.write_bytes(content.replace(b"\n", b" "))
    if suffix == ".jsonl" and not content:
        assert results_in_file(file) == ()
        return
    with pytest.raises(BadInput, match=why.replace("line 2", "line 1")) as told:
        results_in_file(file)
    assert_plain(str(told.value), file)


def test_a_key_of_a_wrong_result_is_cut(tmp_path: Path):
    file = tmp_path / "results.jsonl"
    file.write_text("\n" + json.dumps({"x\x1b" * 3000: 1}))
    with pytest.raises(BadInput, match="not a page result") as told:
        results_in_file(file)
    assert_plain(str(told.value), file)
