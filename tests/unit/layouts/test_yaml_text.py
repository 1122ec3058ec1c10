"""YAML files changed at one place: the content is as wanted, and the rest of the text is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from support.paths import ROOT

from ocrfill.errors import BadInput
from ocrfill.layouts.yaml_edits import AddKey, DropEntry, InsertEntry, RenameKey, SetValue, YamlDocument, value_at
from ocrfill.layouts.yaml_text import with_entry, with_key, with_new_key, with_value, without_entry, yaml_value

LIBRARY = ROOT / "ocrfill" / "layouts" / "library"

AWKWARD = """\
# head
a:   1.50   # one
b: {c: "x, y", d: [1, 2,
     3]}   # over two lines

list:
  # about the first
  - {n: 1}   # first
  - n: 2
    m:
      - deep   # deep

  # about the third
  - "three # no comment"
  -
    n: 4

# tail
text: >
  folded
  text

last: ~
"""


def paths(plain: Any, path: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """Every path of a content but the root."""
    entries = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    for step, value in entries:
        yield (*path, step)
        yield from paths(value, (*path, step))


def held(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize(
    "text", [AWKWARD, AWKWARD.replace("\n", "\r\n"), AWKWARD.rstrip("\n")], ids=["unix", "dos", "end"]
)
@pytest.mark.parametrize("path", list(paths(held(AWKWARD))), ids=str)
def test_every_place_of_an_awkward_file_can_be_changed(text: str, path: tuple[int | str, ...]) -> None:
    for step in (SetValue(path, "néw: [1]"), DropEntry(path)):
        draft = YamlDocument(text)
        draft.take([step])
        draft.checked()  # raises where text and content part
        assert "# head" in draft.text
        assert draft.text.count("\r\n") in (0, draft.text.count("\n"))
    here = value_at(held(text), path)
    if isinstance(here, dict):
        draft = YamlDocument(text)
        draft.take([AddKey(path, "more", {"x": [0.25]}), RenameKey((*path, next(iter(here))), "other")])
        assert draft.checked().count("# tail") == 1
    if isinstance(here, list):
        for place in range(len(here) + 1):
            draft = YamlDocument(text)
            draft.take([InsertEntry(path, place, {"field": "no", "x": [0.5, 1.0]})])
            draft.checked()


@pytest.mark.parametrize("name", ["ks_2006_2015", "kh_a3_14_columns"])
def test_a_changed_layout_differs_in_its_line_only(name: str) -> None:
    text = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8")
    key = "lines" if name.startswith("ks") else "cells"
    lines = text.splitlines()
    changed = without_entry(text, ("body", key, 4)).splitlines()
    assert set(changed) <= set(lines)
    changed = with_value(text, ("fields", "so", "label"), "Số thứ tự").splitlines()
    assert [new for old, new in zip(lines, changed, strict=True) if old != new] == [
        next(line for line in lines if line.startswith("  so:"))
        .replace('"Số"', '"Số thứ tự"')
        .replace('"STT"', '"Số thứ tự"')
    ]


def test_comments_stay_with_their_lines() -> None:
    assert without_entry(AWKWARD, ("list", 0)) == AWKWARD.replace("  - {n: 1}   # first\n", "")
    assert with_value(AWKWARD, ("a",), 2.0) == AWKWARD.replace("1.50", "2.0000")
    assert with_key(AWKWARD, ("a",), "aa") == AWKWARD.replace("a:   1.50", "aa:   1.50")
    assert with_entry(AWKWARD, ("list",), 2, "new") == AWKWARD.replace("deep   # deep\n", "deep   # deep\n  - new\n")
    assert with_entry(AWKWARD, ("b", "d"), 3, 4) == AWKWARD.replace("     3]", "     3, 4]")
    assert with_new_key(AWKWARD, (), "tuning", {"ink": 30}) == AWKWARD + "tuning: {ink: 30}\n"


def test_what_gets_empty_goes_too() -> None:
    assert held(without_entry(AWKWARD, ("list", 1, "m", 0)))["list"][1] == {"n": 2}
    assert without_entry("a: 1\nb: [x]  # gone\n", ("b", 0)) == "a: 1\n"


def test_what_cannot_be_changed_safely_is_refused() -> None:
    draft = YamlDocument("a: {n: 1}\nb: 2\n")
    draft.take([SetValue(("a", "n"), 3)])
    draft.text = draft.text.replace("b: 2", "b: 4")
    with pytest.raises(BadInput, match="cannot be changed safely"):
        draft.checked()


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")))


@given(st.recursive(TEXT | st.booleans() | st.none() | st.integers(), lambda x: st.lists(x) | st.dictionaries(TEXT, x)))
def test_what_is_written_is_read_back(value: Any) -> None:
    assert held(f"k: {yaml_value(value)}\n")["k"] == _composed(value)


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, dict):
        return {_composed(key): _composed(inner) for key, inner in value.items()}
    return [_composed(inner) for inner in value] if isinstance(value, list) else value
