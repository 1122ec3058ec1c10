"""Names of files, books and places, and paths of workspaces."""

from __future__ import annotations

import os
import random
import shutil
import unicodedata
from contextlib import suppress
from pathlib import Path

import click
from support.fuzzing.plain_words import assert_plain
from support.fuzzing.target import Target
from support.fuzzing.values import odd_text

from ocrfill.civil_status.book import Book
from ocrfill.civil_status.orthography import no_character, tidy
from ocrfill.cli.text_option import TEXT
from ocrfill.errors import BadInput, OutputError
from ocrfill.export.originals import short_names
from ocrfill.export.zip_archive import write_zip
from ocrfill.pipeline.scans import find_scans
from ocrfill.store.page_rows import check_text
from ocrfill.store.paths import is_odd_path, place_of, stored_path

PIECES = (
    "KS",
    "KH",
    "KT",
    "CMC",
    "HN",
    ".",
    "-",
    "2006",
    "1999",
    "01",
    "１",
    "०६",
    "2006-2015",
    "/",
    " ",
    "\n",
    "..",
    "\0",
)


class Names(Target):
    """Texts that name something: kept, found again, never leading elsewhere."""

    max_mb = 300

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.scans = folder / "scans"
        self.workspace = folder / "work"
        self.archive = folder / "a.zip"

    def draw(self, chance: random.Random) -> tuple[str, str]:
        if chance.random() < 0.3:
            return "book", "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 9)))
        return chance.choice(("book", "text", "text", "file", "path", "member")), odd_text(chance)

    def check(self, given: tuple[str, str]) -> None:
        kind, text = given
        getattr(self, f"_{kind}")(text)

    def _book(self, text: str) -> None:
        try:
            book = Book.parse(text, "ks", "")
        except BadInput as error:
            assert_plain(str(error), repr(text))
        else:
            assert book.key.isascii()
            assert Book.parse(book.key, "ks", "") == book
            assert book.key == text or book.years[0] == book.years[1], "two names of one book"
        name = Book.parse("KS.2006.01", "ks").record_name(text, 1)
        assert name.isascii()
        assert not set(name) & set('/\\:*?"<>| \n\0'), f"a record's file name {name!r}"

    def _text(self, text: str) -> None:
        kept = tidy(text)
        assert tidy(kept) == kept, "tidy is not done after one time"
        assert no_character(kept) is None
        assert kept == unicodedata.normalize("NFC", kept)
        check_text(kept)
        try:
            assert TEXT.convert(text, None, None) == kept
        except click.UsageError as error:
            assert no_character(text) is not None
            assert_plain(error.message)

    def _file(self, text: str) -> None:
        name = os.fsdecode(text.replace("/", "∕").replace("\0", "")[:200].encode("utf-8", "surrogatepass")[:255])
        shutil.rmtree(self.scans, ignore_errors=True)
        self.scans.mkdir()
        if name in {"", ".", ".."}:
            return
        inner = self.scans / f"d{name}"
        for folder in (self.scans, inner) if len(os.fsencode(inner.name)) <= 255 else (self.scans,):
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(b"\xff\xd8\xff\xe0")
        found = find_scans([self.scans])
        assert all(file.is_relative_to(self.scans) for file in found.scans)
        for file in found.scans:
            try:
                kept = stored_path(self.workspace, file)
            except BadInput as error:
                assert_plain(str(error), file)
                continue
            check_text(kept)
            if is_odd_path(kept):  # it can be shown, and nothing is opened by it
                assert not _is_utf8(file)
            else:
                assert place_of(self.workspace, kept) == file

    def _path(self, text: str) -> None:
        path = Path(text) if len(text) % 2 else self.folder / text
        with suppress(OSError, ValueError):
            if path.is_dir() and not path.resolve().is_relative_to(self.folder):
                return  # a whole disk is not to be searched
        try:
            found = find_scans([path])
            assert all(file.exists() for file in found.scans)
        except BadInput as error:
            assert_plain(str(error), text)
        names = [str(self.folder / "a.jpg"), text or "b.jpg"]
        assert set(short_names(names)) == set(names)

    def _member(self, text: str) -> None:
        try:
            write_zip(self.archive, [(text, b"x")])
        except OutputError as error:
            assert_plain(str(error), repr(text), repr(unicodedata.normalize("NFC", text)))
            return
        parts = Path(text).parts
        assert ".." not in parts
        assert not Path(text).is_absolute()


def _is_utf8(file: Path) -> bool:
    try:
        os.fsencode(file).decode()
    except UnicodeDecodeError:
        return False
    return True
