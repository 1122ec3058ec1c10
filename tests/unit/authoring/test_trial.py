"""A trial run of a layout on pages: what fits, what is never filled, whose strips meet."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from support.paths import ROOT

from ocrfill.authoring.trial import try_layout
from ocrfill.cli.layout import layout as command
from ocrfill.document.geometry import Box
from ocrfill.document.page import FieldBox, Located, Page, Strip
from ocrfill.document.page import Fit as Score
from ocrfill.errors import ExitCode
from ocrfill.layouts import load_layout, parse_layout
from ocrfill.pipeline.locate import crop_strips

LIBRARY = ROOT / "ocrfill" / "layouts" / "library"
PAGES = ROOT / "samples" / "KS.2006.01"
OTHER = ROOT / "samples" / "KT.2006.01" / "0001.jpg"


def changed(tmp_path: Path, *swaps: tuple[str, str]) -> Path:
    """The births' layout with words exchanged, as a file of its own."""
    text = (LIBRARY / "ks_2006_2015.yaml").read_text(encoding="utf-8")
    for old, new in swaps:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file = tmp_path / "my_book.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def copied(tmp_path: Path, number: int) -> Path:
    """The same page as another scan."""
    return Path(shutil.copyfile(PAGES / "0001.jpg", tmp_path / f"scan{number}.jpg"))


@pytest.mark.parametrize("name", ["ks_2006_2015", "kh_a3_14_columns"])
def test_a_right_layout_gives_nothing_to_look_at(name: str) -> None:
    folder = ROOT / "samples" / ("KS.2006.01" if name.startswith("ks") else "KH.2000.01")
    trial = try_layout(load_layout(name), sorted(folder.glob("*.jpg"))[:1])
    assert [page.fit is not None and page.fit > 0.8 for page in trial.pages] == [True]
    assert trial.doubts == 0
    assert {found.name for found in trial.fields} == set(load_layout(name).fields)


@pytest.mark.slow
def test_what_is_wrong_is_told_by_field_and_by_page(tmp_path: Path) -> None:
    file = changed(
        tmp_path,
        # over its own label
        ("{field: nks_ho_ten, x: [0.1574, 0.5078]}", "{field: nks_ho_ten, x: [0.0600, 0.5078]}"),
        # a place where nobody writes, and one over two lines of another field
        (
            "  areas:\n",
            "  areas:\n    - {field: nowhere, box: [0.75, 0.75, 0.95, 0.78]}\n"
            "    - {field: over, box: [0.2, 0.36, 0.6, 0.40]}\n",
        ),
        (
            "fields:\n",
            'fields:\n  nowhere: {label: "A", type: {kind: text}}\n  over: {label: "B", type: {kind: text}}\n',
        ),
    )
    told: list[str] = []
    scans = [copied(tmp_path, number) for number in (1, 2, 3)]
    trial = try_layout(load_layout(file), [*scans, OTHER], told.append)
    assert told == [str(scan) for scan in (*scans, OTHER)]
    assert [page.fit is not None for page in trial.pages] == [True, True, True, False]
    assert "does not fit layout" in trial.pages[3].reason
    of = {found.name: found for found in trial.fields}
    assert of["nks_ho_ten"].covers == ("Họ và tên:",)
    assert (of["nowhere"].records, of["nowhere"].filled) == (3, 0)
    assert "never filled" in of["nowhere"].doubts[0]
    assert ("cha_ho_ten", "over") in {touch.fields for touch in trial.touches}


def test_a_place_that_leaves_the_page_is_told(tmp_path: Path) -> None:
    scan = cv2.imread(str(PAGES / "0001.jpg"))
    cut = tmp_path / "cut.png"
    cv2.imwrite(str(cut), scan[round(0.045 * len(scan)) :])
    trial = try_layout(load_layout("ks_2006_2015"), [cut])
    assert [found.name for found in trial.fields if found.at_edge] == ["trang"]
    assert "leave the page" in trial.fields[0].doubts[0]


@pytest.mark.slow
def test_check_tells_the_trial_and_draws_it(tmp_path: Path) -> None:
    file, drawn = changed(tmp_path), tmp_path / "trial.html"
    # the shell gives `--pages scans/*.jpg` as many names
    words = ["check", str(file), "--pages", str(PAGES / "0001.jpg"), str(OTHER), "--html", str(drawn)]
    ran = CliRunner().invoke(command, words)
    assert ran.exit_code == ExitCode.SOME_PAGES_FAILED
    assert "1 of 2 pages fit" in ran.output
    assert "DOES NOT FIT" in ran.output
    assert "nks_ho_ten              1/1 always" in ran.output
    page = drawn.read_text(encoding="utf-8")
    assert "data:image/jpeg" in page
    assert "Họ và tên" in page


def test_the_trial_as_json(tmp_path: Path) -> None:
    words = ["check", str(changed(tmp_path)), "--pages", str(PAGES / "0001.jpg"), "--json"]
    ran = CliRunner().invoke(command, words)
    assert ran.exit_code == ExitCode.OK
    found = json.loads(ran.output)
    assert found["layouts"][0]["faults"] == []
    assert found["trial"]["pages"][0]["fit"] > 0.8
    assert found["trial"]["fields"][0] == {
        "name": "trang", "records": 1, "filled": 1, "at_edge": 0, "doubts": [],
    }  # fmt: skip


def test_a_file_with_faults_is_not_tried(tmp_path: Path) -> None:
    file = changed(tmp_path, ("kind: KS", "kind: XX"))
    words = ["check", str(file), "--pages", str(PAGES / "0001.jpg")]
    ran = CliRunner().invoke(command, words)
    assert ran.exit_code == ExitCode.BAD_LAYOUT
    assert "fit" not in ran.output


@pytest.mark.parametrize("words", [["a.yaml", "b.yaml", "--pages", str(OTHER)], ["--html", "x.html"]])
def test_pages_are_for_one_layout_and_pictures_for_pages(words: list[str]) -> None:
    assert CliRunner().invoke(command, ["check", *words]).exit_code == ExitCode.USAGE


def test_a_scan_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    (page,) = try_layout(load_layout("ks_2006_2015"), [bad]).pages
    assert page.fit is None
    assert page.reason


def test_an_area_over_writing_that_joins_two_lines_is_cut() -> None:
    """Pieces that were cut apart have numbers beyond those that were found: an area over them once ended in a fault."""
    image = np.full((300, 700, 3), 255, np.uint8)
    for y in (100, 154):
        image[y - 20 : y, 200:212] = 40
    image[80:154, 204:208] = 40  # one stroke through both lines
    strips = [Strip(Box(20, y - 51, 680, y + 23), float(y)) for y in (100, 154)]
    area = Strip(Box(150, 50, 300, 200), 200.0)
    boxes = (FieldBox(1, "a", (strips[0],)), FieldBox(1, "b", (strips[1],)), FieldBox(1, "area", (area,)))
    cut = crop_strips(Page("x", 1, image, 200.0), Located(Score(1.0), boxes, (), dotted=False))
    assert cut[2][0].ink.sum() > 0.9 * (image[50:200, 150:300, 0] < 128).sum()


def test_the_doubts_of_a_layout_do_not_depend_on_its_name() -> None:
    layout = parse_layout((LIBRARY / "ks_2006_2015.yaml").read_text(encoding="utf-8"), "x")
    trial = try_layout(replace(layout, name="other"), [PAGES / "0001.jpg"])
    assert trial.doubts == 0
