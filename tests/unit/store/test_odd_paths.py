"""A workspace's store lies in that workspace, whatever its path is called, and is nobody else's."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from support.builders.stored_book import KEY, filled, write_all

from ocrfill.cli.settings import Settings
from ocrfill.cli.workspace import open_store
from ocrfill.errors import BadInput
from ocrfill.store import Store

ODD_NAMES = (
    "v?a",
    "v",
    "So%20ho%20tich",
    "So ho tich",
    "So+ho+tich",
    "Sổ hộ tịch xã Hải Lệ",
    unicodedata.normalize("NFD", "Sổ hộ tịch xã Hải Lệ"),  # another folder, on Linux
    "a#b",
    "a",
    "a%3Fb",
    "a%2Fb",
    "a%",
    "100%25",
    "a?mode=memory&cache=shared",
    "a;b=c",
    "a:b@c",
    "file:x?mode=ro",
    "sqlite:",
    ":memory:",
    "a'b\"c`d",
    "a\\b",
    "a\nb",
    " a ",
    "-a",
    "~",
    "$HOME",
    "a\udce8b",  # no UTF-8: a byte E8
    "work.sqlite",
)


def files_in(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("inner", ["", "b?c%20d#e"])
def test_every_store_lies_in_its_own_folder(tmp_path: Path, inner: str) -> None:
    for pages, name in enumerate(ODD_NAMES, 1):
        with open_store(tmp_path / name / inner, Settings(), create=True) as store:
            assert store.books() == (), f"{name!r} has another workspace's store"
        with filled(tmp_path / name / inner / "ocrfill.sqlite", pages) as store:
            write_all(store)
    assert files_in(tmp_path) == {(Path(name) / inner / "ocrfill.sqlite").as_posix() for name in ODD_NAMES}
    for pages, name in enumerate(ODD_NAMES, 1):
        with open_store(tmp_path / name / inner, Settings()) as store, store.locked():
            assert len(list(store.pages(KEY))) == pages


@pytest.mark.parametrize("name", ["v?a", "So%20ho", "a#b", "file:x?mode=memory", ":memory:", "./a/../b?"])
def test_a_store_given_by_a_relative_path_stays_where_it_was_opened(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").mkdir()
    Path("elsewhere").mkdir()
    with filled(Path(name), 2) as store:
        monkeypatch.chdir("elsewhere")
        assert len(store.todo()) == 2
    assert list(Path().iterdir()) == []
    with Store.open(tmp_path / name) as store:
        assert len(store.todo()) == 2


@pytest.mark.parametrize("store", ["", "other", "../other/ocrfill.sqlite", "/srv/ocrfill.sqlite", "file:x?mode=rwc"])
def test_a_path_in_the_settings_is_no_store(tmp_path: Path, store: str) -> None:
    with pytest.raises(BadInput, match="the URL of a database"):
        open_store(tmp_path, Settings(store=store), create=True)
    assert list(tmp_path.iterdir()) == []
