"""Texts on the command line come in composed, for every command; files are found by their name in either form."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.builders.book import KS, made_workspace

from ocrfill.cli import ocrfill
from ocrfill.cli.show import _place
from ocrfill.cli.text_option import TEXT
from ocrfill.store import Store

NO_TEXTS = {"--layout", "--url", "--page", "scan", "files", "name", "--json", "--csv"}
"""Names and addresses of files, pages and servers: these are taken as they are given."""


def options(command: click.Command, context: click.Context) -> Iterator[click.Parameter]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from options(found, context)
    yield from command.params


def test_every_text_of_every_command_comes_in_one_way() -> None:
    texts = [one for one in options(ocrfill, click.Context(ocrfill)) if isinstance(one.type, type(click.STRING))]
    assert {one.opts[-1] for one in texts} <= NO_TEXTS
    assert sum(one.type is TEXT for one in options(ocrfill, click.Context(ocrfill))) >= 9


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (unicodedata.normalize("NFD", "UBND xã Hải Lệ, thị xã Quảng Trị"), "UBND xã Hải Lệ, thị xã Quảng Trị"),
        ("  UBND  xã\tHải Lệ ", "UBND xã Hải Lệ"),
        ("UBND xã \u00d0akrông", "UBND xã Đakrông"),
        ("\ufeffUBND xã\u200b Hải Lệ", "UBND xã Hải Lệ"),
        ("UBND xã Hải Lệ", "UBND xã Hải Lệ"),
    ],
)
def test_a_place_is_kept_composed(tmp_path: Path, given: str, kept: str) -> None:
    workspace = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    words = ["run", "--workspace", str(workspace), "--book", KS.key, "--place", given]
    ran = CliRunner().invoke(ocrfill, words, catch_exceptions=False)
    with Store.open(workspace) as store:
        (book,) = store.books()
    assert book.place == kept, ran.output


@pytest.mark.parametrize("given", ["UBND\udce8", "UBND\0", "UBND\ufffe"])
def test_what_is_no_text_is_a_usage_error(tmp_path: Path, given: str) -> None:
    ran = CliRunner().invoke(ocrfill, ["run", "--workspace", str(tmp_path), "--place", given])
    assert ran.exit_code == 2
    assert "no characters" in ran.output


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("given", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["sổ khai sinh.pdf", "Hải Lệ/sổ khai sinh.pdf"])
def test_a_page_is_found_by_its_files_name_in_either_form(stored: str, given: str, name: str) -> None:
    pages = [("khác.pdf", 3), (unicodedata.normalize(stored, f"x/{name}"), 3)]
    assert _place(unicodedata.normalize(given, f"{name}:3"), pages) == 1


def test_of_two_files_whose_names_differ_in_form_alone_each_is_found() -> None:
    pages = [(unicodedata.normalize(form, "sổ.jpg"), 1) for form in ("NFC", "NFD")]
    assert [_place(name, pages) for name, _ in pages] == [0, 1]
