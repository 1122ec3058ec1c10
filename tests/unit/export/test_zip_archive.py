"""Zip files: whole or not there, the same bytes for the same members, names that every system unpacks."""

from __future__ import annotations

import errno
import os
import resource
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrfill.errors import OutputError, PageError
from ocrfill.export.zip_archive import write_zip

names = st.text(st.characters(categories=["L", "N"], include_characters="-_.() "), min_size=1, max_size=40).map(
    lambda name: unicodedata.normalize("NFC", f"x-{name}.pdf")  # no name of a device
)
members = st.lists(st.tuples(names, st.binary(max_size=300)), unique_by=lambda m: m[0].casefold(), max_size=8)


@given(members)
def test_members_come_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, given_members: list[tuple[str, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("zip") / "KS.2006.01.zip"
    write_zip(path, given_members)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert [(i.filename, archive.read(i)) for i in archive.infolist()] == given_members
        assert all(i.date_time == (1980, 1, 1, 0, 0, 0) for i in archive.infolist())
    first = path.read_bytes()
    os.utime(path, (0, 0))
    write_zip(path, iter(given_members))
    assert path.read_bytes() == first
    assert list(path.parent.iterdir()) == [path]


def test_dense_members_are_stored_and_others_deflated(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_zip(path, [("a.pdf", b"x" * 5000), ("xl/workbook.xml", b"x" * 5000)])
    with zipfile.ZipFile(path) as archive:
        sizes = [info.compress_size for info in archive.infolist()]
    assert sizes[0] == 5000
    assert sizes[1] < 100


def test_names_are_utf8_in_one_form(tmp_path: Path) -> None:
    path = tmp_path / "sổ.zip"
    write_zip(path, [(unicodedata.normalize("NFD", "Quyển số 1.pdf"), b"1")])
    with zipfile.ZipFile(path) as archive:
        info = archive.infolist()[0]
    assert info.filename == unicodedata.normalize("NFC", "Quyển số 1.pdf")
    assert info.flag_bits & 0x800  # says that the name is UTF-8


@pytest.mark.parametrize("double", ["KS.2006.01.pdf", "ks.2006.01.PDF"])
def test_a_name_twice_is_an_error_and_leaves_nothing(tmp_path: Path, double: str) -> None:
    path = tmp_path / "a.zip"
    with pytest.raises(OutputError, match="two files named"):
        write_zip(path, [("KS.2006.01.pdf", b"1"), (double, b"2")])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a//b",
        "a\\b",
        "c:a",
        "a\nb",
        "a.",
        "x" * 300,
        "a\ud800",
        "\ufffe.pdf",
        "nul.pdf",
        "a/COM1",
        "Con .x",
    ],
)
def test_names_that_cannot_be_unpacked_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="no name"):
        write_zip(tmp_path / "a.zip", [(name, b"")])
    assert not list(tmp_path.iterdir())


def test_a_failing_member_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_zip(path, [("old.pdf", b"old")])
    before = path.read_bytes()

    def failing(error: BaseException) -> Iterator[tuple[str, bytes]]:
        yield "new.pdf", b"new"
        raise error

    for error in (PageError("scan", "broken"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            write_zip(path, failing(error))
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    with pytest.raises(OutputError, match=r"a\.zip"):
        write_zip(tmp_path / "a.zip", [("a.pdf", b"1")])
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"):
        write_zip(tmp_path / "file" / "a.zip", [("a.pdf", b"1")])


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """A limit on a file's size stands for it: the system refuses the write in its midst."""
    path = tmp_path / "a.zip"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(OutputError, match=os.strerror(errno.EFBIG)):
            write_zip(path, [("a.pdf", b"1" * 100_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
