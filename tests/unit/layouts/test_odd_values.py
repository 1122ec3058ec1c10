"""Values in a layout that nobody means: told soon and in plain words, never a traceback, never without end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.fuzzing.plain_words import assert_plain
from support.fuzzing.targets.layouts import FORM, TABLE

from ocrfill.errors import MAX_TOLD_FAULTS, BadInput, BadLayout
from ocrfill.layouts import load_layout, parse_layout

MAX_SECONDS = 5.0
"""Of the processor; without the bounds each of these took minutes, and memory without end."""

PLACES = ("version: 1", "kind: KS", "x: 0.1", "size: 13", "style: bold", "kind: name", "width: 210", "ink: 40")

ENDLESS = "0x" + "f" * 6000
"""A whole number that Python makes of its text and then refuses to write as decimals."""


def refused(text: str) -> str:
    began = time.process_time()
    with pytest.raises(BadLayout) as told:
        parse_layout(text, "x.yaml")
    assert time.process_time() - began < MAX_SECONDS
    assert_plain(str(told.value))
    return str(told.value)


def test_the_layouts_that_are_changed_here_are_sound():
    assert [parse_layout(text, "x.yaml").name for text in (FORM, TABLE)] == ["phieu", "bang"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (TABLE.replace("lines: [1, 2]}", "lines: [-1000000000, 2]}"), "cells.0.lines: a record has lines 1 to 2"),
        (TABLE.replace("lines: [1, 2]}", "lines: [1, 1000000000]}"), "cells.0.lines: a record has lines 1 to 2"),
        (
            TABLE.replace("lines: [1, 2]}", "lines: [1, 1000000000]}").replace(
                "lines_per_record: 2", "lines_per_record: 1000000000"
            ),
            "lines_per_record: must be from 1 to 100",
        ),
        (TABLE.replace("records: 5", "records: 1000000000"), "records: must be from 1 to 100"),
    ],
)
def test_a_table_of_a_thousand_million_lines_is_refused_at_once(text: str, fault: str):
    assert fault in refused(text)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        *((old, f"{old.partition(':')[0]}: {ENDLESS}", "a number of more than 100 digits") for old in PLACES),
        ("- y: 0.2", f"- {ENDLESS}: 0.2", "a number of more than 100 digits"),
        ("version: 1", "version: 100001", "version: 100001 is not possible: must be at most 100000"),
        ("version: 1", "version: " + "9" * 5000, "a number of more than 100 digits"),
        ("version: 1", "version: -" + "9_" * 5000, "a number of more than 100 digits"),
        ("version: 1", "version: 0o" + "7" * 5000, "a number of more than 100 digits"),
        ("version: 1", "version: 1" + "0" * 90, "version: 1000000"),
    ],
)
def test_a_number_without_end_is_told(old: str, new: str, fault: str):
    assert fault in refused(FORM.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("kind: KS", 'kind: "K\\x1b[31m"', "kind: 'K<U+001B>[31m' is not possible"),
        ("section:", '"se\\u202ection":', "fields.noi.se<U+202E>ction: no such key here"),
        ("style: bold", 'style: "\\0"', "style: '<U+0000>' is not possible"),
        ("kind: KS", f'kind: "{"K" * 3000}"', f"kind: '{'K' * 39}…' is not possible"),
        ("section:", f'"{"s" * 200}":', f"fields.noi.{'s' * 59}…: no such key here"),
    ],
)
def test_what_is_unseen_or_long_is_named_and_cut(old: str, new: str, fault: str):
    assert fault in refused(FORM.replace(old, new, 1))


def test_of_very_many_faults_the_first_are_told():
    many = "".join(f"  f{number}: {{}}\n" for number in range(300))
    told = refused(FORM.replace("fields:\n", f"fields:\n{many}"))
    assert told.count("\n") == MAX_TOLD_FAULTS + 1
    assert told.endswith("more")


@pytest.mark.parametrize("name", ["x" * 5000 + ".yaml", "a\0b.yaml", "\ud800.yaml"])
def test_a_name_that_no_file_can_have_is_told(name: str, tmp_path: Path):
    for path in (name, tmp_path / name):
        with pytest.raises(BadInput) as told:
            load_layout(path)
        assert_plain(str(told.value), name)


LONG = "x" * 3000


@pytest.mark.parametrize(
    "text",
    [
        FORM.replace("{field: so, x: [0.2, 0.3]}", f"{{field: {LONG}, x: [0.2, 0.3]}}"),
        FORM.replace("columns: {so: value}", f"columns: {{so: {LONG}}}"),
        FORM.replace("value: Nam,", f"value: {LONG},"),
        FORM.replace("columns: {so: value}", f"columns: {{{LONG[:900]}: value}}"),
        TABLE.replace("{field: so, column: 1", f"{{field: {LONG}, column: 1"),
        TABLE.replace("{field: vo, column: 2, lines: [2, 2]}", f"{{field: {LONG}, column: 2, lines: [1, 2]}}"),
    ],
)
def test_a_name_of_thousands_of_letters_is_cut_wherever_it_is_told(text: str):
    assert max(map(len, refused(text).splitlines())) < 600
