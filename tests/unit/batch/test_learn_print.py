"""A run learns a book's print before it reads, keeps it, and notices another printing when it has read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner
from support.drawn.pages import draw_pages
from support.fakes.executor import HereExecutor
from support.fakes.reader import no_progress
from support.fakes.silent_reader import SilentReader

from ocrfill.batch import BookOptions, Job, execute_plan, plan_run
from ocrfill.batch.worker import read_job
from ocrfill.civil_status.book import Book
from ocrfill.cli import ocrfill
from ocrfill.document.book_print import has_print
from ocrfill.document.result import PageResult
from ocrfill.document.template import FormTemplate
from ocrfill.errors import BadInput, StoreError
from ocrfill.layouts import load_layout
from ocrfill.pipeline.recognition import Reader
from ocrfill.store import Store
from ocrfill.store.book_prints import load_prints, prints_file, prints_of
from ocrfill.training.synthetic.degradation import REPRINTED_FORM
from ocrfill.training.synthetic.options import DrawingOptions

KEY, FORM = "KS.2006.01", "ks_2006_2015"


@cache
def printing(seed: int) -> tuple[bytes, ...]:
    """Four pages of one printing as PNG files."""
    options = DrawingOptions(REPRINTED_FORM, "print", 150.0)
    pages = draw_pages(load_layout(FORM), Book.parse(KEY, FORM), 4, seed, options)
    return tuple(cv2.imencode(".png", page.image)[1].tobytes() for page in pages)


def lay(scans: Path, first: int, pages: tuple[bytes, ...]) -> None:
    folder = scans / KEY
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages, first):
        (folder / f"{number:04d}.png").write_bytes(page)


@dataclass(frozen=True)
class Silent:
    """The pipeline with readers that read nothing: only where things lie counts."""

    def __call__(self) -> Callable[[Job], PageResult]:
        readers: Mapping[str, Reader] = dict.fromkeys(("writing", "hand", "tesseract", "tick"), SilentReader())
        return partial(read_job, readers)


def run(work: Path, scans: Path) -> list[PageResult]:
    order = plan_run([scans], None, BookOptions(FORM))
    with Store.open(work, create=True) as store:
        execute_plan(order, store, Silent(), lambda _: HereExecutor(), no_progress)
        return [page.result for page in store.pages(KEY) if page.result is not None]


def test_a_book_s_print_is_learnt_once_kept_and_used(tmp_path: Path) -> None:
    work, scans = tmp_path / "work", tmp_path / "scans"
    lay(scans, 1, printing(3)[:2])
    assert not any(has_print(page.models) for page in run(work, scans)), "two pages are read as before"
    assert load_prints(work, KEY) is None
    lay(scans, 3, printing(3)[2:])
    read = run(work, scans)
    assert [has_print(page.models) for page in read] == [False, False, True, True]
    learnt = load_prints(work, KEY)
    assert learnt is not None
    ((one),) = learnt.prints
    assert (one.version, one.model, len(one.pages)) == (1, "print 1", 4)
    assert prints_file(work, KEY).stat().st_mode & 0o077 == 0
    before = prints_file(work, KEY).read_bytes()
    assert run(work, scans) == read
    assert prints_file(work, KEY).read_bytes() == before

    picture = tmp_path / "print.png"
    words = ["show", "--workspace", str(work), "--book", KEY, "--print", "-o", str(picture)]
    told = CliRunner().invoke(ocrfill, words, standalone_mode=False)
    assert "print 1 of 1, learnt from 4 pages" in told.output
    assert cv2.imread(str(picture)).shape[1] > 900
    with pytest.raises(BadInput, match="has prints 1 to 1"):
        ocrfill.main([*words[:-3], "--print", "2", *words[-2:]], standalone_mode=False)


def test_another_printing_that_comes_later_is_learnt_apart(tmp_path: Path) -> None:
    work, scans = tmp_path / "work", tmp_path / "scans"
    lay(scans, 1, printing(3))
    run(work, scans)
    lay(scans, 5, printing(9)[:3])
    read = run(work, scans)
    assert [has_print(page.models) for page in read] == [True] * 4 + [False] * 3
    learnt = load_prints(work, KEY)
    assert learnt is not None
    assert [one.version for one in learnt.prints] == [1, 2]
    lay(scans, 8, printing(9)[3:])
    assert run(work, scans)[-1].models[-1] == "print 2"


def test_a_print_of_another_layout_is_not_used_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    work, scans = tmp_path / "work", tmp_path / "scans"
    lay(scans, 1, printing(3)[:3])
    run(work, scans)
    file = prints_file(work, KEY)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"layout_version": 1', '"layout_version": 7'), encoding="utf-8")
    lay(scans, 4, printing(3)[3:])
    assert has_print(run(work, scans)[-1].models)
    assert '"layout_version": 1' in file.read_text(encoding="utf-8"), "learnt again"
    for damaged in ("", "{", text[: len(text) // 2], text.replace('"format": 1', '"format": 2'), "\0" * 100):
        file.write_text(damaged, encoding="utf-8")
        with pytest.raises(StoreError, match="delete it: `ocrfill run` learns it again"):
            load_prints(work, KEY)
    file.write_text(text.replace('"Nơi sinh:"', '"Nơi chết:"'), encoding="utf-8")
    layout = load_layout(FORM)
    assert isinstance(layout.body, FormTemplate)
    with pytest.raises(StoreError, match="is of another form; delete it"):
        prints_of(work, KEY, (layout.name, layout.version), layout.body)


def test_there_is_no_print_to_show(tmp_path: Path) -> None:
    work, scans = tmp_path / "work", tmp_path / "scans"
    lay(scans, 1, printing(3)[:2])
    run(work, scans)
    words = ["show", "--workspace", str(work), "--book", KEY, "--print", "-o", str(tmp_path / "print.png")]
    with pytest.raises(BadInput, match="nothing was learnt"):
        ocrfill.main(words, standalone_mode=False)
