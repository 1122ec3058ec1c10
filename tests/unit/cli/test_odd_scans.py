"""Commands on scans with odd names, odd contents, or too much of it: exit codes, and output all can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrfill.errors import ExitCode

ODD = os.fsdecode(b"k\xe8 \n\x1b[31m.png")


def ocrfill(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ocrfill", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, cwd=cwd, timeout=300)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A folder of scans, one of them with such a name; none of them needs a reader."""
    folder = tmp_path / "KS.2006.01"
    folder.mkdir()
    blank = Image.fromarray(np.full((1754, 1240), 250, np.uint8))
    blank.save(folder / "1.png", dpi=(150, 150))
    blank.point(lambda shade: shade - 1).save(folder / "2.png", dpi=(150, 150))
    (folder / "2.png").rename(folder / ODD)
    (folder / "--help.pdf").write_bytes(b"%PDF-1.4 cut")
    return folder


@pytest.mark.tesseract
@pytest.mark.onnx
@pytest.mark.slow
def test_read_prints_utf_8_whatever_a_file_is_called(book: Path) -> None:
    done = ocrfill("read", ".", "--layout", "ks_2006_2015", "--json", cwd=book)
    assert done.returncode == ExitCode.SOME_PAGES_FAILED, done.stderr
    pages = json.loads(done.stdout.decode())["pages"]
    assert {page["source"] for page in pages} == {"1.png", "k\\xe8 \n\x1b[31m.png", "--help.pdf"}
    assert "k\\xe8 \\n\\x1b[31m.png, page 1: page:" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_cells_and_layouts_are_found_on_such_a_file(book: Path) -> None:
    done = ocrfill("cells", ODD, "--json", cwd=book)
    assert done.returncode == ExitCode.OK, done.stderr
    assert json.loads(done.stdout.decode())["source"] == "k\\xe8 \n\x1b[31m.png"
    done = ocrfill("layout", "check", "ks_2006_2015", "--pages", ".", "--html", "../out.html", cwd=book)
    assert done.returncode == ExitCode.SOME_PAGES_FAILED, done.stderr
    assert b"k\\xe8" in done.stdout
    assert "k\\xe8" in (book.parent / "out.html").read_text(encoding="utf-8")


@pytest.mark.tesseract
@pytest.mark.onnx
@pytest.mark.slow
def test_run_goes_on_and_says_what_to_do(book: Path, tmp_path: Path) -> None:
    """By the way: the file whose name begins with a dash is a file."""
    done = ocrfill("run", book, "--layout", "ks_2006_2015", "--workspace", "my work", cwd=tmp_path)
    told = done.stdout.decode()
    assert done.returncode == ExitCode.SOME_PAGES_FAILED, done.stderr
    assert "name is not UTF-8" in told
    assert "--help.pdf: scan: the PDF is broken or cut off" in told
    assert "ocrfill run --workspace 'my work' --retry-failed" in told
    assert b"\x1b" not in done.stdout
    done = ocrfill("run", "--workspace", "my work", "--json", cwd=tmp_path)
    assert len(json.loads(done.stdout.decode())["failed"]) == 3
    done = ocrfill("status", "--workspace", "my work", cwd=tmp_path)
    assert done.returncode in (ExitCode.OK, ExitCode.SOME_PAGES_FAILED)
    assert b"\x1b" not in done.stdout


def pages_of_one_tag(count: int) -> bytes:
    """A TIFF of so many pages that are hardly there."""
    page = b"\1\0\0\1\4\0\1\0\0\0\x3c\0\0\0"
    places = [8 + 18 * n for n in range(1, count)] + [0]
    return b"II*\0\x08\0\0\0" + b"".join(page + place.to_bytes(4, "little") for place in places)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("read", "bomb.tif", "--layout", "ks_2006_2015", "--json"), ExitCode.SOME_PAGES_FAILED),
        (("cells", "bomb.tif"), ExitCode.BAD_INPUT),
        (("layout", "draft", "bomb.tif", "-o", "draft.yaml"), ExitCode.BAD_INPUT),
        (("layout", "check", "ks_2006_2015", "--pages", "bomb.tif"), ExitCode.SOME_PAGES_FAILED),
        (("layout", "show", "ks_2006_2015", "--page", "bomb.tif", "-o", "layout.png"), ExitCode.BAD_INPUT),
    ],
    ids=lambda words: "-".join(words[:2]) if isinstance(words, tuple) else "",
)
@pytest.mark.slow
def test_each_command_ends_in_a_clear_error(tmp_path: Path, words: tuple[str, ...], code: ExitCode) -> None:
    (tmp_path / "bomb.tif").write_bytes(pages_of_one_tag(60_000))
    done = ocrfill(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert b"the TIFF has more than 10000 pages; split it" in done.stderr + done.stdout
    assert b"Traceback" not in done.stderr
