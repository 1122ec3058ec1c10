"""What persons entered wins in exports and pictures; what was read stays beside it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.builders.book import KS, made_record, made_result, made_workspace

from ocrfill.acceptance.apply_corrections import corrected, corrected_book
from ocrfill.cli.export import export
from ocrfill.cli.show import show
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import Decision
from ocrfill.document.settlement import corrections_by_field
from ocrfill.errors import BadInput
from ocrfill.layouts import load_layout
from ocrfill.store import Store

LAYOUT = load_layout(KS.layout)
RESULT = made_result("0001.jpg", made_record(LAYOUT))


def said(field, entered, answer=None, **changes):
    read = RESULT.records[0].field(field)
    answer = answer or (Answer.CONFIRMED if entered == read.raw else Answer.CORRECTED)
    made = Correction(
        FieldPlace("aa", 1, 1, field),
        read.raw,
        entered,
        answer,
        Purpose.REVIEW,
        "thu@xa.example",
        datetime(2026, 3, 4, tzinfo=UTC),
        2.0,
        "local project 1 abc",
        1,
        1,
        read.polygon,
    )
    return replace(made, **changes)


def after(*corrections, result=RESULT):
    page = corrected("aa", result, corrections_by_field(corrections), LAYOUT, (2006, 2006))
    return {f.name: f for f in page.records[0].fields}


def test_a_corrected_value_takes_the_place_of_the_read_one_and_is_coded_anew():
    fields = after(
        said("nks_ngay_sinh", "26/10/2005"), said("nks_gioi_tinh", "Nam"), said("nks_ho_ten", "NGUYỄN THỊ HOA")
    )
    read = RESULT.records[0].field("nks_ngay_sinh")
    born = fields["nks_ngay_sinh"]
    assert (born.raw, born.normalised, born.decision, born.reader) == (
        "26/10/2005",
        "26.10.2005",
        Decision.ACCEPT,
        "person",
    )
    assert (born.readings, born.polygon) == (read.readings, read.polygon)
    assert fields["nks_gioi_tinh"].normalised == "Nam"
    assert (fields["nks_ho_ten"].probability, fields["nks_ho_ten"].decision) == (1.0, Decision.ACCEPT)
    untouched = RESULT.records[0].field("me_ho_ten")
    assert fields["me_ho_ten"] == untouched


def test_what_a_person_enters_may_contradict_the_record_and_then_says_so():
    fields = after(said("nks_ngay_sinh", "28/10/2005"))
    assert any("27" in issue.text for issue in fields["nks_ngay_sinh"].issues), fields["nks_ngay_sinh"].issues


def test_an_issue_that_the_person_saw_is_not_told_again():
    read = made_record(LAYOUT, nks_ngay_sinh="28/10/2005")
    result = made_result("0001.jpg", read)
    result = corrected("aa", result, corrections_by_field([said("so", "02")]), LAYOUT, (2006, 2006))
    doubted = result.records[0].field("nks_ngay_sinh")
    assert doubted.issues
    confirmed = said("nks_ngay_sinh", "28/10/2005", prefilled="28/10/2005")
    confirmed = replace(confirmed, answer=Answer.CONFIRMED)
    (record,) = corrected("aa", result, corrections_by_field([confirmed]), LAYOUT, (2006, 2006)).records
    assert record.field("nks_ngay_sinh").issues == ()


@pytest.mark.parametrize(
    ("answer", "raw", "decision", "code"),
    [
        (Answer.UNREADABLE, "", Decision.EMPTY, "review.unreadable"),
        (Answer.WRONGLY_CUT, "NGUYỄN THỊ HOA", Decision.REVIEW, "review.wrongly_cut"),
        (Answer.SKIPPED, "NGUYỄN THỊ HOA", Decision.REVIEW, None),
    ],
)
def test_answers_without_a_value(answer, raw, decision, code):
    field = after(said("nks_ho_ten", None, answer))["nks_ho_ten"]
    assert (field.raw, field.decision) == (raw, decision)
    assert [issue.code for issue in field.issues] == ([code] if code else [])


def test_while_two_persons_disagree_the_field_waits():
    other = said("nks_ho_ten", "NGUYỄN THỊ HÒA", purpose=Purpose.SECOND, who="ba@xa.example", annotation=2)
    field = after(said("nks_ho_ten", "NGUYỄN THỊ HOA"), other)["nks_ho_ten"]
    assert (field.raw, field.decision) == ("NGUYỄN THỊ HOA", Decision.REVIEW)
    assert [issue.code for issue in field.issues] == ["review.disagree"]


def test_a_correction_of_another_place_on_the_page_does_not_count():
    moved = said("nks_ho_ten", "NGUYỄN THỊ HUỆ", outline=((0.0, 0.0), (5.0, 5.0)))
    assert after(moved)["nks_ho_ten"] == RESULT.records[0].field("nks_ho_ten")


def test_an_emptied_field_is_empty():
    field = after(said("me_ho_ten", ""))["me_ho_ten"]
    assert (field.raw, field.normalised, field.decision) == ("", None, Decision.EMPTY)


def test_the_book_as_html_shows_what_persons_entered_and_how_fast(tmp_path: Path):
    workspace = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    file = tmp_path / "book.html"
    command = ["--workspace", str(workspace), "--book", KS.key, "-o", str(file)]
    assert CliRunner().invoke(show, command).exit_code == 0
    assert "Phím mỗi trường" not in file.read_text()
    with Store.open(workspace) as store:
        (page,) = store.pages(KS.key)
        polygon = page.result.records[0].field("nks_ho_ten").polygon
        place = FieldPlace(page.sha256, 1, 1, "nks_ho_ten")
        store.add_corrections([said("nks_ho_ten", "TRẦN THỊ HOÀ", place=place, outline=polygon, seconds=4.25)])
    assert CliRunner().invoke(show, command).exit_code == 0
    html = file.read_text()
    assert "TRẦN THỊ HOÀ" in html
    assert "<dt>Trường người đã xem</dt><dd>1</dd>" in html
    assert "<dt>Giây mỗi trường (trung vị)</dt><dd>4,2</dd>" in html
    assert "<dt>Phím mỗi trường</dt><dd>" in html


def test_a_corrected_book_is_one_call_and_the_store_keeps_what_was_read(tmp_path: Path):
    workspace = made_workspace(tmp_path, read=2, failed=1, pending=1, broken=0)
    with Store.open(workspace) as store:
        stored = list(store.pages(KS.key))
        read = stored[1].result.records[0].field("nks_ho_ten")
        place = FieldPlace(stored[1].sha256, 1, 1, "nks_ho_ten")
        store.add_corrections([said("nks_ho_ten", "TRẦN THỊ HOÀ", place=place, outline=read.polygon)])
        known = corrected_book(store, KS.key)
        assert list(store.pages(KS.key)) == stored
        with pytest.raises(BadInput, match=r"no book KT\.2006\.01 .* `ocrfill status`"):
            corrected_book(store, "KT.2006.01")
    assert (known.book, known.layout) == (KS, LAYOUT)
    assert [page.result for page in known.pages[2:]] == [stored[2].result, None]
    assert known.pages[0] == stored[0]
    name = known.pages[1].result.records[0].field("nks_ho_ten")
    assert (name.raw, name.decision, name.reader) == ("TRẦN THỊ HOÀ", Decision.ACCEPT, "person")


def test_exports_take_what_persons_entered_and_leave_the_store_as_it_was(tmp_path: Path):
    workspace = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    with Store.open(workspace) as store:
        (page,) = store.pages(KS.key)
        read = page.result.records[0].field("nks_ho_ten")
        place = FieldPlace(page.sha256, 1, 1, "nks_ho_ten")
        store.add_corrections([said("nks_ho_ten", "TRẦN THỊ HOÀ", place=place, outline=read.polygon)])
    ran = CliRunner().invoke(export, ["--workspace", str(workspace), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    rows = csv.DictReader(io.StringIO((tmp_path / "out" / "KS.2006.01.csv").read_text(encoding="utf-8-sig")))
    name = next(row for row in rows if row["field"] == "nks_ho_ten")
    assert (name["raw"], name["decision"], name["reader"]) == ("TRẦN THỊ HOÀ", "accept", "person")
    line = json.loads((tmp_path / "out" / "KS.2006.01.jsonl").read_text().splitlines()[0])
    (given,) = [f for f in line["records"][0]["fields"] if f["name"] == "nks_ho_ten"]
    assert [r["text"] for r in given["readings"]] == ["NGUYỄN THỊ HOA"]
    with Store.open(workspace) as store:
        (page,) = store.pages(KS.key)
    assert page.result.records[0].field("nks_ho_ten") == read
