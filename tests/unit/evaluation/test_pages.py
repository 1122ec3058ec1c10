"""Truth against results."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.fuzzing.plain_words import assert_plain
from support.paths import ROOT

from ocrfill.civil_status.book import Book
from ocrfill.civil_status.orthography import tidy
from ocrfill.cli.evaluate import evaluate
from ocrfill.document.result import Decision, Failure, Field, PageResult, Record
from ocrfill.document.result_json import results_in_file, to_document
from ocrfill.document.warp import Warp
from ocrfill.errors import BadInput
from ocrfill.evaluation import character_error_rate, compare_pages, edit_distance, read_truth, results_in_workspace
from ocrfill.evaluation.ground_truth import FieldTruth, PageTruth, RecordTruth, StripTruth, save_truth
from ocrfill.store import Store

SCORE_KEYS = "filled exact cer wer characters words coded coded_exact called_empty blank called_filled"


def true(
    name: str, text: str, kind: str = "name", normalised: str | None = None, *, unread: bool = False
) -> FieldTruth:
    return FieldTruth(name, kind, text, normalised, (StripTruth(text, (), None),), 1, unread=unread)


def write_truth(image: Path, *records: list[FieldTruth]) -> None:
    image.parent.mkdir(parents=True, exist_ok=True)
    numbered = tuple(RecordTruth(number, tuple(fields)) for number, fields in enumerate(records, 1))
    book, damage, hand = image.parent.name, "clean", "print"
    truth = PageTruth(image.name, book, "ks", 1, 7, 1, damage, hand, 90, 120, 300, Warp(), numbered, ())
    save_truth(truth, image.with_suffix(".json"))


def field(name: str, raw: str, normalised: str | None = None, decision: Decision = Decision.REVIEW) -> Field:
    return Field(name, name, "name", raw, normalised, 0.5, decision, (), "fake", ())


def page(source: str, *records: list[Field]) -> PageResult:
    numbered = tuple(Record(number, tuple(fields)) for number, fields in enumerate(records, 1))
    return PageResult(source, 1, "ks", 1, records=numbered)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    folder = tmp_path / "KS.2006.01"
    write_truth(
        folder / "0001.jpg",
        [
            true("ho_ten", "Lê  Thị Hoa"),
            true("ngay", "1/2/2006", "date", normalised="01.02.2006"),
            true("noi_sinh", "", "place"),
            true("ghi_chu", "", "place"),
            true("chu_ky", "", "signature", unread=True),
        ],
        [true("ho_ten", "Kinh"), true("ngay", "2006", "date", normalised="2006")],
    )
    return folder


RESULT = page(
    "scans/0001.jpg",
    [
        field("ho_ten", "Lê Thi Hoa"),
        field("ngay", "01.02.2006", "01.02.2006"),
        field("noi_sinh", "", decision=Decision.EMPTY),
        field("ghi_chu", "~"),
        field("chu_ky", "", decision=Decision.NOT_READ),
    ],
    [field("ho_ten", "Kinh"), field("ngay", "", decision=Decision.EMPTY)],
)


def test_figures(book: Path) -> None:
    figures = compare_pages(read_truth(book), [RESULT])
    assert (figures.read, figures.failed, figures.missing, figures.unmatched) == (1, 0, 0, 0)
    assert list(figures.kinds) == ["name", "date", "place"]
    names, dates, places = (figures.kinds[kind].document() for kind in ("name", "date", "place"))
    assert (names["filled"], names["exact"]) == (2, 0.5)
    assert names["cer"] == pytest.approx(1 / 14, abs=1e-4)
    assert names["wer"] == pytest.approx(1 / 4, abs=1e-4)
    assert (dates["filled"], dates["exact"], dates["coded"], dates["coded_exact"]) == (2, 0.0, 2, 0.5)
    assert dates["called_empty"] == 1
    assert (places["filled"], places["blank"], places["called_filled"], places["cer"]) == (0, 2, 1, None)
    assert figures.total.filled == 4
    assert figures.fields["ho_ten"] == figures.kinds["name"]


def test_a_failed_page_and_a_missing_one_are_counted_apart(book: Path) -> None:
    write_truth(book / "0002.jpg", [true("ho_ten", "An")])
    write_truth(book / "0003.jpg", [true("ho_ten", "An")])
    failed = PageResult("0002.jpg", 1, "ks", 1, failure=Failure("locate", "no fit"))
    figures = compare_pages(read_truth(book), [RESULT, failed, page("other.jpg")])
    assert (figures.read, figures.failed, figures.missing, figures.unmatched) == (1, 1, 1, 1)
    assert figures.total.filled == 4


def test_a_record_that_was_not_found_counts_as_wrong(book: Path) -> None:
    figures = compare_pages(read_truth(book), [dataclasses.replace(RESULT, records=RESULT.records[:1])])
    assert figures.total.filled == 4
    assert figures.kinds["name"].character_edits == 1 + len("Kinh")
    assert figures.total.called_empty == 0


def test_folders_tell_books_apart(tmp_path: Path) -> None:
    for key, text in (("KS.2006.01", "An"), ("KS.2006.02", "Bình")):
        write_truth(tmp_path / "truth" / key / "0001.jpg", [true("ho_ten", text)])
    truth = read_truth(tmp_path / "truth")
    results = [
        page("KS.2006.02/0001.jpg", [field("ho_ten", "Bình")]),
        page(str(tmp_path / "truth/KS.2006.01/0001.jpg"), [field("ho_ten", "An")]),
    ]
    assert compare_pages(truth, results).total.exact == 2
    with pytest.raises(BadInput, match="one book at a time"):
        compare_pages(truth, [page("elsewhere/0001.jpg", [])])


def test_two_results_of_one_page_are_refused(book: Path) -> None:
    with pytest.raises(BadInput, match="two results"):
        compare_pages(read_truth(book), [RESULT, RESULT])


def test_truth_is_found_below_and_other_json_is_passed_over(book: Path) -> None:
    (book / "notes.json").write_text('{"a": 1}')
    assert [p.path for p in read_truth(book.parent)] == [book / "0001.jpg"]


@pytest.mark.parametrize(
    "image", ["../0001.jpg", "/etc/passwd", "a/0001.jpg", "0001.jpg\0", "", ".", "..", "../../../../etc/passwd"]
)
def test_a_truth_that_leads_elsewhere_is_refused(book: Path, image: str) -> None:
    file = book / "0001.json"
    truth = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(truth | {"image": image}), encoding="utf-8")
    with pytest.raises(BadInput, match=r"0001\.json: image: must be the file name alone"):
        read_truth(book)


@pytest.mark.parametrize(
    "content",
    [b'{"ink_box": "\xe8"}', b'"ink_box"' + b"[" * 100_000, b'{"format": ' + b"9" * 5000 + b', "ink_box": 1}'],
)
def test_a_truth_that_is_no_json_is_told_without_its_bytes(book: Path, content: bytes) -> None:
    (book / "0002.json").write_bytes(content)
    with pytest.raises(BadInput, match=r"0002\.json") as told:
        read_truth(book)
    assert_plain(str(told.value), book)


def test_truth_with_faults_is_refused(book: Path) -> None:
    (book / "0002.json").write_text('{"format": 1, "image": "0002.jpg", "ink_box": null}')
    with pytest.raises(BadInput, match=r"0002\.json"):
        read_truth(book)
    with pytest.raises(BadInput, match="no truth"):
        read_truth(book.parent / "KS.2006.01" / ".." / "nothing")


@given(st.text(), st.text())
def test_laws_of_the_edit_distance(one: str, other: str) -> None:
    assert edit_distance(one, one) == 0
    assert edit_distance(one, other) == edit_distance(other, one) <= max(len(one), len(other))


def test_error_rate() -> None:
    assert character_error_rate([("Nguyễn  An", "Nguyễn An"), ("Hoa", "Hòa")]) == pytest.approx(1 / 12)
    assert character_error_rate([("Nguye\u0302\u0303n", "Nguyễn")]) == 0
    assert character_error_rate([("", "abc")]) == 0
    assert tidy(" a \n b ") == "a b"


def results_file(folder: Path, suffix: str = ".json") -> Path:
    path = folder / f"results{suffix}"
    if suffix == ".json":
        path.write_text(json.dumps({"format": 1, "ocrfill": "0", "pages": [to_document(RESULT)]}), encoding="utf-8")
    else:  # as the export writes it: a line a record
        single = [dataclasses.replace(RESULT, records=(record,)) for record in RESULT.records]
        lines = [json.dumps({"book": "KS.2006.01"} | to_document(one)) for one in single]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_results_from_files(tmp_path: Path, suffix: str) -> None:
    assert results_in_file(results_file(tmp_path, suffix)) == (RESULT,)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.json", "{", "not JSON"),
        ("a.json", "[]", "ocrfill read --json"),
        ("a.jsonl", '{"a": 1}\n', "not a page result"),
    ],
)
def test_what_is_no_result_file_is_refused(tmp_path: Path, name: str, text: str, fault: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=fault):
        results_in_file(tmp_path / name)


def test_the_command_prints_json(book: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        evaluate, ["pages", str(book), "--results", str(results_file(tmp_path)), "--json"], catch_exceptions=False
    )
    document = json.loads(done.stdout)
    assert list(document) == ["format", "pages", "all", "kinds", "fields"]
    assert document["pages"] == {"truth": 1, "read": 1, "failed": 0, "missing": 0, "unmatched": 0}
    assert list(document["all"]) == SCORE_KEYS.split()
    assert document["all"]["exact"] == 0.25


def test_the_command_prints_a_table(book: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(evaluate, ["pages", str(book), "--results", str(results_file(tmp_path))])
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1 pages with truth: 1 read")
    assert [line.split()[0] for line in lines[2:]] == ["kind", "date", "name", "place", "all"]


def test_the_command_wants_one_source_of_results(book: Path) -> None:
    assert CliRunner().invoke(evaluate, ["pages", str(book)]).exit_code == 2
    assert "pages" in CliRunner().invoke(evaluate, []).output


def test_every_key_is_documented() -> None:
    text = (ROOT / "docs" / "development" / "evaluation.md").read_text(encoding="utf-8")
    assert not [key for key in SCORE_KEYS.split() if f"`{key}`" not in text]


def test_results_from_a_workspace(book: Path, tmp_path: Path) -> None:
    image = book / "0001.jpg"
    with Store.open(tmp_path / "work", create=True) as store:
        store.add_book(Book.parse("KS.2006.01", "ks_2006_2015"), 1)
        store.add_scan("KS.2006.01", store.path_in_store(image), "0" * 64, 2)
        first, _ = store.todo()
        store.put(first.id, dataclasses.replace(RESULT, source=first.source, layout="ks_2006_2015"))
    figures = compare_pages(read_truth(book), results_in_workspace(tmp_path / "work"))
    assert (figures.read, figures.missing) == (1, 0)
    assert figures.total.exact == 1
