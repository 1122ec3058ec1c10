"""What leaves as CSV and Excel: no cell of it is a formula, whatever was read or typed."""

from __future__ import annotations

import csv
import io
import random
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook
from support.builders.book import KS, ks_layout, made_record, made_result, stored
from support.fuzzing.target import Target
from support.fuzzing.values import odd_text

from ocrfill.document.result import Issue
from ocrfill.export.csv_jsonl import csv_lines, json_lines, text_for_csv
from ocrfill.export.entries import entries
from ocrfill.export.workbook import import_workbook

PIECES = (
    "=", "+", "-", "@", "＝", "＋", "﹢", "＠", "－", " ", "\t", "\n", "\r", "\x0b", "\x1c", "\u2028", "\x85", '"', "'",
    ";", ",", "\ufeff", "\u200b", "\xa0", "\0", "a", "1", "=1+1", "cmd|' /C calc'!A0", "SUM(A1)", "|", "\\", "﹦",
    "⁼", "−",
)  # fmt: skip
LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def formula_texts(chance: random.Random) -> str:
    """A text near a formula."""
    if chance.random() < 0.2:
        return odd_text(chance)
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 9)))


def assert_no_formula(text: str) -> None:
    """No spreadsheet program may take a part of the text for a formula, wherever it begins a cell."""
    pieces = [text]
    for separator in (*LINE_ENDS, "\t", ";"):
        pieces = [part for piece in pieces for part in piece.split(separator)]
    for piece in pieces:
        bare = piece
        while bare and (bare[0] == '"' or unicodedata.category(bare[0])[0] in "ZC"):
            bare = bare[1:]
        first = unicodedata.normalize("NFKC", bare[:1])[:1]
        assert first not in {"=", "+", "-", "@"}, f"a formula in {text!r}"


class CsvTexts(Target):
    """`text_for_csv` alone: quick, so that many are tried."""

    max_mb = 350

    def draw(self, chance: random.Random) -> str:
        return formula_texts(chance)

    def check(self, given: str) -> None:
        shown = text_for_csv(given)
        assert_no_formula(shown)
        assert shown.replace("'", "") == given.replace("'", ""), "a text was changed by more than apostrophes"


class Exports(Target):
    """CSV, JSON lines and the Excel sheets of a record with such texts, read back."""

    max_mb = 400

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.layout = ks_layout()
        self.record = made_record(self.layout)
        self.heads = ("STT", "so", "nksHoTen", "noiDangKy", "nksNoiSinh")

    def draw(self, chance: random.Random) -> list[str]:
        texts = [formula_texts(chance) for _ in range(4)]
        return [text.encode("utf-8", "replace").decode().replace("\0", "") for text in texts]  # what a store can hold

    def check(self, given: list[str]) -> None:
        raw, normalised, issue, scan = given
        fields = [replace(f, raw=raw, normalised=normalised, issues=(Issue("a.b", issue),)) for f in self.record.fields]
        record = replace(self.record, fields=tuple(fields[:6]), issues=(Issue("a.c", issue),))
        page = stored(f"/scans/{scan}", made_result(f"/scans/{scan}", record))
        book = replace(KS, place=raw)
        found = tuple(entries(book, self.layout, [page]))
        text = "".join(csv_lines(book, found))
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        assert len(rows) == 1 + len(record.fields) * len(found)
        for row in rows:
            for cell in row[:-1]:
                assert_no_formula(cell)
        assert "".join(json_lines(book, found)).count("\n") == len(found)
        self._check_workbook(found)

    def _check_workbook(self, found: tuple) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in import_workbook("DL Import", self.heads, found):
                archive.writestr(name, content)
        book = load_workbook(packed)
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type in {"s", "n", "inlineStr"}, f"a cell of type {cell.data_type}"
                    assert cell.value is None or isinstance(cell.value, str)
