"""Messages of errors: what is unseen in a name never reaches a terminal as it is, and keys out of files are cut."""

from __future__ import annotations

import pytest

from ocrfill.errors import MAX_TOLD_KEY_CHARACTERS, BadInput, PageError, place_in_file, seen_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Xã Hải Lệ: 12 trang", "Xã Hải Lệ: 12 trang"),
        ("a\nb", "a\nb"),
        ("a\xa0b\u3000c", "a\xa0b\u3000c"),
        ("a\u2028b", "a<U+2028>b"),
        ("a\x1b[31mb.jpg", "a<U+001B>[31mb.jpg"),
        ("a\0b\r", "a<U+0000>b<U+000D>"),
        ("\u202egpj.a", "<U+202E>gpj.a"),
        ("a\udce8", "a<U+DCE8>"),
        ("Nguye\u0302\u0303n", "Nguye\u0302\u0303n"),
    ],
)
def test_what_is_not_seen_is_named(text, shown):
    assert seen_text(text) == shown
    assert str(BadInput(text)) == shown
    assert str(PageError("scan", text)) == f"scan: {shown}"


@pytest.mark.parametrize("path", ["a.jpg", "a\x1b[31m.jpg", "a\udce8.jpg", "a\u202e.jpg"])
def test_a_message_is_told_without_the_path_where_the_file_is_named_anyway(path):
    assert BadInput(f"{path}: the file is empty").without_path(path) == "the file is empty"


def test_a_place_in_a_file_is_written_as_people_do():
    assert place_in_file(("body", "lines", 3, "y")) == "body.lines.3.y"
    assert place_in_file(()) == ""
    assert len(place_in_file(("x" * 1000, 1))) == MAX_TOLD_KEY_CHARACTERS + 2
