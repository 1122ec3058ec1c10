"""`ocrfill read` from the command line, with a stand-in for Tesseract."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.drawn.pages import draw_pages
from support.fakes.tesseract import install_fake

from ocrfill.civil_status.book import Book
from ocrfill.cli.read import CSV_HEADS, PageNumbers, PageNumbersType, read
from ocrfill.document.result_json import from_document
from ocrfill.errors import ExitCode
from ocrfill.layouts import load_layout
from ocrfill.training.synthetic import DrawingOptions

pytestmark = pytest.mark.slow

LAYOUT = "ks_2006_2015"


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    layout = load_layout(LAYOUT)
    return next(draw_pages(layout, Book.parse("KS.2006.01", LAYOUT), 1, 5, DrawingOptions(hand="print", dpi=150))).jpeg


@pytest.fixture
def folder(tmp_path: Path, jpeg: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good page and one broken one."""
    install_fake(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "1.jpg").write_bytes(jpeg)
    (scans / "2.jpg").write_bytes(b"no picture")
    return scans


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(read, [str(a) for a in arguments], catch_exceptions=False, standalone_mode=False)


def test_json_has_all_pages_and_the_bad_one_is_told(folder: Path) -> None:
    done = call(folder, "--layout", LAYOUT, "--json")
    assert done.return_value == ExitCode.SOME_PAGES_FAILED
    document = json.loads(done.stdout)
    assert list(document) == ["format", "ocrfill", "pages"]
    good, bad = (from_document(page) for page in document["pages"])
    assert good.failure is None
    assert len(good.records) == 1
    assert bad.failure is not None
    assert (bad.page, bad.failure.stage) == (0, "scan")
    assert "2.jpg: scan: " in done.stderr


def test_layout_auto_finds_the_layout_of_each_page(folder: Path) -> None:
    done = call(folder, "--layout", "auto")
    assert "1.jpg, page 1: Sổ đăng ký khai sinh 2006-2015" in done.stdout.splitlines()[0]
    assert "2.jpg: scan: " in done.stderr


def test_csv_has_a_line_a_field(folder: Path) -> None:
    done = call(folder / "1.jpg", "--layout", LAYOUT, "--csv")
    assert done.return_value == ExitCode.OK
    heads, *rows = csv.reader(io.StringIO(done.stdout))
    assert tuple(heads) == CSV_HEADS
    assert [row[heads.index("field")] for row in rows] == list(load_layout(LAYOUT).fields)
    assert all(len(row) == len(heads) for row in rows)


def test_text_names_sections_and_labels(folder: Path) -> None:
    done = call(folder / "1.jpg", "--layout", LAYOUT)
    lines = done.stdout.splitlines()
    assert "1.jpg, page 1: Sổ đăng ký khai sinh" in lines[0]
    assert any(line.startswith("    Họ và tên: ") and "(review 0.95" in line for line in lines)
    assert "    Chữ ký: (not read)" in lines


def test_only_wanted_pages(folder: Path) -> None:
    done = call(folder / "1.jpg", "--layout", LAYOUT, "--pages", "2-", "--csv")
    assert done.return_value == ExitCode.SOME_PAGES_FAILED
    assert "none of the wanted pages" in done.stderr


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [("1", [1], [2]), ("1,3-5", [1, 3, 5], [2, 6]), ("8-", [8, 900], [7]), (" 2 - 3 , 7", [2, 3, 7], [1, 4])],
)
def test_page_numbers(text: str, inside: list[int], outside: list[int]) -> None:
    numbers: PageNumbers = PageNumbersType().convert(text, None, None)
    assert all(n in numbers for n in inside)
    assert not any(n in numbers for n in outside)


@pytest.mark.parametrize("text", ["", "0", "5-3", "a", "1,,2", "-3", "1-2-3"])
def test_page_numbers_with_faults(text: str) -> None:
    done = CliRunner().invoke(read, ["x", "--layout", LAYOUT, "--pages", text])
    assert done.exit_code == 2
