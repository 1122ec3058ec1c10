"""A layout file of any kind is refused with its fault, in little time: what makes much of little is never built."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paths import ROOT

from ocrfill.errors import BadLayout
from ocrfill.layouts import load_layout, shipped_layouts
from ocrfill.layouts.load import parse_layout
from ocrfill.layouts.yaml_limits import MAX_LAYOUT_BYTES, check_yaml

MAX_SECONDS = 10.0
"""Of a busy computer; the slowest of these takes one second of a quiet one."""

MANY = 190_000

LAUGHS = "a: &a {x: 1}\n" + "".join(f"b{i}: &b{i} [*b{i - 1}, *b{i - 1}]\n".replace("*b-1", "*a") for i in range(30))
MERGES = "a: &a {x: 1}\n" + "".join(f"m{i}: &m{i} {{<<: [*a, *a, *a, *a]}}\n" for i in range(20))

REFUSED = {
    "a tree of aliases": (LAUGHS, "line 1: an anchor (&a)"),
    "merges of aliases": (MERGES, "line 1: an anchor (&a)"),
    "an anchor alone": ("name: &n x\n", "line 1: an anchor (&n)"),
    "an alias of itself": ("name: &n [*n]\n", "line 1: an anchor (&n)"),
    "an alias of nothing": ("name: *n\n", "line 1: an alias (*n)"),
    "an anchor on a list further down": ("a: 1\nb:\n  - &c [1]\n", "line 3: an anchor (&c)"),
    "a merge without an alias": ("a: 1\nb: {<<: {c: 1}}\n", "line 2: a merge key (<<)"),
    "a merge of a list": ("<<: [{a: 1}, {b: 2}]\n", "line 1: a merge key (<<)"),
    "an object": ("a: !!python/object/apply:os.system [x]\n", "line 1: a tag ("),
    "bytes": ("a: !!binary eA==\n", "line 1: a tag ("),
    "a set": ("a: !!set {b}\n", "line 1: a tag ("),
    "a tag of one's own": ("a: !x y\n", "line 1: a tag ("),
    "a name without end": ("a: &" + "x" * MANY, "line 1: an anchor (&xxx"),
    "brackets": ("[" * MANY, "within each other"),
    "braces": ("{a: " * (MANY // 4), "within each other"),
    "dashes": ("- " * (MANY // 2), "within each other"),
    "question marks": ("? " * (MANY // 2), "within each other"),
    "indentation": ("".join(" " * i + "a:\n" for i in range(100)), "within each other"),
    "keys without end": ("".join(f"k{i}: 1\n" for i in range(15_000)), "keys and values"),
    "a list without end": ("a: [" + "1," * (MANY // 2) + "]", "keys and values"),
    "documents": ("---\n" * (MANY // 4), "keys and values"),
    "two documents": ("a: 1\n---\nb: 2\n", "another document"),
    "digits": ("version: " + "9" * MANY, "line 1: a number of more than 100 digits"),
    "a time of no zone": ("a: 2006-01-01T00:00:00+99:99", "not YAML"),
    "quotes that do not end": ('a: "' + "x\n" * (MANY // 2), "not YAML"),
    "marks on one letter": ("name: a" + "\u0301\u0323" * 50_000, "line 1: a letter with more than"),
    "a long text": ("name: " + "x" * (MAX_LAYOUT_BYTES + 1), "a layout has at most"),
    "lines": ("a:\n" + " x\n" * (MANY // 3), "is missing"),
    "a mapping as a key": ("? {a: 1}\n: 1\n", "not YAML"),
    "NUL": ("a: \0", "not YAML"),
    "half a surrogate": ("a: \ud800", "not YAML"),
    "U+FFFE": ("a: \ufffe", "not YAML"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_layout_has_is_refused_with_its_fault_and_in_little_time(case: str) -> None:
    text, told = REFUSED[case]
    started = time.process_time()
    with pytest.raises(BadLayout) as error:
        parse_layout(text, "my_book.yaml")
    assert time.process_time() - started < MAX_SECONDS
    assert told in str(error.value)
    assert len(str(error.value)) < 2000


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "my_book.yaml"
    with file.open("wb") as written:
        written.truncate(10**12)  # a file with a hole: the size is only said
    with pytest.raises(BadLayout, match="a layout has at most"):
        load_layout(file)


def test_quoted_marks_are_text() -> None:
    check_yaml('a: "<<"\nb: "&x"\nc: "*x"\nd: "!x"\n', "x")


def test_what_comes_with_ocrfill_is_far_from_every_limit() -> None:
    for name in shipped_layouts():
        text = (ROOT / "ocrfill" / "layouts" / "library" / f"{name}.yaml").read_text(encoding="utf-8")
        check_yaml(text, name)
        assert len(text.encode()) < MAX_LAYOUT_BYTES / 10


SIGNS = (*"{}[]&*!|>-?:,#%'\"\n\t ~<ab1.", "<<: ", "- ", ": ", "fields", "\u0301")
PIECES = st.lists(st.sampled_from(SIGNS), max_size=40)


@given(PIECES.map("".join))
def test_any_text_is_a_layout_or_has_faults(text: str) -> None:
    with pytest.raises(BadLayout):
        parse_layout(text, "my_book.yaml")
