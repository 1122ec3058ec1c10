"""A larger bed, two pages in one image and film through the commands: read, run, export and cells."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from support.drawn.pages import draw_pages
from support.drawn.tables import Ruled, draw
from support.fakes.executor import HereExecutor
from support.fakes.reader import no_progress
from support.fakes.tesseract import install_fake

from ocrfill.batch import BookOptions, execute_plan, plan_run
from ocrfill.batch.worker import PageReader
from ocrfill.civil_status.book import Book
from ocrfill.cli import ocrfill
from ocrfill.document.page import Image
from ocrfill.errors import ExitCode
from ocrfill.layouts import load_layout
from ocrfill.store import Store
from ocrfill.training.synthetic import USUAL_SCAN, DrawingOptions
from ocrfill.training.synthetic.scanner_bed import A3_BED_MM, scanner_bed

pytestmark = pytest.mark.slow

LAYOUT, KEY, DPI = "kt_2006_2015", "KT.2006.01", 120.0
SHEET = replace(USUAL_SCAN, name="on-bed", edge=False, skew=0.0, shift=0.0, shrink=0.0, perspective=0.0)


def save(image: Image, path: Path) -> None:
    """As a JPEG that says its dots an inch."""
    packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()
    density = bytes((1, *int(DPI).to_bytes(2), *int(DPI).to_bytes(2)))
    path.write_bytes(packed[:13] + density + packed[18:])


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of three images: a page on a bed, two facing pages, and a page from the wrong side of a film."""
    install_fake(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    layout = load_layout(LAYOUT)
    first, second = draw_pages(layout, Book.parse(KEY, LAYOUT), 2, 33, DrawingOptions(SHEET, "fonts", DPI))
    folder = tmp_path / "scans" / KEY
    folder.mkdir(parents=True)
    bed = scanner_bed("white", A3_BED_MM, DPI, np.random.default_rng(1)).with_sheet(first.image, (0.6, 0.5), 91, DPI)
    save(bed.image, folder / "1-bed.jpg")
    save(np.hstack([first.image, second.image]), folder / "2-facing.jpg")
    save(255 - first.image[:, ::-1], folder / "3-film.jpg")
    return folder


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(ocrfill, [str(a) for a in arguments], catch_exceptions=False, standalone_mode=False)


def test_they_are_read_stored_and_given_away(scans: Path, tmp_path: Path) -> None:
    done = call("read", scans, "--layout", LAYOUT, "--reader", "tesseract", "--json")
    assert done.return_value == ExitCode.OK, done.stderr
    pages = json.loads(done.stdout)["pages"]
    codes = [{issue["code"] for issue in page["issues"]} - {"page.poor_fit"} for page in pages]
    assert codes == [{"page.turned"}, {"page.two_sheets"}, {"page.negative", "page.flipped"}]
    assert [len(page["records"]) for page in pages] == [1, 2, 1]

    with Store.open(tmp_path / "work", create=True) as store:
        order = plan_run([scans], None, BookOptions(LAYOUT))
        execute_plan(order, store, PageReader("vie", "tesseract"), lambda _: HereExecutor(), no_progress)
        stored = [page.result for page in store.pages(KEY)]
    assert [len(result.records) for result in stored if result] == [1, 2, 1]
    assert [(result.flipped, result.negative) for result in stored if result] == [(False, False)] * 2 + [(True, True)]
    said = call("export", "--workspace", tmp_path / "work", "--out", tmp_path / "out", "--format", "zip")
    assert said.exit_code == ExitCode.OK, said.stderr
    with zipfile.ZipFile(tmp_path / "out" / f"{KEY}.zip") as archive:
        assert len(archive.namelist()) == 4


def test_cells_takes_a_negative_as_its_positive_and_says_so(tmp_path: Path) -> None:
    table = Ruled((80, 170, 420, 700, 930, 1160), (120, 220, *range(268, 1520, 96)))
    image = draw([table], (1240, 1640), np.random.default_rng(3))
    documents = []
    for name, pixels in (("page.png", image), ("film.png", 255 - image)):
        cv2.imwrite(str(tmp_path / name), pixels)
        done = call("cells", tmp_path / name, "--json")
        documents.append(json.loads(done.stdout))
        assert ("a negative" in done.stderr) == (name == "film.png")
    plain, film = documents
    assert [issue["code"] for issue in film["issues"]] == ["page.negative"]
    assert plain["issues"] == []
    assert [(c["rows"], c["columns"]) for c in film["cells"]] == [(c["rows"], c["columns"]) for c in plain["cells"]]
    middles = [np.array([np.mean(c["polygon"], axis=0) for c in document["cells"]]) for document in documents]
    assert np.abs(middles[0] - middles[1]).max() < 4


def test_cells_says_that_a_page_may_be_flipped(tmp_path: Path) -> None:
    layout = load_layout("kh_a3_14_columns")
    page = next(draw_pages(layout, Book.parse("KH.2000.01", layout.name), 1, 33, DrawingOptions(SHEET, "fonts", DPI)))
    for name, pixels in (("page.jpg", page.image), ("film.jpg", page.image[:, ::-1])):
        save(pixels, tmp_path / name)
        done = call("cells", tmp_path / name, "--json")
        codes = [issue["code"] for issue in json.loads(done.stdout)["issues"]]
        assert codes == ([] if name == "page.jpg" else ["page.may_be_flipped"])
        assert ("leans to the left" in done.stderr) == (name == "film.jpg")
