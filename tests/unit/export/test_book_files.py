"""The files of a book's export: whole, in the template's order, text only, the same bytes each time."""

import csv
import io
import json
import shutil
import subprocess
import tempfile
import time
import unicodedata
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from support.builders.book import KS, ks_layout, made_image, made_record, made_result, page_of, saved_page, stored

from ocrfill.civil_status.book import Book
from ocrfill.civil_status.export_columns import column_sets
from ocrfill.document.result import Decision, Record
from ocrfill.document.result_json import from_document
from ocrfill.errors import BadInput, OutputError
from ocrfill.export import Original, Originals, export_book
from ocrfill.export.csv_jsonl import text_for_csv
from ocrfill.export.entries import entries
from ocrfill.export.workbook import import_workbook
from ocrfill.layouts import load_layout
from ocrfill.store import FailedPage

LAYOUT = ks_layout()
NASTY = '=HYPERLINK("http://x";"y")'


def made_pages(**changed):
    records = [
        made_record(LAYOUT, **changed),
        made_record(LAYOUT, so="02", trang="2", nks_ngay_sinh="1948", accepted=("nks_ho_ten",)),
    ]
    return [stored(f"/s/{i:04d}.jpg", made_result(f"{i:04d}.jpg", r)) for i, r in enumerate(records, 1)]


def original_of(page):
    return Original(page_of(made_image(LAYOUT, page.result.records[0]), page.scan))


def exported(out, pages=None, book=KS, **options):
    options = {"opened": original_of, "out": out} | options
    return export_book(book, LAYOUT, made_pages() if pages is None else pages, **options)


def rows_of(path, sheet):
    return [[c.value for c in row] for row in load_workbook(path)[sheet].iter_rows()]


def test_ministry_sheet_has_the_template_s_heads_in_order(tmp_path):
    exported(tmp_path, formats=("xlsx",))
    rows = rows_of(tmp_path / "KS.2006.01.xlsx", "DL Import")
    assert rows[0] == list(column_sets()["hotich158"]["KS"])
    assert len(rows[0]) == 70
    assert [row[0] for row in rows[1:]] == ["1", "2"]
    assert rows[1][rows[0].index("nksNgaySinh")] == "27.10.2005"
    assert rows[2][rows[0].index("nksNgaySinh")] == "1948"


@pytest.mark.parametrize(
    ("kind", "count", "ministry"),
    [("KS", 60, True), ("KH", 44, False), ("KT", 48, False), ("CMC", 50, False), ("HN", 35, False)],
)
def test_contractor_sheet_has_its_kind_s_heads(tmp_path, kind, count, ministry):
    layout = load_layout(f"{kind.lower()}_2006_2015")
    book = Book.parse(f"{kind}.2006.01", layout.name)
    page = stored("/s/1.jpg", made_result("1.jpg", made_record(layout, {}, so="7")))
    export_book(book, layout, [page], opened=original_of, out=tmp_path, formats=("xlsx",))
    rows = rows_of(tmp_path / f"{book.key}.contractor.xlsx", "Dữ liệu")
    assert rows[0] == list(column_sets()["contractor"][kind])
    assert len(rows[0]) == count
    assert rows[1][rows[0].index("quyenSo")] == "01/2006"
    assert (tmp_path / f"{book.key}.xlsx").exists() is ministry


def test_every_cell_is_text_and_no_formula(tmp_path):
    exported(
        tmp_path,
        made_pages(nks_ho_ten=NASTY, nks_noi_sinh="+84", nks_que_quan="-1", cha_ho_ten="@SUM(1)"),
        formats=("xlsx",),
    )
    for name in ("KS.2006.01.xlsx", "KS.2006.01.contractor.xlsx"):
        for sheet in load_workbook(tmp_path / name):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.value is None or (cell.data_type == "s" and cell.number_format == "@"), cell
        with zipfile.ZipFile(tmp_path / name) as parts:
            assert not any(b"<f>" in parts.read(n) for n in parts.namelist() if "sheet" in n)
    assert NASTY.upper() in rows_of(tmp_path / "KS.2006.01.xlsx", "DL Import")[1]


def test_empty_columns_are_text_too_so_that_typing_a_date_keeps_it(tmp_path):
    exported(tmp_path, formats=("xlsx",))
    sheet = load_workbook(tmp_path / "KS.2006.01.xlsx")["DL Import"]
    assert {d.number_format for d in sheet.column_dimensions.values()} == {"@"}
    assert sheet.freeze_panes == "A2"


def test_control_characters_do_not_break_the_workbook(tmp_path):
    exported(tmp_path, made_pages(nks_noi_sinh="a\x0bb\x00c"), formats=("xlsx",))
    assert "a bc" in rows_of(tmp_path / "KS.2006.01.xlsx", "DL Import")[1]


def test_cells_to_check_are_filled_and_listed(tmp_path):
    exported(tmp_path, formats=("xlsx",))
    book = load_workbook(tmp_path / "KS.2006.01.xlsx")
    sheet, checks = book["DL Import"], book["Cần kiểm tra"]
    column = list(column_sets()["hotich158"]["KS"]).index("nksHoTen") + 1
    assert sheet.cell(2, column).fill.fgColor.rgb == "00FFF2CC"
    assert sheet.cell(3, column).fill.fill_type is None
    assert [c.value for c in checks[1]] == ["STT", "Số", "Trang", "Nhãn", "Giá trị", "Xác suất", "Vấn đề", "Tệp quét"]
    rows = [[c.value for c in row] for row in checks.iter_rows(min_row=2)]
    assert [
        "1",
        "1",
        "1",
        "Họ và tên (người được đăng ký khai sinh)",
        "NGUYỄN THỊ HOA",
        "87%",
        None,
        "0001.jpg",
    ] in rows
    reviews = sum(f.decision is Decision.REVIEW for p in made_pages() for f in p.result.records[0].fields)
    assert len(rows) == reviews
    link = next(c.hyperlink for c in checks["D"] if c.value == "Họ và tên (người được đăng ký khai sinh)")
    assert link.location == f"'DL Import'!{sheet.cell(2, column).coordinate}"


@pytest.mark.libreoffice
@pytest.mark.slow
def test_libreoffice_opens_the_workbook(tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice")
    exported(tmp_path, made_pages(nks_noi_sinh="=1+1", nks_que_quan="0012"), formats=("xlsx",))
    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1",
            "--outdir",
            str(tmp_path / "csv"),
            str(tmp_path / "KS.2006.01.xlsx"),
        ],
        check=True,
        timeout=180,
        capture_output=True,
    )
    (made,) = (tmp_path / "csv").iterdir()
    heads, first, second = csv.reader(io.StringIO(made.read_text(encoding="utf-8")))
    assert heads == list(column_sets()["hotich158"]["KS"])
    row = dict(zip(heads, first, strict=True))
    assert (row["STT"], row["so"], row["ngayDangKy"], row["nksGioiTinh"]) == ("1", "01/2006", "04.03.2006", "2")
    assert (row["nksNoiSinh"], row["nksQueQuan"], row["meHoTen"]) == ("=1+1", "0012", "TRẦN THỊ ĐÀO")
    assert second[1] == "02/2006"


def test_zip_holds_one_small_pdf_a_record_under_its_name(tmp_path):
    exported(tmp_path, formats=("zip",))
    with zipfile.ZipFile(tmp_path / "KS.2006.01.zip") as parts:
        assert parts.testzip() is None
        assert parts.namelist() == ["KS.2006.01.2006-03-04.001.pdf", "KS.2006.01.2006-03-04.002.pdf"]
        for name in parts.namelist():
            pdf = parts.read(name)
            assert pdf.startswith(b"%PDF-")
            assert len(pdf) <= 150_000
        assert parts.read(parts.namelist()[0]) != parts.read(parts.namelist()[1])


def test_records_of_one_page_share_its_picture_with_their_own_outlined(tmp_path):
    record = made_record(LAYOUT)
    below = tuple(replace(f, polygon=tuple((x, y + 50) for x, y in f.polygon)) for f in record.fields)
    page = stored("/s/1.jpg", made_result("1.jpg", record, Record(2, below)))
    asked = []
    exported(tmp_path, [page], formats=("zip",), opened=lambda p: asked.append(p) or original_of(p))
    with zipfile.ZipFile(tmp_path / "KS.2006.01.zip") as parts:
        first, second = (parts.read(n) for n in parts.namelist())
    assert first != second
    assert all(len(pdf) <= 150_000 and b"/Marker" in pdf for pdf in (first, second))
    assert len(asked) == 1


def test_csv_has_a_line_a_field(tmp_path):
    exported(tmp_path, made_pages(nks_ho_ten=NASTY), formats=("csv",))
    text = (tmp_path / "KS.2006.01.csv").read_bytes().decode("utf-8")
    assert text.startswith(
        "\ufeffbook,scan,page,record,field,label,raw,normalised,probability,decision,issues,reader,polygon\r\n"
    )
    lines = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert len(lines) == 2 * len(LAYOUT.fields)
    by_name = {line["field"]: line for line in lines[: len(LAYOUT.fields)]}
    assert by_name["nks_ho_ten"]["raw"] == f"'{NASTY}"
    birth = by_name["nks_ngay_sinh"]
    assert (birth["book"], birth["scan"], birth["page"], birth["record"]) == ("KS.2006.01", "0001.jpg", "1", "1")
    assert (birth["raw"], birth["normalised"], birth["probability"]) == ("27/10/2005", "27.10.2005", "0.8700")
    assert birth["decision"] == "review"
    assert len(birth["polygon"].split()) == 4
    assert by_name["nguoi_thuc_hien"]["decision"] == "empty"


HARMLESS = (
    "",
    "a=1",
    "Nguyễn Văn A",
    "27/10/2005",
    "a, -b",
    "1+1",
    "'=1",
    "a; b",
    "a;\n",
    " ",
    "\t",
    "Tổ 3 - ấp 2",
    "x@y",
)


@pytest.mark.parametrize(
    ("read", "written"),
    [
        *((text, text) for text in HARMLESS),
        ("=1+1", "'=1+1"),
        ("-/-/1987", "'-/-/1987"),
        *(
            (f"{blank}=1+1", f"'{blank}=1+1")
            for blank in (" ", "   ", "\ufeff", "\xa0", "\u3000", "\u200b", "\0", "\xad", '"')
        ),
        *((f"{sign}1+1", f"'{sign}1+1") for sign in "+-@＝＋－＠﹦﹢﹣﹫"),
        (" \ufeff ＝1+1", "' \ufeff ＝1+1"),
        *((f"{line}=1+1", f"'{line}'=1+1") for line in ("\n", "\r", "\r\n", "\t", ";", "\n ;\t", "\u2028", "\x85")),
        ("a;=1+1", "a;'=1+1"),
        ("a; =1+1", "a;' =1+1"),
        ("a;＝1+1", "a;'＝1+1"),
        ('a;"=1+1', "a;'\"=1+1"),
        ("a\n=1+1", "a\n'=1+1"),
        ("a\r\n@SUM(1)", "a\r\n'@SUM(1)"),
        ("a\t-1", "a\t'-1"),
        ("=1;=2;b;+3", "'=1;'=2;b;'+3"),
    ],
)
def test_csv_holds_no_formula_wherever_a_spreadsheet_begins_a_cell(tmp_path, read, written):
    record = made_record(LAYOUT)
    fields = (replace(record.fields[0], raw=read, normalised=read, label=read), *record.fields[1:])
    exported(tmp_path, [stored("/s/1.jpg", made_result("1.jpg", Record(1, fields)))], formats=("csv",))
    with (tmp_path / "KS.2006.01.csv").open(encoding="utf-8-sig", newline="") as file:
        line = next(csv.DictReader(file))
    assert (line["label"], line["raw"], line["normalised"]) == (written,) * 3


@given(st.text(st.sampled_from("a1 ;\n\t\"'\ufeff\u200b=+-@＝＠"), max_size=12))
def test_no_cell_of_a_csv_begins_with_a_formula_however_it_is_parted(text):
    cells = [text_for_csv(text)]
    for separator in ";\n\t":
        cells += [part for cell in tuple(cells) for part in cell.split(separator)]
    bare = [unicodedata.normalize("NFKC", cell).lstrip(' \n\t;"\ufeff\u200b') for cell in cells]
    assert not [cell for cell in bare if cell.startswith(("=", "+", "-", "@"))]
    assert text_for_csv(text).replace("'", "") == text.replace("'", "")


def test_jsonl_lines_are_results_of_one_record_each(tmp_path):
    pages = made_pages(nks_ho_ten=NASTY)
    exported(tmp_path, pages, formats=("jsonl",))
    lines = [json.loads(line) for line in (tmp_path / "KS.2006.01.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["book"] for line in lines] == ["KS.2006.01", "KS.2006.01"]
    assert [line["scan"] for line in lines] == ["0001.jpg", "0002.jpg"]
    assert from_document(lines[0]) == pages[0].result
    assert lines[0]["records"][0]["fields"][2]["raw"] == NASTY


def test_jsonl_has_no_line_break_inside_a_line(tmp_path):
    record = made_record(LAYOUT)
    fields = (replace(record.fields[0], raw="a\u2028b\x85c\u2029d\ne"), *record.fields[1:])
    exported(tmp_path, [stored("/s/1.jpg", made_result("1.jpg", Record(1, fields)))], formats=("jsonl",))
    (line,) = (tmp_path / "KS.2006.01.jsonl").read_text(encoding="utf-8").splitlines()
    assert from_document(json.loads(line)).records[0].fields == fields


@pytest.mark.parametrize("year", [1601, 1970, 1979, 2108])
def test_the_clock_may_say_what_it_will(tmp_path, monkeypatch, year):
    exported(tmp_path / "now")
    then = time.struct_time((year, 1, 1, 0, 0, 0, 0, 1, 0))
    monkeypatch.setattr(time, "localtime", lambda *_: then)
    exported(tmp_path / "then")
    for file in (tmp_path / "now").iterdir():
        assert file.read_bytes() == (tmp_path / "then" / file.name).read_bytes(), file.name


def test_no_sheet_goes_through_a_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    exported(tmp_path, formats=("xlsx",))
    assert len(list(tmp_path.iterdir())) == 2


def test_same_results_give_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        exported(tmp_path / folder)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
    assert len(list((tmp_path / "a").iterdir())) == 5


def test_summary(tmp_path):
    failure = FailedPage("KS.2006.01", "/s/0003.jpg", 1, "locate", "no form")
    pages = [*made_pages(ngay_dang_ky=""), stored("/s/0004.jpg", None)]
    got = exported(tmp_path, pages, failures=[failure], formats=("csv",))
    assert (got.records, got.undated, got.unnumbered, got.pending, got.failed) == (2, 1, 0, 1, (failure,))
    assert got.files == (str(tmp_path / "KS.2006.01.csv"),)
    assert not got.complete
    assert exported(tmp_path, formats=()).complete


def test_a_book_without_a_record_writes_nothing(tmp_path):
    got = exported(tmp_path / "out", [stored("/s/1.jpg", None)])
    assert (got.files, got.records, got.pending) == ((), 0, 1)
    assert not (tmp_path / "out").exists()


def test_entries_without_writing_are_left_out_and_counted(tmp_path):
    records = (made_record(LAYOUT), made_record(LAYOUT, {}, number=2))
    got = exported(tmp_path, [stored("/s/1.jpg", made_result("1.jpg", *records))], formats=("xlsx",))
    assert (got.records, got.blank) == (1, 1)
    assert len(rows_of(tmp_path / "KS.2006.01.xlsx", "DL Import")) == 2


def test_what_a_killed_export_left_of_this_book_goes(tmp_path):
    left = {".KS.2006.01.zip.7.part", ".KS.2006.01.contractor.xlsx.4194305.part"}
    others = {".KS.2006.02.zip.7.part", ".KS.2006.01.zip.part", "KS.2006.01.zip.7.part"}
    for name in left | others:
        (tmp_path / name).touch()
    exported(tmp_path, formats=("csv",))
    assert {file.name for file in tmp_path.iterdir()} == others | {"KS.2006.01.csv"}


def test_a_folder_in_the_way_is_told(tmp_path):
    (tmp_path / "KS.2006.01.csv").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        exported(tmp_path, formats=("csv",))
    assert [p.name for p in tmp_path.iterdir()] == ["KS.2006.01.csv"]


def test_a_file_instead_of_the_folder_is_told(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="out"):
        exported(tmp_path / "out", formats=("xlsx",))


def test_a_scan_that_changed_is_not_exported(tmp_path):
    record = made_record(LAYOUT)
    scan = tmp_path / "1.jpg"
    digest = saved_page(scan, made_image(LAYOUT, record))
    page = stored(scan, made_result("1.jpg", record), sha256=digest)
    originals = Originals()
    assert originals.page(page).width == page.result.width
    with scan.open("ab") as file:
        file.write(b"x")
    with pytest.raises(BadInput, match="has changed"):
        Originals().page(page)


@pytest.mark.parametrize("code", ["\ufffe", "\uffff", "\ufdd0", "\x01", "\U0001fffe"])
def test_a_code_that_no_file_can_hold_does_not_block_the_sheets(code):
    """An older store may hold one: texts are tidied where they come in only since."""
    record = made_record(LAYOUT)
    changed = replace(record, fields=tuple(replace(f, raw=f"A{code}B") for f in record.fields))
    found = tuple(entries(KS, LAYOUT, [stored("1.jpg", made_result("1.jpg", changed))]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in import_workbook("DL Import", ("STT", "nksHoTen"), found):
            archive.writestr(name, content)
    sheet = load_workbook(packed)["DL Import"]
    assert sheet["B2"].value == "AB"
