"""Drawn pages that are kept: the same as drawn anew, found for the same code and arguments, whole or not at all."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.drawn import pages as kept
from support.paths import ROOT

from ocrfill.civil_status.book import Book
from ocrfill.layouts import load_layout
from ocrfill.training import synthetic
from ocrfill.training.synthetic import BAD_SCAN, CLEAN_SCAN, DrawingOptions

pytestmark = pytest.mark.slow

BOOK = Book.parse("KS.2006.01", "ks_2006_2015")
SMALL = DrawingOptions(BAD_SCAN, dpi=40)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ocrfill-tests" / "drawn-pages"


def draw(seed: int = 3, drawing: DrawingOptions = SMALL) -> list[synthetic.DrawnPage]:
    return list(kept.draw_pages(load_layout(BOOK.layout), BOOK, 2, seed, drawing))


def same(one: list[synthetic.DrawnPage], other: list[synthetic.DrawnPage]) -> bool:
    return len(one) == len(other) and all(
        a.jpeg == b.jpeg and a.truth == b.truth and np.array_equal(a.image, b.image) and np.array_equal(a.ink, b.ink)
        for a, b in zip(one, other, strict=True)
    )


def test_kept_pages_are_those_drawn_anew(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anew = list(synthetic.draw_pages(load_layout(BOOK.layout), BOOK, 2, 3, SMALL))
    assert same(draw(), anew)
    (file,) = empty_cache.iterdir()
    monkeypatch.setattr(synthetic, "draw_pages", lambda *_: pytest.fail("drawn again"))
    assert same(draw(), anew)
    assert list(empty_cache.iterdir()) == [file], "nothing half written is left"


def test_a_kept_book_has_the_bytes_of_one_drawn_anew(tmp_path: Path) -> None:
    arguments = (load_layout(BOOK.layout), BOOK, 2, 3, SMALL)
    for _ in range(2):
        found = kept.draw_book(*arguments, out=tmp_path / "kept")
        anew = synthetic.draw_book(*arguments, out=tmp_path / "anew")
        assert {p.name: p.read_bytes() for p in found.iterdir()} == {p.name: p.read_bytes() for p in anew.iterdir()}


def test_another_seed_damage_or_code_is_another_page(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = draw()
    assert not same(draw(seed=4), first)
    assert not same(draw(drawing=DrawingOptions(CLEAN_SCAN, dpi=40)), first)
    assert len(list(empty_cache.iterdir())) == 3
    monkeypatch.setattr(kept, "_drawing_code", lambda: "changed")
    assert same(draw(), first)
    assert len(list(empty_cache.iterdir())) == 4


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no more", None])
def test_a_damaged_file_is_drawn_anew(empty_cache: Path, content: bytes | None) -> None:
    first = draw()
    (file,) = empty_cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert same(draw(), first)
    assert len(file.read_bytes()) == len(whole)


def test_what_was_not_used_for_longest_goes_when_there_is_no_room(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(1)
    (first,) = empty_cache.iterdir()
    monkeypatch.setattr(kept, "MOST_BYTES", first.stat().st_size)
    draw(2)
    assert not first.exists()
    assert len(list(empty_cache.iterdir())) == 1


def test_pages_in_ink_from_files_are_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="may change"):
        draw(drawing=DrawingOptions(hand="ink", ink=(tmp_path,)))


def test_drawing_loads_no_code_that_is_not_part_of_the_key() -> None:
    """But for the packages that the truth's own package brings along: they draw nothing."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, ocrfill.training.synthetic; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    files = {str(file.relative_to(ROOT).with_suffix("")).replace("/", ".") for file in kept.drawing_sources()}
    drawing = {name.removesuffix(".__init__") for name in files}
    besides = ("ocrfill.evaluation", "ocrfill.store", "ocrfill.training", "ocrfill")
    left = {name for name in told if name.startswith("ocrfill")} - drawing
    assert {name for name in left if name not in besides and not name.startswith(besides[:2])} == set()
