"""`ocrfill show`."""

import json

import click
import cv2
import pytest
from click.testing import CliRunner
from support.builders.book import ks_layout, made_image, made_record, made_result, made_workspace, saved_page

from ocrfill.cli import ocrfill
from ocrfill.document.result_json import to_document
from ocrfill.errors import BadInput, OutputError


def show(*arguments):
    return ocrfill.main(["show", *map(str, arguments)], standalone_mode=False)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return made_workspace(tmp_path_factory.mktemp("show"))


@pytest.mark.parametrize("page", ["2", "0002.jpg", "0002.jpg:1", "3"])
def test_one_page_as_a_picture(work, tmp_path, page):
    show("--workspace", work, "--book", "KS.2006.01", "--page", page, "-o", tmp_path / "out.png")
    assert cv2.imread(str(tmp_path / "out.png")).shape[1] > 1240


def test_a_book_as_a_document(work, tmp_path):
    show("--workspace", work, "--book", "KS.2006.01", "-o", tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert text.count('<section class="page"') == 5
    assert "Sổ đăng ký khai sinh 2006-2015 · KS.2006.01" in text
    assert "0003.jpg" in text
    assert "broken0.pdf" in text
    assert text.count("the PDF is damaged") == 2
    assert "Trang này chưa đọc" in text
    assert str(work.parent) not in text


def test_one_page_as_a_document(work, tmp_path):
    show("--workspace", work, "--book", "KS.2006.01", "--page", "1", "-o", tmp_path / "out.html")
    assert (tmp_path / "out.html").read_text(encoding="utf-8").count('<section class="page"') == 1


@pytest.mark.parametrize("page", ["0", "6", "9.jpg", "0002.jpg:2", "002.jpg", "4"])
def test_pages_that_are_not_there_or_not_read(work, tmp_path, page):
    with pytest.raises(BadInput):
        show("--workspace", work, "--book", "KS.2006.01", "--page", page, "-o", tmp_path / "out.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--book", "KS.2006.01", "-o", "out.png"],
        ["--workspace", "work", "-o", "out.png"],
        ["page.jpg", "-o", "out.png"],
        ["page.jpg", "--results", "r.json", "--page", "1", "-o", "out.png"],
        ["--workspace", "work", "--book", "KS.2006.01", "-o", "out.gif"],
    ],
)
def test_arguments_that_do_not_go_together(arguments):
    with pytest.raises(click.UsageError):
        show(*arguments)


def test_a_picture_of_many_pages_is_refused(work, tmp_path):
    with pytest.raises(click.UsageError, match="pick one with --page"):
        show("--workspace", work, "--book", "KS.2006.01", "-o", tmp_path / "out.png")


def test_a_book_that_is_not_there(work, tmp_path):
    with pytest.raises(BadInput, match="no book KS"):
        show("--workspace", work, "--book", "KS.1999.01", "-o", tmp_path / "out.html")


def test_a_place_that_cannot_be_written(work, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        show("--workspace", work, "--book", "KS.2006.01", "-o", tmp_path / "file" / "out.html")


def test_results_of_read(tmp_path):
    record = made_record(ks_layout())
    scan = tmp_path / "page.jpg"
    saved_page(scan, made_image(ks_layout(), record))
    results = tmp_path / "results.json"
    pages = [to_document(made_result(source, record)) for source in ("other.jpg", "scans/page.jpg")]
    results.write_text(json.dumps({"format": 1, "pages": pages}), encoding="utf-8")
    show(scan, "--results", results, "-o", tmp_path / "out.png")
    assert cv2.imread(str(tmp_path / "out.png")) is not None
    show(scan, "--results", results, "-o", tmp_path / "out.html")
    assert "NGUYỄN THỊ HOA" in (tmp_path / "out.html").read_text(encoding="utf-8")
    with pytest.raises(BadInput, match="no results for page 2"):
        show(f"{scan}:2", "--results", results, "-o", tmp_path / "out.png")


def test_help_names_every_option():
    text = CliRunner().invoke(ocrfill, ["show", "--help"]).output
    for option in ("--workspace", "--book", "--page", "--results", "--output"):
        assert option in text
