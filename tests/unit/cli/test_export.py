"""`ocrfill export`."""

import json

import pytest
from click.testing import CliRunner
from support.builders.book import made_workspace

from ocrfill.cli import ocrfill
from ocrfill.errors import BadInput, OutputError, StoreError


def run(*arguments):
    result = CliRunner().invoke(ocrfill, ["export", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return made_workspace(tmp_path_factory.mktemp("export"))


def test_all_files_of_a_book_and_what_is_missing(work, tmp_path):
    result = run("--workspace", work, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert {f.name for f in (tmp_path / "out").iterdir()} == {
        "KS.2006.01.xlsx",
        "KS.2006.01.contractor.xlsx",
        "KS.2006.01.zip",
        "KS.2006.01.csv",
        "KS.2006.01.jsonl",
    }
    assert "KS.2006.01: 2 records" in result.stdout
    assert "INCOMPLETE" in result.stdout
    assert "1 pages are not read yet" in result.stdout
    assert "0003.jpg, page 1: locate: the page does not fit" in result.stdout
    assert "broken0.pdf: scan: the PDF is damaged" in result.stdout
    assert result.stderr == ""


def test_a_whole_book_is_not_called_incomplete(tmp_path):
    work = made_workspace(tmp_path, failed=0, pending=0, broken=0)
    assert "INCOMPLETE" not in run("--workspace", work, "--out", tmp_path / "out", "--format", "csv").stdout


def test_summary_as_json(work, tmp_path):
    out = tmp_path / "out"
    result = run("--workspace", work, "--book", "KS.2006.01", "--out", out, "--format", "jsonl, csv", "--json")
    (book,) = json.loads(result.stdout)["books"]
    assert book["files"] == [str(out / "KS.2006.01.csv"), str(out / "KS.2006.01.jsonl")]
    assert (book["book"], book["records"], book["pending"], book["complete"]) == ("KS.2006.01", 2, 1, False)
    assert [f["page"] for f in book["failed"]] == [1, None]


def test_exporting_again_gives_the_same_bytes(work, tmp_path):
    run("--workspace", work, "--out", tmp_path / "out")
    before = {f.name: f.read_bytes() for f in (tmp_path / "out").iterdir()}
    run("--workspace", work, "--out", tmp_path / "out")
    assert before == {f.name: f.read_bytes() for f in (tmp_path / "out").iterdir()}


def test_faults_of_the_user(work, tmp_path):
    with pytest.raises(BadInput, match="no book KS"):
        run("--workspace", work, "--book", "KS.2007.01", "--out", tmp_path)
    with pytest.raises(StoreError):
        run("--workspace", tmp_path / "nowhere", "--out", tmp_path)
    assert "is no format" in run("--workspace", work, "--out", tmp_path, "--format", "doc").stderr
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        run("--workspace", work, "--out", tmp_path / "file")


def test_a_scan_that_is_gone_is_told(tmp_path):
    work = made_workspace(tmp_path)
    (tmp_path / "scans" / "0001.jpg").unlink()
    with pytest.raises(BadInput, match="no such file"):
        run("--workspace", work, "--out", tmp_path / "out")
    assert {f.suffix for f in (tmp_path / "out").iterdir()} == {".xlsx", ".csv", ".jsonl"}
